"""Course: how a family is taught, as the training of a folder sees it.

Each module that teaches a family has `course(task)`. What it gives goes on from its checkpoint, yields its steps, and
hands over the generator as it would be kept now.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.model.families import FAMILIES
from engine.model.family import Generator
from engine.train.trainer import UNFIT, Budget, Pieces, Training


@dataclass(frozen=True, eq=False)
class Task:
    """What to teach. pictures: NxSxSx3 uint8; names: of each, below its folder; chosen: which of them to learn from.

    classes: names of those that are told. minutes: of wall clock, over all runs. resume: go on from the checkpoint.
    """

    family: str
    size: int
    pictures: np.ndarray
    names: tuple[str, ...]
    chosen: np.ndarray
    classes: tuple[str, ...]
    minutes: float
    checkpoint: Path
    checkpoint_minutes: float
    resume: bool
    seed: int
    device: torch.device


class Course(Protocol):
    """A teaching that is under way."""

    @property
    def budget(self) -> Budget:
        """What it may spend."""

    @property
    def step(self) -> int:
        """Steps made."""

    @property
    def seconds(self) -> float:
        """Spent."""

    @property
    def loss(self) -> float:
        """The running mean."""

    @property
    def losses(self) -> list[float]:
        """Running means to be drawn over time: of generator, critic and what else; or the one there is."""

    def pieces(self) -> Pieces:
        """Until the budget is spent, None for a pause; closing the iterator writes the checkpoint."""

    def part(self, count: int) -> None:
        """Go through a batch in so many parts, with a pause after each."""

    def side(self) -> int:
        """Of the pictures it is at now: training may grow."""

    def averaged(self) -> Generator:
        """A generator of its own on the processor, as it would be kept now."""

    def critic_kept(self) -> nn.Module | None:
        """What judges plausibility, on the processor; None where nothing does."""

    def encoder_kept(self, mean: Tensor, basis: Tensor) -> nn.Module | None:
        """What recognises pictures, in coordinates from that mean (W) along that basis (KxW).

        None where that is to be taught afterwards.
        """

    def mirror(self) -> nn.Module | None:
        """As long as it makes nothing up yet: what shows pictures again, Bx3xSxS to the same, on the processor."""

    def told(self) -> str:
        """On what, and how many pictures at a time; for the card."""


class Timed(Course, Protocol):
    """A course whose speed is found by making a step in each of its parts. shares: of the time from which on they run.

    batch: pictures a step, in the part it is in.
    """

    shares: tuple[float, ...]

    @property
    def batch(self) -> int:
        """As above."""

    def at(self, fraction: float) -> None:
        """As if so much of the budget were spent."""

    def advance(self) -> Iterator[None]:
        """One step, with pauses."""


class Lessons(ABC):
    """The half of a course that is alike where one module is taught by one loss."""

    batch = 16
    shares = (0.0,)
    _training: Training
    _parts: tuple[slice, ...] = (slice(None),)

    @abstractmethod
    def losses_of(self, step: int) -> Iterator[Tensor]:
        """Of each part of one batch: the mean of what it loses. What is random does not depend on the parts."""

    @property
    def budget(self) -> Budget:
        """What it may spend."""
        return self._training.budget

    @property
    def step(self) -> int:
        """Steps made."""
        return self._training.step

    @property
    def seconds(self) -> float:
        """Spent."""
        return self._training.seconds

    @property
    def loss(self) -> float:
        """The running mean."""
        return self._training.loss

    @property
    def losses(self) -> list[float]:
        """The one there is."""
        return [self.loss]

    def part(self, count: int) -> None:
        """Every so manieth picture of a batch is a part: count divides it."""
        self._parts = tuple(slice(first, None, count) for first in range(count))

    def mirror(self) -> None:
        """It makes up pictures from its first step."""
        return

    def at(self, fraction: float) -> None:
        """As if so much of the budget were spent."""
        self._training.at(fraction)

    def advance(self) -> Iterator[None]:
        """One step, with pauses."""
        return self._training.advance(self._shares(self.step))

    def pieces(self) -> Pieces:
        """Until the budget is spent."""
        with closing(self._training.pieces(self._shares)) as pieces:
            for step in pieces:
                yield step and replace(step, note=f"Step {step.step}, {step.loss:.3f}")

    def _shares(self, step: int) -> Iterator[Tensor]:
        """What adds up to the mean over the batch."""
        return (loss / len(self._parts) for loss in self.losses_of(step))


def begin(task: Task) -> Course:
    """The course of the task's family, taken up where its checkpoint is. InputError where that does not fit."""
    module = import_module(f"engine.train.{FAMILIES[task.family].taught_by}")
    try:
        course: Course = module.course(task)
    except UNFIT as error:
        if not (task.resume and task.checkpoint.exists()):
            raise
        raise InputError(f"the checkpoint {task.checkpoint.name} does not fit ({type(error).__name__}): another "
                         "version of this program made it, its pictures have become others, or it is damaged. "
                         "Begin anew.") from error  # fmt: skip
    return course
