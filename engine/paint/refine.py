"""Refine: Gatys' optimisation finishes what a feed-forward network has begun, coarse to fine.

A style is optimised at a small size first, where a pass is cheap and what is large settles, then at twice that size
and again, up to the size asked for; the finer sizes only have to draw what is finer ("Controlling perceptual factors
in neural style transfer", Gatys et al. 2017, section 6). From size to size the change is carried, not the picture: it
is enlarged and added to what the larger size began with, whose finest detail stays.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.style import Style
from engine.model.vgg19 import OWN, Extractor
from engine.paint.describe import measured
from engine.paint.goal import Goal, Manner, content_of, even, manner_of
from engine.paint.optimise import Progress, descend
from engine.paint.tensors import to_tensor

Value = TypeVar("Value")

STYLE_WEIGHT = 8.0
SMOOTHNESS = 0.1
COARSEST = 416
"""Longer side of about the first size, at a style scale of one."""
EVALUATIONS = (40, 20)
"""Passes through the network at each size, coarse to fine: each costs four times as much as one at the size before."""
TEXTURE_EVALUATIONS = 60


@dataclass(frozen=True, eq=False)
class Reached:
    """What an optimisation has come to. share: 0..1 of its work.

    start: HxWx3, what it begins with at the full size. plain: 1x3xhxw, the same at the size being worked at. best:
    what has become of that.
    """

    share: float
    start: np.ndarray
    plain: Tensor
    best: Tensor

    def picture(self) -> np.ndarray:
        """At the full size, in start's depth."""
        return carried(self.start, self.plain, self.best)


def refined_style(photo: np.ndarray, start: np.ndarray, edit: StyleEdit, extractor: Extractor,
                  evaluations: Sequence[int] = EVALUATIONS) -> Generator[Reached, None, np.ndarray]:
    """The layer's styles over `photo` (HxWx3 uint8 or uint16, what lies below it), beginning at `start` (the same
    shape and dtype: what the feed-forward network made of it). Returns the picture in that shape and dtype.

    The edit's strength, crossfade, octaves and scale count; its mask, colours, opacity and blend are the caller's.
    Yields at least every 80 ms; closing it cancels.
    """
    sizes = levels(photo.shape, COARSEST / edit.scale, len(evaluations))
    work = [count * width * height for count, (width, height) in zip(evaluations, sizes, strict=False)]
    reached = Reached(0.0, start, *[_reduced(start, sizes[0], extractor.device)] * 2)
    for level, size in enumerate(sizes):
        content, plain = (_reduced(pixels, size, extractor.device) for pixels in (photo, start))
        begun = plain + _sized(reached.best - reached.plain, size)
        reached = Reached(sum(work[:level]) / sum(work), start, plain, begun)
        goal = yield from _each(_goal(edit, content, extractor, level), reached)
        descent = descend(begun, partial(goal.slope, extractor.segments), evaluations[level])
        reached = yield from _told(descent, reached, work[level] / sum(work))
    return reached.picture()


def refined_texture(start: np.ndarray, exemplar: np.ndarray, extractor: Extractor, *, seamless: bool = False,
                    evaluations: int = TEXTURE_EVALUATIONS) -> Generator[Reached, None, np.ndarray]:
    """`start` (HxWx3 uint8 or uint16, at the exemplar's own scale, sides of 32 px and more) with the exemplar's
    statistics (hxwx3). seamless: whether it repeats as a tile. Returns `start`'s shape and dtype."""
    begun = to_tensor(start, extractor.device)
    reached = Reached(0.0, start, begun, begun)
    manner = yield from _each(manner_of(to_tensor(exemplar, extractor.device), extractor.segments), reached)
    manner = Manner(manner.grams, _weights(manner.grams, extractor), detail=manner.detail)
    goal = Goal((manner,), detail=0.1, wrap=seamless)
    descent = descend(begun, partial(goal.slope, extractor.segments), evaluations)
    reached = yield from _told(descent, reached, 1.0)
    return reached.picture()


def levels(shape: Sequence[int], coarsest: float, most: int) -> list[tuple[int, int]]:
    """Widths and heights, coarse to fine, of a picture HxW...: halves of it as long as they are not below `coarsest`.

    Multiples of 8, the last about the picture's own size; at most so many.
    """
    shares = [1.0]
    while len(shares) < most and max(shape[:2]) * shares[0] > coarsest * 2**0.5:
        shares.insert(0, shares[0] / 2)
    return [(_eights(shape[1] * share), _eights(shape[0] * share)) for share in shares]


