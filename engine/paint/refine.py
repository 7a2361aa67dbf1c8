"""Refine: Gatys' optimisation finishes what a feed-forward network has begun, at any size.

The optimisation works at a small size, where a pass is cheap and a brush stroke has the size that the style's
statistics were taken at. What it changed there is carried to the full size: the change, enlarged, is added to the
picture it began with, whose finest detail stays.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.style import Style
from engine.model import segments
from engine.model.features import Features
from engine.paint.goal import Goal, Manner, content_of, even, manner_of
from engine.paint.optimise import EIGHT_BIT, Progress, descend
from engine.paint.tensors import to_pixels, to_tensor

Value = TypeVar("Value")

CONTENT_DEPTHS = (2, 3)
STYLE_WEIGHT = 8.0
SMOOTHNESS = 0.1
LONG_SIDE = 512
"""Worked at by default, in pixels, for a style scale of one."""


def refined_style(photo: np.ndarray, start: np.ndarray, edit: StyleEdit, features: Features, *, steps: int = 60,
                  long_side: int = LONG_SIDE) -> Generator[Progress, None, np.ndarray]:
    """The layer's styles over `photo` (HxWx3 uint8 or uint16, what lies below it), beginning at `start` (the same
    shape and dtype: what the feed-forward network made of it). Returns the full-size picture in that shape and dtype.

    The edit's strength, crossfade, octaves and scale count; its mask, colour lock, opacity and blend are the caller's.
    Yields at least every 80 ms; closing it cancels.
    """
    network = segments.of_compact(features.network)
    side = round(long_side / edit.scale)
    content, begun = _reduced(photo, side), _reduced(start, side)
    own = yield from _each(manner_of(content, network), begun)
    contents = yield from _each(content_of(content, network, CONTENT_DEPTHS, 1.0), begun)
    manner = mixed(edit.styles, own, edit.crossfade, edit.strength, edit.octaves)
    goal = Goal((manner,), contents, smoothness=SMOOTHNESS * edit.strength)
    finished = yield from descend(begun, partial(goal.slope, network), steps)
    return carried(start, begun, finished)


def refined_texture(start: np.ndarray, exemplar: np.ndarray, features: Features, *, seamless: bool = False,
                    steps: int = 60) -> Generator[Progress, None, np.ndarray]:
    """`start` (HxWx3 uint8 or uint16, at the exemplar's own scale, sides of 32 px and more) with the exemplar's
    statistics (hxwx3). seamless: whether it repeats as a tile. Returns `start`'s shape and dtype."""
    network = segments.of_compact(features.network)
    begun = to_tensor(start)
    manner = yield from _each(manner_of(to_tensor(exemplar), network), begun)
    goal = Goal((manner,), detail=0.1, wrap=seamless)
    finished = yield from descend(begun, partial(goal.slope, network), steps)
    return carried(start, begun, finished)


def mixed(styles: tuple[Style, ...], own: Manner, crossfade: float, strength: float,
          octaves: tuple[float, float, float, float], style_weight: float = STYLE_WEIGHT) -> Manner:
    """One or two styles' kept Gram matrices, mixed with the photo's own by octave, as the style network is taught."""
    shares = (1 - crossfade, crossfade) if len(styles) == 2 else (1.0,)
    grams = []
    for index, mine in enumerate(own.grams):
        both = [share * np.asarray(style.grams[index]) for share, style in zip(shares, styles, strict=True)]
        grams.append(mine.lerp(torch.from_numpy(np.sum(both, axis=0)), strength * octaves[index]))
    return Manner(grams, [style_weight * weight for weight in even(grams)])


def carried(start: np.ndarray, begun: Tensor, finished: Tensor) -> np.ndarray:
    """HxWx3 `start` plus what was changed between 1x3xhxw `begun` and `finished`, in start's dtype."""
    height, width = start.shape[:2]
    change = (finished - begun)[0].permute(1, 2, 0).numpy()
    if change.shape[:2] != (height, width):
        change = cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)
    white = np.iinfo(start.dtype).max
    return np.rint(np.clip(start + change * np.float32(white / 2), 0, white)).astype(start.dtype)


def _reduced(pixels: np.ndarray, long_side: int) -> Tensor:
    """Its long side brought to `long_side` where it is longer, both sides to whole multiples of 8."""
    height, width = pixels.shape[:2]
    ratio = min(1.0, long_side / max(height, width))
    size = tuple(max(32, round(side * ratio / 8) * 8) for side in (width, height))
    return to_tensor(pixels if size == (width, height) else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _each(parts: Generator[None, None, Value], shown: Tensor) -> Generator[Progress, None, Value]:
    """The same generator, telling at each pause that nothing is to be seen yet but `shown`."""
    picture = to_pixels(shown, EIGHT_BIT)
    while True:
        try:
            next(parts)
        except StopIteration as stop:
            value: Value = stop.value
            return value
        yield Progress(picture, float("inf"), 0.0)
