"""Training: a manifold of the artist's own pictures, from the look at a folder to the model that can be chosen.

The work is the engine's, as a job that lets every other go first; to pause is to cancel that job, whose checkpoint lies
on the disk then, and to go on is another job. One program trains at a time: a lock says so to the others, and what a
program that holds no lock any more was training was left, and can be gone on with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum, auto
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal

from editor.places import home
from editor.requests import Request
from engine.document.job import Failure, Step
from engine.document.locks import busy
from engine.document.manifold_entry import called
from engine.document.training import (
    FOLDER,
    LONGEST_NAME,
    Crop,
    Family,
    FolderLook,
    Pace,
    Plan,
    TrainingMoment,
    can_be_called,
    place_of,
    unfinished,
)
from engine.document.training_jobs import DiscardTraining, LookAtFolder, TimeTraining, TrainManifold, UseSoFar

if TYPE_CHECKING:
    from editor.session import Session

SETTINGS = "settings.json"
"""File of a training that was begun, whether or not it has come to its end."""

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
    is, by the size of the pictures and the kind of model.
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
        self.paces: dict[tuple[int, Family], Pace] = {}
        self._timed_now = (0, Family.STYLE)
        self._thrown_away: set[str] = set()
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

    def time(self, size: int, family: Family) -> None:
        """Measure how fast this machine is, once for each size and kind; what else was being measured is given up."""
        wanted = size, family
        if wanted in self.paces or (self.timing() and self._timed_now == wanted):
            return
        self._cancel("time")
        self._timed_now, title = wanted, self.tr("Timing this machine")
        self._tickets["time"] = self._session.requests.ask(
            TimeTraining, title, self._timed, size=size, family=family
        )

    def timing(self) -> bool:
        """Whether that is being measured just now."""
        return self._is_open("time")

    def _timed(self, step: Step) -> None:
        if step.settled and step.pace is not None:
            self.paces[self._timed_now] = step.pace
            self.timed.emit()

    def name_for(self, folder: Path) -> str:
        """A name that is free, after the folder's."""
        plain = re.sub(r"[^a-z0-9]+", "-", folder.name.lower()).strip("-") or "pictures"
        plain = (plain if plain[0].isalpha() else f"my-{plain}")[: LONGEST_NAME - 3].rstrip("-")
        others = (f"{plain}-{n}" for n in count(2))
        return next(name for name in chain((plain,), others) if not self.wrong_with(name))

    def wrong_with(self, name: str) -> str:
        """Why a new training cannot be called that, in words; empty where it can."""
        if not can_be_called(name):
            return self.tr("A name begins with a small letter; small letters, digits and dashes follow.")
        if name in self._session.manifolds.ids():
            return self.tr("There is a model of that name already.")
        if (place_of(home(), name) / SETTINGS).exists():
            return self.tr("There is a training of that name already.")
        return ""

    def left(self) -> tuple[Plan, ...]:
        """The trainings that have not come to their end and are nobody's just now, the newest first."""
        if self.state is State.RUNNING:
            return ()
        if not self._hold():
            return ()
        mine = "" if self.plan is None else self.plan.name
        return tuple(plan for plan in unfinished(home()) if plan.name not in self._thrown_away
                     and (plan.name == mine or not busy(place_of(home(), plan.name))))  # fmt: skip

    # Training

    def begin(self, plan: Plan) -> None:
        """Train a new manifold; nothing is done, and it is said why, where its name is another's."""
        wrong = self.wrong_with(plan.name)
        if wrong and self.state is not State.RUNNING:
            self._session.say(wrong, serious=True)
        else:
            self._start(plan, resume=False)

    def go_on(self, plan: Plan | None = None) -> None:
        """Go on with a training that was left, or with the one that is paused."""
        plan = plan or self.plan
        if plan is not None:
            if self.moment is not None and self.plan is not None and self.plan.name == plan.name:
                spent, fraction = self.moment.spent / 60, self.moment.fraction
                plan = msgspec.structs.replace(plan, spent=spent, fraction=fraction)
            self._start(plan, resume=(place_of(home(), plan.name) / SETTINGS).exists())

    def _start(self, plan: Plan, resume: bool) -> None:
        if self.state is State.RUNNING:
            self._session.say(self.tr("One training at a time: pause the other first."), "train-folder", True)
            return
        if not self._hold():
            self._session.say(self.tr("Another window of this program is training just now."), serious=True)
            return
        for unasked in ("look", "time"):
            self._cancel(unasked)
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
        """It has learned to make pictures well enough: make a manifold of what there is."""
        if self.plan is None or self.moment is None:
            return
        self.pause()
        minutes = max(0.99 * min(self.plan.minutes, self.moment.enough), 0.01)
        self._start(msgspec.structs.replace(self.plan, minutes=minutes), resume=True)

    def give_up(self) -> None:
        """Throw away what has been learned."""
        if self.plan is not None:
            name = self.plan.name
            self.pause()
            self._cancel("use")
            self.plan, self.moment, self.state, self.trouble = None, None, State.NONE, ""
            self._thrown_away.add(name)  # until that is done it is nothing to go on with
            title = self.tr("Throwing the training away")
            self._session.requests.ask(DiscardTraining, title, self._discarded, self._kept, name=name)
            self.changed.emit()

    def forget(self) -> None:
        """What is done, or paused, needs not be shown any more: there is to be another one."""
        if self.state in (State.DONE, State.PAUSED):
            self.plan, self.moment, self.state, self.trouble = None, None, State.NONE, ""
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
            self.moment = step.training if self.moment is None else following(self.moment, step.training)
        if step.settled:
            self.state = State.DONE
            self._welcome(step.made, self.tr("“{name}” is ready: choose it as the model of a frame."))
        self.changed.emit()

    def _used(self, step: Step) -> None:
        if step.settled:
            self._welcome(step.made, self.tr("{name} can be chosen as the model of a frame."))
            self.changed.emit()

    def _discarded(self, step: Step) -> None:
        self._thrown_away.clear()
        self.changed.emit()

    def _kept(self, failure: Failure) -> None:
        """Its files could not be removed: it can be gone on with, after all."""
        self._thrown_away.clear()
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
        """Be the one program that trains; False where another is, or nothing can be written."""
        if self._lock is None:
            try:
                (home() / FOLDER).mkdir(parents=True, exist_ok=True)
            except OSError:
                return False
            self._lock = QLockFile(str(home() / FOLDER / "training.lock"))
            self._lock.setStaleLockTime(0)
        return self._lock.isLocked() or self._lock.tryLock(0)


def following(old: TrainingMoment, new: TrainingMoment) -> TrainingMoment:
    """A moment after another: until a training that is gone on with has something to show again, the last is seen."""
    if not new.step:
        return replace(old, note=new.note)
    return new if len(new.wall) else replace(new, wall=old.wall, variety=old.variety)
