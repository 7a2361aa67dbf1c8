"""The protect brush: leave the photo as it is here."""

from __future__ import annotations

from editor.tools.draw import draw
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A PROTECT stroke along the path."""
    return (yield from draw(StrokeKind.PROTECT, press, hand))


PROTECT = Tool(
    id="protect",
    text="Protect",
    tip="Paint over what must stay as it is in the photo",
    shortcut="P",
    icon="protect",
    kind=StrokeKind.PROTECT,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
