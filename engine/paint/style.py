"""Style: what a style layer puts under its mask: whose manner, how much of it, at which size."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.model.networks.style_transfer import code_of, mixed
from engine.paint import color
from engine.paint.ground import Ground
from engine.paint.pauses import Working
from engine.paint.refine import refined_style
from engine.paint.sheet import Painter, Sheet
from engine.paint.single import stylised
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor

WORKING = 832
"""Longer side at which the network first looks at the photo, at scale 1: fewer pixels are larger strokes. At this size
they are seen in the whole picture, and a screenful is still interpolated from one pass."""
OWN = 256
"""Longer side of the photo whose own manner is measured."""
FAINT = 0.25
"""Below this strength the painting fades into the photo, so that nothing of the style is nothing of the network."""


def painted(
    edit: StyleEdit, ground: Ground, studio: Studio, size: tuple[int, int], box: tuple[int, int, int, int]
) -> Working[np.ndarray]:
    """The layer's pixels in a rectangle (top, left, bottom, right) of the ground at that height and width."""
    below = (yield from ground.at(*size))[box[0] : box[2], box[1] : box[3]]
    share = presence(edit)
    if share == 0:
        return below
    on = sheet(edit, ground, studio)
    pixels = yield from on.part(*size, box)
    yield
    if edit.keep_color > 0:
        first = yield from on.first(*size)
        tones = color.Tones(first, (yield from ground.at(*first.shape[:2])))
        pixels = color.kept(pixels, below, edit.keep_color, tones, size, box)
        yield
    return pixels if share == 1 else color.faded(pixels, below, share)


def presence(edit: StyleEdit) -> float:
    """How far the painting covers the photo, 0..1. A network for one style knows no strength: it fades as a whole."""
    return edit.strength if own_network(edit) else min(1.0, edit.strength * max(edit.octaves) / FAINT)


def own_network(edit: StyleEdit) -> bool:
    """Whether the layer's only style has a network of its own."""
    return len(edit.styles) == 1 and bool(edit.styles[0].network)


def sheet(edit: StyleEdit, ground: Ground, studio: Studio) -> Sheet:
    """The sheet of that layer on that ground: the same one as long as only its mask and its colours change."""
    key = (id(ground), *(id(style) for style in edit.styles), edit.strength, edit.crossfade, edit.octaves, edit.scale,
           edit.refine, edit.seed)  # fmt: skip
    strength = edit.strength * sum(edit.octaves) / len(edit.octaves)

    def make() -> Sheet:
        told = partial(manner, edit, ground, studio)
        return Sheet(ground, studio.network, told, strength, WORKING / edit.scale, painter(edit, ground, studio))

    return studio.kept("sheet", key, (ground, edit.styles), make)


def painter(edit: StyleEdit, ground: Ground, studio: Studio) -> Painter | None:
    """What paints the first level where it is not the network for all styles: Gatys' descent, or the style's own."""
    if edit.refine:
        return partial(_refined, edit, ground, studio)
    if own_network(edit):
        return partial(stylised, network=edit.styles[0].network, seed=edit.seed)
    return None


def _refined(edit: StyleEdit, ground: Ground, studio: Studio, below: np.ndarray) -> Working[np.ndarray]:
    begun = yield from sheet(replace(edit, refine=False), ground, studio).first(*below.shape[:2])
    work = refined_style(below, begun, edit, studio.features)
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: np.ndarray = end.value
            return made
        yield


def manner(edit: StyleEdit, ground: Ground, studio: Studio) -> Working[Tensor]:
    """What the network is told: of the photo's own manner and the styles', octave by octave, as the sliders say."""
    own = yield from own_embedding(ground, studio)
    styles = [studio.embedding(style) for style in edit.styles]
    other = styles[0]
    if len(styles) == 2:
        other = [first.lerp(second, edit.crossfade) for first, second in zip(*styles, strict=True)]
    return mixed(own, other, [edit.strength * octave for octave in edit.octaves])


def own_embedding(ground: Ground, studio: Studio) -> Working[list[Tensor]]:
    """The embedding of the ground's own manner."""
    small = yield from ground.at(*ground.size(OWN))
    yield

    def embed() -> list[Tensor]:
        with torch.no_grad():
            return studio.network.embed(code_of(studio.features.network(to_tensor(small))))

    return studio.kept("own", id(ground), ground, embed)
