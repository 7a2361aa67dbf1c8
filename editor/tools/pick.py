"""The colour picker: paint with the colour that is seen here."""

from __future__ import annotations

from editor.tools.tool import Cursor, Drag, Hand, Pick, PointerEvent, Tool


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A Pick wherever the pointer is; what is in the hand does not matter."""
    event = press
    while not event.last:
        event = yield Pick(event.x, event.y)
    return Pick(event.x, event.y)


PICK = Tool(
    id="pick",
    text="Colour picker",
    tip="Take a colour from the picture; with any brush, hold Ctrl or Alt to do the same",
    shortcut="I",
    icon="picker",
    kind=None,
    cursor=Cursor.CROSS,
    drag=drag,
)
