"""Training: a manifold of the artist's own pictures, from the look at a folder to the model that can be chosen.

The work is the engine's, as a job that lets every other go first; to pause is to cancel that job, whose checkpoint lies
on the disk then, and to go on is another job. One program trains at a time: a lock says so to the others, and what a
program that holds no lock any more was training was left, and can be gone on with.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal

from editor.places import home
from editor.requests import Request
from engine.document.job import Failure, Step
from engine.document.manifold_entry import called
from engine.document.training import (
    FOLDER,
    TEACHING,
    Crop,
    FolderLook,
    Pace,
    Plan,
    TrainingMoment,
    place_of,
    unfinished,
)
from engine.document.training_jobs import DiscardTraining, LookAtFolder, TimeTraining, TrainManifold, UseSoFar

if TYPE_CHECKING:
    from editor.session import Session

LONGEST_NAME = 40
LOSES_NOTHING = (LookAtFolder, TimeTraining, TrainManifold)
"""Work that may be ended at any time: a training goes on from where it was."""


class State(Enum):
    """Where the training stands."""

    NONE = auto()
    RUNNING = auto()
    PAUSED = auto()
    DONE = auto()


class Training(QObject):
    """plan, moment: of the training that runs, is paused or is done. trouble: why it stopped, if it did so by itself.
    look: the last look at a folder; None while there is none, or another is asked for. paces: how fast this machine
    is, by the size of the pictures.
    """

    looked = Signal()  # more is known of a folder, or nothing any more
    timed = Signal()  # it is known how fast this machine is
    changed = Signal()  # of the training: its state, or how far it is
    installed = Signal(str)  # there is another manifold, of that id

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.state = State.NONE
        self.plan: Plan | None = None
        self.moment: TrainingMoment | None = None
        self.trouble = ""
        self.look: FolderLook | None = None
        self.paces: dict[int, Pace] = {}
        self._tickets: dict[str, int] = {}
        self._lock: QLockFile | None = None
        session.requests.finished.connect(self._ended)

    # Before anything is trained

    def look_at(self, folder: Path, size: int, crop: Crop) -> None:
        """Look through a folder; another look that is under way is given up."""
        self.stop_looking()
        self.look = None
        self._tickets["look"] = self._session.requests.ask(
            LookAtFolder, f"Looking through {folder.name}", self._look, folder=folder, size=size, crop=crop
        )
        self.looked.emit()

    def stop_looking(self) -> None:
        """What the folder holds is not wanted any more."""
        self._cancel("look")

    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._is_open("look")

    def _look(self, step: Step) -> None:
        if step.look is not None:
            self.look = step.look
        self.looked.emit()

    def time(self, size: int) -> None:
        """Measure how fast this machine is, once for each size."""
        if size not in self.paces and not self._is_open("time"):
            title = "Timing this machine"
            self._tickets["time"] = self._session.requests.ask(TimeTraining, title, self._timed, size=size)

    def timing(self) -> bool:
        """Whether that is being measured just now."""
        return self._is_open("time")

    def _timed(self, step: Step) -> None:
        if step.settled and step.pace is not None:
            self.paces[step.pace.stages[-1][1]] = step.pace
            self.timed.emit()

    def name_for(self, folder: Path) -> str:
        """A name that is free, after the folder's."""
        plain = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "pictures"
        plain = (plain if plain[0].isalpha() else f"my-{plain}")[: LONGEST_NAME - 3].rstrip("-")
        taken = {*self._session.manifolds.ids(), *(plan.name for plan in unfinished(home()))}
        return next(name for name in (plain, *(f"{plain}-{n}" for n in range(2, 99))) if name not in taken)

    def left(self) -> tuple[Plan, ...]:
        """The trainings that have not come to their end and are nobody's just now, the newest first."""
        if self.state is State.RUNNING:
            return ()
        if not self._hold():
            return ()
        return unfinished(home())

    # Training

    def begin(self, plan: Plan) -> None:
        """Train a new manifold."""
        self._start(plan, resume=False)

    def go_on(self, plan: Plan | None = None) -> None:
        """Go on with a training that was left, or with the one that is paused."""
        plan = plan or self.plan
        if plan is not None:
            begun = (place_of(home(), plan.name) / "settings.json").exists()
            self._start(plan, resume=begun)

    def _start(self, plan: Plan, resume: bool) -> None:
        if self.state is State.RUNNING:
            self._session.say(self.tr("One training at a time: pause the other first."), "train-folder", True)
            return
        if not self._hold():
            self._session.say(self.tr("Another window of this program is training just now."), serious=True)
            return
        same = self.plan is not None and self.plan.name == plan.name
        self.moment = self.moment if same and resume else None
        self.plan, self.state, self.trouble = plan, State.RUNNING, ""
        title = self.tr("Teaching “{name}”").format(name=plan.name)
        self._tickets["train"] = self._session.requests.ask(
            TrainManifold, title, self._trained, self._failed, plan=plan, resume=resume
        )
        self.changed.emit()

    def pause(self) -> None:
        """Stop for now; nothing is lost."""
        self._cancel("train")

    def finish_now(self) -> None:
        """Generator and critic have taught each other enough: make a manifold of what there is."""
        if self.plan is None or self.moment is None:
            return
        self.pause()
        minutes = min(self.plan.minutes, self.moment.spent / 60 / TEACHING)
        self._start(msgspec.structs.replace(self.plan, minutes=max(0.99 * minutes, 0.01)), resume=True)

    def give_up(self) -> None:
        """Throw away what has been learned."""
        if self.plan is not None:
            name = self.plan.name
            self.pause()
            self.plan, self.moment, self.state = None, None, State.NONE
            self._session.requests.ask(DiscardTraining, "Throwing the training away", _done, name=name)
            self.changed.emit()

    def forget(self) -> None:
        """What is done needs not be shown any more."""
        if self.state is State.DONE:
            self.plan, self.moment, self.state = None, None, State.NONE
            self.changed.emit()

    def use_so_far(self) -> None:
        """Make a manifold of what has been learned so far, beside the training."""
        if self.plan is not None and not self._is_open("use"):
            title = self.tr("Taking what “{name}” has learned so far").format(name=self.plan.name)
            self._tickets["use"] = self._session.requests.ask(UseSoFar, title, self._used, name=self.plan.name)
            self.changed.emit()

    def using(self) -> bool:
        """Whether that is being made just now."""
        return self._is_open("use")

    def _trained(self, step: Step) -> None:
        if step.training is not None:
            self.moment = step.training
        if step.settled:
            self.state = State.DONE
            self._welcome(step.made, self.tr("“{name}” is ready: choose it as the model of a frame."))
        self.changed.emit()

    def _used(self, step: Step) -> None:
        if step.settled:
            self._welcome(step.made, self.tr("{name} can be chosen as the model of a frame."))
            self.changed.emit()

    def _welcome(self, id: str, text: str) -> None:
        self._session.manifolds.ask()
        self._session.say(text.format(name=called(id)))
        self.installed.emit(id)

    def _failed(self, failure: Failure) -> None:
        """It could not even begin, or something went wrong on the way: what there is can be gone on with."""
        self.trouble = failure.text
        if self.plan is not None and not place_of(home(), self.plan.name).exists():
            self.plan, self.moment, self.state = None, None, State.NONE
        self.changed.emit()

    def _ended(self, request: Request) -> None:
        """Stopped, by whomever; where it has come to its end that is said next."""
        if request.job.ticket == self._tickets.get("train") and self.state is State.RUNNING:
            self.state = State.PAUSED
            self.changed.emit()
        elif request.job.ticket in self._tickets.values():
            self.looked.emit()
            self.changed.emit()

    # Open requests

    def _is_open(self, kind: str) -> bool:
        return any(r.job.ticket == self._tickets.get(kind) for r in self._session.requests.background())

    def _cancel(self, kind: str) -> None:
        if kind in self._tickets:
            self._session.requests.cancel(self._tickets[kind])

    def _hold(self) -> bool:
        """Be the one program that trains."""
        if self._lock is None:
            (home() / FOLDER).mkdir(parents=True, exist_ok=True)
            self._lock = QLockFile(str(home() / FOLDER / "training.lock"))
            self._lock.setStaleLockTime(0)
        return self._lock.isLocked() or self._lock.tryLock(0)


def _done(step: Step) -> None:
    """There is nothing to be told."""
