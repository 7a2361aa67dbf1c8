"""The eraser: take back what earlier strokes ask here."""

from __future__ import annotations

from editor.tools.draw import draw
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """An ERASE stroke along the path."""
    return (yield from draw(StrokeKind.ERASE, press, hand))


ERASE = Tool(
    id="erase",
    text="Eraser",
    tip="Rub out earlier strokes where you paint; a pen's eraser end does the same",
    shortcut="E",
    icon="eraser",
    kind=StrokeKind.ERASE,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
