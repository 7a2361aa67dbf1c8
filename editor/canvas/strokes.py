"""Draws strokes over the picture: colour, protect and erase as ink, sketch as a dotted line, warp as an arrow.

Full ink is for the stroke under the hand. One that rests is an outline with a narrow rim of its colour, which says
where it lies and what it asks and leaves the picture, its answer, to be seen.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from editor.canvas.ink import Look, Window, bounds, dotted, ink, overlap
from editor.canvas.view import View
from engine.document.stroke import Stroke, StrokeKind

DARK, LIGHT = QColor(0, 0, 0, 170), QColor(255, 255, 255, 235)
INKED = (StrokeKind.COLOR, StrokeKind.ERASE, StrokeKind.PROTECT)
PAINTS = (StrokeKind.STYLE, StrokeKind.TEXTURE)
LARGE = 3_000_000  # ink pixels: larger strokes are drawn anew each time, and only where they are seen
KEPT = 16_000_000  # ink pixels: of all strokes together, 64 MB
MARGIN = 4
ARROW_HEAD = 9  # view pixels
LINE = 2.0  # view pixels on each side of a sketched line
SOFTEST = 48.0  # view pixels over which the largest brush fades
DASHED = 2000.0  # view pixels: the largest radius whose circle is worth dashing
RIM, HATCHED_RIM = 2.0, 6.0  # view pixels that the ink of a stroke that rests is wide
Place = tuple[float, float, float]  # zoom, angle, device pixels per view pixel


@dataclass(frozen=True)
class Kept:
    """The ink of a stroke as it is at one place."""

    stroke: Stroke
    place: Place
    window: Window
    image: QImage


def reach(stroke: Stroke, view: View, first: int = 0) -> QRect:
    """The widget's rectangle that the stroke's drawing may touch, from its point `first` on."""
    spots = placed(stroke, view)[max(first, 0) :]
    x, y, width, height = bounds(spots)
    margin = MARGIN + (ARROW_HEAD if stroke.kind is StrokeKind.WARP else 0)
    return QRect(x, y, width, height).adjusted(-margin, -margin, margin, margin)


def placed(stroke: Stroke, view: View) -> np.ndarray:
    """Nx3 float64: x, y and radius in view pixels; pressure scales the radius of inked strokes, a line has its own."""
    origin, ex, ey = (np.array(view.to_view(*p)) for p in ((0, 0), (1, 0), (0, 1)))
    xy = stroke.points[:, :2].astype(np.float64)
    spots = origin + xy[:, :1] * (ex - origin) + xy[:, 1:] * (ey - origin)
    if stroke.kind is StrokeKind.SKETCH:
        return np.hstack([spots, np.full((len(xy), 1), LINE)])
    pressure = stroke.points[:, 2:].astype(np.float64) if stroke.kind in INKED else np.ones((len(xy), 1))
    return np.hstack([spots, pressure * stroke.radius * view.zoom])


class StrokePainter:
    """Draws strokes and keeps the ink of those that rest."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def draw(self, painter: QPainter, stroke: Stroke, view: View, rect: QRect, ratio: float, live: bool) -> None:
        """Draw what of `stroke` lies in `rect` (view pixels). ratio: device pixels per view pixel.

        live: the stroke is still growing, so that keeping its ink would be in vain.
        """
        if not stroke.visible or not reach(stroke, view).intersects(rect):
            return
        if stroke.kind is StrokeKind.WARP:
            draw_warp(painter, placed(stroke, view), live)
            return
        left, top = round(view.x * ratio), round(view.y * ratio)  # whole, for the view is snapped to device pixels
        path = placed(stroke, view) * ratio - (left, top, 0)
        corner = floor(rect.x() * ratio) - left, floor(rect.y() * ratio) - top
        seen = (*corner, ceil(rect.width() * ratio) + 1, ceil(rect.height() * ratio) + 1)
        inked = self._inked(stroke, view, path, seen, ratio, live)
        if inked is not None:
            painter.save()
            painter.scale(1 / ratio, 1 / ratio)
            painter.drawImage(inked.window[0] + left, inked.window[1] + top, inked.image)
            painter.restore()

    def _inked(
        self, stroke: Stroke, view: View, path: np.ndarray, seen: Window, ratio: float, live: bool
    ) -> Kept | None:
        """The ink in a window that holds at least what is seen; None where nothing is."""
        window, place = bounds(path), (view.zoom, view.angle, ratio)
        if live or window[2] * window[3] > LARGE:
            window = overlap(window, seen)
            return Kept(stroke, place, window, drawn(stroke, path, window, place, live)) if all(window[2:]) else None
        kept = self._kept.pop(stroke.id, None)
        if kept is None or kept.stroke is not stroke or kept.place != place:
            kept = Kept(stroke, place, window, drawn(stroke, path, window, place, live))
        self._kept[stroke.id] = kept  # now the youngest
        while sum(k.window[2] * k.window[3] for k in self._kept.values()) > KEPT:
            self._kept.popitem(last=False)
        return kept


