"""Tuning: a small change of a manifold's own network, made for one picture and kept with the latents found for it.

A few thousand numbers: to each of some weight matrices the product of a narrow and a flat one is added (Hu et al. 2021,
"LoRA: Low-Rank Adaptation of Large Language Models").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from engine.document.arrays import frozen

MOST_RANK = 256
QUALITIES = {"quick": 0, "fine": 12, "finest": 30}
"""Steps of tuning, by what the artist calls them."""


@dataclass(frozen=True, eq=False)
class Tuning:
    """factors: by the name of the weight, what is added to it as two matrices, outputs x rank and rank x inputs."""

    factors: Mapping[str, tuple[np.ndarray, np.ndarray]]

    def __post_init__(self) -> None:
        for name, (up, down) in self.factors.items():
            if up.ndim != 2 or down.ndim != 2 or up.shape[1] != down.shape[0] or up.shape[1] > MOST_RANK:
                raise ValueError(f"a change of {name} is two matrices, not {up.shape} and {down.shape}")
            if not (np.isfinite(up).all() and np.isfinite(down).all()):
                raise ValueError(f"a change of {name} is not of finite numbers")
        kept = {name: (frozen(up, np.float32), frozen(down, np.float32)) for name, (up, down) in self.factors.items()}
        object.__setattr__(self, "factors", MappingProxyType(kept))


@lru_cache(maxsize=8)  # all latents of one moment between two keyframes are to share the very same tuning
def mixed_tuning(a: Tuning | None, b: Tuning | None, share: float) -> Tuning | None:
    """The tuning `share` (0..1) of the way from `a` to `b`; `a` or `b` itself where nothing is mixed."""
    if a is b or share <= 0:
        return a
    if share >= 1:
        return b
    parts = [(part, weight) for part, weight in ((a, 1 - share), (b, share)) if part is not None]
    factors: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for part, weight in parts:
        for name, (up, down) in part.factors.items():
            up = np.float32(weight) * up
            before = factors.get(name)
            factors[name] = (up, down) if before is None else (np.hstack([before[0], up]), np.vstack([before[1], down]))
    return Tuning(factors)
