"""Kept: the patches of keyframes, made as small as the frames of a movie."""

from __future__ import annotations

from collections.abc import Generator

import cv2
import numpy as np

from engine.document.edit import Patch
from engine.document.photo import Photo

SLAB = 256
"""Rows of a patch that are laid in one step."""

Area = tuple[slice, slice]


class KeptPatches:
    """Small copies of patches on `photo`, each made once. long_side: of the frames, in pixels."""

    def __init__(self, photo: Photo, long_side: int) -> None:
        self._photo = photo
        self._long_side = long_side
        self._pixels: dict[Patch, np.ndarray] = {}
        self._supports: dict[Patch, np.ndarray] = {}

    def support(self, patch: Patch) -> np.ndarray:
        """HxW uint8: the patch's coverage on the whole frame."""
        if patch not in self._supports:
            whole = np.zeros(self._photo.pixels.shape[:2], np.uint8)
            on_photo, on_patch = self._areas(patch)
            whole[on_photo] = patch.support[on_patch]
            self._supports[patch] = shrunk(whole, self._long_side)
        return self._supports[patch]

    def pixels(self, patch: Patch) -> Generator[None, None, np.ndarray]:
        """HxWx3 uint8: the patch's pixels on the whole frame, the photo's where it covers nothing."""
        if patch not in self._pixels:
            whole = self._photo.pixels.copy()
            yield
            on_photo, on_patch = self._areas(patch)
            below, above, support = whole[on_photo], patch.pixels[on_patch], patch.support[on_patch]
            for top in range(0, len(below), SLAB):
                rows = slice(top, top + SLAB)
                np.copyto(below[rows], above[rows], where=support[rows, :, None] > 0)
                yield
            self._pixels[patch] = shrunk(whole, self._long_side)
            yield
        return self._pixels[patch]

    def _areas(self, patch: Patch) -> tuple[Area, Area]:
        """Where the patch lies on the photo, and which part of the patch that is."""
        height, width = self._photo.pixels.shape[:2]
        high, wide = patch.support.shape
        y0, x0 = min(max(patch.y, 0), height), min(max(patch.x, 0), width)
        y1, x1 = max(y0, min(patch.y + high, height)), max(x0, min(patch.x + wide, width))
        inside = slice(y0 - patch.y, y1 - patch.y), slice(x0 - patch.x, x1 - patch.x)
        return (slice(y0, y1), slice(x0, x1)), inside


def shrunk(pixels: np.ndarray, long_side: int) -> np.ndarray:
    """HxW[x3] uint8 or uint16 -> uint8, averaged over areas so that no side is longer than `long_side`."""
    scale = long_side / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    if pixels.dtype == np.uint16:
        return np.rint(pixels / np.float32(257)).astype(np.uint8)
    return pixels
