"""Exemplars: any picture as a texture's, neither too large to learn from nor too small to look at."""

from __future__ import annotations

import cv2
import numpy as np

from engine.document.opaque import opaque
from engine.document.photo import Photo
from engine.document.texture import Texture

LEAST, LARGEST = 8, 512
"""Pixels a side of a texture's exemplar."""


def texture_of(photo: Photo, name: str) -> Texture:
    """The picture as a texture that has learned nothing yet: 8 bits, large ones reduced, small ones mirrored on.

    InputError where it is all transparent.
    """
    pixels = opaque(photo)
    if pixels.dtype != np.uint8:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    share = LARGEST / max(pixels.shape[:2])
    if share < 1:
        size = max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return Texture(name, extended(pixels, LEAST))


def extended(exemplar: np.ndarray, least: int) -> np.ndarray:
    """HxWx3 with sides of `least` pixels and more: itself in the upper left corner, mirrored as often as it takes."""
    missing = [max(0, least - side) for side in exemplar.shape[:2]]
    if not any(missing):
        return exemplar
    return np.pad(exemplar, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="symmetric")
