"""Keys: all shortcuts on one page, read from the tables that make them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from editor.actions import ACTIONS
from editor.tools import TOOLS

BY_HAND = (
    ("Pan", "Space and drag, middle button"),
    ("Zoom", "Wheel or pinch"),
    ("Brush size", "Shift and drag"),
    ("Take a colour", "Ctrl or Alt and click"),
    ("See the photo as it was", "hold C or \\"),
    ("Only the picture", "Tab"),
)
COLUMNS = 2


class KeysDialog(QDialog):
    """Two columns of what and how."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        rows = lines()
        height = -(-len(rows) // COLUMNS)
        for i, (what, keys) in enumerate(rows):
            column, row = divmod(i, height)
            key = QLabel(f"<b>{keys}</b>")
            key.setTextFormat(Qt.TextFormat.RichText)
            grid.addWidget(QLabel(what), row, 3 * column)
            grid.addWidget(key, row, 3 * column + 1)
        grid.setColumnMinimumWidth(2, 32)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_of_all = QVBoxLayout(self)
        column_of_all.addLayout(grid)
        column_of_all.addWidget(buttons)


def lines() -> list[tuple[str, str]]:
    """(what it does, its keys), the tools first."""
    native = QKeySequence.SequenceFormat.NativeText
    tools = [(tool.text, tool.shortcut) for tool in TOOLS]
    actions = [
        (row.text.replace("&", "").rstrip("…"), ", ".join(QKeySequence(k).toString(native) for k in row.keys))
        for row in ACTIONS
        if row.keys
    ]
    return [*tools, *actions, *BY_HAND]
