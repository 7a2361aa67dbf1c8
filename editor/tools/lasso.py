"""The lasso: draw around a part of the photo, and it becomes a texture to paint with."""

from __future__ import annotations

import math

import numpy as np

from editor.tools.tool import Cursor, Drag, Hand, Lasso, PointerEvent, Tool


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A Lasso along the path, a point for every screen pixel; None for a mere click."""
    points = [(press.x, press.y)]
    event = press
    while not event.last:
        event = yield _lasso(points)
        if math.hypot(event.x - points[-1][0], event.y - points[-1][1]) > event.view_pixel:
            points.append((event.x, event.y))
    return _lasso(points) if len(points) > 2 else None


def _lasso(points: list[tuple[float, float]]) -> Lasso:
    return Lasso(np.array(points, np.float32))


LASSO = Tool(
    id="lasso",
    text="Texture lasso",
    tip="Draw around a part of the picture: its texture comes into your hand as a brush",
    shortcut="L",
    icon="lasso",
    kind=None,
    cursor=Cursor.CROSS,
    drag=drag,
)
