"""Course: how a family is taught, as the training of a folder sees it.

Each module that teaches a family has `course(task)`. What it gives goes on from its checkpoint, yields its steps, and
hands over the generator as it would be kept now.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from engine.model.families import FAMILIES
from engine.model.family import Generator
from engine.train.trainer import Pieces, Training


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
    def step(self) -> int:
        """Steps made."""

    @property
    def seconds(self) -> float:
        """Spent."""

    @property
    def loss(self) -> float:
        """The running mean."""

    def pieces(self) -> Pieces:
        """Until the budget is spent, None for a pause; closing the iterator writes the checkpoint."""

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

    def told(self) -> str:
        """On what, and how many pictures at a time; for the card."""


class Lessons(ABC):
    """The half of a course that is alike where one module is taught by one loss."""

    _training: Training

    @abstractmethod
    def loss_of(self, step: int) -> Tensor:
        """Of one batch."""

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

    def pieces(self) -> Pieces:
        """Until the budget is spent."""
        for step in self._training.pieces(lambda number: iter((self.loss_of(number),))):
            yield step and replace(step, note=f"Step {step.step}, {step.loss:.3f}")


def begin(task: Task) -> Course:
    """The course of the task's family, taken up where its checkpoint is."""
    module = import_module(f"engine.train.{FAMILIES[task.family].taught_by}")
    course: Course = module.course(task)
    return course
