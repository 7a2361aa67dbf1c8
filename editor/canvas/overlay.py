"""ModelOverlay: the model's small RGBA picture, shown over the photo where the frame lies, while an answer is young."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColorTransform, QImage, QPainter, QPolygonF, QTransform

from engine.document.latent import Frame


class ModelOverlay:
    """rgba: SxSx4 uint8, straight alpha, in model coordinates. frame: where it lies on the photo."""

    def __init__(self, rgba: np.ndarray, frame: Frame, transform: QColorTransform | None = None) -> None:
        self.frame = frame
        self._side = rgba.shape[0]
        image = QImage(np.ascontiguousarray(rgba).data, self._side, self._side, QImage.Format.Format_RGBA8888)
        # The conversion makes a copy, so nothing of the caller's array is kept.
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
        if transform is not None:
            image.applyColorTransform(transform)
        self._levels = [image]

    def bounds(self) -> QRectF:
        """The rectangle around the frame, in photo coordinates."""
        return QPolygonF([QPointF(x, y) for x, y in self.frame.corners()]).boundingRect()

    def draw(self, painter: QPainter, scale: float) -> None:
        """Draw smoothly; the painter is in photo coordinates, `scale` device pixels each."""
        image = self._level(scale * self.frame.size / self._side)
        m = self.frame.matrix(image.width())
        painter.save()
        painter.setTransform(QTransform(m[0, 0], m[1, 0], m[0, 1], m[1, 1], m[0, 2], m[1, 2]), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def _level(self, scale: float) -> QImage:
        """The overlay halved (area average) until it is less than twice as large as it is seen."""
        level = 0
        while scale <= 0.5 and self._side >> (level + 1) >= 8:
            scale, level = scale * 2, level + 1
        while len(self._levels) <= level:
            self._levels.append(_halved(self._levels[-1]))
        return self._levels[level]


def _halved(image: QImage) -> QImage:
    side = image.width()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(side, side, 4)
    half = cv2.resize(pixels, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    return QImage(half.data, side // 2, side // 2, half.strides[0], image.format()).copy()
