"""Stroke: one replayable gesture of the artist, as data. Constraints are made from strokes, never stored."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from engine.document.arrays import frozen


class StrokeKind(StrEnum):
    """What a stroke asks of the model."""

    COLOR = "color"  # be this colour here
    SKETCH = "sketch"  # have an edge along this line
    WARP = "warp"  # what is under the first point goes to the last point
    ERASE = "erase"  # take back what earlier strokes ask here
    PROTECT = "protect"  # leave the photo as it is here
    STYLE = "style"  # paint the layer's style here
    TEXTURE = "texture"  # paint the layer's texture here


def new_id() -> str:
    """A short name that is unique within any document."""
    return uuid.uuid4().hex[:12]


@dataclass(frozen=True, eq=False)
class Stroke:
    """One gesture.

    points: Nx3 float32 (x, y in photo pixels, pressure in 0..1), N >= 1. radius: in photo pixels at full pressure.
    color: sRGB 0..255 (COLOR only). weight: 0..4, how strongly it is obeyed against plausibility. seed: replayed
    with it. Pressure scales the radius of COLOR, ERASE and PROTECT; SKETCH and WARP keep it; for STYLE and TEXTURE, and
    ERASE on their layers, it is the strength, and a weight below 1 is the most that a stroke can reach.
    """

    kind: StrokeKind
    points: np.ndarray
    radius: float
    color: tuple[int, int, int] | None = None
    weight: float = 1.0
    visible: bool = True
    seed: int = 0
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] != 3 or len(self.points) == 0:
            raise ValueError(f"points must be Nx3 with N >= 1, not {self.points.shape}")
        if not np.isfinite(self.points).all() or not self.radius > 0 or not 0 <= self.weight <= 4:
            raise ValueError("a stroke needs finite points, a positive radius and a weight from 0 to 4")
        if (self.kind is StrokeKind.COLOR) != (self.color is not None):
            raise ValueError("a colour stroke has a colour, and no other stroke has one")
        object.__setattr__(self, "points", frozen(self.points, np.float32))
