"""Timeline: the kept states in order, their times, and the movie between them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from editor import thumbnails
from editor.icons import icon
from editor.panels.controls import ID, ItemList, button, number, slider
from editor.player import Player
from editor.session import Session
from engine.document.edit import Edit
from engine.document.sequence import Easing, Keyframe

SIDE = 72
EASINGS = {Easing.EASE: "Ease in and out", Easing.LINEAR: "Steady", Easing.HOLD: "Jump at the end"}


class Timing(QWidget):
    """How long the chosen state stands still, and how time runs to the next."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._sequencing = session.sequencing
        self._painting = session.painting
        self._id = ""
        self.hold = self._box(self.tr("Stand still"), self.tr("Seconds this state stands still"))
        self.seconds = self._box(self.tr("Then change for"), self.tr("Seconds from this state to the next"))
        self.easing = QComboBox()
        for easing, text in EASINGS.items():
            self.easing.addItem(self.tr(text), easing)
        self.easing.setAccessibleName(self.tr("How time runs"))
        self.easing.setToolTip(self.tr("How time runs from this state to the next"))
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 0, 0, 0)
        grid.setRowStretch(3, 1)
        for i, (text, control) in enumerate(
            ((self.tr("Stand still"), self.hold), (self.tr("Change for"), self.seconds), ("", self.easing))
        ):
            grid.addWidget(QLabel(text), i, 0)
            grid.addWidget(control, i, 1)
        self.hold.valueChanged.connect(self._set_hold)
        self.seconds.valueChanged.connect(self._set_seconds)
        self.easing.activated.connect(self._set_easing)
        self.show_keyframe(None)

    def show_keyframe(self, keyframe: Keyframe | None) -> None:
        """Show the times of `keyframe`."""
        self.setEnabled(keyframe is not None)
        if keyframe is None:
            return
        self._id = keyframe.id
        for control, value in ((self.hold, keyframe.hold), (self.seconds, keyframe.seconds)):
            control.blockSignals(True)
            control.setValue(value)
            control.blockSignals(False)
        self.easing.setCurrentIndex(list(EASINGS).index(keyframe.easing))

    def _box(self, name: str, tip: str) -> QDoubleSpinBox:
        box = number(name, tip, 0, 60, 2, " s")
        box.setSingleStep(0.25)
        box.editingFinished.connect(self._painting.end_gesture)
        return box

    def _set_hold(self, value: float) -> None:
        self._sequencing.retime(self._id, hold=value)

    def _set_seconds(self, value: float) -> None:
        self._sequencing.retime(self._id, seconds=value)

    def _set_easing(self, index: int) -> None:
        self._sequencing.retime(self._id, easing=self.easing.itemData(index))


class States(ItemList):
    """The kept states as pictures; drag to reorder, double-click to go back to one, Delete to drop one."""

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setIconSize(QSize(SIDE, SIDE))
        self.setSpacing(4)
        self.setMovement(QListView.Movement.Snap)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMinimumHeight(SIDE + 36)
        self.setAccessibleName(self.tr("Kept states"))
        self.setToolTip(self.tr("Drag to reorder, double-click to go back to a state"))

    def current_id(self) -> str:
        """The id of the chosen keyframe; empty when there is none."""
        item = self.currentItem()
        return "" if item is None else item.data(ID)


