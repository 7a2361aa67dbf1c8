"""Sliders: the face moved along named directions, live; where that may show; and sliders of the artist's own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from editor.icons import icon
from editor.panels.controls import button, empty
from editor.panels.dial import Dial
from editor.session import Session
from editor.sliding import NAMED, titled
from engine.document.direction import Direction
from engine.document.direction_files import OWN
from engine.document.lens import PULL

NAME_WIDTH, SLIDER_WIDTH = 104, 84  # pixels: with the number and the cross as wide as the panel


class SliderRow(QWidget):
    """One direction: its dial, and a cross that puts it to rest. A double click on the slider does so too."""

    dragged = Signal(object, float)  # Direction, amount
    left = Signal(object, float)  # Direction, amount: the hand let go, or a number was typed
    menu_wanted = Signal(object, object)  # Direction, QPoint on this row

    def __init__(self, direction: Direction) -> None:
        super().__init__()
        self.direction = direction
        name, limit = titled(direction), direction.limit
        tip = self.tr("{what}. Double-click the slider to put it to rest.").format(what=direction.tip or name)
        self._dial = Dial(name, tip, -limit, limit, decimals=1, width=SLIDER_WIDTH, column=NAME_WIDTH)
        self._rest = button("×", self.tr("Put {name} to rest").format(name=name), self.tr("Back to rest"))
        self._rest.setFixedWidth(20)
        self._rest.clicked.connect(self._reset)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._dial)
        row.addWidget(self._rest)
        row.addStretch()
        self._dial.turned.connect(self._turn)
        self._dial.released.connect(self._leave)
        for hand in self._dial.findChildren(QSlider):
            hand.installEventFilter(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def show_amount(self, amount: float) -> None:
        """Show where the slider stands, unless the hand is on it."""
        if not self._dial.held():
            self._dial.show_value(amount)
        keep = self._rest.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._rest.setSizePolicy(keep)
        self._rest.setVisible(amount != 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click on the slider."""
        if event.type() is QEvent.Type.MouseButtonDblClick:
            self._reset()
            return True
        return super().eventFilter(watched, event)

    def _turn(self, amount: float) -> None:
        (self.dragged if self._dial.held() else self.left).emit(self.direction, round(amount, 2))

    def _leave(self) -> None:
        self.left.emit(self.direction, round(self._dial.value(), 2))

    def _reset(self) -> None:
        self._dial.show_value(0.0)
        self.left.emit(self.direction, 0.0)

    def _menu(self, place: QPoint) -> None:
        self.menu_wanted.emit(self.direction, place)


