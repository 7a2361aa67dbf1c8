"""Recipe: what a projection weighs, how fast it goes, and how far."""

from __future__ import annotations

from dataclasses import dataclass

STEPS, SHORT_STEPS = 24, 40
"""Of a face's descent; and as many as take no longer where its sketches work in numbers of sixteen bits."""


@dataclass(frozen=True)
class Recipe:
    """pixel: what squared error counts against the distance of features. shared_weight, own_weight: of plausibility.

    shares: of the steps that go through each sketch; plain: through preview and full. refine_every: steps between two
    looks at where the frame lies best. patience, still: a descent that has gained less than this share of its energy in
    so many steps has come to rest.
    """

    rate: float = 0.2
    betas: tuple[float, float] = (0.8, 0.99)
    pixel: float = 1.5
    shared_weight: float = 8e-6
    own_weight: float = 2.4e-5
    shares: tuple[float, ...] = (0.58, 0.3, 0.12)
    plain: tuple[float, ...] = (0.8, 0.2)
    refine_every: int = 6
    patience: int = 12
    still: float = 0.01


USUAL = Recipe()
