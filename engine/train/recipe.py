"""How a generator and its critic are taught: the figures of each family's recipe."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

CPU = torch.device("cpu")

FADE = 0.05
"""Share of the time in which a new size, and the critic, is faded in."""

ALONE = 0.85
"""Share of the time in which a generator with a reader is taught by nothing else. An hour's critic is deceived by a
grid of eight pixels, the stride of the features it looks with: faded in from the middle on and with five times the
weight, it had such a grid drawn over everything."""

CRITICAL = 0.1
"""Weight of the critic's loss beside a reader's."""

JUDGING, JUDGING_BETAS = 2e-3, (0.0, 0.99)
"""Adam's for a critic that comes in late: its rate does not fall with the generator's."""


@dataclass(frozen=True)
class Recipe:
    """How a family is taught. grows: share of the time from which on pictures have that size; empty, the full one.

    half_life: of the average, in pictures, at most a twentieth of those seen. reads: whether a reader helps.
    """

    rate: float = 5e-3
    betas: tuple[float, float] = (0.5, 0.99)
    batch: int = 16
    r1: float = 0.3
    augments: bool = True
    half_life: float = 5000.0
    grows: dict[float, int] = field(default_factory=dict)
    reads: bool = True


DCGAN = Recipe(rate=2e-4, betas=(0.5, 0.999), r1=0.0, augments=False, half_life=0.0, reads=False)

GROWTH = {64: {0.0: 32, 0.35: 64}, 128: {0.0: 32, 0.25: 64, 0.6: 128}, 256: {0.0: 32, 0.2: 64, 0.5: 128, 0.8: 256}}


def recipe_of(family: str, size: int, device: torch.device = CPU) -> Recipe:
    """style or dcgan. A GPU is given more pictures a step: a few keep it waiting."""
    recipe = DCGAN if family == "dcgan" else Recipe(grows=GROWTH.get(size, {}))
    return recipe if device.type == "cpu" else replace(recipe, batch=4 * recipe.batch)
