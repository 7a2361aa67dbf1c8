"""Teach: a wall of pictures to judge by thumbs up and down; a slider is learned from them while they are judged."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor import theme, thumbnails
from editor.teaching import Teaching
from engine.document.job import Candidate

SIDE, COLUMNS = 108, 6  # pixels of a picture; pictures in a row
LIKED, DISLIKED, DIM = theme.CHOSEN, theme.WARNING, QColor(20, 20, 20, 120)


class Judged(QAbstractButton):
    """One picture: a click says it has it, a click with the other button that it has not, the same again neither."""

    judged = Signal(int, object)  # its place; True, False or None

    def __init__(self, place: int, candidate: Candidate) -> None:
        super().__init__()
        self._place, self._image = place, thumbnails.image(candidate.picture)
        self.liked: bool | None = None
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(self.tr("Click: has it. Right-click: has it not. The same again: no answer. Keys: + and −"))
        self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Which button says which."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self.say(event.button() is Qt.MouseButton.LeftButton)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus, for those without a mouse."""
        keys = {Qt.Key.Key_Plus: True, Qt.Key.Key_Space: True, Qt.Key.Key_Minus: False}
        if event.key() in keys:
            self.say(keys[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def say(self, liked: bool) -> None:
        """Judge it; the same judgement again takes it back."""
        self.liked = None if self.liked is liked else liked
        self._tell()
        self.judged.emit(self._place, self.liked)
        self.update()

    def _tell(self) -> None:
        said = {True: self.tr("has it"), False: self.tr("has it not"), None: self.tr("not judged")}[self.liked]
        self.setAccessibleName(self.tr("Picture {n}, {said}").format(n=self._place + 1, said=said))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture in a rounded square, with its judgement as a frame and a sign."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        square = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        path = QPainterPath()
        path.addRoundedRect(square, 5, 5)
        painter.setClipPath(path)
        painter.drawImage(square, self._image)
        if self.liked is False:
            painter.fillPath(path, DIM)
        painter.setClipping(False)
        edge = {True: LIKED, False: DISLIKED, None: theme.ACCENT if self.underMouse() else theme.EDGE}[self.liked]
        painter.setPen(QPen(edge, 1.5 if self.liked is None else 3))
        painter.drawPath(path)
        if self.liked is not None:
            self._sign(painter, "+" if self.liked else "−", edge)

    def _sign(self, painter: QPainter, sign: str, color: QColor) -> None:
        spot = QRectF(self.width() - 26, 6, 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(spot)
        painter.setPen(QPen(theme.FIELD, 1))
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(spot, Qt.AlignmentFlag.AlignCenter, sign)


class TeachDialog(QDialog):
    """The wall, the name, and how well the two sorts can be told apart so far."""

    kept = Signal(object)  # Direction, named

    def __init__(self, teaching: Teaching, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Teach a Slider"))
        self.resize(COLUMNS * (SIDE + 6) + 60, 640)
        self._teaching = teaching
        self.tiles: list[Judged] = []
        says = QLabel(
            self.tr("Click pictures that have what you mean, right-click those that clearly have not. Leave the rest.")
        )
        says.setWordWrap(True)
        self._grid = QGridLayout()
        self._grid.setSpacing(6)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.addLayout(self._grid)
        inside.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        self.estimate = QLabel()
        self.estimate.setWordWrap(True)
        column = QVBoxLayout(self)
        for widget in (says, scroll, self.estimate):
            column.addWidget(widget)
        column.addLayout(self._foot())
        teaching.drawn.connect(self._show)
        teaching.learned.connect(self._tell)
        self.finished.connect(teaching.stop)
        self._show()
        self._tell()
        teaching.more()

    def _foot(self) -> QHBoxLayout:
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Name of the slider, as More freckles"))
        self.name.setMaxLength(60)
        self.name.textChanged.connect(self._tell)
        more = QPushButton(self.tr("More Pictures"))
        more.setAutoDefault(False)
        more.clicked.connect(self._teaching.more)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.button(QDialogButtonBox.StandardButton.Save)
        self.save.setText(self.tr("Save as Slider"))
        buttons.accepted.connect(self._keep)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(more)
        row.addWidget(self.name, 1)
        row.addWidget(buttons)
        return row

    def _show(self) -> None:
        """A tile for every new picture."""
        for place in range(len(self.tiles), len(self._teaching.pictures)):
            tile = Judged(place, self._teaching.pictures[place])
            tile.judged.connect(self._teaching.judge)
            self.tiles.append(tile)
            self._grid.addWidget(tile, place // COLUMNS, place % COLUMNS)

    def _tell(self) -> None:
        """How far the teaching has come, in words."""
        has, has_not = self._teaching.counts()
        accuracy = self._teaching.accuracy
        self.save.setEnabled(self._teaching.direction is not None and bool(self.name.text().strip()))
        if accuracy is None or self._teaching.direction is None:
            self.estimate.setText(self.tr("Judge at least two either way; twenty are a beginning, a hundred plenty."))
            return
        told = self.tr("{has} have it, {has_not} have not. A picture left out is told right {share:.0f} times of 100")
        text = told.format(has=has, has_not=has_not, share=100 * accuracy)
        self.estimate.setText(f"{text}: {self._verdict(accuracy, has + has_not)}")

    def _verdict(self, accuracy: float, judged: int) -> str:
        if judged < 12:
            return self.tr("go on, these are too few to trust.")
        if accuracy < 0.65:
            return self.tr("hardly better than guessing, judge more.")
        return self.tr("good, it knows what you mean.") if accuracy > 0.85 else self.tr("usable, more make it surer.")

    def _keep(self) -> None:
        direction = self._teaching.direction
        if direction is not None:
            self.kept.emit(replace(direction, name=self.name.text().strip()))
            self.accept()