class Timeline(QWidget):
    """Play and scrub above, the kept states with the times of the chosen one below."""

    def __init__(
        self, session: Session, player: Player, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._player = session, player
        self._icons: dict[tuple[Edit, ...], QIcon] = {}
        self._timing = Timing(session)
        self._states = States()
        self._states.model().rowsMoved.connect(self._reorder, Qt.ConnectionType.QueuedConnection)
        self._states.dropped.connect(session.sequencing.delete, Qt.ConnectionType.QueuedConnection)
        self._states.itemDoubleClicked.connect(self._restore)
        self._states.currentItemChanged.connect(self._choose)
        self._slider = slider(self.tr("Time"), self.tr("Drag through the movie"))
        self._slider.valueChanged.connect(self._scrub)
        self._clock = QLabel()
        self._clock.setMinimumWidth(self.fontMetrics().horizontalAdvance("00.0 / 00.0 s "))
        self._play = self._button(actions["play"])
        self._back = button(
            icon("picture"), self.tr("Back to the picture"), self.tr("Leave the movie (Esc)"), player.leave
        )
        drop = self.tr("Drop the chosen state from the movie")
        self._drop = button(icon("delete"), drop, drop, self._delete)
        top = QHBoxLayout()
        for widget in (self._play, self._slider, self._clock, self._back):
            top.addWidget(widget)
        for id in ("keep", "export-movie"):
            top.addWidget(self._button(actions[id], True))
        top.addWidget(self._drop)
        bottom = QHBoxLayout()
        bottom.addWidget(self._states, 1)
        bottom.addWidget(self._timing)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addLayout(top)
        column.addLayout(bottom)
        session.changed.connect(self.refresh)
        player.changed.connect(self._follow)
        self.refresh()
        self._follow()

    def refresh(self) -> None:
        """Show the kept states."""
        keyframes = self._session.sequencing.keyframes()
        chosen = self._states.current_id()
        self._states.blockSignals(True)
        if self._states.ids() != tuple(k.id for k in keyframes):
            self._states.clear()
            for keyframe in keyframes:
                item = QListWidgetItem()
                item.setData(ID, keyframe.id)
                self._states.addItem(item)
                if keyframe.id == chosen:
                    self._states.setCurrentItem(item)
        for i, keyframe in enumerate(keyframes):
            self._states.item(i).setIcon(self._icon(keyframe))
            self._states.item(i).setText(keyframe.caption)
        self._states.blockSignals(False)
        self._icons = {edits: kept for edits, kept in self._icons.items() if any(k.edits is edits for k in keyframes)}
        self._choose()

    def _icon(self, keyframe: Keyframe) -> QIcon:
        document = self._session.document
        assert document is not None
        if keyframe.edits not in self._icons:
            image = thumbnails.of_edits(document.photo, keyframe.edits, 2 * SIDE)
            self._icons[keyframe.edits] = QIcon(QPixmap.fromImage(image))
        return self._icons[keyframe.edits]

    def _keyframe(self) -> Keyframe | None:
        chosen = self._states.current_id()
        return next((k for k in self._session.sequencing.keyframes() if k.id == chosen), None)

    def _choose(self) -> None:
        keyframe = self._keyframe()
        self._timing.show_keyframe(keyframe)
        self._drop.setEnabled(keyframe is not None)

    def _restore(self, item: QListWidgetItem) -> None:
        self._session.sequencing.restore(item.data(ID))

    def _reorder(self) -> None:
        self._session.sequencing.reorder(self._states.ids())

    def _delete(self) -> None:
        chosen = self._states.current_id()
        if chosen:
            self._session.sequencing.delete(chosen)

    def _scrub(self, moment: int) -> None:
        self._player.seek(moment)

    def _follow(self) -> None:
        player = self._player
        self._slider.blockSignals(True)
        self._slider.setEnabled(player.length() > 0)
        self._slider.setMaximum(max(player.length() - 1, 1))
        self._slider.setValue(player.moment or 0)
        self._slider.blockSignals(False)
        end = player.seconds(max(player.length() - 1, 0))
        self._clock.setText(f"{player.seconds(player.moment or 0):.1f} / {end:.1f} s")
        self._play.defaultAction().setIcon(icon("pause" if player.playing else "play"))
        self._back.setEnabled(player.moment is not None)

    def _button(self, action: QAction, named: bool = False) -> QToolButton:
        made = QToolButton()
        made.setDefaultAction(action)
        made.setAccessibleName(action.text().replace("&", ""))
        if named:
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return made
