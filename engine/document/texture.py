"""Texture: an exemplar to paint with, and the small network that has learned to go on with it for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.document.arrays import frozen
from engine.document.stroke import new_id
from engine.document.style import read_only


@dataclass(frozen=True, eq=False)
class Texture:
    """exemplar: HxWx3 uint8, 8 to 512 px a side. network: weights by name; empty while nothing has been learned.

    seconds: how long the network has learned. seamless: whether what it makes is meant to repeat as a tile.
    """

    name: str
    exemplar: np.ndarray
    network: Mapping[str, np.ndarray] = field(default_factory=dict)
    seconds: float = 0.0
    seamless: bool = False
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.exemplar.ndim != 3 or self.exemplar.shape[2] != 3 or min(self.exemplar.shape[:2]) < 1:
            raise ValueError(f"an exemplar is HxWx3, not {self.exemplar.shape}")
        object.__setattr__(self, "exemplar", frozen(self.exemplar, np.uint8))
        object.__setattr__(self, "network", read_only(self.network))
