"""Style: what a style layer puts under its mask: whose manner, how much of it, at which size."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.style import ColorsBy
from engine.model.networks.style_transfer import code_of, mixed
from engine.model.vgg19 import Extractor
from engine.paint import color
from engine.paint.ground import Ground, resized
from engine.paint.pauses import Working
from engine.paint.refine import Reached, refined_style
from engine.paint.refining import Refining
from engine.paint.sheet import FINEST, Painter, Sheet
from engine.paint.single import stylised
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor

WORKING = 832
"""Longer side at which the network first looks at the photo, at scale 1: fewer pixels are larger strokes. At this size
they are seen in the whole picture, and a screenful is still interpolated from one pass."""
OWN = 256
"""Longer side of the photo whose own manner is measured."""
MOST = 1248
"""Longer side at which a photo is refined at most, however small its strokes: memory grows with its square."""
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
        own = yield from ground.at(*first.shape[:2])
        if edit.keep_color_by is ColorsBy.STATISTICS:
            pixels = color.matched(pixels, edit.keep_color, color.Palette(first, own))
        else:
            pixels = color.kept(pixels, below, edit.keep_color, color.Tones(first, own), size, box)
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
    picture = refining(edit, ground, studio).picture() if edit.refine > 0 else None
    strength = edit.strength * sum(edit.octaves) / len(edit.octaves)

    def make() -> Sheet:
        told = partial(manner, edit, ground, studio)
        if picture is not None:
            return Sheet(ground, studio.network, told, strength, max(picture.shape[:2]), partial(_sized, picture))
        return Sheet(ground, studio.network, told, strength, WORKING / edit.scale, painter(edit, studio.device))

    return studio.kept("sheet", (*_key(edit, ground), id(picture)), (ground, edit.styles, picture), make)


def _key(edit: StyleEdit, ground: Ground) -> tuple[Hashable, ...]:
    """What the layer's pixels depend on, besides how far they are refined."""
    styles = tuple(id(style) for style in edit.styles)
    return id(ground), styles, edit.strength, edit.crossfade, edit.octaves, edit.scale, edit.seed


def painter(edit: StyleEdit, device: torch.device) -> Painter | None:
    """What paints the first level where it is not the network for all styles: the style's own."""
    if own_network(edit):
        return partial(stylised, network=edit.styles[0].network, seed=edit.seed, device=device)
    return None


def _sized(picture: np.ndarray, below: np.ndarray) -> Working[np.ndarray]:
    """A picture that is there already, at the size of `below`."""
    if picture.shape != below.shape:
        picture = yield from resized(picture, *below.shape[:2])
    return picture


def refining(edit: StyleEdit, ground: Ground, studio: Studio) -> Refining:
    """Gatys' descent on that layer's picture, with what it has reached so far: one as long as only mask, colours and
    how far it is to go change."""
    extractor = studio.extractor_for(edit.styles)
    work = partial(_refined, edit, ground, studio, extractor)
    return studio.kept("refining", (id(extractor), *_key(edit, ground)), (extractor, ground, edit.styles),
                       lambda: Refining(work, extractor.name))  # fmt: skip


def _refined(
    edit: StyleEdit, ground: Ground, studio: Studio, extractor: Extractor
) -> Generator[Reached | None, None, None]:
    """Works at the size at which the network first looks; what is finer is drawn by the network, as ever.

    Statistics met at still larger sizes are those of smaller strokes, and a few steps there only harden edges.
    """
    size = ground.size(min(WORKING / edit.scale, MOST, FINEST * max(ground.height, ground.width)))
    below = yield from ground.at(*size)
    start = yield from sheet(replace(edit, refine=0.0), ground, studio).part(*size, (0, 0, *size))
    yield from refined_style(below, start, edit, extractor)


def manner(edit: StyleEdit, ground: Ground, studio: Studio) -> Working[Tensor]:
    """What the network is told: of the photo's own manner and the styles', octave by octave, as the sliders say."""
    styles = [studio.embedding(style) for style in edit.styles]
    other = styles[0]
    if len(styles) == 2:
        other = [first.lerp(second, edit.crossfade) for first, second in zip(*styles, strict=True)]
    shares = [edit.strength * octave for octave in edit.octaves]
    # Where all of the style is asked for, nothing of the photo's own manner is left to be looked at.
    own = other if min(shares) == max(shares) == 1 else (yield from own_embedding(ground, studio))
    return mixed(own, other, shares)


def own_embedding(ground: Ground, studio: Studio) -> Working[list[Tensor]]:
    """The embedding of the ground's own manner."""
    small = yield from ground.at(*ground.size(OWN))
    yield

    def embed() -> list[Tensor]:
        with torch.no_grad():
            return studio.network.embed(code_of(studio.features.network(to_tensor(small, studio.device))))

    return studio.kept("own", id(ground), ground, embed)
