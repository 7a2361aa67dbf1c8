"""Training findings: what a folder holds, what is left out of it, and what to expect of the time, in words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QVBoxLayout, QWidget

from engine.document.training import FolderLook


class TrainingFindings(QWidget):
    """A verdict, an expectation, and a list of what is left out, where anything is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict, self.expected = QLabel(), QLabel()
        self.left_out = QListWidget()
        self.left_out.setAccessibleName(self.tr("Pictures that are left out"))
        self.left_out.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.left_out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.left_out.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._out: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for label in (self.verdict, self.expected):
            label.setWordWrap(True)
            column.addWidget(label)
            column.addSpacing(6)
        column.addWidget(self.left_out, 1)
        column.addStretch()

    def show_look(self, folder: Path | None, look: FolderLook | None, looking: bool) -> None:
        """What is known of the folder by now."""
        self.verdict.setText(self._verdict(folder, look, looking))
        self._fill(look)

    def _verdict(self, folder: Path | None, look: FolderLook | None, looking: bool) -> str:
        if folder is None:
            return self.tr("It learns what your pictures have in common. They should be of one kind: faces, or chairs, "
                           "or beaches, from much the same side.")  # fmt: skip
        if looking:
            told = self.tr("Looking through {n:,} files…") if look else self.tr("Looking for pictures…")
            return told.format(n=look.pictures if look else 0)
        if look is None:
            return self.tr("{name} was not looked through.").format(name=folder.name)
        if not (look.pictures or look.refused):
            return self.tr("No pictures were found in {name}.").format(name=folder.name)
        return look.verdict()

    def _fill(self, look: FolderLook | None) -> None:
        """Name what is left out, and why."""
        refused, repeated = ((), ()) if look is None else (look.refused, look.repeated)
        out = [f"{name} {why}" for name, why in refused]
        out += [self.tr("{name} repeats {other}").format(name=name, other=other) for name, other in repeated]
        self.left_out.setVisible(bool(out))
        if out == self._out:
            return
        self._out = out
        self.left_out.clear()
        head = self.tr("Left out: {bad} that cannot be used, {twice} that are there twice")
        self.left_out.addItems([head.format(bad=len(refused), twice=len(repeated)), *out])
        for place, text in enumerate(out, 1):
            self.left_out.item(place).setToolTip(text)
