"""A canvas that notes what it paints and sends, and a hand that drags on it with real events."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QImage,
    QInputDevice,
    QPaintEvent,
    QPixmap,
    QPointingDevice,
    QPointingDeviceUniqueId,
    QRegion,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.canvas.canvas import Canvas

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
SIGNALS = (
    "stroke_moved",
    "stroke_finished",
    "frame_moved",
    "frame_finished",
    "frame_chosen",
    "color_picked",
    "radius_changed",
    "dropped",
    "lassoed",
    "zoom_changed",
)


class WatchedCanvas(Canvas):
    """A canvas that notes what it was made to paint and what it sent out."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = QRegion()
        self.sent: list[tuple[str, object]] = []
        for name in SIGNALS:
            getattr(self, name).connect(lambda value, name=name: self.sent.append((name, value)))
        self.stroke_cancelled.connect(lambda: self.sent.append(("stroke_cancelled", None)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Note the region."""
        self.painted += event.region()
        super().paintEvent(event)

    def painted_pixels(self) -> int:
        """How many view pixels have been painted since the last call, those still due included."""
        QApplication.sendPostedEvents(self, 0)
        QApplication.processEvents()
        pixels = sum(r.width() * r.height() for r in self.painted)
        self.painted = QRegion()
        return pixels

    def got(self, name: str) -> list[object]:
        """What that signal has carried so far."""
        return [value for sent, value in self.sent if sent == name]

    def pixels(self) -> np.ndarray:
        """HxWx3 int: the widget as it is on the screen, painted anew."""
        return pixels_of(self.grab().toImage())


def pixels_of(image: QImage | QPixmap) -> np.ndarray:
    """HxWx3 int of an image."""
    image = image.toImage() if isinstance(image, QPixmap) else image
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def on_view(canvas: Canvas, x: float, y: float) -> QPoint:
    """The view pixel nearest to the photo point."""
    return canvas.to_view(x, y).toPoint()


def drag(
    canvas: Canvas,
    *spots: tuple[float, float],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = NONE,
    lift: bool = True,
) -> list[tuple[float, float]]:
    """A mouse drag over photo points; the photo points that the whole view pixels really hit."""
    places = [on_view(canvas, *spot) for spot in spots]
    hit = [canvas.to_photo(QPointF(place)) for place in places]
    QTest.mousePress(canvas, button, keys, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    if lift:
        QTest.mouseRelease(canvas, button, keys, places[-1])
    return hit


def pen(canvas: Canvas, *spots: tuple[float, float, float], eraser: bool = False) -> None:
    """A pen drag over photo points (x, y, pressure), the lift at the last."""
    kind = QPointingDevice.PointerType.Eraser if eraser else QPointingDevice.PointerType.Pen
    ability = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    name = QPointingDeviceUniqueId.fromNumericId(1)
    device = QPointingDevice("pen", 1, QInputDevice.DeviceType.Stylus, kind, ability, 1, 1, "", name)
    types = [QEvent.Type.TabletPress, *[QEvent.Type.TabletMove] * (len(spots) - 2), QEvent.Type.TabletRelease]
    for type_, (x, y, pressure) in zip(types, spots, strict=True):
        at = canvas.to_view(x, y)
        down = Qt.MouseButton.NoButton if type_ is QEvent.Type.TabletRelease else LEFT
        event = QTabletEvent(type_, device, at, canvas.mapToGlobal(at), pressure, 0, 0, 0, 0, 0, NONE, LEFT, down)
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted()  # otherwise Qt would make a mouse event of it


def wheel(canvas: Canvas, at: QPointF, notches: float) -> None:
    """Turn the wheel away from the hand (positive) at a view point."""
    turn = QPoint(0, round(120 * notches))
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, canvas.mapToGlobal(at), QPoint(), turn, Qt.MouseButton.NoButton, NONE, phase, False)
    QApplication.sendEvent(canvas, event)
