"""What a training has learned so far, as a manifold of its own: usable at once, and fixed.

The averaged generator of the last checkpoint gets an encoder that is taught for some seconds only, or the training's
own where that is already being taught. Each such manifold has the step it was taken at in its name and never changes: a
document that was painted with it stays as it is when the training goes on.
"""

from __future__ import annotations

import platform
from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.training import Plan, place_of, read_plan
from engine.document.training_jobs import UseSoFar
from engine.model import own_manifold, packs
from engine.model.card import Card, Trained
from engine.model.manifold import Manifold
from engine.train import folder, guess
from engine.train.adversarial import networks
from engine.train.classes import labels_of, shares_of
from engine.train.own import FAMILY, Work, paced, request_of
from engine.train.squares import Squares, kept
from engine.train.trainer import Budget

LONGEST = 28
"""Of the training's name, in the name of the manifold."""


def use_so_far(job: UseSoFar) -> Generator[Step, None, None]:
    """Pauses, then the settled step. InputError where nothing has been learned yet."""
    return paced(Step(ticket=job.ticket, note="Taking what it has learned so far"), _used(job))


def _used(job: UseSoFar) -> Work:
    place = place_of(packs.home(), job.name)
    plan, checkpoint = read_plan(place), place / "contest.pt"
    squares = None if plan is None else kept(place, plan.size)
    if plan is None or squares is None or not checkpoint.exists():
        raise InputError(f"{job.name} has learned nothing yet: wait until its first minute is over.")
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    name = f"{job.name[:LONGEST].rstrip('-')}-at-{state['step']}"
    yield None
    if name not in packs.own():
        taken = Taken(plan, squares, state, place)
        yield from taken.teach(job)
        taken.save(name)
    yield Step(ticket=job.ticket, settled=True, made=name, fraction=1.0)


class Taken:
    """Generator and critic of a checkpoint, and an encoder for them."""

    def __init__(self, plan: Plan, squares: Squares, state: dict[str, Any], place: Path) -> None:
        self._plan, self._squares, self._state, self._place = plan, squares, state, place
        self._classes = folder.classes(request_of(plan))
        shares = shares_of(labels_of(squares.listing.names, self._classes), len(self._classes)) if self._classes else []
        self._generator, self._critic = networks(FAMILY, plan.size, place / "contest.pt", shares)
        self._generator.load_state_dict(state["average"])
        self._critic.load_state_dict(state["critic"])
        self._manifold: Manifold | None = None

    def teach(self, job: UseSoFar) -> Work:
        """An encoder, for some seconds; the training's own where there is one."""
        generator, name = self._generator, job.name
        mean, basis = yield from folder.measured(generator)
        kinds = own_manifold.kinds_of(generator, self._classes)
        plain = own_manifold.manifold_of(name, generator, mean, basis)
        saved = self._place / "encoder.pt"
        encoder = guess.new_encoder(plain, saved if saved.exists() else None)
        self._manifold = manifold = own_manifold.manifold_of(name, generator, mean, basis, encoder, kinds=kinds)
        if saved.exists():
            encoder.load_state_dict(torch.load(saved, map_location="cpu", weights_only=True)["average"])
            return
        lessons = guess.Lessons(manifold, encoder, self._squares.pictures, self._squares.split()[0], 0)
        rough = self._place / "rough.pt"
        training, steps = guess.teach(lessons, Budget(job.seconds / 60, 1e-3, checkpoint_minutes=1e9), rough, False)
        for step in steps:
            note = "Learning to find photos in it"
            yield None if step is None else Step(ticket=job.ticket, fraction=step.fraction, note=note)
        encoder.load_state_dict(training.averaged())
        rough.unlink(missing_ok=True)

    def save(self, name: str) -> None:
        """Among the installed manifolds, under that name."""
        assert self._manifold is not None
        plan, step, size = self._plan, self._state["step"], self._plan.size
        data = f"{len(self._squares.pictures)} pictures from the folder {Path(plan.folder).name}"
        card = Card(
            id=name, title=f"{plan.name}, {size} px, after {step:,} steps", weights=packs.WEIGHTS, sha256="", size=0,
            network=own_manifold.PREFIX + FAMILY, resolution=size, layers=self._manifold.layers,
            width=self._manifold.width, licence=plan.licence or folder.LICENCE, source="trained by this program",
            lineage=f"taken from the training of {plan.name} on {data} before it was finished",
            trained=Trained(data=data, command=request_of(plan).command(), seed=0, device=platform.machine(),
                            minutes=round(self._state["seconds"] / 60, 1), steps=step, quality={}),
            classes=self._classes,
        )  # fmt: skip
        own_manifold.save_own(card, self._manifold, self._generator, self._critic)
