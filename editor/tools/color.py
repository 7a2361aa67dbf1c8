"""The colour brush: be this colour here."""

from __future__ import annotations

from editor.tools.draw import draw
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A COLOR stroke along the path."""
    return (yield from draw(StrokeKind.COLOR, press, hand))


COLOR = Tool(
    id="color",
    text="Colour brush",
    tip="Paint a colour: the picture changes so that it could really have it there",
    shortcut="B",
    icon="color-brush",
    kind=StrokeKind.COLOR,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
