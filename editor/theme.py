"""Theme: Fusion in neutral greys, so that nothing but the photo has a colour of its own.

Greys carry no hue (r = g = b): a tinted surround shifts how the eye reads a skin tone. Sizes follow the font, which
follows the screen's scale.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

SURROUND = QColor(38, 38, 38)
PANEL = QColor(50, 50, 50)
FIELD = QColor(34, 34, 34)
BUTTON = QColor(66, 66, 66)
EDGE = QColor(28, 28, 28)
TEXT = QColor(222, 222, 222)
FAINT = QColor(150, 150, 150)
DISABLED = QColor(112, 112, 112)
ACCENT = QColor(88, 136, 190)
CHOSEN = QColor(104, 190, 110)
WARNING = QColor(222, 170, 84)

SHEET = """
* { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { background: #1c1c1c; width: 3px; height: 3px; }
QToolBar { border: none; background: #323232; spacing: 4px; padding: 3px; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 4px; }
QToolButton:hover { background: #424242; }
QToolButton:pressed { background: #2a2a2a; }
QToolButton:checked { background: #2c4763; border-color: #5888be; }
QToolButton[quiet="true"]:checked { background: transparent; border-color: transparent; }
QToolButton[small="true"] { background: #424242; border-color: #1c1c1c; padding: 1px 8px; }
QToolButton[small="true"]:checked { background: #2c4763; border-color: #5888be; }
QToolButton:focus { border-color: #5888be; }
QToolButton::menu-indicator { image: none; }
QDockWidget { color: #969696; }
QDockWidget::title { background: #2c2c2c; padding: 5px 8px; }
QStatusBar { background: #2c2c2c; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding-left: 8px; }
QToolTip { background: #202020; color: #dedede; border: 1px solid #5a5a5a; padding: 4px; }
QScrollArea, QListWidget { border: none; }
QListWidget { background: #323232; }
QListWidget::item { border-radius: 4px; }
QListWidget::item:selected { background: #2c4763; }
QListWidget::item:hover:!selected { background: #3a3a3a; }
QPushButton { padding: 5px 12px; }
QPushButton[primary="true"] { background: #3d6d9f; border: 1px solid #5888be; border-radius: 4px; color: white; }
QPushButton[primary="true"]:hover { background: #4a7db3; }
QPushButton[primary="true"]:disabled { background: #3a3f45; border-color: #3a3f45; color: #707070; }
QFrame#messageBar { background: #2c4763; border: 1px solid #1c1c1c; border-radius: 6px; }
QFrame#messageBar[serious="true"] { background: #5f4722; }
QLabel[faint="true"] { color: #969696; }
QGroupBox { border: none; }
QProgressBar { border: 1px solid #1c1c1c; border-radius: 3px; background: #222222; text-align: center; }
QProgressBar::chunk { background: #3d6d9f; border-radius: 2px; }
"""


def palette() -> QPalette:
    """The program's colours by role."""
    roles = QPalette.ColorRole
    colors = {
        roles.Window: PANEL, roles.WindowText: TEXT, roles.Base: FIELD, roles.AlternateBase: PANEL, roles.Text: TEXT,
        roles.Button: BUTTON, roles.ButtonText: TEXT, roles.BrightText: QColor("white"), roles.Highlight: ACCENT,
        roles.HighlightedText: QColor("white"), roles.ToolTipBase: FIELD, roles.ToolTipText: TEXT,
        roles.PlaceholderText: FAINT, roles.Link: ACCENT, roles.LinkVisited: ACCENT, roles.Accent: ACCENT,
        roles.Light: QColor(82, 82, 82), roles.Midlight: QColor(72, 72, 72), roles.Mid: QColor(44, 44, 44),
        roles.Dark: EDGE, roles.Shadow: QColor(16, 16, 16),
    }  # fmt: skip
    made = QPalette()
    for role, color in colors.items():
        made.setColor(role, color)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, DISABLED)
    made.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, BUTTON)
    return made


def dress(app: QApplication) -> None:
    """Give the program its look, whatever the platform's own is."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette())
    app.setStyleSheet(SHEET)
