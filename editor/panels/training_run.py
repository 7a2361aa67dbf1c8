"""Training run: the wall that grows, how various it is, how the losses run, how long it takes, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from editor.panels.curves import Curves, VarietyMeter
from editor.panels.picture_wall import PictureWall
from editor.training import State, Training
from engine.document.training import TrainingMoment, duration

SIDE_WIDTH = 300
NOTHING = TrainingMoment(0, 0, 0.0, 0.0, 0.0, "")
"""To be seen of a training of which nothing is known yet."""


class TrainingRun(QWidget):
    """One training, while it runs, is paused, or is done."""

    again_wanted = Signal()  # another one

    def __init__(self, training: Training, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training = training
        self.wall = PictureWall(self.tr("What it makes now, always of the same latents"))
        row = QHBoxLayout(self)
        row.addWidget(self.wall, 1)
        row.addWidget(self._side())
        training.changed.connect(self.refresh)
        self.refresh()

    def _side(self) -> QWidget:
        self.title, self.phase, self.times = QLabel(), QLabel(), QLabel()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self.title.setFont(font)
        self.phase.setWordWrap(True)
        self.times.setProperty("faint", True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(10)
        self.curves, self.variety = Curves(), VarietyMeter()
        side = QWidget()
        side.setFixedWidth(SIDE_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 0, 0, 0)
        for widget in (self.title, self.phase, self.bar, self.times):
            column.addWidget(widget)
        column.addSpacing(10)
        column.addWidget(self.curves)
        column.addSpacing(10)
        column.addWidget(self.variety)
        column.addStretch()
        self._buttons(column)
        return side

    def _buttons(self, column: QVBoxLayout) -> None:
        training = self._training
        self.pause = self._button(self.tr("Pause"), self._pause_or_go_on, "")
        self.use = self._button(
            self.tr("Use What It Has Learned So Far"), training.use_so_far,
            self.tr("Make a model of it as it is now, however rough. The training goes on beside it"),
        )  # fmt: skip
        self.finish = self._button(
            self.tr("Finish Now"), training.finish_now,
            self.tr("It has learned enough: make the model of what there is, without waiting for the rest of the time"),
        )
        self.stop = self._button(self.tr("Give Up…"), self._give_up, self.tr("Throw away what it has learned"))
        tip = self.tr("On another folder, or otherwise. One that is paused can be gone on with later")
        self.again = self._button(self.tr("Train Another"), self.again_wanted.emit, tip)
        for button in (self.again, self.use, self.pause, self.finish, self.stop):  # the others keep their places
            column.addWidget(button)

    def _button(self, text: str, do: object, tip: str) -> QPushButton:
        made = QPushButton(text)
        made.setAutoDefault(False)
        made.setToolTip(tip)
        made.clicked.connect(do)
        return made

    def _pause_or_go_on(self) -> None:
        if self._training.state is State.RUNNING:
            self._training.pause()
        else:
            self._training.go_on()

    def _give_up(self) -> None:
        plan = self._training.plan
        if plan is None:
            return
        text = self.tr("Throw away what “{name}” has learned? Models made of it stay.").format(name=plan.name)
        if QMessageBox.question(self, "Ganvas", text) == QMessageBox.StandardButton.Yes:
            self._training.give_up()

    def refresh(self) -> None:
        """Show where it stands."""
        training, state, moment = self._training, self._training.state, self._training.moment
        running, done = state is State.RUNNING, state is State.DONE
        self.title.setText(training.plan.name if training.plan else "")
        self.phase.setText(self._phase(moment))
        fraction = 1.0 if done else moment.fraction if moment else training.plan.fraction if training.plan else 0.0
        self.bar.setRange(0, 0 if running and moment is None else 1000)
        self.bar.setValue(round(1000 * fraction))
        self.times.setText(self._times(moment))
        shown = moment or NOTHING
        self.wall.show_pictures(shown.wall)
        self.curves.show_curve(shown.curve)
        self.variety.show_variety(shown.variety)
        self.pause.setText(self.tr("Pause") if running else self.tr("Go On"))
        self.pause.setToolTip(self.tr("Nothing is lost: it goes on from here, today or another day"))
        for button in (self.pause, self.stop, self.use, self.finish):
            button.setVisible(not done)
        begun = moment is not None and moment.step > 0
        draws = begun and not shown.again
        self.use.setEnabled(draws and not training.using())
        self.finish.setEnabled(draws and shown.teaching)
        self.again.setVisible(not running)

    def _phase(self, moment: TrainingMoment | None) -> str:
        state = self._training.state
        if state is State.DONE:
            return self.tr("It is ready. Set a frame on a photo and choose it as the frame’s model.")
        if self._training.trouble:
            return self.tr("It stopped: {why}").format(why=self._training.trouble)
        if state is State.PAUSED:
            return self.tr("Paused. Nothing is lost.")
        if moment is None or moment.step == 0:
            return self.tr("Beginning…") if moment is None else moment.note
        if moment.again:
            return self.tr("First it learns to show your pictures again; step {step:,}.").format(step=moment.step)
        if moment.teaching:
            told = self.tr("It learns to make pictures like yours, at {side} px; step {step:,}.")
            return told.format(side=moment.side, step=moment.step)
        return self.tr("It learns to find photos among its pictures.") if moment.fraction < 0.97 else moment.note

    def _times(self, moment: TrainingMoment | None) -> str:
        plan = self._training.plan
        if plan is None or self._training.state is State.DONE:
            return ""
        spent = moment.spent if moment else 60 * plan.spent
        left = moment.left if moment else max(0.0, 60 * (plan.minutes - plan.spent))
        told = self.tr("{spent} of work done, {left} left") if left >= 1 else self.tr("{spent} of work done")
        return told.format(spent=duration(spent), left=duration(left))
