"""Which cursor says what a press would do."""

from __future__ import annotations

from PySide6.QtCore import Qt

from editor.tools.frame import Handle
from editor.tools.tool import Cursor, Tool

Shape = Qt.CursorShape
DIAGONALS = (Shape.SizeFDiagCursor, Shape.SizeVerCursor, Shape.SizeBDiagCursor, Shape.SizeHorCursor)


def shape(tool: Tool | None, under: Handle | int | None, angle: float, panning: bool) -> Shape:
    """under: the handle or the index of the other frame under the pointer. angle: of the chosen frame on the screen."""
    if panning:
        return Shape.OpenHandCursor
    if isinstance(under, Handle):
        return _handle_shape(under, angle)
    if under is not None:
        return Shape.PointingHandCursor
    return Shape.ArrowCursor if tool is None or tool.cursor is Cursor.ARROW else Shape.CrossCursor


def _handle_shape(handle: Handle, angle: float) -> Shape:
    """Arrows along the way the handle can go, to the nearest 45 degrees."""
    if handle is Handle.INSIDE:
        return Shape.SizeAllCursor
    if handle is Handle.KNOB:
        return Shape.PointingHandCursor
    quarter = 0 if handle in (Handle.TOP_LEFT, Handle.BOTTOM_RIGHT) else 2
    return DIAGONALS[(round(angle / 45) + quarter) % 4]
