"""Picture wall: many small square pictures in rows, as large as there is room for."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor import theme, thumbnails

GAP = 3
LEAST = 40  # pixels of a cell


class PictureWall(QWidget):
    """count: cells that are drawn, empty ones as plain fields, so that nothing moves when pictures come."""

    def __init__(self, name: str, count: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self._pictures = np.zeros((0, 1, 1, 3), np.uint8)
        self._images: list[QImage] = []
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Six cells in a row."""
        return QSize(6 * 84, math.ceil(self._count / 6) * 84)

    def minimumSizeHint(self) -> QSize:
        """Cells that can still be told apart."""
        return QSize(6 * LEAST, math.ceil(self._count / 6) * LEAST)

    def show_pictures(self, pictures: np.ndarray) -> None:
        """NxSxSx3 uint8."""
        if pictures is not self._pictures:
            self._pictures = pictures
            self._images = [thumbnails.image(picture) for picture in pictures[: self._count]]
            self.update()

    def shown(self) -> int:
        """How many pictures there are to be seen."""
        return len(self._images)

    def cells(self) -> list[QRectF]:
        """Where the pictures lie: as large as they can be, in the middle."""
        columns = max((n for n in range(1, self._count + 1) if self._count % n == 0), key=self._side)
        side, rows = self._side(columns), math.ceil(self._count / columns)
        left = (self.width() - columns * (side + GAP) + GAP) / 2
        top = (self.height() - rows * (side + GAP) + GAP) / 2
        places = (divmod(place, columns) for place in range(self._count))
        return [QRectF(left + x * (side + GAP), top + y * (side + GAP), side, side) for y, x in places]

    def _side(self, columns: int) -> float:
        rows = math.ceil(self._count / columns)
        return min((self.width() + GAP) / columns, (self.height() + GAP) / rows) - GAP

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures; plain fields where there are none yet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for place, cell in enumerate(self.cells()):
            if place < len(self._images):
                painter.drawImage(cell, _sized(self._images[place], cell, self.devicePixelRatioF()))
            else:
                painter.fillRect(cell, theme.FIELD)


def _sized(image: QImage, cell: QRectF, ratio: float) -> QImage:
    """Smaller ones are averaged down first: a painter would only pick pixels."""
    side = QPointF(cell.width() * ratio, 0).toPoint().x()
    if image.width() <= side:
        return image
    return image.scaled(side, side, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
