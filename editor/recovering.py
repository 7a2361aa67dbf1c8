"""Recovering: the question at the start, when the program did not end well the last time."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from editor import thumbnails
from editor.files import Files
from editor.recovery import discard
from engine.document.errors import InputError
from engine.document.image_files import read_photo

PATH = Qt.ItemDataRole.UserRole
SIDE = 96
MAX_BYTES = 4 << 20


class RecoveringDialog(QDialog):
    """Unsaved documents by date. Open one, keep all for later, or discard all."""

    def __init__(self, paths: list[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Unsaved work was found"))
        self.discarded = False
        self.list = QListWidget()
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setMinimumSize(420, 3 * SIDE)
        self.list.itemDoubleClicked.connect(self.accept)
        self.list.setAccessibleName(self.tr("Unsaved documents"))
        for path in paths:
            stat = path.stat()
            when = datetime.fromtimestamp(stat.st_mtime).strftime("%Y-%m-%d %H:%M")
            item = QListWidgetItem(f"{when}\n{stat.st_size / 1e6:.1f} MB")
            item.setIcon(QIcon(QPixmap.fromImage(seen_in(path))))
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


def seen_in(path: Path) -> QImage:
    """The small picture that lies in a document's file; an empty one where it cannot be had."""
    try:
        with zipfile.ZipFile(path) as file:
            entry = file.getinfo("thumbnail.png")
            content = file.read(entry) if entry.file_size <= MAX_BYTES else b""
        return thumbnails.image(read_photo(content).pixels)
    except (InputError, OSError, KeyError, ValueError, zipfile.BadZipFile):
        return QImage()


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
