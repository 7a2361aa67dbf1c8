"""Where a texture comes from: its network, pieces of its exemplar, or Gatys' optimisation; endless, or as a tile."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import cv2
import numpy as np
import torch

from engine.document.texture import Texture
from engine.model.device import CPU
from engine.model.endless import Endless, Window
from engine.model.networks.texture_pyramid import STEP, TexturePyramid
from engine.model.vgg19 import Extractor
from engine.paint.ground import eight_bit
from engine.paint.pauses import Working
from engine.paint.quilt import Repeated, endless_side, quilted
from engine.paint.refine import Reached, refined_texture
from engine.paint.studio import Studio

REFINED = 512
"""Side of a tile that is refined, and then repeats."""

LEAST = 64
"""Pixels of a side below which the optimisation has too little to look at."""


class Source(Protocol):
    """An endless picture."""

    def window(self, window: Window) -> Working[np.ndarray]:
        """HxWx3 uint16."""


class Plain:
    """The network's endless picture; without a network, a quilt that repeats, sewn when it is first looked at.

    seed: which of its endless pictures.
    """

    def __init__(self, texture: Texture, seed: int, device: torch.device = CPU) -> None:
        self._texture, self._seed = texture, seed
        self._source: Source | None = None
        if texture.network:
            period = (REFINED, REFINED) if texture.seamless else None
            self._source = Endless(TexturePyramid.of(texture.network).to(device), seed, period)

    def window(self, window: Window) -> Working[np.ndarray]:
        """HxWx3 uint16."""
        if self._source is None:
            side = endless_side(self._texture.exemplar)
            tile = yield from quilted(self._texture.exemplar, side, side, self._seed, wraps=True)
            self._source = Repeated(tile)
        return (yield from self._source.window(window))


def refined_tile(texture: Texture, seed: int, extractor: Extractor) -> Generator[Reached | None, None, None]:
    """The optimisation of a tile of the same picture."""
    tile = yield from tile_of(texture, REFINED, REFINED, seed)
    yield from refined_texture(tile, texture.exemplar, extractor, seamless=True)


def tile_of(texture: Texture, height: int, width: int, seed: int) -> Working[np.ndarray]:
    """HxWx3 uint8 that fits to itself on all sides.

    The network's tiles have sides of whole steps; the next larger one is brought to size, which changes it by a few
    hundredths at most.
    """
    if not texture.network:
        return (yield from quilted(texture.exemplar, height, width, seed, wraps=True))
    period = (-(-width // STEP) * STEP, -(-height // STEP) * STEP)
    endless = Endless(TexturePyramid.of(texture.network), seed, period)
    margin = STEP  # so that resizing sees beyond the border what is there
    large = yield from endless.window(Window(-margin, -margin, period[0] + 2 * margin, period[1] + 2 * margin))
    if period != (width, height):
        stretch = np.array([[period[0] / width, 0, 0], [0, period[1] / height, 0]])
        stretch[:, 2] = margin + 0.5 * (stretch[0, 0] - 1), margin + 0.5 * (stretch[1, 1] - 1)
        large = cv2.warpAffine(large, stretch, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
    else:
        large = large[margin:-margin, margin:-margin]
    return eight_bit(large)


def picture_of(texture: Texture, height: int, width: int, seed: int) -> Working[np.ndarray]:
    """HxWx3 uint8: a part of the endless picture, or a quilt of that size where nothing has been learned."""
    if not texture.network:
        return (yield from quilted(texture.exemplar, height, width, seed))
    endless = Endless(TexturePyramid.of(texture.network), seed)
    return eight_bit((yield from endless.window(Window(0, 0, width, height))))


def refined(picture: np.ndarray, texture: Texture, studio: Studio, seamless: bool) -> Working[np.ndarray]:
    """HxWx3 uint8, finished by the optimisation where it is large enough to be looked at."""
    if min(picture.shape[:2]) < LEAST:
        return picture
    work = refined_texture(picture, texture.exemplar, studio.extractor, seamless=seamless)
    while True:
        try:
            next(work)
        except StopIteration as stop:
            made: np.ndarray = stop.value
            return made
        yield
