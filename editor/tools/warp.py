"""The warp tool: what is under the press goes where the hand lifts."""

from __future__ import annotations

from editor.tools.draw import draw, length
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A WARP stroke: its first point picks the patch, its last is where it goes; None where nothing was pulled."""
    stroke = yield from draw(StrokeKind.WARP, press, hand)
    return stroke if stroke.kind is StrokeKind.ERASE or length(stroke) > press.view_pixel else None


WARP = Tool(
    id="warp",
    text="Warp",
    tip="Drag a piece of the picture to another place: the rest makes room for it",
    shortcut="W",
    icon="warp",
    kind=StrokeKind.WARP,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
