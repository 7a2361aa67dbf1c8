"""Strokes: the list of what was asked of the face or painted on the layer; eye, weight and cross, drag to reorder."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from editor.brush import HEAVIEST
from editor.debts import PAINTS
from editor.icons import icon
from editor.painting import NAMES
from editor.panels.controls import ID, ItemList, button, slider, switch
from editor.session import Session
from engine.document.stroke import Stroke, StrokeKind

STEPS = 20  # slider steps per unit of weight
ICONS = {
    StrokeKind.COLOR: "color-brush",
    StrokeKind.SKETCH: "sketch",
    StrokeKind.WARP: "warp",
    StrokeKind.ERASE: "eraser",
    StrokeKind.PROTECT: "protect",
    StrokeKind.STYLE: "style-brush",
    StrokeKind.TEXTURE: "texture-brush",
}


def most(stroke: Stroke) -> float:
    """The largest weight a stroke can have: what paints a layer can do no more than cover it."""
    return 1.0 if stroke.kind in PAINTS else HEAVIEST


class StrokeRow(QWidget):
    """One stroke of the list."""

    shown = Signal(str, bool)
    weighed = Signal(str, float)
    released = Signal()
    deleted = Signal(str)

    def __init__(self, stroke: Stroke, number: int) -> None:
        super().__init__()
        self._id = stroke.id
        name = f"{NAMES[stroke.kind]} {number}"
        show, tip = self.tr("Show {name}").format(name=name), self.tr("Let this stroke count, or not")
        self._eye = switch(icon("eye"), show, tip, stroke.visible)
        self._eye.clicked.connect(self._show)
        badge = QLabel()
        badge.setPixmap(_badge(stroke))
        self._label = QLabel(name)
        self._slider = slider(self.tr("Weight of {name}").format(name=name), "", round(most(stroke) * STEPS))
        self._slider.sliderReleased.connect(self._weigh)
        self._slider.valueChanged.connect(self._weigh_by_key)
        remove = self.tr("Remove {name}").format(name=name)
        cross = button(icon("delete"), remove, remove, self._delete)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(4)
        for widget, stretch in ((self._eye, 0), (badge, 0), (self._label, 3), (self._slider, 2), (cross, 0)):
            row.addWidget(widget, stretch)
        self.show_stroke(stroke)

    def show_stroke(self, stroke: Stroke) -> None:
        """Show the stroke as it is now."""
        self._eye.setChecked(stroke.visible)
        self._eye.setIcon(icon("eye" if stroke.visible else "eye-off"))
        self._label.setEnabled(stroke.visible)
        self._slider.setToolTip(self.tr("How strongly this stroke is obeyed: {w:.1f} ×").format(w=stroke.weight))
        if not self._slider.isSliderDown():
            self._slider.blockSignals(True)
            self._slider.setValue(round(stroke.weight * STEPS))
            self._slider.blockSignals(False)

    def _show(self, visible: bool) -> None:
        self.shown.emit(self._id, visible)

    def _weigh(self) -> None:
        self.weighed.emit(self._id, self._slider.value() / STEPS)
        self.released.emit()

    def _weigh_by_key(self) -> None:
        if not self._slider.isSliderDown():
            self.weighed.emit(self._id, self._slider.value() / STEPS)

    def _delete(self) -> None:
        self.deleted.emit(self._id)


class Strokes(QWidget):
    """The strokes of the edit being worked on, the newest at the bottom."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._list = ItemList()
        self._list.dropped.connect(session.painting.delete, Qt.ConnectionType.QueuedConnection)
        self._list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._list.setAccessibleName(self.tr("Strokes"))
        self._list.model().rowsMoved.connect(self._reorder)
        self._empty = QLabel(self.tr("No strokes yet."))
        self._empty.setProperty("faint", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._empty)
        column.addWidget(self._list)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """List the strokes of the state on the screen."""
        current = self._session.current
        strokes = () if current is None else current.strokes
        self._empty.setVisible(not strokes)
        if [s.id for s in strokes] != list(self._list.ids()):
            self._list.clear()
            for number, stroke in enumerate(strokes, 1):
                self._add(stroke, number)
            self._list.scrollToBottom()
        for i, stroke in enumerate(strokes):
            row = self._list.itemWidget(self._list.item(i))
            if isinstance(row, StrokeRow):
                row.show_stroke(stroke)

    def _add(self, stroke: Stroke, number: int) -> None:
        painting = self._session.painting
        row = StrokeRow(stroke, number)
        row.shown.connect(painting.show, Qt.ConnectionType.QueuedConnection)  # the row is gone when it returns
        row.weighed.connect(painting.weigh, Qt.ConnectionType.QueuedConnection)
        row.released.connect(painting.end_gesture, Qt.ConnectionType.QueuedConnection)
        row.deleted.connect(painting.delete, Qt.ConnectionType.QueuedConnection)
        item = QListWidgetItem()
        item.setData(ID, stroke.id)
        item.setSizeHint(QSize(0, row.sizeHint().height() + 4))
        self._list.addItem(item)
        self._list.setItemWidget(item, row)

    def _reorder(self) -> None:
        self._session.painting.reorder(self._list.ids())


def _badge(stroke: Stroke) -> QPixmap:
    """The stroke's colour, or the sign of its tool."""
    if stroke.color is None:
        return icon(ICONS[stroke.kind]).pixmap(QSize(16, 16))
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(*stroke.color))
    painter.setPen(QColor(20, 20, 20))
    painter.drawEllipse(1, 1, 13, 13)
    painter.end()
    return pixmap
