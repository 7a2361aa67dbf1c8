"""Controls: the small parts all panels are made of, each with a name for those who cannot see it and a tip in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QLayout, QListWidget, QSlider, QToolButton, QWidget

W = TypeVar("W", bound=QWidget)
ID = Qt.ItemDataRole.UserRole


class ItemList(QListWidget):
    """A list in which Delete drops the chosen item, whatever else that key means in the window."""

    dropped = Signal(str)  # what the item holds under ID

    def event(self, event: QEvent) -> bool:
        """Keep the key from the window's shortcuts."""
        if event.type() is QEvent.Type.ShortcutOverride and self._is_delete(event) and self.currentItem() is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete drops; the rest moves about."""
        if self._is_delete(event) and self.currentItem() is not None:
            self.dropped.emit(self.currentItem().data(ID))
        else:
            super().keyPressEvent(event)

    def ids(self) -> tuple[str, ...]:
        """What the items hold under ID, as they stand."""
        return tuple(self.item(i).data(ID) for i in range(self.count()))

    @staticmethod
    def _is_delete(event: QEvent) -> bool:
        return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def slider(name: str, tip: str, high: int = 1000) -> QSlider:
    """A horizontal slider from 0 to `high`."""
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, high)
    return _named(made, name, tip)


def number(name: str, tip: str, low: float, high: float, decimals: int, unit: str) -> QDoubleSpinBox:
    """A field for a number; what is typed counts when it is finished."""
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.setDecimals(decimals)
    made.setSuffix(unit)
    made.setKeyboardTracking(False)
    return _named(made, name, tip)


def button(sign: QIcon | str, name: str, tip: str, do: Callable[..., object] | None = None) -> QToolButton:
    """A button with an icon, or with words."""
    made = QToolButton()
    if isinstance(sign, QIcon):
        made.setIcon(sign)
    else:
        made.setText(sign)
    if do is not None:
        made.clicked.connect(do)
    return _named(made, name, tip)


def switch(sign: QIcon, name: str, tip: str, on: bool) -> QToolButton:
    """A button that stays down; its icon says which, so it has no other look for that."""
    made = button(sign, name, tip)
    made.setProperty("quiet", True)
    made.setCheckable(True)
    made.setChecked(on)
    return made


def empty(layout: QLayout) -> None:
    """Take all widgets out of `layout` and delete them."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.deleteLater()


def _named(widget: W, name: str, tip: str) -> W:
    widget.setAccessibleName(name)
    widget.setToolTip(tip)
    return widget
