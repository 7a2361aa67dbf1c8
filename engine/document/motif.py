"""Motif: another picture, whose things can be blended into a photo."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.document.arrays import frozen
from engine.document.stroke import new_id

MOST = 1024
"""Pixels of a motif's longer side."""


@dataclass(frozen=True, eq=False)
class Motif:
    """pixels: HxWx3 uint8, no larger than MOST a side where the program made it."""

    name: str
    pixels: np.ndarray
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or min(self.pixels.shape[:2]) < 1:
            raise ValueError(f"a motif is HxWx3, not {self.pixels.shape}")
        object.__setattr__(self, "pixels", frozen(self.pixels, np.uint8))
