"""The drag that most brushes share: a path of points, thinned, with the pressure kept."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace

import numpy as np

from editor.tools.tool import Hand, PointerEvent
from engine.document.stroke import Stroke, StrokeKind

SPACING = 0.25  # of the radius: closer points do not change a painted line
PRESSURE_FLOOR = 0.02  # a pen's first touch reports nearly nothing; a stroke still needs a width


def draw(kind: StrokeKind, press: PointerEvent, hand: Hand) -> Generator[Stroke, PointerEvent, Stroke]:
    """Yields the growing stroke of `kind`; the pen's eraser end makes an ERASE stroke whatever the kind.

    A move is kept when it is farther from the last kept point than a quarter of the radius or than one screen pixel,
    whichever is less; the release is always kept, so that the line ends where the hand lifted.
    """
    kind = StrokeKind.ERASE if press.eraser else kind
    points = [_point(press)]
    stroke = _stroke(kind, points, hand)
    event = yield stroke
    while not event.last:
        if _grow(points, event, hand.radius):
            stroke = replace(stroke, points=_array(points))
        event = yield stroke
    x, y, pressure = _point(event)
    if (x, y) != points[-1][:2]:
        # A lifting pen reports no pressure; the line keeps the width it had.
        points.append((x, y, max(pressure, points[-1][2])))
        stroke = replace(stroke, points=_array(points))
    return stroke


def length(stroke: Stroke) -> float:
    """Length of the path in photo pixels."""
    return float(np.hypot(*np.diff(stroke.points[:, :2], axis=0).T).sum())


def _grow(points: list[tuple[float, float, float]], event: PointerEvent, radius: float) -> bool:
    """Take the event into `points`; whether anything changed. Pressing harder on the spot widens the last point."""
    x, y, pressure = _point(event)
    last_x, last_y, last_pressure = points[-1]
    if math.hypot(x - last_x, y - last_y) > min(SPACING * radius, event.view_pixel):
        points.append((x, y, pressure))
    elif pressure > last_pressure:
        points[-1] = (last_x, last_y, pressure)
    else:
        return False
    return True


def _point(event: PointerEvent) -> tuple[float, float, float]:
    return event.x, event.y, min(max(event.pressure, PRESSURE_FLOOR), 1.0)


def _array(points: list[tuple[float, float, float]]) -> np.ndarray:
    return np.array(points, np.float32)


def _stroke(kind: StrokeKind, points: list[tuple[float, float, float]], hand: Hand) -> Stroke:
    color = hand.color if kind is StrokeKind.COLOR else None
    return Stroke(kind, _array(points), hand.radius, color=color, weight=hand.weight)