class Sliders(QWidget):
    """All sliders of the current face."""

    teaching_wanted = Signal()
    difference_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows: dict[str, SliderRow] = {}
        self._added: dict[str, Direction] = {}  # taken from the model, or made of two pictures: not in the library
        self._shown: tuple[str, ...] = ()
        self._offered: tuple[Direction, ...] = ()
        self._hint = QLabel()
        self._hint.setProperty("faint", True)
        self._hint.setWordWrap(True)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(8, 6, 2, 6)
        inside.addWidget(self._hint)
        inside.addLayout(self._column)
        inside.addStretch()
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._where())
        column.addWidget(scroll)
        column.addWidget(self._more())
        session.changed.connect(self.refresh)
        session.sliding.listed.connect(self.refresh)
        self.refresh()

    def _where(self) -> QWidget:
        """Where the change may show."""
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(8, 6, 8, 0)
        self._inside = QComboBox()
        self._inside.addItems([self.tr("Everywhere but the mask"), self.tr("Only inside the mask")])
        self._inside.setAccessibleName(self.tr("Where the change shows"))
        self._inside.setToolTip(self.tr("What you paint with the Protect brush is the mask"))
        self._inside.activated.connect(self._set_inside)
        mask = self.tr("Paint the mask with the Protect brush")
        row.addWidget(self._inside, 1)
        row.addWidget(button(icon("protect"), mask, mask, self._take_brush))
        return self._head

    def _more(self) -> QWidget:
        """Other sliders: of the model, of a difference, taught."""
        self._foot = QWidget()
        column = QVBoxLayout(self._foot)
        column.setContentsMargins(8, 0, 8, 8)
        tip = self.tr("Back towards what the model takes for plausible: takes away what strokes and sliders overdid")
        self._pull = Dial(self.tr("Pull back"), tip, 0.0, 1.0, " %", 100, width=SLIDER_WIDTH, column=NAME_WIDTH)
        self._pull.turned.connect(self._turn_pull)
        self._pull.released.connect(lambda: self._leave_pull(self._pull.value()))
        column.addWidget(self._pull)
        self._choice = QComboBox()
        self._choice.setAccessibleName(self.tr("Add a slider found in the model"))
        self._choice.setToolTip(self.tr("Ways the model itself varies most. Try them: they have no names."))
        self._choice.activated.connect(self._add)
        column.addWidget(self._choice)
        row = QHBoxLayout()
        for text, tip, do in (
            (self.tr("Teach…"), self.tr("Make a slider by thumbs up and down"), self.teaching_wanted.emit),
            (self.tr("A − B…"), self.tr("Make a slider of what two pictures differ by"), self.difference_wanted.emit),
            (self.tr("Reset"), self.tr("All sliders at rest"), self._session.sliding.reset),
        ):  # fmt: skip
            made = QPushButton(text)
            made.setToolTip(tip)
            made.clicked.connect(do)
            row.addWidget(made)
        column.addLayout(row)
        return self._foot

    def refresh(self) -> None:
        """Show the sliders of the face being worked on, each where it stands."""
        edit, sliding = self._session.edit, self._session.sliding
        sliding.ask()
        slides = () if edit is None else edit.slides
        used = tuple(slide.direction for slide in slides if slide.direction.source != PULL)
        named = sliding.named()
        rest = (d for d in (*self._added.values(), *used) if edit is not None and d.manifold == edit.base.manifold)
        shown = {d.id: d for d in (*named, *rest)}
        if tuple(shown) != self._shown:
            self._rebuild(shown)
        if sliding.more() != self._offered:
            self._fill(sliding.more())
        for id, row in self.rows.items():
            row.show_amount(sliding.amount(id))
        if not self._pull.held():
            self._pull.show_value(self._session.inspecting.amount())
        self._head.setVisible(edit is not None)
        self._foot.setVisible(edit is not None)
        self._hint.setVisible(not shown)
        self._hint.setText(self._lacking())
        self._inside.setCurrentIndex(int(edit is not None and edit.inside))

    def _lacking(self) -> str:
        """Why there is no slider, in words."""
        edit = self._session.edit
        if edit is None:
            return self.tr("Find a face, or another thing that a model knows: its sliders appear here.")
        if edit.base.manifold in self._session.sliding.found:
            return self.tr("This model has no named sliders yet: choose from what it varies most, or teach one.")
        return self.tr("Looking for sliders…")

    def add(self, direction: Direction) -> None:
        """Show a slider that has no place of its own yet."""
        self._added[direction.id] = direction
        self.refresh()

    def _rebuild(self, shown: dict[str, Direction]) -> None:
        self._shown = tuple(shown)
        empty(self._column)
        self.rows = {}
        for id, direction in shown.items():
            row = self.rows[id] = SliderRow(direction)
            row.dragged.connect(self._session.sliding.drag)
            row.left.connect(self._leave)
            row.menu_wanted.connect(self._offer)
            self._column.addWidget(row)

    def _fill(self, offered: tuple[Direction, ...]) -> None:
        """What else the model has to choose from."""
        self._offered = offered
        self._choice.clear()
        self._choice.addItem(self.tr("More from the model…"))
        for direction in offered:
            self._choice.addItem(titled(direction), direction)

    def _leave(self, direction: Direction, amount: float) -> None:
        self._session.sliding.set(direction, amount)
        self._session.painting.end_gesture()

    def _turn_pull(self, amount: float) -> None:
        (self._session.inspecting.drag if self._pull.held() else self._leave_pull)(amount)

    def _leave_pull(self, amount: float) -> None:
        self._session.inspecting.leave(round(amount, 2))
        self._session.painting.end_gesture()

    def _add(self, place: int) -> None:
        direction = self._choice.itemData(place)
        if direction is not None:
            self.add(direction)
        self._choice.setCurrentIndex(0)

    def _offer(self, direction: Direction, place: QPoint) -> None:
        """What can be done with a slider that is not shipped."""
        if direction.source == NAMED:
            return
        menu = QMenu(self)
        row = self.rows[direction.id]
        if direction.source == OWN:
            menu.addAction(self.tr("Remove from My Library"), lambda: self._session.sliding.forget(direction.id))
        else:
            menu.addAction(self.tr("Keep in My Library"), lambda: self.keep(direction))
        menu.popup(row.mapToGlobal(place))

    def keep(self, direction: Direction) -> None:
        """Put a slider into the library; where it rests, the one there takes its place."""
        self._added.pop(direction.id, None)
        self._session.sliding.keep(direction)

    def _set_inside(self, place: int) -> None:
        self._session.sliding.set_inside(place == 1)

    def _take_brush(self) -> None:
        self._session.brush.set_tool("protect")
        self._session.placing.leave()
