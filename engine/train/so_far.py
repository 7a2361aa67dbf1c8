"""What a training has learned so far, as a manifold of its own: usable at once, and fixed.

The averaged generator of the last checkpoint gets the course's own encoder, or one that is taught for some seconds
only: the training's own where that is already being taught. Each such manifold has the step it was taken at in its name
and never changes: a document that was painted with it stays as it is when the training goes on.
"""

from __future__ import annotations

import platform
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import torch

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.pauses import Work, paced
from engine.document.training import LAYOUTS, LONGEST_NAME, Plan, place_of, read_plan
from engine.document.training_jobs import UseSoFar
from engine.model import own_manifold, packs
from engine.model.card import Card, Trained
from engine.model.manifold import Manifold
from engine.train import folder, guess
from engine.train.adversarial import Contest
from engine.train.course import Course, Task, begin
from engine.train.own import request_of
from engine.train.squares import Squares, kept
from engine.train.trainer import Budget, read_checkpoint

LONG = 1e9
"""Minutes: nothing here comes to the end of its time."""


def use_so_far(job: UseSoFar) -> Generator[Step, None, None]:
    """Pauses, then the settled step. InputError where nothing has been learned yet."""
    return paced(Step(ticket=job.ticket, note="Taking what it has learned so far"), _used(job))


def _used(job: UseSoFar) -> Work:
    place = place_of(packs.home(), job.name)
    plan, checkpoint = read_plan(place), place / "contest.pt"
    squares = None if plan is None else kept(place, plan.size)
    if plan is None or squares is None or not checkpoint.exists():
        raise InputError(f"{job.name} has learned nothing yet: wait until its first minute is over.")
    taken = Taken(plan, squares, place)
    if not taken.draws():
        raise InputError(f"{job.name} can only show your pictures again as yet: wait until it makes up some.")
    yield None
    name = taken.name()
    if name not in packs.own():
        yield from taken.teach(job)
        taken.save(name)
    yield Step(ticket=job.ticket, settled=True, made=name, fraction=1.0)


class Taken:
    """A course as its checkpoint has it, and an encoder for it."""

    def __init__(self, plan: Plan, squares: Squares, place: Path) -> None:
        self._plan, self._squares, self._place = plan, squares, place
        self._classes = folder.classes(request_of(plan))
        names, learned = tuple(squares.listing.names), squares.split()[0]
        self._course: Course = begin(Task(str(plan.family), plan.size, squares.pictures, names, learned, self._classes,
                                          LONG, place / "contest.pt", LONG, True, 0, torch.device("cpu")))  # fmt: skip
        self._generator = self._course.averaged()
        self._manifold: Manifold | None = None

    def draws(self) -> bool:
        """Whether it makes up pictures yet."""
        return self._course.mirror() is None

    def name(self) -> str:
        """Of the manifold."""
        taken_at = f"-at-{self._course.step}"
        return self._plan.name[:LONGEST_NAME - len(taken_at)].rstrip("-") + taken_at

    def teach(self, job: UseSoFar) -> Work:
        """The course's own encoder, or the training's where there is one; else one that learns for some seconds."""
        generator, name, saved = self._generator, job.name, self._place / "encoder.pt"
        mean, basis = yield from folder.measured(generator)
        kinds, own = own_manifold.kinds_of(generator, self._classes), self._course.encoder_kept(mean, basis)
        if own is not None:
            self._manifold = own_manifold.manifold_of(name, generator, mean, basis, own, kinds=kinds)
            return
        plain = own_manifold.manifold_of(name, generator, mean, basis)
        reader = self._course.reader if isinstance(self._course, Contest) else None
        encoder = guess.new_encoder(plain, saved, reader.encoder if reader else None)
        self._manifold = manifold = own_manifold.manifold_of(name, generator, mean, basis, encoder, kinds=kinds)
        if saved.exists():
            encoder.load_state_dict(read_checkpoint(saved)["average"])
            return
        lessons = guess.Lessons(manifold, encoder, self._squares.pictures, self._squares.split()[0], 0)
        rough = self._place / "rough.pt"
        budget = Budget(job.seconds / 60, guess.RATE, checkpoint_minutes=LONG)
        training, steps = guess.teach(lessons, budget, rough, False)
        try:
            with closing(steps):
                for step in steps:
                    note = "Learning to find photos in it"
                    yield None if step is None else Step(ticket=job.ticket, fraction=step.fraction, note=note)
        finally:
            rough.unlink(missing_ok=True)
        encoder.load_state_dict(training.averaged())

    def save(self, name: str) -> None:
        """Among the installed manifolds, under that name."""
        assert self._manifold is not None
        plan, course, size = self._plan, self._course, self._plan.size
        data = f"{len(self._squares.pictures)} pictures from the folder {Path(plan.folder).name}"
        card = Card(
            id=name, title=f"{plan.name}, {size} px, after {course.step:,} steps", weights=packs.WEIGHTS, sha256="",
            size=0, network=own_manifold.PREFIX + plan.family, resolution=size, layers=self._manifold.layers,
            width=self._manifold.width, licence=plan.licence or folder.LICENCE, source="trained by this program",
            lineage=f"taken from the training of {plan.name} on {data} before it was finished",
            trained=Trained(data=data, command=request_of(plan).command(), seed=0, device=platform.machine(),
                            minutes=round(course.seconds / 60, 1), steps=course.step, quality={}),
            classes=self._classes, layout=LAYOUTS.get(plan.crop, ""),
        )  # fmt: skip
        own_manifold.save_own(card, self._manifold, self._generator, course.critic_kept())
