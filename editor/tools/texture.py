"""The texture brush: paint the layer's texture here."""

from __future__ import annotations

from editor.tools.draw import draw
from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.stroke import StrokeKind


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """A TEXTURE stroke along the path; the pen's pressure is its strength."""
    return (yield from draw(StrokeKind.TEXTURE, press, hand))


TEXTURE = Tool(
    id="texture",
    text="Texture brush",
    tip="Paint the layer's texture onto the photo; it never repeats. Press the pen harder for more of it",
    shortcut="T",
    icon="texture-brush",
    kind=StrokeKind.TEXTURE,
    cursor=Cursor.CIRCLE,
    drag=drag,
)
