"""Kept: the patches of keyframes, made as small as the frames of a movie."""

from __future__ import annotations

from collections.abc import Generator

import cv2
import numpy as np

from engine.document.edit import Patch, compose
from engine.document.photo import Photo


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
            whole = np.zeros((*self._photo.pixels.shape[:2], 1), np.uint8)
            compose(whole, Patch(patch.x, patch.y, np.full((*patch.support.shape, 1), 255, np.uint8), patch.support), 1)
            self._supports[patch] = shrunk(whole[..., 0], self._long_side)
        return self._supports[patch]

    def pixels(self, patch: Patch) -> Generator[None, None, np.ndarray]:
        """HxWx3 uint8: the patch's pixels on the whole frame, the photo's where it covers nothing."""
        if patch not in self._pixels:
            whole = self._photo.pixels.copy()
            yield
            covered = np.where(patch.support > 0, np.uint8(255), np.uint8(0))
            compose(whole, Patch(patch.x, patch.y, patch.pixels, covered), 1)
            yield
            self._pixels[patch] = shrunk(whole, self._long_side)
            yield
        return self._pixels[patch]


def shrunk(pixels: np.ndarray, long_side: int) -> np.ndarray:
    """HxW[x3] uint8 or uint16 -> uint8, averaged over areas so that no side is longer than `long_side`."""
    scale = long_side / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    if pixels.dtype == np.uint16:
        return np.rint(pixels / np.float32(257)).astype(np.uint8)
    return pixels
