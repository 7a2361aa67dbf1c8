"""Ground: the picture that a layer paints over, at whatever size it is looked at."""

from __future__ import annotations

import cv2
import numpy as np

from engine.document.arrays import frozen
from engine.paint.pauses import Working

BAND = 4 << 20
"""Pixels that are reduced in one step."""


class Ground:
    """pixels: HxWx3 uint8 or uint16, read-only."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels
        self._reduced: dict[tuple[int, int], np.ndarray] = {pixels.shape[:2]: pixels}

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    def size(self, long_side: float) -> tuple[int, int]:
        """Height and width of the picture when its longer side has so many pixels."""
        share = long_side / max(self.height, self.width)
        return max(1, round(self.height * share)), max(1, round(self.width * share))

    def at(self, height: int, width: int) -> Working[np.ndarray]:
        """The picture at that size, in its own depth; a size larger than its own is interpolated."""
        if (height, width) not in self._reduced:
            made = yield from resized(self.pixels, height, width)
            self._reduced[height, width] = frozen(made)
        return self._reduced[height, width]


def resized(pixels: np.ndarray, height: int, width: int) -> Working[np.ndarray]:
    """HxWxC at another size: each new pixel the mean of those it covers, or interpolated where there are more of them.

    Pauses between parts of a large picture, which is first reduced by a whole factor.
    """
    factor = min(pixels.shape[0] // (2 * height), pixels.shape[1] // (2 * width))
    if factor > 1:
        pixels = yield from _divided(pixels, factor)
    larger = height > pixels.shape[0]
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC if larger else cv2.INTER_AREA)


def _divided(pixels: np.ndarray, factor: int) -> Working[np.ndarray]:
    height, width = pixels.shape[0] // factor, pixels.shape[1] // factor
    rows = max(1, BAND // pixels.shape[1] // factor)
    made = np.empty((height, width, *pixels.shape[2:]), pixels.dtype)
    whole = pixels[: height * factor, : width * factor]  # what is left over is less than one new pixel
    for top in range(0, height, rows):
        part = whole[top * factor : (top + rows) * factor]
        made[top : top + rows] = cv2.resize(part, (width, len(part) // factor), interpolation=cv2.INTER_AREA)
        yield
    return made


def eight_bit(pixels: np.ndarray) -> np.ndarray:
    """uint8 or uint16 -> uint8."""
    return pixels if pixels.dtype == np.uint8 else ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
