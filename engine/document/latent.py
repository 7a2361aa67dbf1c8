"""Latent: a point on a manifold, named by the manifold's id; and the frame that places it on the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.document.arrays import frozen
from engine.document.tuning import Tuning


@dataclass(frozen=True, eq=False)
class Latent:
    """values: float32 (layers x width). manifold: id of the manifold the values belong to.

    tuning: how that manifold's network was changed for the photo in which this was found; None where it was not.
    """

    values: np.ndarray
    manifold: str
    tuning: Tuning | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise ValueError(f"a latent is layers x width, not {self.values.shape}")
        object.__setattr__(self, "values", frozen(self.values, np.float32))

    def at(self, values: np.ndarray) -> Latent:
        """Another point on the manifold as it is here."""
        return Latent(values, self.manifold, self.tuning)


@dataclass(frozen=True)
class Frame:
    """Where the square model picture lies on the photo: a similarity transform.

    (x, y) is the centre and `size` the side of the square, in photo pixels (pixel centres at integer + 0.5).
    angle is in radians; positive turns the frame clockwise as seen on the screen.
    """

    x: float
    y: float
    size: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        if not (self.size > 0 and all(math.isfinite(v) for v in (self.x, self.y, self.size, self.angle))):
            raise ValueError(f"not a frame: {self}")

    def matrix(self, model_size: int) -> np.ndarray:
        """2x3 float64 affine that takes model pixel coordinates (0..model_size) to photo coordinates."""
        scale = self.size / model_size
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        half = model_size / 2
        return np.array([[cos, -sin, self.x - cos * half + sin * half], [sin, cos, self.y - sin * half - cos * half]])

    def to_photo(self, points: np.ndarray, model_size: int) -> np.ndarray:
        """Nx2 model coordinates -> Nx2 photo coordinates."""
        m = self.matrix(model_size)
        return np.asarray(points, np.float64) @ m[:, :2].T + m[:, 2]

    def to_model(self, points: np.ndarray, model_size: int) -> np.ndarray:
        """Nx2 photo coordinates -> Nx2 model coordinates."""
        m = self.matrix(model_size)
        return np.asarray((np.asarray(points, np.float64) - m[:, 2]) @ np.linalg.inv(m[:, :2]).T)

    def corners(self) -> np.ndarray:
        """4x2 photo coordinates of the frame's corners: top left, top right, bottom right, bottom left."""
        return self.to_photo(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64), 1)
