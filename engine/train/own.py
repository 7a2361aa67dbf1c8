"""Training a manifold of one's own as a job of the window.

It is a generator that pauses often, so that a brush stroke need not wait for it: a batch is gone through in two parts,
and in four while the hand has been at work lately. A training that is cancelled, by the artist or by the end of the
program, has written its checkpoint; one that was killed goes on from the checkpoint before. What was asked for lies
beside it (document.training.Plan) until the manifold is made, so that the next start can offer to go on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import msgspec

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.pauses import Work, paced
from engine.document.training import PLAN, Plan, TrainingMoment, discard, tidy
from engine.document.training_jobs import TrainManifold
from engine.model import packs
from engine.train import folder
from engine.train.course import Course
from engine.train.folder import FolderStep
from engine.train.folder_request import FolderRequest, refuse
from engine.train.looking import take_over
from engine.train.squares import Cut, Squares
from engine.train.watching import Watch

CHECKPOINTS = 1.0
PARTS, CAREFUL = 2, 4
"""Of a batch; while the hand is at work, and for so many seconds afterwards."""

LATELY, INTERRUPTED = 60.0, 0.03


def request_of(plan: Plan, resume: bool = False, cut: Cut | None = None) -> FolderRequest:
    """What the plan asks for."""
    return FolderRequest(Path(plan.folder), plan.name, plan.size, plan.minutes, str(plan.family), resume=resume,
                         licence=plan.licence, checkpoint_minutes=CHECKPOINTS, least=plan.least, classes=plan.classes,
                         crop=plan.crop, cut=cut)  # fmt: skip


def train_manifold(job: TrainManifold, cut: Cut | None = None) -> Generator[Step, None, None]:
    """Steps with `training`; the last one settled, when the manifold is installed. InputError as `train_folder`."""
    return paced(Step(ticket=job.ticket, note="Beginning"), _trained(job, cut))


def _trained(job: TrainManifold, cut: Cut | None) -> Work:
    request = request_of(job.plan, job.resume, cut)
    refuse(request)
    fresh = not request.place().exists()
    take_over(request)
    yield None
    run, end = Running(job, request), None
    with closing(folder.training(request, run.begun)) as pieces:
        try:
            for moment in pieces:
                if moment is None:
                    left = time.monotonic()
                    yield None
                    run.returned(time.monotonic() - left)
                elif moment.made is not None:
                    (request.place() / PLAN).unlink(missing_ok=True)
                    end = run.moment(moment)
                    break
                else:
                    yield from run.step(moment)
        except InputError:
            if fresh and not run.seen:  # nothing to train on: nothing is left of what was but about to begin
                discard(packs.home(), job.plan.name)
            raise
        finally:
            run.keep()
    if end is not None:
        tidy(request.place())
        yield Step(ticket=job.ticket, settled=True, made=job.plan.name, training=end, fraction=1.0,
                   note=f"{job.plan.name} is ready")


class Running:
    """A training while it runs: what is seen of it, and how carefully it goes about."""

    def __init__(self, job: TrainManifold, request: FolderRequest) -> None:
        self._job, self._request = job, request
        self._course: Course | None = None
        self._watch: Watch | None = None
        self._last = FolderStep(0, float("nan"), job.plan.fraction)
        self._busy = self._kept = -math.inf
        self._planned = False

    @property
    def seen(self) -> bool:
        """Whether there is anything to be seen of it yet."""
        return self._watch is not None

    def begun(self, course: Course, squares: Squares) -> None:
        """There is something to watch."""
        self._course, self._watch = course, Watch(course, squares, self._request.place())
        course.part(PARTS)

    def returned(self, seconds: float) -> None:
        """Back from a pause: where it was long, the hand was at work."""
        if seconds > INTERRUPTED:
            self._busy = time.monotonic()

    def step(self, moment: FolderStep) -> Work:
        """The step that shows it, and now and then a look at the wall."""
        if not self._planned:
            self._planned = True
            self._job.plan.write(self._request.place())
        self._last = moment
        if self._course is not None and self._watch is not None and (
                moment.fraction <= folder.TAUGHT or not len(self._watch.wall)):
            self._course.part(CAREFUL if time.monotonic() - self._busy < LATELY else PARTS)
            self._watch.note()
            if self._watch.due():
                yield from self._watch.look()
        if time.monotonic() - self._kept > 60 * CHECKPOINTS:
            self.keep()
        shown = self.moment(moment)
        yield Step(ticket=self._job.ticket, training=shown, fraction=shown.fraction,
                   note=f"Teaching “{self._job.plan.name}”")

    def moment(self, moment: FolderStep) -> TrainingMoment:
        """What is seen of it now."""
        plan, course, watch = self._job.plan, self._course, self._watch
        if course is None or watch is None:
            left = 60 * max(plan.minutes - plan.spent, 0.0)
            return TrainingMoment(0, 0, 60 * plan.spent, left, max(plan.fraction, moment.fraction), moment.note)
        share = course.budget.minutes / plan.minutes  # the rest is the encoder's
        guessed = (moment.fraction - folder.TAUGHT) / (folder.GUESSED - folder.TAUGHT)
        spent = course.seconds + 60 * plan.minutes * (1 - share) * min(max(guessed, 0.0), 1.0)
        left = max(0.0, 60 * plan.minutes - spent)
        return TrainingMoment(course.step, course.side(), spent, left, moment.fraction, moment.note,
                              moment.fraction < folder.TAUGHT, watch.wall, watch.curve, watch.variety,
                              course.seconds / 60 / share, watch.again)  # fmt: skip

    def keep(self) -> None:
        """Write how far it is beside the checkpoint, unless it has come to its end."""
        self._kept = time.monotonic()
        if self._watch is not None:
            self._watch.keep()
        if (self._request.place() / PLAN).exists():
            moment, plan = self.moment(self._last), self._job.plan
            if self._course is not None:
                plan = msgspec.structs.replace(plan, spent=moment.spent / 60, fraction=moment.fraction)
            plan.write(self._request.place())
