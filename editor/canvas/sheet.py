"""Sheet: the surface with what lies over the picture: resting strokes, the growing stroke or lasso, frames, the
brush's circle.

Each change repaints the rectangle it touches and no more: a growing stroke its newest stretch, a moving brush its two
circles. None of it is ever part of the picture.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from editor.canvas.frames import Frames, draw_frames, handles
from editor.canvas.frames import reach as frame_reach
from editor.canvas.strokes import StrokePainter
from editor.canvas.strokes import reach as stroke_reach
from editor.canvas.surface import Surface
from editor.canvas.view import View
from editor.tools.frame import Handle
from editor.tools.tool import Lasso
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind


class Sheet(Surface):
    """Shows strokes, frames and the brush over the photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frames = Frames()
        self._strokes: tuple[Stroke, ...] = ()
        self._strokes_shown = True
        self.even = False  # strokes are as wide as the brush, whatever the pressure: those of a layer are
        self._growing: Stroke | None = None
        self._lasso: Lasso | None = None
        self._hovered: Handle | int | None = None
        self._brush: tuple[QPointF, float] | None = None  # where the circle is, and its radius in photo pixels
        self._painter = StrokePainter()

    def set_photo(self, photo: Photo | None) -> None:
        """Show another photo, all of it, with no strokes and no frames."""
        self._strokes, self._growing, self._lasso, self.frames, self._hovered = (), None, None, Frames(), None
        super().set_photo(photo)

    def set_strokes(self, strokes: tuple[Stroke, ...], shown: bool = True) -> None:
        """The strokes that rest, drawn when `shown`; the one being drawn is always seen."""
        before = set(self._strokes) if self._strokes_shown else set()
        after = set(strokes) if shown else set()
        self._strokes, self._strokes_shown = tuple(strokes), shown
        for stroke in before ^ after:
            self.update(stroke_reach(stroke, self.view))

    def set_frames(self, frames: tuple[Frame, ...], current: int | None = None, editable: bool = False) -> None:
        """The frames; the `current` one shows handles when `editable`, the others can be clicked."""
        self._update_frames()
        self.frames = Frames(tuple(frames), current, editable)
        self._hovered = None
        self._update_frames()

    def handles(self) -> list[QPointF]:
        """Where the chosen frame can be taken, in the widget's coordinates; nowhere unless it can."""
        chosen = self.frames.chosen()
        return [] if chosen is None or not self.frames.editable else handles(chosen, self.view)

    def grow(self, stroke: Stroke | None) -> None:
        """Show the stroke being drawn (None: there is none), repainting only what is new of it."""
        stroke = evened(stroke) if stroke is not None and self.even else stroke
        old, self._growing = self._growing, stroke
        same = old is not None and stroke is not None and old.id == stroke.id and stroke.kind is not StrokeKind.WARP
        if old is not None:
            # The last point may still have grown wider, and the joint before it changes with every new point.
            self.update(stroke_reach(old, self.view, len(old.points) - 2 if same else 0))
        if stroke is not None:
            first = len(old.points) - 2 if same and old is not None else 0
            self.update(stroke_reach(stroke, self.view, first))

    def tighten(self, lasso: Lasso | None) -> None:
        """Show the line that is being drawn around a part of the photo; None takes it away."""
        for each in (self._lasso, lasso):
            if each is not None:
                self.update(line_of(each, self.view).boundingRect().toAlignedRect().adjusted(-3, -3, 3, 3))
        self._lasso = lasso

    def place(self, frame: Frame) -> None:
        """Show the chosen frame elsewhere."""
        index = self.frames.current
        if index is not None:
            self._update_frames()
            self.frames = self.frames.moved(frame)
            self._update_frames()

    def hover(self, what: Handle | int | None) -> None:
        """Light up the handle, or the other frame of that index, under the pointer."""
        if what != self._hovered:
            self._hovered = what
            self._update_frames()

    def show_brush(self, at: QPointF | None, radius: float = 0.0) -> None:
        """The brush's circle at a view point, its radius in photo pixels; None takes it away."""
        self._update_brush()
        self._brush = None if at is None else (QPointF(at), radius)
        self._update_brush()

    def shift(self, dx: int, dy: int) -> None:
        """As the surface does; the brush's circle stays with the pointer."""
        super().shift(dx, dy)
        if self._brush is not None:
            at, radius = self._brush
            self._update_brush()
            self._brush = (at + QPointF(dx, dy), radius)
            self._update_brush()
            self._brush = (at, radius)

    def paint_marks(self, painter: QPainter, rect: QRect) -> None:
        """Strokes, then frames, then the brush, as far as they touch `rect`."""
        ratio = self.devicePixelRatioF()
        for stroke in self._strokes if self._strokes_shown else ():
            self._painter.draw(painter, stroke, self.view, rect, ratio, live=False)
        if self._growing is not None:
            self._painter.draw(painter, self._growing, self.view, rect, ratio, live=True)
        if self._lasso is not None:
            draw_lasso(painter, line_of(self._lasso, self.view))
        draw_frames(painter, self.frames, self.view, self._hovered)
        if self._brush is not None:
            draw_circle(painter, self._brush[0], self._brush[1] * self.view.zoom)

    def _update_frames(self) -> None:
        for frame in self.frames.frames:
            self.update(frame_reach(frame, self.view))

    def _update_brush(self) -> None:
        if self._brush is not None:
            at, radius = self._brush
            size = radius * self.view.zoom + 3
            self.update(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size).toAlignedRect())


def evened(stroke: Stroke) -> Stroke:
    """The stroke at full pressure throughout."""
    points = stroke.points.copy()
    points[:, 2] = 1
    return replace(stroke, points=points)


def line_of(lasso: Lasso, view: View) -> QPolygonF:
    """The lasso in view pixels, closed."""
    return QPolygonF([QPointF(*view.to_view(x, y)) for x, y in (*lasso.points, lasso.points[0])])


def draw_lasso(painter: QPainter, line: QPolygonF) -> None:
    """Light dashes on a dark line, with what is inside lit up a little."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(255, 255, 255, 40))
    painter.setPen(QPen(QColor(0, 0, 0, 190), 2))
    painter.drawPolygon(line)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(255, 255, 255, 240), 1.25, Qt.PenStyle.DashLine))
    painter.drawPolygon(line)
    painter.restore()


def draw_circle(painter: QPainter, at: QPointF, radius: float) -> None:
    """The brush's edge, dark and light, so that it is seen on any picture.

    Nothing where it is a mere dot, or far larger than any screen.
    """
    if not 2 <= radius <= 4000:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
    painter.drawEllipse(at, radius + 0.75, radius + 0.75)
    painter.setPen(QPen(QColor(255, 255, 255, 220), 1))
    painter.drawEllipse(at, radius - 0.25, radius - 0.25)
    painter.restore()
