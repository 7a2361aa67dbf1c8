"""Start page: what is in the place of the canvas while nothing is open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from editor import theme
from editor.canvas.drop import taken
from editor.panels.controls import empty

SHOWN = 6


class StartPage(QWidget):
    """An inviting place to drop a photo, and the files that were open lately."""

    dropped = Signal(object)  # list[Path] or bytes
    chosen = Signal(str)  # path of a recent file

    def __init__(self, open_action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setAutoFillBackground(False)
        self._over = False
        title = QLabel(self.tr("Drop a photo here"))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 2)
        title.setFont(font)
        hint = QLabel(
            self.tr(
                "Paint on a face or a thing with a colour, a line or a pull, and it stays a photograph.\n"
                "Drop a painting or a pattern on your photo, and paint with its manner."
            )
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        hint.setProperty("faint", True)
        button = QPushButton(self.tr("Open a photo…"))
        button.setProperty("primary", True)
        button.setToolTip(open_action.toolTip())
        button.clicked.connect(open_action.trigger)
        self._recent = QVBoxLayout()
        column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (title, hint, button):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(12)
        column.addSpacing(16)
        column.addLayout(self._recent)
        column.addStretch(3)

    def show_recent(self, paths: list[str]) -> None:
        """List the files that were open lately, newest first."""
        empty(self._recent)
        for path in paths[:SHOWN]:
            button = QPushButton(Path(path).name)
            button.setFlat(True)
            button.setToolTip(path)
            button.setAccessibleName(self.tr("Open {name}").format(name=Path(path).name))
            button.setProperty("path", path)
            button.clicked.connect(self._choose)
            self._recent.addWidget(button, alignment=Qt.AlignmentFlag.AlignHCenter)

    def _choose(self) -> None:
        self.chosen.emit(self.sender().property("path"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Anything may be dropped: what is no picture is answered with a message."""
        event.acceptProposedAction()
        self._over = True
        self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The drag went elsewhere."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        self._over = False
        self.update()
        event.acceptProposedAction()
        self.dropped.emit(taken(event.mimeData()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The surround of the canvas with a dashed place to drop things."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.SURROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.ACCENT if self._over else theme.BUTTON, 2, Qt.PenStyle.DashLine))
        margin = min(self.width(), self.height()) // 12
        painter.drawRoundedRect(self.rect().adjusted(margin, margin, -margin, -margin), 12, 12)
