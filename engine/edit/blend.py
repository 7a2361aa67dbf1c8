"""Laplacian-pyramid compositing: pictures joined band by band, each band over a seam as wide as itself.

Burt and Adelson, "A Multiresolution Spline With Application to Image Mosaics" (ACM Transactions on Graphics, 1983). All
in float32, so that taking a pyramid apart and putting it together again gives the picture back to rounding.
"""

from __future__ import annotations

import cv2
import numpy as np


def depth(shape: tuple[int, ...], smallest: int = 8) -> int:
    """How often a picture can be halved until its shorter side would fall below `smallest` pixels."""
    return max(0, int(np.floor(np.log2(max(1.0, min(shape[:2]) / smallest)))))


def gaussian(picture: np.ndarray, levels: int) -> list[np.ndarray]:
    """HxW or HxWxC float32 -> `levels` + 1 pictures, each half the size (rounded up) of the one before it."""
    pyramid = [np.ascontiguousarray(picture, np.float32)]
    for _ in range(levels):
        pyramid.append(np.asarray(cv2.pyrDown(pyramid[-1]), np.float32))
    return pyramid


def laplacian(picture: np.ndarray, levels: int) -> list[np.ndarray]:
    """HxW or HxWxC float32 -> `levels` band-pass pictures, finest first, and the low-pass rest as the last."""
    pyramid = gaussian(picture, levels)
    for level in range(levels):
        pyramid[level] = pyramid[level] - grow(pyramid[level + 1], pyramid[level])
    return pyramid


def grow(picture: np.ndarray, like: np.ndarray) -> np.ndarray:
    """One octave up, to the height and width of `like`."""
    return cv2.pyrUp(picture, dstsize=(like.shape[1], like.shape[0]))


def collapse(pyramid: list[np.ndarray]) -> np.ndarray:
    """The picture a Laplacian pyramid was taken from."""
    picture = pyramid[-1]
    for band in reversed(pyramid[:-1]):
        picture = band + grow(picture, band)
    return picture


def blend(back: np.ndarray, front: np.ndarray, mask: np.ndarray, levels: int | None = None) -> np.ndarray:
    """`front` over `back` (HxWx3 float32) where `mask` (HxW float32, 0..1) says so, joined band by band.

    The pyramid is linear, so it is enough to blend the difference: where front equals back nothing at all changes.
    """
    levels = depth(mask.shape) if levels is None else levels
    bands = laplacian(front - back, levels)
    masks = gaussian(mask, levels)
    return back + collapse([band * weight[..., None] for band, weight in zip(bands, masks, strict=True)])


def fill(values: np.ndarray, weight: np.ndarray, levels: int, stiffness: float = 0.05) -> np.ndarray:
    """Smooth `values` (HxWxC), kept where `weight` (HxW, >= 0) is high and carried on from there to where it is low.

    Normalised convolution over a pyramid (Knutsson and Westin 1993): each level trusts itself as far as it has weight
    and the coarser level otherwise; where no level has any, the answer tends to zero.
    """
    sums, weights = gaussian(values * weight[..., None], levels), gaussian(weight, levels)
    answer = np.zeros_like(sums[-1])
    for total, amount in zip(reversed(sums), reversed(weights), strict=True):
        if answer.shape != total.shape:
            answer = grow(answer, total)
        answer = (total + stiffness * answer) / (amount[..., None] + stiffness)
    return answer
