"""Timing a training before it is begun: a few steps at every size it goes through, on nothing but noise."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np

from engine.document.job import Step
from engine.document.pauses import Work, paced
from engine.document.training import TEACHING, Pace
from engine.document.training_jobs import TimeTraining
from engine.model.device import chosen as device_chosen
from engine.model.families import FAMILIES
from engine.train.adversarial import R1_EVERY, Contest, networks
from engine.train.course import Task, Timed, begin
from engine.train.own import PARTS
from engine.train.recipe import ALONE, recipe_of
from engine.train.trainer import Budget

PICTURES = 32
LONG = 1e9
"""Minutes: none of these trainings comes to its end."""


@dataclass(frozen=True)
class Stage:
    """A course at one of its sizes. share: of the time from which on. advance: makes a step, with pauses.

    batch: pictures a step. dearer: a step on the average than one of those.
    """

    share: float
    side: int
    advance: Callable[[], Iterator[None]]
    batch: int
    dearer: float = 1.0


def time_training(job: TimeTraining) -> Generator[Step, None, None]:
    """A step to warm up and one that is timed at each size; settled with the pace."""
    return paced(Step(ticket=job.ticket, note="Timing this machine"), _timed(job))


def _timed(job: TimeTraining) -> Work:
    found: list[tuple[float, int, float]] = []
    for stage in _stages(job):
        seconds = 0.0
        for _ in range(2):
            seconds = yield from _seconds(stage.advance())
        found.append((stage.share, stage.side, seconds * stage.dearer / stage.batch))
        note = f"Timing this machine at {stage.side} px"
        yield Step(ticket=job.ticket, note=note, fraction=stage.side / job.size / 2)
    share = TEACHING if FAMILIES[job.family].encoder is None else 1.0
    yield Step(ticket=job.ticket, settled=True, pace=Pace(tuple(found), share), fraction=1.0)


def _stages(job: TimeTraining) -> Iterator[Stage]:
    """The sizes one after the other, each made when it is asked for. Nothing is written."""
    pictures = np.random.default_rng(0).integers(0, 256, (PICTURES, job.size, job.size, 3), np.uint8)
    device = device_chosen()
    nowhere, chosen = Path(os.devnull), np.arange(PICTURES)
    if FAMILIES[job.family].taught_by != "adversarial":
        names = tuple(f"{number}" for number in range(PICTURES))
        task = Task(job.family, job.size, pictures, names, chosen, (), LONG, nowhere, LONG, False, 0, device)
        course = cast(Timed, begin(task))
        course.part(PARTS)
        for share, end in pairwise((*course.shares, 1.0)):
            course.at((share + end) / 2)
            yield Stage(share, job.size, course.advance, course.batch)
        return
    recipe = recipe_of(job.family, job.size, device)
    sides = recipe.grows or {0.0: job.size}
    for share in sorted({*sides, *([ALONE] if recipe.reads else [])}):
        side = sides[max(begun for begun in sides if begun <= share)]
        # Told to be at this size from the beginning; no step is the one with the critic's slope
        contest = Contest(*networks(job.family, job.size), pictures, chosen, Budget(LONG), nowhere,
                          replace(recipe, grows={0.0: side}), 0, device)
        contest.part(PARTS)
        contest.step, contest.judged = 1, not recipe.reads or share >= ALONE
        yield Stage(share, side, contest.advance, recipe.batch, 1 + contest.judged / R1_EVERY)


def _seconds(pieces: Iterator[None]) -> Generator[None, None, float]:
    """Of work in one step."""
    seconds = 0.0
    while True:
        start = time.perf_counter()
        over = next(pieces, pieces) is pieces
        seconds += time.perf_counter() - start
        if over:
            return seconds
        yield None