def drawn(stroke: Stroke, path: np.ndarray, window: Window, place: Place, live: bool) -> QImage:
    """The ink of the stroke along `path` (ink pixels) inside `window`."""
    if stroke.kind is StrokeKind.SKETCH:
        return dotted(path, place[2], window, 3.0 if live else 2.0)
    return ink(path, look(stroke, place[0], place[2], live), window)


def look(stroke: Stroke, zoom: float, ratio: float, live: bool) -> Look:
    """How a stroke that is neither a line nor an arrow is inked at that zoom."""
    radius = stroke.radius * zoom * ratio
    if stroke.kind is StrokeKind.PROTECT:
        rim = None if live else HATCHED_RIM * ratio
        return Look((86, 164, 255, 150), (150, 200, 255, 230), 0.0, 1.25 * ratio, "hatch", ratio, rim)
    if stroke.kind is StrokeKind.ERASE:
        return Look((255, 255, 255, 36), (255, 255, 255, 235), 0.0, 1.5 * ratio, "dash", ratio, None if live else 0.0)
    if stroke.kind in PAINTS:  # what they paint is seen itself
        return Look((128, 128, 128, 24), (255, 255, 255, 150), 0.0, ratio, rim=None if live else 0.0)
    red, green, blue = stroke.color or (0, 0, 0)
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 110
    edge = (20, 20, 20, 150) if bright else (235, 235, 235, 150)
    if live:
        return Look((red, green, blue, 190), edge, min(0.4 * radius, SOFTEST * ratio), ratio)
    return Look((red, green, blue, 255), edge, 0.0, ratio, rim=RIM * ratio)


def draw_warp(painter: QPainter, spots: np.ndarray, live: bool) -> None:
    """The patch where it was picked (dashed), an arrow, and the patch where it goes; the way between does not count."""
    start, end = spots[0, :2], spots[-1, :2]
    radius = float(spots[0, 2])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((DARK, 3.0 if live else 2.25), (LIGHT, 1.25 if live else 1.0)):
        pen = QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawEllipse(QPointF(*end), radius, radius)
        for line in _arrow(start, end):
            painter.drawPolyline(line)
        if color is LIGHT and radius < DASHED:
            pen.setDashPattern([3 / width, 4 / width])
            painter.setPen(pen)
        painter.drawEllipse(QPointF(*start), radius, radius)
    painter.restore()


def _arrow(start: np.ndarray, end: np.ndarray) -> list[QPolygonF]:
    """Shaft and head; nothing where they would be longer than the way."""
    length = float(np.hypot(*(end - start)))
    if length < ARROW_HEAD:
        return []
    dx, dy = (end - start) / length * ARROW_HEAD
    left = end + (-0.87 * dx + 0.5 * dy, -0.5 * dx - 0.87 * dy)
    right = end + (-0.87 * dx - 0.5 * dy, 0.5 * dx - 0.87 * dy)
    return [QPolygonF([QPointF(*p) for p in line]) for line in ((start, end), (left, end, right))]
