"""Pictures to paint on and to paint with."""

from __future__ import annotations

import numpy as np


def checks(height: int, width: int, seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """HxWx3: coloured squares of 7 pixels with a little noise."""
    random = np.random.default_rng(seed)
    cells = random.integers(40, 215, (height // 7 + 1, width // 7 + 1, 3))
    pixels = np.kron(cells, np.ones((7, 7, 1), int))[:height, :width] + random.integers(-20, 20, (height, width, 3))
    return (pixels * (np.iinfo(dtype).max // 255)).astype(dtype)
