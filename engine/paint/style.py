"""Style: what a style layer puts under its mask: whose manner, how much of it, at which size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.model.networks.style_transfer import code_of, mixed
from engine.paint import color
from engine.paint.ground import Ground
from engine.paint.pauses import Working
from engine.paint.sheet import Sheet
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor

WORKING = 1024
"""Longer side at which the network first looks at the photo, at scale 1: fewer pixels are larger strokes."""
OWN = 512
"""Longer side of the photo whose own manner is measured."""
FAINT = 0.25
"""Below this strength the painting fades into the photo, so that nothing of the style is nothing of the network."""


def painted(
    edit: StyleEdit, ground: Ground, studio: Studio, size: tuple[int, int], box: tuple[int, int, int, int]
) -> Working[np.ndarray]:
    """The layer's pixels in a rectangle (top, left, bottom, right) of the ground at that height and width."""
    below = (yield from ground.at(*size))[box[0] : box[2], box[1] : box[3]]
    share = min(1.0, edit.strength * max(edit.octaves) / FAINT)
    if share == 0:
        return below
    pixels = yield from sheet(edit, ground, studio).part(*size, box)
    yield
    pixels = color.kept(pixels, below, edit.keep_color)
    return pixels if share == 1 else color.faded(pixels, below, share)


def sheet(edit: StyleEdit, ground: Ground, studio: Studio) -> Sheet:
    """The sheet of that layer on that ground: the same one as long as only its mask and its colours change."""
    key = (id(ground), *(id(style) for style in edit.styles), edit.strength, edit.crossfade, edit.octaves, edit.scale,
           edit.refine, edit.seed)  # fmt: skip
    strength = edit.strength * sum(edit.octaves) / len(edit.octaves)

    def make() -> Sheet:
        return Sheet(ground, studio.network, lambda: manner(edit, ground, studio), strength, WORKING / edit.scale)

    return studio.kept("sheet", key, (ground, edit.styles), make)


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
