"""A style's own network over a whole picture of any size: tiles that share their moments and their noise."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.model.device import CPU
from engine.model.networks.style_single import StyleSingle, noise_at
from engine.model.networks.style_transfer import Moments, Statistics
from engine.paint.pauses import Working
from engine.paint.tensors import to_pixels, to_tensor

WHOLE = 1 << 20
"""Pixels of a picture that is painted in one pass; a larger one gives its moments reduced to so many."""
TILE, REACH = 512, 96
"""Pixels of a tile, and around it: what its inside can see, multiples of 8."""
BORDER = 32
"""Mirrored pixels around the picture, so that padding with zeros is not seen."""


def stylised(pixels: np.ndarray, network: Mapping[str, np.ndarray], seed: int = 0, device: torch.device = CPU,
             ) -> Working[np.ndarray]:
    """HxWx3 uint8 or uint16 by the network in Style.network; seed: which of its variants. The same shape and dtype.

    InputError where the weights are not of this kind. Pauses every some tens of milliseconds.
    """
    net = StyleSingle.of(network).eval().requires_grad_(False).to(device).to(memory_format=torch.channels_last)
    height, width = pixels.shape[:2]
    fill = [(-side) % StyleSingle.MULTIPLE for side in (height, width)]
    bordered = cv2.copyMakeBorder(pixels, BORDER, BORDER + fill[0], BORDER, BORDER + fill[1], cv2.BORDER_REFLECT_101)
    if height * width <= WHOLE:
        made = yield from painted(net, to_tensor(bordered), seed, Statistics())
        return to_pixels(made[..., BORDER:BORDER + height, BORDER:BORDER + width], pixels.dtype)
    kept = yield from moments_of(net, pixels, seed)
    whole = yield from tiled(net, bordered, seed, kept)
    return whole[BORDER:BORDER + height, BORDER:BORDER + width]


def painted(network: StyleSingle, picture: Tensor, seed: int, statistics: Statistics, y: int = 0, x: int = 0,
            ) -> Working[Tensor]:
    """1x3xHxW in [-1, 1], a window of a larger picture with its corner at (x, y), all multiples of 8."""
    device = next(network.parameters()).device
    noise = [each.to(device) for each in noise_at(seed, y, x, picture.shape[2], picture.shape[3])]
    parts = network.parts(picture.to(device), noise, statistics)
    while True:
        with torch.no_grad():
            try:
                next(parts)
            except StopIteration as end:
                made: Tensor = end.value
                return made
        yield


def moments_of(network: StyleSingle, pixels: np.ndarray, seed: int) -> Working[list[Moments]]:
    """The moments that all tiles go by: of the picture reduced to WHOLE pixels."""
    ratio = min(1.0, (WHOLE / (pixels.shape[0] * pixels.shape[1])) ** 0.5)
    height, width = (max(8, int(side * ratio) // 8 * 8) for side in pixels.shape[:2])
    statistics = Statistics()
    small = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    yield from painted(network, to_tensor(small), seed, statistics)
    return statistics.taken


def tiled(network: StyleSingle, pixels: np.ndarray, seed: int, kept: list[Moments]) -> Working[np.ndarray]:
    """HxWx3 with sides that are multiples of 8, by given moments, tile by tile."""
    whole = np.empty_like(pixels)
    height, width = pixels.shape[:2]
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            y0, x0 = max(top - REACH, 0), max(left - REACH, 0)
            seen = pixels[y0:min(bottom + REACH, height), x0:min(right + REACH, width)]
            made = yield from painted(network, to_tensor(seen), seed, Statistics(kept), y0, x0)
            inside = made[..., top - y0:bottom - y0, left - x0:right - x0]
            whole[top:bottom, left:right] = to_pixels(inside, pixels.dtype)
            yield
    return whole
