"""Map: the plane of two sliders as a sheet of pictures. Drag over it, and the picture being worked on goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from editor import thumbnails
from editor.session import Session
from editor.sliding import titled
from engine.document.direction import Direction, set_to
from engine.document.edit import ManifoldEdit
from engine.document.job import Step
from engine.document.latent import Latent
from engine.document.map_jobs import DrawMap

LEAST_SIDE = 150  # pixels
NUDGE = 0.1  # of the way to the edge, for an arrow key
RING = 6.0
PRINCIPAL = "principal axis"


class Field(QWidget):
    """The sheet and the place on it. Places are -1..1 each way, to the right and up."""

    dragged = Signal(float, float)
    left = Signal(float, float)
    blank = Signal()  # somebody looks, and there is no sheet

    def __init__(self) -> None:
        super().__init__()
        self._sheet: QImage | None = None
        self._place = QPointF(0, 0)
        self._held = False
        self.setMinimumSize(LEAST_SIDE, LEAST_SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Map"))
        self.setToolTip(self.tr("Drag to walk on the map. Double-click: back to the middle. Arrow keys: a little."))

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(280, 280)

    def show_sheet(self, sheet: QImage | None) -> None:
        """What the plane shows; None while that is not known."""
        if sheet is not None or self._sheet is not None:  # being painted blank asks for a sheet: not without end
            self._sheet = sheet
            self.update()

    def show_place(self, across: float, up: float) -> None:
        """Where the picture being worked on is, unless the hand is there."""
        if not self._held and self._place != QPointF(across, up):
            self._place = QPointF(across, up)
            self.update()

    def square(self) -> QRectF:
        """Where the sheet is drawn."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def place_at(self, point: QPointF) -> QPointF:
        """The place under a point of the widget, kept on the map."""
        square = self.square()
        across = 2 * (point.x() - square.center().x()) / square.width()
        up = 2 * (square.center().y() - point.y()) / square.height()
        return QPointF(min(max(across, -1.0), 1.0), min(max(up, -1.0), 1.0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._held = True
            self._go(self.place_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow."""
        if self._held:
            self._go(self.place_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        if self._held and event.button() is Qt.MouseButton.LeftButton:
            self._held = False
            self.left.emit(self._place.x(), self._place.y())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the middle."""
        self._held = False
        self._leave(QPointF(0, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A little to one side."""
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        across, up = self._place.x() + NUDGE * way[0], self._place.y() + NUDGE * way[1]
        self._leave(QPointF(min(max(across, -1.0), 1.0), min(max(up, -1.0), 1.0)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The sheet, and a ring that shows on light and on dark."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        square = self.square()
        if self._sheet is None:
            painter.fillRect(square, QColor(48, 48, 48))
            self.blank.emit()
            return
        painter.drawImage(square, self._sheet)
        half = square.width() / 2
        middle = square.center() + QPointF(self._place.x() * half, -self._place.y() * half)
        for colour, width in ((QColor(0, 0, 0, 180), 4.0), (QColor(255, 255, 255), 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(middle, RING, RING)

    def _go(self, place: QPointF) -> None:
        self._place = place
        self.update()
        self.dragged.emit(place.x(), place.y())

    def _leave(self, place: QPointF) -> None:
        self._place = place
        self.update()
        self.left.emit(place.x(), place.y())


class LatentMap(QWidget):
    """The map around the picture being worked on, its two axes chosen among the sliders of its manifold."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._offered: tuple[str, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._ticket: int | None = None
        self.field = Field()
        self.across, self.up = QComboBox(), QComboBox()
        self._hint = QLabel()
        self._hint.setProperty("faint", True)
        self._hint.setWordWrap(True)
        self._axes = QWidget()
        form = QFormLayout(self._axes)
        form.setContentsMargins(0, 0, 0, 0)
        for choice, text, tip in ((self.across, self.tr("Across"), self.tr("What changes from left to right")),
                                  (self.up, self.tr("Up"), self.tr("What changes from below upwards"))):
            choice.setAccessibleName(text)
            choice.setToolTip(tip)
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.activated.connect(self.refresh)
            form.addRow(text, choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._hint)
        column.addWidget(self.field, 1)
        column.addWidget(self._axes)
        self.field.dragged.connect(self._drag)
        self.field.left.connect(self._leave)
        self.field.blank.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        session.changed.connect(self.refresh)
        session.sliding.listed.connect(self.refresh)
        self.refresh()

    def axes(self) -> tuple[Direction, Direction] | None:
        """What changes across and upwards; None where there is nothing to choose from."""
        across, up = self.across.currentData(), self.up.currentData()
        return None if across is None or up is None or across.id == up.id else (across, up)

    def refresh(self) -> None:
        """Show the axes there are and the place on the map; draw it anew where it is another one."""
        edit, sliding = self._session.edit, self._session.sliding
        sliding.ask()
        self._offer((*sliding.named(), *sliding.more()))
        axes = self.axes()
        for shown in (self.field, self._axes):
            shown.setVisible(edit is not None)
        self._hint.setText(self._missing())
        self._hint.setVisible(bool(self._hint.text()))
        if edit is None or axes is None:
            self._drop()
            return
        self.field.show_place(*(sliding.amount(axis.id) / axis.limit for axis in axes))
        key = (edit.id, edit.base, *(a.id for a in axes), *_others(edit, axes), *_strokes(edit))
        if key != self._drawn and self._seen():
            self._drop()
            self._drawn = key
            self._ticket = self._session.requests.ask(
                DrawMap, self.tr("Drawing the map"), self._show, start=_middle(edit, axes), across=axes[0], up=axes[1])

    def _missing(self) -> str:
        """What there is to do before a map can be drawn."""
        if self._session.edit is None:
            return self.tr("Set a frame and press Enter: the map around what is found appears here.")
        twice = self.axes() is None and self.across.currentIndex() >= 0
        return self.tr("Choose two different sliders, one across and one up.") if twice else ""

    def _seen(self) -> bool:
        """Whether it is on the screen: a dock behind another one's tab is visible to Qt, and out of sight."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def _show(self, step: Step) -> None:
        if step.picture is not None:
            self.field.show_sheet(thumbnails.image(step.picture))
        if step.settled:
            self._ticket = None

    def _drop(self) -> None:
        """Forget what was drawn."""
        if self._ticket is not None:
            self._session.requests.cancel(self._ticket)
        self._ticket, self._drawn = None, ()
        self.field.show_sheet(None)

    def _offer(self, directions: tuple[Direction, ...]) -> None:
        """Fill the two lists; at first the first two sliders with names, or the two leading axes."""
        if tuple(d.id for d in directions) == self._offered:
            return
        self._offered = tuple(d.id for d in directions)
        kept = [choice.currentData() for choice in (self.across, self.up)]
        first = first_axes(directions, len(self._session.sliding.named()))
        for choice, old, new in zip((self.across, self.up), kept, first, strict=True):
            choice.clear()
            for direction in directions:
                choice.addItem(titled(direction), direction)
            wanted = old.id if old is not None and old.id in self._offered else new
            choice.setCurrentIndex(self._offered.index(wanted) if wanted else -1)

    def _moves(self, across: float, up: float) -> tuple[tuple[Direction, float], ...]:
        axes = self.axes() or ()
        return tuple((axis, round(place * axis.limit, 2)) for axis, place in zip(axes, (across, up), strict=False))

    def _drag(self, across: float, up: float) -> None:
        self._session.sliding.drag_all(self._moves(across, up))

    def _leave(self, across: float, up: float) -> None:
        self._session.sliding.set_all(self._moves(across, up))
        self._session.painting.end_gesture()


def first_axes(directions: tuple[Direction, ...], named: int) -> tuple[str, str]:
    """Ids of the axes that a new map has; empty where there are fewer than two directions."""
    if named < 2:
        principal = [d for d in directions if d.source == PRINCIPAL]
        directions = tuple(principal) if len(principal) > 1 else directions
    return (directions[0].id, directions[1].id) if len(directions) > 1 else ("", "")


def _middle(edit: ManifoldEdit, axes: tuple[Direction, Direction]) -> Latent:
    """The picture being worked on with both axes at rest."""
    slides = edit.slides
    for axis in axes:
        slides = set_to(slides, axis, 0.0)
    return edit.slid(slides).latent


def _others(edit: ManifoldEdit, axes: tuple[Direction, Direction]) -> tuple[tuple[str, float], ...]:
    ids = {axis.id for axis in axes}
    return tuple((s.direction.id, s.amount) for s in edit.slides if s.direction.id not in ids)


def _strokes(edit: ManifoldEdit) -> tuple[object, ...]:
    """What of strokes tells one middle from another."""
    return tuple((stroke.id, stroke.visible, stroke.weight) for stroke in edit.strokes)
