"""The style brush: paint the layer's style here."""

from __future__ import annotations

from editor.tools.draw import draw
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A STYLE stroke along the path; the pen's pressure is its strength."""
    return (yield from draw(StrokeKind.STYLE, press, hand))


STYLE = Tool(
    id="style",
    text="Style brush",
    tip="Paint the layer's style onto the photo; press the pen harder for more of it",
    shortcut="S",
    icon="style-brush",
    kind=StrokeKind.STYLE,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
