"""Recovering: the question at the start, when the program did not end well the last time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from editor.files import Files
from editor.recovery import discard

PATH = Qt.ItemDataRole.UserRole


class RecoveringDialog(QDialog):
    """Unsaved documents by date. Open one, keep all for later, or discard all."""

    def __init__(self, paths: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Unsaved work was found"))
        self.discarded = False
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Unsaved documents"))
        for path in paths:
            stat = path.stat()
            when = datetime.fromtimestamp(stat.st_mtime).strftime("%Y-%m-%d %H:%M")
            item = QListWidgetItem(f"{when}   ({stat.st_size / 1e6:.1f} MB)")
            item.setData(PATH, str(path))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        buttons = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        open_button = buttons.addButton(self.tr("Open"), roles.AcceptRole)
        open_button.setDefault(True)
        buttons.addButton(self.tr("Keep for Later"), roles.RejectRole)
        discard_button = buttons.addButton(self.tr("Discard All"), roles.DestructiveRole)
        discard_button.clicked.connect(self._discard)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(QLabel(self.tr("The program ended unexpectedly. This work had not been saved:")))
        column.addWidget(self.list)
        column.addWidget(buttons)

    def chosen(self) -> Path:
        """The document that is chosen."""
        return Path(self.list.currentItem().data(PATH))

    def _discard(self) -> None:
        self.discarded = True
        self.reject()


def offer(window: QWidget, files: Files) -> None:
    """Offer what was not saved, where there is any."""
    paths = files.recovery.found()
    if not paths:
        return
    dialog = RecoveringDialog(paths, window)
    if dialog.exec():
        files.recover(dialog.chosen())
    elif dialog.discarded:
        for path in paths:
            discard(path)
