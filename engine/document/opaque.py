"""Opaque: a picture without its alpha, for whoever wants to know what it looks like."""

from __future__ import annotations

import cv2
import numpy as np

from engine.document.errors import InputError
from engine.document.photo import Photo

SEEN = 0.002
"""With a mean opacity below this, nothing of a picture is seen."""
LONG = 2048
"""A transparent picture larger than this is reduced to it: it is only looked at."""


def opaque(photo: Photo) -> np.ndarray:
    """HxWx3 in the photo's depth, for `Describe` and for exemplars: where it is transparent, the mean of what is seen.

    Neither the black that hides under transparency nor a background of any colour then counts as part of the picture.
    Raises InputError where nothing is seen at all.
    """
    if photo.alpha is None:
        return photo.pixels
    share = min(1.0, LONG / max(photo.height, photo.width))
    size = max(1, round(photo.width * share)), max(1, round(photo.height * share))
    alpha: np.ndarray = photo.alpha.astype(np.float32) / photo.white
    if alpha.mean() < SEEN:
        raise InputError(f"{photo.name} is all transparent: choose another picture.")
    if alpha.min() == 1:
        return photo.pixels
    seen = cv2.resize(photo.pixels * alpha[..., None], size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    mean = seen.mean(axis=(0, 1)) / alpha.mean()
    return np.rint(seen + mean * (1 - alpha[..., None])).clip(0, photo.white).astype(photo.pixels.dtype)
