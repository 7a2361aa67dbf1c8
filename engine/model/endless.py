"""The endless picture of a texture network, seen through windows.

Its noise is a fixed function of the seed and of absolute coordinates, so a window shows the same wherever and however
often it is asked for. The picture is made in tiles on a fixed grid and each tile in the same way every time, so two
windows agree bit for bit where they overlap. With a period the noise repeats, and with it the picture.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.networks.texture_pyramid import NOISE, STEP, TexturePyramid

TILE = 128
"""Side of a tile in pixels: some tens of milliseconds of work."""

KEPT = 192
"""Tiles remembered: 19 MB."""

REACH = 2
"""Pixels that the two convolutions of a level take away on every side."""


@dataclass(frozen=True)
class Window:
    """A rectangle of the endless picture, or of one of its levels, in that level's own pixels; it may lie anywhere."""

    x: int
    y: int
    width: int
    height: int

    def grown(self, margin: int) -> Window:
        """With `margin` more on every side."""
        return Window(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def halved(self) -> Window:
        """The least window of the next coarser level whose doubling covers this one."""
        x, y = self.x // 2, self.y // 2
        return Window(x, y, -(-(self.x + self.width) // 2) - x, -(-(self.y + self.height) // 2) - y)


def noise(seed: int, level: int, window: Window, period: tuple[int, int] | None = None) -> Tensor:
    """1xNOISExHxW in [-1, 1): that window of a level's noise. period: width and height after which it repeats."""
    columns = np.arange(window.x, window.x + window.width, dtype=np.int64)
    rows = np.arange(window.y, window.y + window.height, dtype=np.int64)
    if period is not None:
        columns, rows = columns % period[0], rows % period[1]
    channels = np.arange(NOISE, dtype=np.uint32) + np.uint32(level * NOISE)
    mixed = _scrambled(channels + _scrambled(np.array([seed & 0xFFFFFFFF], np.uint32)))[:, None]
    mixed = _scrambled(mixed ^ rows.astype(np.uint32))[:, :, None]
    mixed = _scrambled(mixed + columns.astype(np.uint32))
    return torch.from_numpy((mixed >> 8).astype(np.float32) * np.float32(2.0**-23) - 1)[None]


def _scrambled(words: np.ndarray) -> np.ndarray:
    """uint32 words, each bit of the answer hanging on all bits of the question (the end of MurmurHash3, Appleby)."""
    words = (words ^ (words >> 16)) * np.uint32(0x85EBCA6B)
    words = (words ^ (words >> 13)) * np.uint32(0xC2B2AE35)
    return words ^ (words >> 16)


@torch.inference_mode()
def evaluated(network: TexturePyramid, window: Window, seed: int, period: tuple[int, int] | None = None) -> Tensor:
    """1x3xHxW, not clipped: that window in one piece. period: multiples of STEP."""
    outer = [window.grown(REACH)]
    while len(outer) < len(network.levels):
        outer.append(outer[-1].halved().grown(REACH))
    made, place, device = None, outer[-1], next(network.parameters()).device
    for level in reversed(range(len(outer))):
        repeat = None if period is None else (period[0] >> level, period[1] >> level)
        drawn = noise(seed, level, outer[level], repeat).to(device)
        fresh = drawn.contiguous(memory_format=torch.channels_last)
        if made is not None:
            made = F.interpolate(made, scale_factor=2.0, mode="nearest")
            top, left = outer[level].y - 2 * place.y, outer[level].x - 2 * place.x
            made = made[:, :, top : top + outer[level].height, left : left + outer[level].width]
        made = network.level(level, fresh, made)
        place = outer[level].grown(-REACH)
    assert made is not None
    return network.colour(made)


class Endless:
    """One endless picture and the tiles of it that were seen last. seed: which. period: as of `noise`."""

    def __init__(self, network: TexturePyramid, seed: int, period: tuple[int, int] | None = None) -> None:
        if period is not None and (period[0] % STEP or period[1] % STEP):
            raise ValueError(f"a period of {period} is no multiple of {STEP}")
        self._network, self._seed, self.period = network, seed, period
        self._tiles: OrderedDict[tuple[int, int], np.ndarray] = OrderedDict()

    def window(self, window: Window) -> Generator[None, None, np.ndarray]:
        """HxWx3 uint16; pauses after every tile that was not remembered."""
        picture = np.empty((window.height, window.width, 3), np.uint16)
        for row in range(window.y // TILE, -(-(window.y + window.height) // TILE)):
            for column in range(window.x // TILE, -(-(window.x + window.width) // TILE)):
                if (row, column) not in self._tiles:
                    self._tiles[row, column] = self._made(row, column)
                    yield
                self._tiles.move_to_end((row, column))
                _paste(picture, self._tiles[row, column], column * TILE - window.x, row * TILE - window.y)
                while len(self._tiles) > KEPT:
                    self._tiles.popitem(last=False)
        return picture

    def _made(self, row: int, column: int) -> np.ndarray:
        colour = evaluated(self._network, Window(column * TILE, row * TILE, TILE, TILE), self._seed, self.period)
        scaled = ((colour[0].clamp(-1, 1) + 1) * 32767.5).round().permute(1, 2, 0)
        return scaled.cpu().numpy().astype(np.uint16)


def _paste(picture: np.ndarray, tile: np.ndarray, x: int, y: int) -> None:
    """The tile with its corner at (x, y), as much of it as is inside."""
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + TILE, picture.shape[0]), min(x + TILE, picture.shape[1])
    picture[top:bottom, left:right] = tile[top - y : bottom - y, left - x : right - x]
