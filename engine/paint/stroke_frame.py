"""The frame that runs along a stroke: how far along it a pixel lies, and how far to its side.

A texture laid out in this frame follows the hand. The stroke is smoothed and cut into short straight pieces; a pixel
belongs to the nearest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.document.stroke import Stroke

PIECE = 0.25
"""Length of a piece as a share of the radius."""

SMOOTHING = 1.5
"""Reach of the smoothing along the stroke, as a share of the radius: bends tighter than that tear a texture."""


@dataclass(frozen=True, eq=False)
class Path:
    """points: Nx2 float64, in photo pixels, evenly spaced, N >= 2. radius: in photo pixels."""

    points: np.ndarray
    radius: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what the brush reaches."""
        low, high = self.points.min(axis=0) - self.radius, self.points.max(axis=0) + self.radius
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@dataclass(frozen=True, eq=False)
class Frame:
    """HxW float32 each: along the path and to the right of it in photo pixels; the distance, in radii (1 and more
    where the path is not near)."""

    along: np.ndarray
    aside: np.ndarray
    distance: np.ndarray


def path_of(stroke: Stroke) -> Path:
    """The stroke's points, smoothed and evenly spaced; a dot runs from left to right."""
    points = stroke.points[:, :2].astype(np.float64)
    lengths = np.hypot(*np.diff(points, axis=0).T) if len(points) > 1 else np.zeros(0)
    total, radius = float(lengths.sum()), float(stroke.radius)
    if total < 0.1 * radius:
        return Path(points.mean(axis=0) + np.array([[-0.05, 0], [0.05, 0]]) * radius, radius)
    places = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(2, int(total / (PIECE * radius)) + 1)
    even = np.stack([np.interp(np.linspace(0, total, count), places, points[:, i]) for i in range(2)], axis=1)
    return Path(_smoothed(even, max(1, round(SMOOTHING / PIECE))), radius)


def _smoothed(points: np.ndarray, reach: int) -> np.ndarray:
    """A binomial-like running mean; both ends stay, mirrored through themselves."""
    reach = min(reach, len(points) - 1)
    before, after = 2 * points[0] - points[reach:0:-1], 2 * points[-1] - points[-2 : -reach - 2 : -1]
    weights = np.hanning(2 * reach + 3)[1:-1]
    framed = np.concatenate([before, points, after])
    return np.stack([np.convolve(framed[:, i], weights / weights.sum(), "valid") for i in range(2)], axis=1)


def frame_at(path: Path, x: np.ndarray, y: np.ndarray) -> Frame:
    """x: W and y: H, photo coordinates of columns and rows, evenly spaced -> the frame at every pixel."""
    shape = len(y), len(x)
    found = Frame(np.zeros(shape, np.float32), np.zeros(shape, np.float32), np.full(shape, np.inf, np.float32))
    place, last = 0.0, len(path.points) - 2
    for number, (start, end) in enumerate(zip(path.points[:-1], path.points[1:], strict=True)):
        rows, columns = _within(y, start[1], end[1], path.radius), _within(x, start[0], end[0], path.radius)
        if rows.stop > rows.start and columns.stop > columns.start:
            _nearer(found, (rows, columns), x[columns] - start[0], y[rows, None] - start[1], end - start, place,
                    (number == 0, number == last))
        place += float(np.hypot(*(end - start)))
    return Frame(found.along, found.aside, found.distance / np.float32(path.radius))


def _within(values: np.ndarray, one: float, other: float, radius: float) -> slice:
    low, high = min(one, other) - radius, max(one, other) + radius
    return slice(int(np.searchsorted(values, low)), int(np.searchsorted(values, high, "right")))


def _nearer(found: Frame, area: tuple[slice, slice], x: np.ndarray, y: np.ndarray, way: np.ndarray, place: float,
            open_ends: tuple[bool, bool]) -> None:
    """Write the piece's frame where it is nearer than those before. x, y: from its start. way: to its end."""
    length = max(float(np.hypot(*way)), 1e-9)
    run = (x * way[0] + y * way[1]) / length
    aside = (y * way[0] - x * way[1]) / length
    kept = np.clip(run, 0, length)
    distance = np.hypot(run - kept, aside).astype(np.float32)
    near = distance < found.distance[area]
    # Before its start and behind its end the stroke goes straight on.
    along = np.clip(run, -np.inf if open_ends[0] else 0, np.inf if open_ends[1] else length) + place
    found.along[area][near] = along[near]
    found.aside[area][near] = aside[near]
    found.distance[area][near] = distance[near]
