"""The job of the map: what a plane of a manifold shows, as a sheet of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.document.direction import Direction
from engine.document.job import Job
from engine.document.latent import Latent


@dataclass(frozen=True, eq=False, kw_only=True)
class DrawMap(Job):
    """Draw the plane of two directions through `start`, which is its middle, each as far as its slider goes.

    count: pictures in a row and in a column, odd; side: of one, in pixels. Steps: `picture`, the sheet (RGB, count x
    side square, `across` to the right and `up` upwards) as far as it is drawn, from the middle on; settled with all.
    """

    start: Latent
    across: Direction
    up: Direction
    count: int = 5
    side: int = 64
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True
