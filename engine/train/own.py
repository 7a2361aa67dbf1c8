"""Training a manifold of one's own as jobs of the window: look at the folder, time, train, use what there is so far.

Each is a generator that pauses often, so that a brush stroke need not wait for it: a batch is gone through in two
parts, and in four while the hand has been at work lately. A training that is cancelled, by the artist or by the end of
the program, has written its checkpoint; one that was killed goes on from the checkpoint before. What was asked for lies
beside it (document.training.Plan) until the manifold is made, so that the next start can offer to go on.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import torch

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.training import FOLDER, PLAN, PREVIEWED, FolderLook, Pace, Plan, TrainingMoment, discard
from engine.document.training_jobs import LookAtFolder, TimeTraining, TrainManifold
from engine.model import packs
from engine.train import folder
from engine.train.adversarial import R1_EVERY, Contest, networks, recipe_of
from engine.train.course import Course
from engine.train.folder import FolderRequest, FolderStep
from engine.train.photos import list_pictures
from engine.train.squares import CUTS, Cut, Squares, listed, store_of, stored
from engine.train.trainer import Budget
from engine.train.watching import Watch

LOOKED_AT = ".looked-at"
"""Folder of the squares that were made to look at a folder: a training takes them over."""

FAMILY = "style"
CHECKPOINTS = 1.0
PARTS, CAREFUL = 2, 4
"""Of a batch; while the hand is at work, and for so many seconds afterwards."""

LATELY, INTERRUPTED = 60.0, 0.03

Work = Generator[Step | None, None, None]


def paced(first: Step, work: Work) -> Generator[Step, None, None]:
    """The steps of `work`; for each None the step before it again, which is a pause."""
    step = first
    with closing(work):
        for news in work:
            step = news or step
            yield step


# Looking


def look_at_folder(job: LookAtFolder, cut: Cut | None = None) -> Generator[Step, None, None]:
    """A few squares at once, then all that can be known. cut: for a crop that needs more than the middle."""
    return paced(Step(ticket=job.ticket, note="Looking for pictures"), _looked(job, cut))


def _looked(job: LookAtFolder, cut: Cut | None) -> Work:
    if not job.folder.is_dir():
        raise InputError(f"{job.folder} is no folder: choose a folder of pictures.")
    paths = list_pictures([job.folder])
    yield None
    chosen = np.random.default_rng(0).permutation(len(paths))[:PREVIEWED]
    preview: list[np.ndarray] = []
    for place in sorted(chosen):
        try:
            preview.append((cut or CUTS[job.crop])(paths[place], job.size))
        except InputError:
            continue
        yield Step(ticket=job.ticket, look=_look(job, len(paths), preview), note=f"{len(paths):,} files")
    cache = packs.home() / FOLDER / LOOKED_AT
    work = listed(job.folder, job.size, cache, job.crop, cut)
    while True:
        try:
            fraction = next(work)
        except StopIteration as end:
            known = end.value
            break
        yield Step(ticket=job.ticket, fraction=fraction, look=_look(job, len(paths), preview),
                   note=f"Looking through {len(paths):,} files")
    pictures = stored(cache, known)
    chosen = np.random.default_rng(0).permutation(len(pictures))[:PREVIEWED]
    found = FolderLook(len(pictures), tuple(known.refused), tuple(known.repeated), pictures[np.sort(chosen)], job.least)
    yield Step(ticket=job.ticket, settled=True, look=found, fraction=1.0)


def _look(job: LookAtFolder, count: int, preview: Sequence[np.ndarray]) -> FolderLook:
    shown = np.stack(preview) if preview else np.zeros((0, job.size, job.size, 3), np.uint8)
    return FolderLook(count, (), (), shown, job.least)


# Timing


def time_training(job: TimeTraining) -> Generator[Step, None, None]:
    """A few steps at every size that the training goes through, on nothing but noise."""
    return paced(Step(ticket=job.ticket, note="Timing this machine"), _timed(job))


def _timed(job: TimeTraining) -> Work:
    pictures = np.random.default_rng(0).integers(0, 256, (32, job.size, job.size, 3), np.uint8)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    recipe = recipe_of(FAMILY, job.size, device)
    stages: list[tuple[float, int, float]] = []
    for share, side in sorted((recipe.grows or {0.0: job.size}).items()):
        # Told to be at this size from the beginning: nothing is written, and no step is the one with the critic's slope
        own = replace(recipe, grows={0.0: side})
        contest = Contest(*networks(FAMILY, job.size), pictures, np.arange(32), Budget(1e9), Path(os.devnull), own, 0,
                          device)
        contest.part(PARTS)
        contest.step, seconds = 1, 0.0
        for _ in range(2):  # the first one warms up
            seconds = yield from _seconds(contest)
        stages.append((share, side, seconds * (1 + 1 / R1_EVERY) / recipe.batch))
        yield Step(ticket=job.ticket, note=f"Timing this machine at {side} px", fraction=side / job.size / 2)
    yield Step(ticket=job.ticket, settled=True, pace=Pace(tuple(stages)), fraction=1.0)


def _seconds(contest: Contest) -> Generator[None, None, float]:
    """Of work in one step."""
    seconds, pieces = 0.0, contest.advance()
    while True:
        start = time.perf_counter()
        over = next(pieces, pieces) is pieces
        seconds += time.perf_counter() - start
        if over:
            return seconds
        yield None


# Training


def request_of(plan: Plan, resume: bool = False, cut: Cut | None = None) -> FolderRequest:
    """What the plan asks for."""
    return FolderRequest(Path(plan.folder), plan.name, plan.size, plan.minutes, FAMILY, resume=resume,
                         licence=plan.licence, checkpoint_minutes=CHECKPOINTS, least=plan.least, crop=plan.crop,
                         cut=cut)  # fmt: skip


def train_manifold(job: TrainManifold, cut: Cut | None = None) -> Generator[Step, None, None]:
    """Steps with `training`; the last one settled, when the manifold is installed. InputError as `train_folder`."""
    return paced(Step(ticket=job.ticket, note="Beginning"), _trained(job, cut))


def _trained(job: TrainManifold, cut: Cut | None) -> Work:
    request = request_of(job.plan, job.resume, cut)
    fresh = not request.place().exists()
    take_over(request)
    yield None
    run = Running(job, request)
    with closing(folder.training(request, run.begun)) as pieces:
        try:
            for moment in pieces:
                if moment is None:
                    left = time.monotonic()
                    yield None
                    run.returned(time.monotonic() - left)
                elif moment.made is not None:
                    (request.place() / PLAN).unlink(missing_ok=True)
                    yield Step(ticket=job.ticket, settled=True, made=job.plan.name, training=run.moment(moment),
                               fraction=1.0, note=f"{job.plan.name} is ready")
                    return
                else:
                    yield from run.step(moment)
        except InputError:
            if fresh and not run.seen:  # nothing to train on: nothing is left of what was but about to begin
                discard(packs.home(), job.plan.name)
            raise
        finally:
            run.keep()


class Running:
    """A training while it runs: what is seen of it, and how carefully it goes about."""

    def __init__(self, job: TrainManifold, request: FolderRequest) -> None:
        self._job, self._request = job, request
        self._contest: Contest | None = None
        self._watch: Watch | None = None
        self._last = FolderStep(0, float("nan"), job.plan.fraction)
        self._busy = self._kept = -math.inf
        self._planned = False

    @property
    def seen(self) -> bool:
        """Whether there is anything to be seen of it yet."""
        return self._watch is not None

    def begun(self, contest: Course, squares: Squares) -> None:
        """There is something to watch."""
        assert isinstance(contest, Contest)
        self._contest, self._watch = contest, Watch(contest, squares, self._request.place())
        contest.part(PARTS)

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
        if self._contest is not None and self._watch is not None and (
                moment.fraction <= folder.TAUGHT or not len(self._watch.wall)):
            self._contest.part(CAREFUL if time.monotonic() - self._busy < LATELY else PARTS)
            self._watch.note()
            if self._watch.due():
                yield from self._watch.look()
        if time.monotonic() - self._kept > 60 * CHECKPOINTS:
            self.keep()
        yield Step(ticket=self._job.ticket, training=self.moment(moment), fraction=moment.fraction,
                   note=f"Teaching “{self._job.plan.name}”")

    def moment(self, moment: FolderStep) -> TrainingMoment:
        """What is seen of it now."""
        plan, contest, watch = self._job.plan, self._contest, self._watch
        if contest is None or watch is None:
            left = 60 * max(plan.minutes - plan.spent, 0.0)
            return TrainingMoment(0, 0, 60 * plan.spent, left, max(plan.fraction, moment.fraction), moment.note)
        guessed = (moment.fraction - folder.TAUGHT) / (folder.GUESSED - folder.TAUGHT)
        spent = contest.seconds + 60 * plan.minutes * folder.GUESSING * min(max(guessed, 0.0), 1.0)
        left = max(0.0, 60 * plan.minutes - spent)
        return TrainingMoment(contest.step, contest.stage()[0], spent, left, moment.fraction, moment.note,
                              moment.fraction < folder.TAUGHT, watch.wall, watch.curve, watch.variety)

    def keep(self) -> None:
        """Write how far it is beside the checkpoint, unless it has come to its end."""
        self._kept = time.monotonic()
        if self._watch is not None:
            self._watch.keep()
        if (self._request.place() / PLAN).exists():
            moment, plan = self.moment(self._last), self._job.plan
            if self._contest is not None:
                plan = msgspec.structs.replace(plan, spent=moment.spent / 60, fraction=moment.fraction)
            plan.write(self._request.place())


def take_over(request: FolderRequest) -> None:
    """The squares that were made to look at the folder, where they are of the right size; the rest is checked later."""
    looked, goal = (store_of(place, request.size) for place in (packs.home() / FOLDER / LOOKED_AT, request.place()))
    if all(path.exists() for path in looked) and not any(path.exists() for path in goal):
        request.place().mkdir(parents=True, exist_ok=True)
        for old, new in zip(looked, goal, strict=True):
            old.replace(new)
