"""The jobs around training a manifold of one's own: look at a folder, time, train, use what there is so far."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.document.job import Job
from engine.document.training import LEAST, Crop, Family, Plan


@dataclass(frozen=True, eq=False, kw_only=True)
class LookAtFolder(Job):
    """Look through a folder of pictures that a manifold is to be trained on. Steps: `look`, first of a few squares
    only; settled with all that was found."""

    folder: Path
    size: int
    crop: Crop = Crop.CENTRE
    least: int = LEAST
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class TimeTraining(Job):
    """Measure how fast this machine would train a manifold of that size and family. Settled step: `pace`."""

    size: int
    family: Family = Family.STYLE
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainManifold(Job):
    """Train a manifold by `plan`; resume: from where it was left. Steps: `training`. Settled: it is installed, under
    the name of the plan. A training that is cancelled can be gone on with from where it was."""

    plan: Plan
    resume: bool = False
    background: ClassVar[bool] = True
    patient: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class DiscardTraining(Job):
    """Throw away what the training of that name has learned, once it has stopped. Manifolds it made stay."""

    name: str
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class UseSoFar(Job):
    """Install what the training of that name has learned so far as a manifold of its own, with a rough encoder.

    Settled step: its id as `made`."""

    name: str
    seconds: float = 20.0
    background: ClassVar[bool] = True
