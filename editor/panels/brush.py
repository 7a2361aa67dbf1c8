"""Brush options: colour, size and strength of the tool in hand, and the dials of the face being worked on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QWidget

from editor import theme
from editor.brush import HEAVIEST, LARGEST, SMALLEST, Brush
from editor.debts import PAINTS
from editor.icons import icon
from editor.panels.color import ColorPopup
from editor.panels.controls import switch
from editor.panels.dial import Dial
from editor.panels.manifold_choice import ManifoldChoice
from editor.panels.quality_choice import QualityChoice
from editor.session import Session
from engine.document.stroke import StrokeKind


class ColorWell(QAbstractButton):
    """The two colours, the one in hand in front. A click on it opens the picker; a click behind it swaps them."""

    def __init__(self, brush: Brush) -> None:
        super().__init__()
        self._brush = brush
        self._popup = ColorPopup(self)
        self._popup.chosen.connect(brush.set_color)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(self.tr("The colour in hand: click to choose another. X swaps the two, D resets them"))
        self.clicked.connect(self._choose)
        brush.changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        """Two overlapping squares."""
        return QSize(44, 34)

    def _follow(self) -> None:
        self.setAccessibleName(self.tr("Colour #{0:02x}{1:02x}{2:02x}").format(*self._brush.color))
        self.update()

    def _choose(self) -> None:
        self._popup.choose(self._brush.color, self.mapToGlobal(self.rect().bottomLeft()))

    def _squares(self) -> tuple[QRectF, QRectF]:
        side = self.height() * 0.62
        return QRectF(2, 2, side, side), QRectF(self.width() - side - 2, self.height() - side - 2, side, side)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Behind the front square lies the other colour."""
        front, behind = self._squares()
        if behind.contains(event.position()) and not front.contains(event.position()):
            self._brush.swap_colors()
        else:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The other colour, and over it the one in hand."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        front, behind = self._squares()
        for square, color in ((behind, self._brush.other_color), (front, self._brush.color)):
            painter.setPen(QPen(theme.ACCENT if self.hasFocus() else QColor(16, 16, 16), 1.5))
            painter.setBrush(QColor(*color))
            painter.drawRoundedRect(square, 3, 3)


class BrushOptions(QWidget):
    """What can be set for the tool in hand; what does not matter to it is hidden."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        brush = session.brush
        self._name = QLabel()
        self._well = ColorWell(brush)
        self._size = Dial(
            self.tr("Size"), self.tr("How large the brush is, in pixels of the photo ([ and ], or Shift and drag)"),
            SMALLEST, LARGEST, unit=" px", logarithmic=True,
        )  # fmt: skip
        self._weight = Dial(
            self.tr("Strength"),
            self.tr("How strongly the stroke is obeyed. More: nearer to what you painted. Less: more natural"),
            0, HEAVIEST, unit=" ×", decimals=1, width=70,
        )  # fmt: skip
        self._share = Dial(
            self.tr("Strength"), self.tr("How much of it a full stroke brings; with a pen, the harder you press"),
            0, 1, unit=" %", factor=100, width=70,
        )  # fmt: skip
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(14)
        choices = (ManifoldChoice(session), QualityChoice(session))
        for widget in (*choices, self._name, self._well, self._size, self._weight, self._share):
            row.addWidget(widget)
        row.addStretch()
        self._size.turned.connect(brush.set_radius)
        self._weight.turned.connect(brush.set_weight)
        self._share.turned.connect(brush.set_weight)
        brush.changed.connect(self.refresh)
        session.placing.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the brush as it is."""
        brush, placing = self._session.brush, self._session.placing.active
        paints = brush.paints() and not placing
        self._well.setVisible(not placing and brush.tool in (StrokeKind.COLOR, "pick"))
        self._size.setVisible(paints)
        self._weight.setVisible(paints and brush.tool not in (*PAINTS, StrokeKind.ERASE, StrokeKind.PROTECT))
        self._share.setVisible(paints and brush.tool in PAINTS)
        self._name.setText(self._hint() if not paints else "")
        self._name.setVisible(not paints)
        self._size.show_value(brush.radius)
        self._weight.show_value(brush.weight)
        self._share.show_value(min(brush.weight, 1.0))

    def _hint(self) -> str:
        if self._session.document is None:
            return ""
        if self._session.placing.projecting:
            return self.tr("The model is finding its nearest picture. Stop (Esc) keeps the best so far.")
        if self._session.placing.active:
            return self.tr("Drag inside the frame to move it, a corner to scale it, the knob to turn it.")
        if self._session.brush.tool == "lasso":
            return self.tr("Draw around a part of the picture: its texture comes into your hand as a brush.")
        return self.tr("Click the picture to take its colour.")


class EditOptions(QWidget):
    """The dials of the face being worked on: where between photo and model its change is rendered, and how much."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        painting = session.painting
        tip = self.tr("Show or hide the whole change")
        self._eye = switch(icon("eye"), self.tr("Show the change"), tip, True)
        self._eye.clicked.connect(painting.set_visible)
        self._realism = Dial(
            self.tr("From photo to model"),
            self.tr("Photo: your own pixels, moved and tinted. Model: more of the pixels the model made up"),
            0, 1, unit=" %", factor=100, ends=(self.tr("Photo"), self.tr("Model")),
        )  # fmt: skip
        self._opacity = Dial(
            self.tr("Opacity"), self.tr("How much of the change is mixed over the photo"), 0, 1, " %", 100, width=60
        )
        self._dials = QWidget()  # hidden in the place of the whole: a toolbar would show that again
        row = QHBoxLayout(self._dials)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(14)
        for widget in (self._realism, self._opacity, self._eye):
            row.addWidget(widget)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._dials)
        self._realism.turned.connect(painting.set_realism)
        self._opacity.turned.connect(painting.set_opacity)
        for dial in (self._realism, self._opacity):
            dial.released.connect(painting.end_gesture)
        session.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the edit as it is."""
        edit = self._session.edit
        self._dials.setVisible(edit is not None)
        if edit is not None:
            self._realism.show_value(edit.realism)
            self._opacity.show_value(edit.opacity)
            self._eye.setChecked(edit.visible)
            self._eye.setIcon(icon("eye" if edit.visible else "eye-off"))
