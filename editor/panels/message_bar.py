"""Message bar: one line at the picture's lower edge, with the one thing that can be done about it.

It floats, so that the picture never jumps under the hand when a line comes or goes. Where a handle of the frame would
be under it, it is at the upper edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from editor.panels.controls import button
from editor.session import Message

SHOWN_MS = 8000
MARGIN = 12
WIDEST = 720


class MessageBar(QFrame):
    """Hidden until there is something to say. What is not serious goes by itself, unless it offers an action."""

    answered = Signal(str)  # the line that the artist closed, or whose action was taken
    cleared = Signal()  # there is nothing to be said any more

    def __init__(self, actions: Mapping[str, QAction], over: QWidget, taken: Callable[[], list[QPointF]]) -> None:
        """taken: places of `over` that the hand must be able to reach."""
        super().__init__(over)
        self._over, self._taken = over, taken
        over.installEventFilter(self)
        self.setObjectName("messageBar")
        self._actions = actions
        self._action: QAction | None = None
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.setProperty("primary", True)
        self._button.clicked.connect(self._do)
        close = button("✕", self.tr("Close the message"), self.tr("Close the message"), self._close)
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
        self.place()
        self.show()
        self.raise_()
        self._timer.stop()
        if not message.serious and self._action is None:
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge of what lies below, clear of faces."""
        if event.type() is QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """Keep out of the hand's way."""
        width = min(self._over.width() - 2 * MARGIN, WIDEST)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        left, low = (self._over.width() - width) // 2, self._over.height() - height - MARGIN
        free = (top for top in (low, MARGIN) if not self._covers(QRect(left, top, width, height)))
        self.setGeometry(left, next(free, low), width, height)

    def _covers(self, place: QRect) -> bool:
        around = place.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
        return any(around.contains(point.toPoint()) for point in self._taken())

    def hideEvent(self, event: QHideEvent) -> None:
        """Not when it is only the window that goes."""
        if self.isHidden():
            self.cleared.emit()

    def _close(self) -> None:
        self.answered.emit(self._label.text())
        self.hide()

    def _do(self) -> None:
        self._close()
        if self._action is not None:
            self._action.trigger()
