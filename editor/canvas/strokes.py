"""Draws strokes over the picture: colour, protect and erase as ink, sketch as a dotted line, warp as an arrow."""

from __future__ import annotations

import math
from collections import OrderedDict

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from editor.canvas.ink import Look, Window, bounds, ink, overlap
from editor.canvas.view import View
from engine.document.stroke import Stroke, StrokeKind

DARK, LIGHT = QColor(0, 0, 0, 170), QColor(255, 255, 255, 235)
INKED = (StrokeKind.COLOR, StrokeKind.ERASE, StrokeKind.PROTECT)
CACHED_AREA = 3_000_000  # ink pixels: larger strokes are drawn anew, and only where they are seen
CACHED_STROKES = 64
MARGIN = 4


def reach(stroke: Stroke, view: View, first: int = 0) -> QRect:
    """The widget's rectangle that the stroke's drawing may touch, from its point `first` on."""
    spots = placed(stroke, view)[max(first, 0) :]
    x, y, width, height = bounds(spots)
    margin = MARGIN + (ARROW_HEAD if stroke.kind is StrokeKind.WARP else 0)
    return QRect(x, y, width, height).adjusted(-margin, -margin, margin, margin)


def placed(stroke: Stroke, view: View) -> np.ndarray:
    """Nx3 float64: x, y and radius in view pixels; pressure scales the radius of inked strokes."""
    origin, ex, ey = (np.array(view.to_view(*p)) for p in ((0, 0), (1, 0), (0, 1)))
    xy = stroke.points[:, :2].astype(np.float64)
    spots = origin + xy[:, :1] * (ex - origin) + xy[:, 1:] * (ey - origin)
    pressure = stroke.points[:, 2:].astype(np.float64) if stroke.kind in INKED else np.ones((len(xy), 1))
    return np.hstack([spots, pressure * stroke.radius * view.zoom])


class StrokePainter:
    """Draws strokes and keeps the ink of those that rest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[Stroke, Window, QImage]] = OrderedDict()

    def draw(self, painter: QPainter, stroke: Stroke, view: View, rect: QRect, ratio: float, live: bool) -> None:
        """Draw what of `stroke` lies in `rect` (view pixels). ratio: device pixels per view pixel.

        live: the stroke is still growing, so that keeping its ink would be in vain.
        """
        if stroke.visible and reach(stroke, view).intersects(rect):
            if stroke.kind in INKED:
                self._draw_ink(painter, stroke, view, rect, ratio, live)
            elif stroke.kind is StrokeKind.SKETCH:
                draw_sketch(painter, placed(stroke, view))
            else:
                draw_warp(painter, placed(stroke, view))

    def _draw_ink(self, painter: QPainter, stroke: Stroke, view: View, rect: QRect, ratio: float, live: bool) -> None:
        path = placed(stroke, view)
        path[:, :2] -= (view.x, view.y)
        path *= ratio
        window = bounds(path)
        # The view is snapped to device pixels, so that its shift is whole here.
        left, top = round(view.x * ratio), round(view.y * ratio)
        seen = (
            math.floor(rect.x() * ratio) - left,
            math.floor(rect.y() * ratio) - top,
            math.ceil(rect.width() * ratio) + 1,
            math.ceil(rect.height() * ratio) + 1,
        )
        if live or window[2] * window[3] > CACHED_AREA:
            window = overlap(window, seen)
            image = ink(path, look(stroke, view.zoom, ratio, live), window) if window[2] and window[3] else QImage()
        else:
            image = self._image(stroke, (view.zoom, view.angle, ratio), path, window)
        if not image.isNull():
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(window[0] + left, window[1] + top, image)
            painter.restore()

    def _image(self, stroke: Stroke, place: tuple[float, float, float], path: np.ndarray, window: Window) -> QImage:
        key = (stroke.id, *place)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not stroke:
            kept = self._kept[key] = (stroke, window, ink(path, look(stroke, place[0], place[2], False), window))
        self._kept.move_to_end(key)
        while len(self._kept) > CACHED_STROKES:
            self._kept.popitem(last=False)
        return kept[2]


def look(stroke: Stroke, zoom: float, ratio: float, live: bool) -> Look:
    """How a colour, protect or erase stroke is inked at that zoom."""
    radius = stroke.radius * zoom * ratio
    if stroke.kind is StrokeKind.PROTECT:
        return Look((86, 164, 255, 150), (150, 200, 255, 230), 0.0, 1.25 * ratio, "hatch", ratio)
    if stroke.kind is StrokeKind.ERASE:
        return Look((255, 255, 255, 36), (255, 255, 255, 235), 0.0, 1.5 * ratio, "dash", ratio)
    red, green, blue = stroke.color or (0, 0, 0)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 110
    edge = (20, 20, 20, 150) if bright else (235, 235, 235, 150)
    return Look((red, green, blue, 190 if live else 70), edge, 0.4 * radius, ratio)


def draw_sketch(painter: QPainter, spots: np.ndarray) -> None:
    """A dotted light line on a dark one, so that it is seen on any picture."""
    line = QPolygonF([QPointF(x, y) for x, y, _ in spots])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_pen(DARK, 3.5))
    painter.drawPolyline(line)
    dots = _pen(LIGHT, 2)
    dots.setDashPattern([0.01, 2.2])
    painter.setPen(dots)
    painter.drawPolyline(line)
    painter.restore()


ARROW_HEAD = 9  # view pixels


def draw_warp(painter: QPainter, spots: np.ndarray) -> None:
    """The patch where it was picked (dashed), the way it went, and the patch where it goes."""
    line = QPolygonF([QPointF(x, y) for x, y, _ in spots])
    radius = float(spots[0, 2])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((DARK, 3.0), (LIGHT, 1.25)):
        pen = _pen(color, width)
        painter.setPen(pen)
        painter.drawPolyline(line)
        painter.drawPolyline(_arrow_head(spots))
        painter.drawEllipse(line.last(), radius, radius)
        if color is LIGHT:
            pen.setDashPattern([3 / width, 4 / width])
            painter.setPen(pen)
        painter.drawEllipse(line.first(), radius, radius)
    painter.restore()


def _arrow_head(spots: np.ndarray) -> QPolygonF:
    """Two barbs at the last point, along the last stretch that is long enough to have a direction."""
    tip = spots[-1, :2]
    away = np.hypot(*(spots[:, :2] - tip).T)
    far = np.flatnonzero(away > ARROW_HEAD / 2)
    if not len(far):
        return QPolygonF()
    dx, dy = (tip - spots[far[-1], :2]) / away[far[-1]] * ARROW_HEAD
    left = tip + (-0.87 * dx + 0.5 * dy, -0.5 * dx - 0.87 * dy)
    right = tip + (-0.87 * dx - 0.5 * dy, 0.5 * dx - 0.87 * dy)
    return QPolygonF([QPointF(*left), QPointF(*tip), QPointF(*right)])


def _pen(color: QColor, width: float) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
