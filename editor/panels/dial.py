"""Dial: a named slider with its value and unit. Dragging it is one gesture, from press to release."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from editor.panels.controls import number, slider

STEPS = 1000


class Dial(QWidget):
    """name: what it sets. ends: words at both ends of the slider. logarithmic: equal ways are equal ratios.

    column: the width of the name in pixels, so that dials one below the other line up; as it comes where it is 0.
    """

    turned = Signal(float)
    released = Signal()

    def __init__(
        self,
        name: str,
        tip: str,
        low: float,
        high: float,
        unit: str = "",
        factor: float = 1.0,
        ends: tuple[str, str] = ("", ""),
        logarithmic: bool = False,
        decimals: int = 0,
        width: int = 90,
        column: int = 0,
    ) -> None:
        super().__init__()
        self._low, self._high, self._factor, self._logarithmic = low, high, factor, logarithmic
        self._slider = slider(name, tip, STEPS)
        self._slider.setFixedWidth(width)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._box = number(name, tip, low * factor, high * factor, decimals, unit)
        self._box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        labels = [QLabel(text) for text in (name if not any(ends) else "", *ends)]
        if column:
            labels[0].setFixedWidth(column)
            labels[0].setText(labels[0].fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, column))
        else:
            self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        for end in labels[1:]:
            end.setProperty("faint", True)
        for widget in (labels[0], labels[1], self._slider, labels[2], self._box):
            if not isinstance(widget, QLabel):
                row.addWidget(widget)
            elif widget.text():
                widget.setToolTip(tip)
                row.addWidget(widget)
        self._slider.valueChanged.connect(self._slide)
        self._slider.sliderReleased.connect(self.released)
        self._box.valueChanged.connect(self._type)
        self._box.editingFinished.connect(self.released)

    def value(self) -> float:
        """The value that is shown."""
        return self._box.value() / self._factor

    def held(self) -> bool:
        """Whether the hand is dragging the slider just now."""
        return self._slider.isSliderDown()

    def show_value(self, value: float) -> None:
        """Show `value` without telling anybody."""
        for control in (self._slider, self._box):
            control.blockSignals(True)
        if not self._slider.isSliderDown():
            self._slider.setValue(round(STEPS * self._to_unit(value)))
        self._box.setValue(value * self._factor)
        for control in (self._slider, self._box):
            control.blockSignals(False)

    def _slide(self, position: int) -> None:
        value = self._from_unit(position / STEPS)
        self._box.blockSignals(True)
        self._box.setValue(value * self._factor)
        self._box.blockSignals(False)
        self.turned.emit(value)

    def _type(self, shown: float) -> None:
        self._slider.blockSignals(True)
        self._slider.setValue(round(STEPS * self._to_unit(shown / self._factor)))
        self._slider.blockSignals(False)
        self.turned.emit(shown / self._factor)

    def _to_unit(self, value: float) -> float:
        value = min(max(value, self._low), self._high)
        if self._logarithmic:
            return math.log(value / self._low) / math.log(self._high / self._low)
        return (value - self._low) / (self._high - self._low)

    def _from_unit(self, unit: float) -> float:
        if self._logarithmic:
            return float(self._low * (self._high / self._low) ** unit)
        return self._low + unit * (self._high - self._low)
