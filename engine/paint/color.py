"""Colour: the photo's own, under the strokes of another picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

BAND = 1 << 20
"""Pixels that are worked on at once."""


def kept(painted: np.ndarray, below: np.ndarray, share: float) -> np.ndarray:
    """`painted` with `share` (0..1) of the way to the colours of `below`; HxWx3 both, of one depth."""
    return painted if share <= 0 else _in_bands(painted, below, share, lambda new, old: (new, recolored(new, old)))


def faded(painted: np.ndarray, below: np.ndarray, share: float) -> np.ndarray:
    """`share` (0..1) of the first over the second; HxWx3 both, of one depth."""
    return _in_bands(painted, below, share, lambda new, old: (old, new))


def _in_bands(
    painted: np.ndarray, below: np.ndarray, share: float,
    ends: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:  # fmt: skip
    """`share` of the way between the two pictures that `ends` makes of both, in 0..1."""
    white = np.float32(np.iinfo(painted.dtype).max)
    made = np.empty_like(painted)
    rows = max(1, BAND // painted.shape[1])
    for top in range(0, len(painted), rows):
        first, second = ends(*(array[top : top + rows].astype(np.float32) / white for array in (painted, below)))
        made[top : top + rows] = np.rint((first + np.float32(share) * (second - first)).clip(0, 1) * white)
    return made


def recolored(painted: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The lightness of the first with the hue and chroma of the second, in CIE Lab; HxWx3 float32 in 0..1."""
    lab = cv2.cvtColor(below, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.cvtColor(painted, cv2.COLOR_RGB2LAB)[..., 0]
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
