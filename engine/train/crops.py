"""Random crops of one photo, as a network that paints it will see it."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

LONG_SIDE = 1024
"""At which networks look at the photo, and so see it while learning; from that to half of it."""


class Crops:
    """Squares of `side` pixels from a photo (HxWx3 uint8 or uint16)."""

    def __init__(self, pixels: np.ndarray, side: int, random: np.random.Generator) -> None:
        self._photo, self._side, self._random = reduced(pixels, side), side, random

    def next(self) -> Tensor:
        """1x3xSxS in [-1, 1] at a random size and place, maybe mirrored."""
        height, width = self._photo.shape[:2]
        side = int(self._random.integers(self._side, min(2 * self._side, height, width) + 1))
        y, x = (int(self._random.integers(whole - side + 1)) for whole in (height, width))
        crop = self._photo[y:y + side, x:x + side]
        if side != self._side:
            crop = cv2.resize(crop, (self._side, self._side), interpolation=cv2.INTER_AREA)
        crop = crop[:, ::-1] if self._random.random() < 0.5 else crop
        values = np.ascontiguousarray(crop, np.float32) / np.float32(127.5) - 1
        return torch.from_numpy(values).permute(2, 0, 1)[None]


def reduced(pixels: np.ndarray, least: int) -> np.ndarray:
    """HxWx3 uint8 or uint16 -> uint8, its long side at most LONG_SIDE, its short side at least `least` pixels."""
    height, width = pixels.shape[:2]
    ratio = max(min(1.0, LONG_SIDE / max(height, width)), least / min(height, width))
    size = (max(least, round(width * ratio)), max(least, round(height * ratio)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    return np.asarray(small if small.dtype == np.uint8 else small // 257, np.uint8)
