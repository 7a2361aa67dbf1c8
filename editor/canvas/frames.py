"""Draws the frames: the chosen one with its handles, the others as thin squares to click on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from editor.canvas.view import View
from editor.tools.frame import KNOB, Handle, inside, knob
from engine.document.latent import Frame

ACCENT = QColor(90, 170, 255)
LIGHT = QColor(255, 255, 255, 220)
DARK = QColor(0, 0, 0, 150)
HANDLE = 4.5  # half the side of a corner handle, in view pixels
MARGIN = 12


@dataclass(frozen=True)
class Frames:
    """frames: all on the photo. current: index of the chosen one. editable: whether it shows its handles."""

    frames: tuple[Frame, ...] = ()
    current: int | None = None
    editable: bool = False

    def chosen(self) -> Frame | None:
        """The chosen frame, None where none is."""
        return None if self.current is None else self.frames[self.current]

    def moved(self, frame: Frame) -> Frames:
        """The same with `frame` in the place of the chosen one."""
        return replace(self, frames=tuple(frame if i == self.current else f for i, f in enumerate(self.frames)))

    def other_at(self, x: float, y: float) -> int | None:
        """Index of the smallest frame that is not the chosen one and holds the photo point; None inside the chosen."""
        chosen = self.chosen()
        if chosen is not None and inside(chosen, x, y):
            return None
        under = [i for i, f in enumerate(self.frames) if i != self.current and inside(f, x, y)]
        return min(under, key=lambda i: self.frames[i].size, default=None)


def reach(frame: Frame, view: View) -> QRect:
    """The widget's rectangle that the frame's drawing may touch, knob included."""
    margin = int(KNOB) + MARGIN
    return outline(frame, view).boundingRect().toAlignedRect().adjusted(-margin, -margin, margin, margin)


def outline(frame: Frame, view: View) -> QPolygonF:
    """The frame's corners in view coordinates, closed."""
    corners = [QPointF(*view.to_view(x, y)) for x, y in frame.corners()]
    return QPolygonF([*corners, corners[0]])


def handles(frame: Frame, view: View) -> list[QPointF]:
    """Where the frame can be taken, in view coordinates: its corners, in their order, and the knob."""
    return [*outline(frame, view).toList()[:4], QPointF(*view.to_view(*knob(frame, 1 / view.zoom)))]


def draw_frames(painter: QPainter, frames: Frames, view: View, hovered: Handle | int | None) -> None:
    """hovered: the handle of the chosen frame, or (a plain int) the index of another frame, under the pointer."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for index, frame in enumerate(frames.frames):
        if index != frames.current:
            lit = not isinstance(hovered, Handle) and hovered == index
            _draw_line(painter, outline(frame, view), ACCENT if lit else LIGHT, 2 if lit else 1)
    chosen = frames.chosen()
    if chosen is not None:
        _draw_line(painter, outline(chosen, view), ACCENT if frames.editable else LIGHT, 1.5 if frames.editable else 1)
        if frames.editable:
            _draw_handles(painter, chosen, view, hovered if isinstance(hovered, Handle) else None)
    painter.restore()


def _draw_line(painter: QPainter, line: QPolygonF, color: QColor, width: float) -> None:
    for pen in (QPen(DARK, width + 2), QPen(color, width)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawPolyline(line)


def _draw_handles(painter: QPainter, frame: Frame, view: View, hovered: Handle | None) -> None:
    *corners, spot = handles(frame, view)
    top = (corners[0] + corners[1]) / 2
    _draw_line(painter, QPolygonF([top, spot]), ACCENT, 1.5)
    painter.setPen(QPen(DARK, 1))
    painter.setBrush(ACCENT if hovered is Handle.KNOB else LIGHT)
    painter.drawEllipse(spot, HANDLE + 0.5, HANDLE + 0.5)
    for index, corner in enumerate(corners):
        painter.save()
        painter.translate(corner)
        painter.rotate(view.angle + math.degrees(frame.angle))
        painter.setBrush(ACCENT if hovered == index else LIGHT)
        painter.drawRect(QRectF(-HANDLE, -HANDLE, 2 * HANDLE, 2 * HANDLE))
        painter.restore()
