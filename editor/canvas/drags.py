"""The drags of the canvas: generators that get a Touch for every move and end with the release.

Throwing TakenBack into one (Esc, a new photo) makes it undo what it did; merely closing it, as when the window goes,
does not. What the drag of a tool is, and what marks it makes, is
`tools`; here its marks are shown and sent out.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from editor.tools.tool import Tool

if TYPE_CHECKING:
    from editor.canvas.canvas import Canvas

LEAST_RADIUS = 0.5  # photo pixels


@dataclass(frozen=True)
class Touch:
    """The pointer on the widget. position: view pixels. pressure: 0..1. last: the release."""

    position: QPointF
    pressure: float = 1.0
    eraser: bool = False
    shift: bool = False
    last: bool = False


Drag = Generator[None, Touch, None]


class TakenBack(Exception):
    """The hand has thought better of it."""


def pan(canvas: Canvas, touch: Touch) -> Drag:
    """The photo follows the pointer."""
    canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
    while not touch.last:
        before = touch.position
        touch = yield
        canvas.pan(touch.position.x() - before.x(), touch.position.y() - before.y())


def resize(canvas: Canvas, touch: Touch) -> Drag:
    """To the right a larger brush, to the left a smaller one; the brush is shown where the drag began."""
    start, radius = touch.position, canvas.hand.radius
    canvas.brush_held = start
    try:
        while not touch.last:
            touch = yield
            canvas.change_radius(radius + (touch.position.x() - start.x()) / canvas.view.zoom)
    except TakenBack:
        canvas.change_radius(radius)
    finally:
        canvas.brush_held = None


def use(canvas: Canvas, tool: Tool, touch: Touch) -> Drag:
    """The tool's own drag: each mark is shown at once and sent out, the last one as finished."""
    hand = replace(canvas.hand, frame=canvas.frames.chosen())
    drag = tool.drag(canvas.pointer_event(touch), hand)
    try:
        mark = next(drag)
        while True:
            canvas.show_mark(mark)
            touch = yield
            mark = drag.send(canvas.pointer_event(touch))
    except StopIteration as end:
        canvas.finish_mark(end.value)
    except TakenBack:
        drag.close()
        canvas.take_back(hand.frame)
