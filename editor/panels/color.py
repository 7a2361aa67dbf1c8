"""Colour picker: saturation and value as a square, hue as a bar, the hex number, and the colours used lately."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QRegularExpressionValidator
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from editor import theme
from editor.brush import Color
from editor.panels.controls import empty

# Where portraits need colours: hair, skin, lips, eyes, light and dark.
FIRST_LATELY: tuple[Color, ...] = (
    (36, 28, 24), (88, 60, 42), (142, 96, 58), (212, 176, 120), (176, 98, 48), (120, 40, 32),
    (176, 72, 80), (224, 172, 148), (250, 222, 204), (74, 98, 122), (92, 110, 80), (248, 246, 242),
)  # fmt: skip


class Field(QWidget):
    """A surface on which a point is dragged. moved: (x, y), each 0..1."""

    moved = Signal(float, float)

    def __init__(self, name: str, size: QSize) -> None:
        super().__init__()
        self.setFixedSize(size)
        self.setAccessibleName(name)
        self.setToolTip(name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the point there."""
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the point."""
        at = event.position()
        self.moved.emit(min(max(at.x() / self.width(), 0.0), 1.0), min(max(at.y() / self.height(), 0.0), 1.0))


class ShadeField(Field):
    """Saturation to the right, value upwards."""

    def __init__(self) -> None:
        super().__init__("Saturation and brightness", QSize(220, 160))
        self.color = QColor.fromHsvF(0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """White to the pure hue, under a fall to black."""
        painter = QPainter(self)
        across = QLinearGradient(0, 0, self.width(), 0)
        across.setColorAt(0, QColor("white"))
        across.setColorAt(1, QColor.fromHsvF(max(self.color.hsvHueF(), 0.0), 1, 1))
        painter.fillRect(self.rect(), across)
        down = QLinearGradient(0, 0, 0, self.height())
        down.setColorAt(0, QColor(0, 0, 0, 0))
        down.setColorAt(1, QColor("black"))
        painter.fillRect(self.rect(), down)
        at = QPointF(self.color.hsvSaturationF() * self.width(), (1 - self.color.valueF()) * self.height())
        _ring(painter, at)


class HueBar(Field):
    """The hues, once around."""

    def __init__(self) -> None:
        super().__init__("Hue", QSize(220, 18))
        self.hue = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Six stops of the circle, and the point."""
        painter = QPainter(self)
        across = QLinearGradient(0, 0, self.width(), 0)
        for i in range(7):
            across.setColorAt(i / 6, QColor.fromHsvF(i / 6 % 1, 1, 1))
        painter.fillRect(self.rect(), across)
        _ring(painter, QPointF(self.hue * self.width(), self.height() / 2))


class ColorPopup(QFrame):
    """Opens under the colour well and closes by a click elsewhere."""

    chosen = Signal(object)  # (red, green, blue), 0..255

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._hsv = (0.0, 0.0, 0.0)
        self._shade, self._hue = ShadeField(), HueBar()
        self._shade.moved.connect(self._set_shade)
        self._hue.moved.connect(self._set_hue)
        self._hex = QLineEdit()
        self._hex.setValidator(QRegularExpressionValidator("#?[0-9a-fA-F]{6}"))
        self._hex.setAccessibleName(self.tr("Colour as a number"))
        self._hex.setToolTip(self.tr("Red, green and blue as #rrggbb"))
        self._hex.editingFinished.connect(self._type)
        self._lately = list(FIRST_LATELY)
        self._grid = QGridLayout()
        self._grid.setSpacing(3)
        column = QVBoxLayout(self)
        for widget in (self._shade, self._hue):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self._hex)
        column.addLayout(row)
        column.addLayout(self._grid)

    def choose(self, color: Color, at: QPoint) -> None:
        """Open at the screen point `at` with `color` in hand."""
        self._take(QColor(*color))
        self._fill()
        self.move(at)
        self.show()

    def hideEvent(self, event: object) -> None:
        """What was chosen last is offered next time."""
        color = self._color()
        rgb = (color.red(), color.green(), color.blue())
        self._lately = [rgb, *(c for c in self._lately if c != rgb)][: len(FIRST_LATELY)]

    def _fill(self) -> None:
        empty(self._grid)
        for i, color in enumerate(self._lately):
            name = QColor(*color).name()
            swatch = QToolButton()
            swatch.setFixedSize(32, 22)
            swatch.setStyleSheet(f"background: {name}; border: 1px solid {theme.EDGE.name()};")
            swatch.setAccessibleName(self.tr("Colour {name}").format(name=name))
            swatch.setToolTip(name)
            swatch.setProperty("color", name)
            swatch.clicked.connect(self._take_swatch)
            self._grid.addWidget(swatch, i // 6, i % 6)

    def _color(self) -> QColor:
        return QColor.fromHsvF(*self._hsv)

    def _take_swatch(self) -> None:
        self._take(QColor(self.sender().property("color")))
        self._tell()

    def _take(self, color: QColor) -> None:
        hue = color.hsvHueF()
        self._hsv = (self._hsv[0] if hue < 0 else min(hue, 1.0), color.hsvSaturationF(), color.valueF())
        self._show()

    def _set_shade(self, x: float, y: float) -> None:
        self._hsv = (self._hsv[0], x, 1 - y)
        self._tell()

    def _set_hue(self, x: float, y: float) -> None:
        self._hsv = (x, *self._hsv[1:])
        self._tell()

    def _type(self) -> None:
        text = self._hex.text().lstrip("#")
        if len(text) == 6:
            self._take(QColor(f"#{text}"))
            self._tell()

    def _tell(self) -> None:
        self._show()
        color = self._color()
        self.chosen.emit((color.red(), color.green(), color.blue()))

    def _show(self) -> None:
        self._shade.color, self._hue.hue = self._color(), self._hsv[0]
        if self._hsv[1] == 0 or self._hsv[2] == 0:  # a grey has no hue of its own: keep the bar's
            self._shade.color = QColor.fromHsvF(self._hsv[0], self._hsv[1], self._hsv[2])
        self._hex.setText(self._color().name())
        self._shade.update()
        self._hue.update()


def _ring(painter: QPainter, at: QPointF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, radius in ((QColor(0, 0, 0, 180), 7.0), (QColor("white"), 5.5)):
        painter.setPen(QPen(color, 1.5))
        painter.drawEllipse(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius))
