"""LensView: a lens's map over a face, and the key that says what its shades mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPen

from editor import theme
from editor.canvas.overlay import ModelOverlay
from editor.canvas.view import View
from engine.document.latent import Frame
from engine.document.lens import SHADES, Lens

GAP, PAD = 14, 10  # view pixels: around the key, and in it
BAR = 10
KEY = QRectF(0, 0, 248, 62)


class LensView:
    """rgba: the map, SxSx4 uint8, at `frame`. title, ends: the words of the key."""

    def __init__(self, lens: Lens, rgba: np.ndarray, frame: Frame, title: str, ends: tuple[str, str]) -> None:
        self._shades, self._title, self._ends = SHADES[lens], title, ends
        self._map = ModelOverlay(rgba, frame)

    def bounds(self) -> QRectF:
        """The rectangle that the map touches, in photo coordinates."""
        return self._map.bounds()

    def draw(self, painter: QPainter, view: View, ratio: float) -> None:
        """The map, the painter being in view coordinates; ratio: device pixels in one of them."""
        painter.save()
        painter.setTransform(view.transform(), True)
        self._map.draw(painter, view.zoom * ratio)
        painter.restore()

    @staticmethod
    def key_place(area: QRect) -> QRectF:
        """Where the key lies on a widget of that area: at the lower left."""
        return KEY.translated(area.left() + GAP, area.bottom() - GAP - KEY.height())

    def draw_key(self, painter: QPainter, area: QRect) -> None:
        """A bar of the shades between two words, below what it is about."""
        place = self.key_place(area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(theme.PANEL)
        ground.setAlpha(235)
        painter.setBrush(ground)
        painter.drawRoundedRect(place, 6, 6)
        inner = place.adjusted(PAD, PAD - 3, -PAD, -PAD + 3)
        painter.setPen(QPen(QColor(235, 235, 235)))
        painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._title)
        bar = QRectF(inner.left(), inner.center().y() - BAR / 2 + 2, inner.width(), BAR)
        shade = QLinearGradient(QPointF(bar.left(), 0), QPointF(bar.right(), 0))
        little, much = (QColor(*rgb) for rgb in self._shades)
        clear = QColor(little)
        clear.setAlpha(0)
        for place_on_bar, color in ((0.0, clear), (0.35, little), (1.0, much)):
            shade.setColorAt(place_on_bar, color)
        painter.setPen(QPen(QColor(120, 120, 120)))
        painter.setBrush(shade)
        painter.drawRect(bar)
        painter.setPen(QPen(QColor(190, 190, 190)))
        for words, side in zip(self._ends, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(inner, Qt.AlignmentFlag.AlignBottom | side, words)
        painter.restore()
