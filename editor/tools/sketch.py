"""The sketch pencil: have an edge along this line."""

from __future__ import annotations

from editor.tools.draw import draw, length
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A SKETCH stroke along the path; None for a mere click, because a point has no direction to be an edge of."""
    stroke = yield from draw(StrokeKind.SKETCH, press, hand)
    return stroke if stroke.kind is StrokeKind.ERASE or length(stroke) > press.view_pixel else None


SKETCH = Tool(
    id="sketch",
    text="Sketch",
    tip="Draw a line: the picture gets an edge along it",
    shortcut="K",
    icon="sketch",
    kind=StrokeKind.SKETCH,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
