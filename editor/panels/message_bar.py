"""Message bar: one line above the picture, with the one thing that can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from editor.panels.controls import button
from editor.session import Message

SHOWN_MS = 8000


class MessageBar(QFrame):
    """Hidden until there is something to say. What is not serious goes by itself, unless it offers an action."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._actions = actions
        self._action: QAction | None = None
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.setProperty("primary", True)
        self._button.clicked.connect(self._do)
        close = button("✕", self.tr("Close the message"), self.tr("Close the message"), self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 6, 4)
        for widget in (self._label, self._button, close):
            row.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        """The line that is shown; empty when hidden."""
        return "" if self.isHidden() else self._label.text()

    def say(self, message: Message) -> None:
        """Show `message` in the place of the one before."""
        self._action = self._actions.get(message.action)
        self._label.setText(message.text)
        self._label.setAccessibleName(message.text)
        self._button.setVisible(self._action is not None)
        if self._action is not None:
            self._button.setText(self._action.text().replace("&", ""))
            self._button.setToolTip(self._action.toolTip())
        self.setProperty("serious", message.serious)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
        self._timer.stop()
        if not message.serious and self._action is None:
            self._timer.start()

    def _do(self) -> None:
        self.hide()
        if self._action is not None:
            self._action.trigger()
