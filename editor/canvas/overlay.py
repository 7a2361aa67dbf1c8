"""ModelOverlay: a small RGBA picture shown over the photo while an answer is young: at a frame, or over all of it."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColorTransform, QImage, QPainter, QPolygonF, QTransform

from engine.document.latent import Frame


class ModelOverlay:
    """rgba: HxWx4 uint8, straight alpha. place: the frame it lies at, or width and height of the photo it covers."""

    def __init__(
        self, rgba: np.ndarray, place: Frame | tuple[int, int], transform: QColorTransform | None = None
    ) -> None:
        self._place = place
        height, width = rgba.shape[:2]
        image = QImage(np.ascontiguousarray(rgba).data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        # The conversion makes a copy, so nothing of the caller's array is kept.
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        if transform is not None:
            image.applyColorTransform(transform)
        self._levels = [image]

    def bounds(self) -> QRectF:
        """The rectangle it touches, in photo coordinates."""
        if isinstance(self._place, Frame):
            return QPolygonF([QPointF(x, y) for x, y in self._place.corners()]).boundingRect()
        return QRectF(0, 0, *self._place)

    def draw(self, painter: QPainter, scale: float) -> None:
        """Draw smoothly; the painter is in photo coordinates, `scale` device pixels each."""
        image = self._level(scale * self._width() / self._levels[0].width())
        painter.save()
        painter.setTransform(self._transform(image), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def _width(self) -> float:
        """In photo pixels."""
        return self._place.size if isinstance(self._place, Frame) else self._place[0]

    def _transform(self, image: QImage) -> QTransform:
        """From the image's pixels to photo coordinates."""
        if isinstance(self._place, Frame):
            m = self._place.matrix(image.width())
            return QTransform(m[0, 0], m[1, 0], m[0, 1], m[1, 1], m[0, 2], m[1, 2])
        return QTransform.fromScale(self._place[0] / image.width(), self._place[1] / image.height())

    def _level(self, scale: float) -> QImage:
        """The overlay halved (area average) until it is less than twice as large as it is seen."""
        level = 0
        side = min(self._levels[0].width(), self._levels[0].height())
        while scale <= 0.5 and side >> (level + 1) >= 8:
            scale, level = scale * 2, level + 1
        while len(self._levels) <= level:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[level]


def _halved(image: QImage) -> QImage:
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4)
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return QImage(half.data, width // 2, height // 2, half.strides[0], image.format()).copy()
