"""Style: what a style layer puts under its mask, at any size of the photo.

The network paints brush strokes of so many pixels, so the size at which it looks at the photo decides how large they
are on the picture: its longer side is WORKING pixels at scale 1, fewer for larger strokes.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.model.networks.style_transfer import StyleTransfer, code_of, mixed
from engine.paint.ground import Ground, resized
from engine.paint.pauses import Working
from engine.paint.studio import Studio
from engine.paint.tensors import to_pixels, to_tensor

WORKING = 1024
"""Longer side of the picture the network looks at, at scale 1."""
OWN = 512
"""Longer side of the photo whose own manner is measured."""
BORDER = 32
"""Mirrored pixels around a picture, so that the network's padding with zeros is not seen."""


class Sheet:
    """A painted picture of the ground in one manner; what was painted is kept."""

    def __init__(self, ground: Ground, edit: StyleEdit, studio: Studio) -> None:
        self._ground, self._edit, self._studio = ground, edit, studio
        self._painted: dict[float, np.ndarray] = {}

    def whole(self, long_side: int) -> Working[np.ndarray]:
        """The painted picture no larger than `long_side`, HxWx3 in the ground's depth."""
        working = min(WORKING / self._edit.scale, 1.5 * long_side)
        size = self._ground.size(min(long_side, max(self._ground.height, self._ground.width)))
        return (yield from resized((yield from self._at(working)), *size))

    def part(self, x: int, y: int, width: int, height: int) -> Working[np.ndarray]:
        """A rectangle of the painted picture at the ground's own size."""
        whole = yield from self._at(WORKING / self._edit.scale)
        yield
        full = yield from resized(whole, self._ground.height, self._ground.width)
        return full[y : y + height, x : x + width]

    def _at(self, long_side: float) -> Working[np.ndarray]:
        size = self._ground.size(long_side)
        if long_side not in self._painted:
            below = yield from self._ground.at(*size)
            style = yield from manner(self._edit, self._ground, self._studio)
            yield
            self._painted[long_side] = _through(self._studio.network, below, style)
        return self._painted[long_side]


def sheet(edit: StyleEdit, ground: Ground, studio: Studio) -> Sheet:
    """The sheet of that layer on that ground: the same one as long as only its mask and its mixing change."""
    key = (id(ground), *(id(style) for style in edit.styles), edit.strength, edit.crossfade, edit.octaves, edit.scale,
           edit.refine, edit.seed)  # fmt: skip
    return studio.kept("sheet", key, (ground, edit.styles), lambda: Sheet(ground, edit, studio))


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


def _through(network: StyleTransfer, pixels: np.ndarray, style: Tensor) -> np.ndarray:
    """The whole picture in one pass."""
    height, width = pixels.shape[:2]
    fill = [(-side) % StyleTransfer.MULTIPLE for side in (height, width)]
    bordered = cv2.copyMakeBorder(pixels, BORDER, BORDER + fill[0], BORDER, BORDER + fill[1], cv2.BORDER_REFLECT_101)
    with torch.no_grad():
        painted = network(to_tensor(bordered), style)
    return to_pixels(painted[..., BORDER : BORDER + height, BORDER : BORDER + width], pixels.dtype)
