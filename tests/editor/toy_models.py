"""What the stand-in for the engine thread says of models: which there are, their directions, and what is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.document.direction import Direction
from engine.document.errors import InputError
from engine.document.job import Install, Job, ListDirections, ListManifolds, Step, UseFeatures
from engine.document.manifold_entry import ManifoldEntry

SIDE = 16  # of toy pictures


def list_directions(job: ListDirections) -> Iterator[Step]:
    """One with a name that makes it lighter, one without that does so twice as fast."""
    named = Direction("Lighter", np.full((2, 3), 10, np.float32), job.manifold, 3.0, "named", "lighter")
    nameless = Direction("Axis 1", np.full((2, 3), 20, np.float32), job.manifold, 3.0, "axis", "axis1")
    yield Step(ticket=job.ticket, settled=True, directions=(named, nameless), fraction=1)


def list_manifolds(job: ListManifolds) -> Iterator[Step]:
    """The faces, and a grey model of hills."""
    entries = tuple(ManifoldEntry(id, f"{id}, {SIDE} px", SIDE, np.full((SIDE, SIDE, 3), 90, np.uint8), layout)
                    for id, layout in (("faces", "ffhq"), ("green-hills", "")))
    yield Step(ticket=job.ticket, settled=True, manifolds=entries, fraction=1)


def install(job: Install) -> Iterator[Step]:
    """At once."""
    yield Step(ticket=job.ticket, settled=True, fraction=1, note="Installed")


def use_features(job: UseFeatures) -> Iterator[Step]:
    """Any file is a network of its name, but for `broken.pth`."""
    if job.path is not None and job.path.name == "broken.pth":
        raise InputError("broken.pth holds no weights")
    yield Step(ticket=job.ticket, settled=True, note="compact" if job.path is None else job.path.stem)


MODELS: dict[type[Job], Callable[..., Iterator[Step]]] = {
    ListDirections: list_directions,
    ListManifolds: list_manifolds,
    Install: install,
    UseFeatures: use_features,
}
