"""Curves: how the losses run over time, and a meter of how various the pictures are."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from editor import theme
from engine.document.training import CURVE, duration

LINES = (("error", theme.CHOSEN), ("critic", theme.ACCENT))

MARGIN = 6.0
CHANCE, ALIKE, POOR = 1.15, 0.5, 0.25
"""Of the artist's own pictures' variety: above the first there is mostly noise; below the others what is made is
rather, or far too much, alike."""


class Curves(QWidget):
    """The error over the time spent, which is to fall, and, where one has come in, how hard the critic finds it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve = np.zeros((0, len(CURVE)), np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    def sizeHint(self) -> QSize:
        """Wide and low."""
        return QSize(280, 130)

    def show_curve(self, curve: np.ndarray) -> None:
        """Nx4 float32, columns as document.training.CURVE."""
        self._curve = curve
        self._tell()
        self.update()

    def lines(self) -> tuple[tuple[str, QColor], ...]:
        """Those that there are: column, which is the name as well, and colour."""
        if len(self._curve) and not np.isfinite(self._curve[:, CURVE.index("critic")]).any():
            return LINES[:1]
        return LINES

    def _tell(self) -> None:
        told = self.tr("How far what it makes is from your pictures. It falls, quickly at first and then slowly; where "
                       "pictures grow, it rises once.")  # fmt: skip
        if len(self.lines()) > 1:
            told += " " + self.tr("Late, a critic comes in, that is to tell what is made from your pictures; its line "
                                  "should run level.")  # fmt: skip
        self.setToolTip(told)
        self.setAccessibleName(self.tr("Losses over time, {n} points").format(n=len(self._curve)))

    def line(self, name: str, field: QRectF) -> QPolygonF:
        """The points of one line inside `field`."""
        times, values = self._curve[:, 0], self._curve[:, CURVE.index(name)]
        known = np.isfinite(values)
        times = times - times[0]  # the beginning may have been lost
        right, top = float(times[-1]) or 1.0, self._top()
        points = zip(times[known], values[known], strict=True)
        return QPolygonF([
            QPointF(field.left() + field.width() * t / right, field.bottom() - field.height() * min(v / top, 1.0))
            for t, v in points
        ])  # fmt: skip

    def _top(self) -> float:
        """What the upper edge stands for: a round number above nearly all values."""
        values = self._curve[:, 1:3]
        values = values[np.isfinite(values)]
        high = 1.1 * float(np.quantile(values, 0.98)) if values.size else 1.0
        return math.ceil(2 * max(high, 0.5)) / 2 if len(self.lines()) > 1 else max(high, 1e-6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The field, its scale, the lines and their names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        below = self.fontMetrics().height() + 4
        field = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -below)
        painter.fillRect(field, theme.FIELD)
        inside = field.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        self._names(painter, field)
        if len(self._curve) < 2:
            return
        painter.setPen(QPen(theme.BUTTON, 1, Qt.PenStyle.DotLine))
        for level in range(1, math.ceil(self._top())):
            y = inside.bottom() - inside.height() * level / self._top()
            painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
        for name, color in self.lines():
            painter.setPen(QPen(color, 1.6))
            painter.drawPolyline(self.line(name, inside))

    def _names(self, painter: QPainter, field: QRectF) -> None:
        words = QRectF(field.left(), field.bottom() + 3, field.width(), self.fontMetrics().height())
        for called, color in self.lines():
            painter.setPen(color)
            drawn = painter.drawText(words, Qt.AlignmentFlag.AlignLeft, f"— {self.tr(called)}")
            words.setLeft(drawn.right() + 14)
        if len(self._curve):
            painter.setPen(theme.FAINT)
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, duration(float(self._curve[-1, 0])))


class VarietyMeter(QWidget):
    """A bar up to the variety of the artist's own pictures, with what that means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._variety = math.nan
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(self.tr("How much the pictures it makes differ from one another; 100 % is how much yours do"))
        self.show_variety(math.nan)

    def sizeHint(self) -> QSize:
        """A line of words over a bar."""
        return QSize(280, 2 * self.fontMetrics().height() + 4)

    def show_variety(self, variety: float) -> None:
        """1 is the artist's own pictures'; NaN where nobody knows yet."""
        self._variety = variety
        self.setAccessibleName(self.words())
        self.update()

    def words(self) -> str:
        """What the bar says."""
        if math.isnan(self._variety):
            return self.tr("Variety: not measured yet")
        told = self.tr("Variety {share:.0f} % of yours").format(share=100 * self._variety)
        if self._variety < POOR:
            return self.tr("{told}: all much the same").format(told=told)
        if self._variety > CHANCE:
            return self.tr("{told}: mere chance yet").format(told=told)
        return self.tr("{told}: rather alike").format(told=told) if self._variety < ALIKE else told

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, and the bar below them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.TEXT)
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self.words())
        bar = QRectF(0, self.height() - 9, self.width(), 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.FIELD)
        painter.drawRoundedRect(bar, 3, 3)
        if self._variety > 0:
            painter.setBrush(self._color())
            bar.setWidth(max(6.0, bar.width() * min(self._variety, 1.0)))
            painter.drawRoundedRect(bar, 3, 3)

    def _color(self) -> QColor:
        good = ALIKE <= self._variety <= CHANCE
        return theme.CHOSEN if good else theme.WARNING if self._variety < POOR else theme.ACCENT
