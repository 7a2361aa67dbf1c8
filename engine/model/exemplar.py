"""Exemplars too small to look at, mirrored on until they are not."""

from __future__ import annotations

import numpy as np


def extended(exemplar: np.ndarray, least: int) -> np.ndarray:
    """HxWx3 with sides of `least` pixels and more: itself in the upper left corner, mirrored as often as it takes."""
    missing = [max(0, least - side) for side in exemplar.shape[:2]]
    if not any(missing):
        return exemplar
    return np.pad(exemplar, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="symmetric")
