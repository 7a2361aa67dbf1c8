"""Directions: named ways along a manifold, and how far an edit has gone along each. What sliders set.

A direction is a difference of latents, as long as one step of its slider: one standard deviation for those found in the
cloud of latents, all of the way from B to A for a difference A - B of two pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from engine.document.arrays import frozen
from engine.document.latent import Latent
from engine.document.stroke import new_id


@dataclass(frozen=True, eq=False)
class Direction:
    """values: float32 (layers x width), what one step adds to a latent of `manifold`.

    limit: how many steps its slider goes, either way. source: where it comes from, for grouping and in plain words.
    tip: what it does, in plain words; documents do not keep it.
    """

    name: str
    values: np.ndarray
    manifold: str
    limit: float = 3.0
    source: str = ""
    id: str = field(default_factory=new_id)
    tip: str = ""

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or not np.isfinite(self.values).all():
            raise ValueError(f"a direction is layers x width finite numbers, not {self.values.shape}")
        if not 0 < self.limit <= MOST:
            raise ValueError(f"a slider goes up to {MOST:g} steps, not {self.limit:g}")
        object.__setattr__(self, "values", frozen(self.values, np.float32))


MOST = 100.0
"""Steps of the longest slider."""


@dataclass(frozen=True, eq=False)
class Slide:
    """So many steps along a direction; amount may be negative, and 0 is where the slider rests."""

    direction: Direction
    amount: float


Slides = tuple[Slide, ...]


def difference(name: str, towards: Latent, away: Latent, source: str = "") -> Direction:
    """The way from `away` to `towards`, one step all of it; ValueError where they are of different manifolds."""
    if towards.manifold != away.manifold or towards.values.shape != away.values.shape:
        raise ValueError(f"a latent of {away.manifold} and one of {towards.manifold} have no difference")
    return Direction(name, towards.values - away.values, towards.manifold, 2.0, source)


def set_to(slides: Slides, direction: Direction, amount: float) -> Slides:
    """The slides with that one at `amount`; a direction that rests at 0 is left out."""
    kept = tuple(slide for slide in slides if slide.direction.id != direction.id)
    if amount == 0:
        return kept
    place = next((i for i, slide in enumerate(slides) if slide.direction.id == direction.id), len(kept))
    return (*kept[:place], Slide(direction, amount), *kept[place:])


def amount_of(slides: Slides, id: str) -> float:
    """How far along the direction of that id the slides have gone; 0 where they have not."""
    return next((slide.amount for slide in slides if slide.direction.id == id), 0.0)


@lru_cache(maxsize=16)  # a solve, its previews and its rendering ask for the same latent, and pictures are kept by it
def moved_along(start: Latent, slides: Slides) -> Latent:
    """`start` taken along all the slides; `start` itself where there is none."""
    if not slides:
        return start
    return start.at(start.values + offset(slides))


def offset(slides: Slides) -> np.ndarray:
    """float32 (layers x width): the sum of the slides; there is at least one. ValueError where shapes differ."""
    values = np.zeros_like(slides[0].direction.values)
    for slide in slides:
        values = values + np.float32(slide.amount) * slide.direction.values
    return np.asarray(values, np.float32)
