"""Manifold choice: in which model the thing under the frame is looked for, by name and swatch."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStyledItemDelegate, QWidget

from editor import thumbnails
from editor.session import Session
from engine.document.manifold_entry import ManifoldEntry, called

SWATCH, LARGE = 18, 56  # pixels in the bar, which must not grow for it, and in the list that falls out


class ManifoldChoice(QWidget):
    """A list of the models, shown while a frame is set and there is more than one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QComboBox()
        self.list.setIconSize(QSize(SWATCH, SWATCH))
        self.list.setItemDelegate(QStyledItemDelegate(self.list))  # the usual one draws what falls out no larger
        self.list.view().setIconSize(QSize(LARGE, LARGE))
        self.list.view().setMinimumWidth(4 * LARGE)
        self.list.setAccessibleName(self.tr("Model for this frame"))
        self.list.setToolTip(
            self.tr("In which model to look for what is under the frame. Enter finds it there and you can paint on it")
        )
        self.list.activated.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel(self.tr("Model")))
        row.addWidget(self.list)
        session.manifolds.listed.connect(self._fill)
        session.placing.changed.connect(self.refresh)
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for entry in self._session.manifolds.entries:
            self.list.addItem(_icon(entry), called(entry.id), entry.id)
            self.list.setItemData(self.list.count() - 1, entry.title, Qt.ItemDataRole.ToolTipRole)
        self.refresh()

    def refresh(self) -> None:
        """Show the model of the chosen frame."""
        placing = self._session.placing
        shown = placing.active and placing.current is not None and not placing.projecting
        self.setVisible(shown and self.list.count() > 1)
        if placing.current is not None:
            self.list.setCurrentIndex(self.list.findData(placing.manifold))

    def _choose(self, place: int) -> None:
        self._session.placing.look_in(self.list.itemData(place))


def _icon(entry: ManifoldEntry) -> QIcon:
    return QIcon(QPixmap.fromImage(thumbnails.image(entry.swatch)))