def _goal(edit: StyleEdit, content: Tensor, extractor: Extractor, level: int) -> Generator[None, None, Goal]:
    """What is wanted of the picture at a size at which what lies below is `content`."""
    contents = yield from content_of(content, extractor.segments, extractor.content, 1.0)
    own = yield from manner_of(content, extractor.segments)
    styles = []
    for style in edit.styles:
        styles.append((yield from style_grams(style, extractor, level)))
    grams = mixed(styles, own.grams, edit, extractor)
    weights = [STYLE_WEIGHT * weight for weight in _weights(grams, extractor)]
    return Goal((Manner(grams, weights),), contents, smoothness=SMOOTHNESS * edit.strength)


def style_grams(style: Style, extractor: Extractor, level: int) -> Generator[None, None, list[Tensor]]:
    """Gram matrix per position of each tap: those that the style keeps, or for another network its picture's own.

    level: from the coarsest; at each the picture is shown twice as large as at the one before, up to its own size.
    """
    if extractor.name == OWN:
        return [torch.from_numpy(np.array(gram)).to(extractor.device) for gram in style.grams]
    assert style.exemplar is not None
    picture = measured(style.exemplar)
    larger = min(2.0**level, max(1.0, style.exemplar.shape[0] / picture.shape[0]))
    if larger > 1:
        size = (round(picture.shape[1] * larger), round(picture.shape[0] * larger))
        picture = cv2.resize(style.exemplar, size, interpolation=cv2.INTER_AREA)
    return list((yield from manner_of(to_tensor(picture, extractor.device), extractor.segments)).grams)


def mixed(styles: Sequence[Sequence[Tensor]], own: Sequence[Tensor], edit: StyleEdit, extractor: Extractor,
          ) -> list[Tensor]:
    """One or two styles' Gram matrices, mixed with the photo's own by octave, as the style network is taught.

    A network with more taps than octaves has the rest of them in the last, the composition.
    """
    shares = (1 - edit.crossfade, edit.crossfade) if len(styles) == 2 else (1.0,)
    made = list(own)
    for number, tap in enumerate(extractor.style):
        octave = edit.octaves[min(number, len(edit.octaves) - 1)]
        both = torch.stack([share * grams[tap] for share, grams in zip(shares, styles, strict=True)]).sum(dim=0)
        made[tap] = own[tap].lerp(both, edit.strength * octave)
    return made


def _weights(grams: Sequence[Tensor], extractor: Extractor) -> list[float]:
    """Weights with which the losses of the taps that carry style, as shares, are averaged; 0 for the others."""
    more = len(grams) / len(extractor.style)
    return [weight * more if tap in extractor.style else 0.0 for tap, weight in enumerate(even(grams))]


def carried(start: np.ndarray, begun: Tensor, finished: Tensor) -> np.ndarray:
    """HxWx3 `start` plus what was changed between 1x3xhxw `begun` and `finished`, in start's dtype."""
    height, width = start.shape[:2]
    change = (finished - begun)[0].permute(1, 2, 0).cpu().numpy()
    if change.shape[:2] != (height, width):
        change = cv2.resize(change, (width, height), interpolation=cv2.INTER_CUBIC)
    white = np.iinfo(start.dtype).max
    return np.rint(np.clip(start + change * np.float32(white / 2), 0, white)).astype(start.dtype)


def _reduced(pixels: np.ndarray, size: tuple[int, int], device: torch.device) -> Tensor:
    """HxWx3 at that width and height, 1x3xhxw."""
    same = pixels.shape[1::-1] == size
    return to_tensor(pixels if same else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), device)


def _sized(change: Tensor, size: tuple[int, int]) -> Tensor:
    """1x3xhxw enlarged to that width and height."""
    if (change.shape[3], change.shape[2]) == size:
        return change
    rows = np.ascontiguousarray(change[0].permute(1, 2, 0).cpu().numpy())
    larger = torch.from_numpy(cv2.resize(rows, size, interpolation=cv2.INTER_CUBIC)).to(change.device)
    return larger.permute(2, 0, 1)[None]


def _eights(side: float) -> int:
    return max(32, round(side / 8) * 8)


def _told(descent: Generator[Progress, None, Tensor], before: Reached, share: float,
          ) -> Generator[Reached, None, Reached]:
    """A descent at one size, whose work is `share` of all."""
    reached = before
    while True:
        try:
            progress = next(descent)
        except StopIteration as end:
            return Reached(before.share + share, before.start, before.plain, end.value)
        if progress.best is not reached.best or before.share + share * progress.fraction != reached.share:
            reached = Reached(before.share + share * progress.fraction, before.start, before.plain, progress.best)
        yield reached


def _each(parts: Generator[None, None, Value], reached: Reached) -> Generator[Reached, None, Value]:
    """The same generator, telling at each pause that nothing more has been reached yet."""
    while True:
        try:
            next(parts)
        except StopIteration as stop:
            value: Value = stop.value
            return value
        yield reached
