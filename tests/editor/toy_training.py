"""What the stand-in for the engine thread makes of the jobs around a training: the same values, and nothing learned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from editor.places import home
from engine.document.job import Job, Step
from engine.document.training import FolderLook, Pace, TrainingMoment, discard, place_of
from engine.document.training_jobs import DiscardTraining, LookAtFolder, TimeTraining, TrainManifold, UseSoFar

SIDE = 16  # of toy pictures


def look_at_folder(job: LookAtFolder) -> Iterator[Step]:
    """As many pictures as there are files, but one that is named broken; two looks. Folders below are classes."""
    files = sorted(path.name for path in job.folder.iterdir())
    bad = tuple((name, "cannot be read") for name in files if name.startswith("broken"))
    preview = np.full((min(24, len(files)), SIDE, SIDE, 3), 77, np.uint8)
    yield Step(ticket=job.ticket, look=FolderLook(len(files), (), (), preview[:2], whole=False), fraction=0.5)
    classes = tuple(sorted(path.name for path in job.folder.iterdir() if path.is_dir()))
    look = FolderLook(len(files) - len(bad), bad, (), preview, classes=classes, things="plain" in job.folder.name)
    yield Step(ticket=job.ticket, settled=True, look=look, fraction=1)


def time_training(job: TimeTraining) -> Iterator[Step]:
    """A hundredth of a second a picture, and four at the end."""
    yield Step(ticket=job.ticket, settled=True, pace=Pace(((0.0, 32, 0.01), (0.5, job.size, 0.04))), fraction=1)


def train_manifold(job: TrainManifold) -> Iterator[Step]:
    """Ten steps; it is resumed at the sixth. Its folder is there from the first on."""
    place = place_of(home(), job.plan.name)
    for number in range(6 if job.resume else 1, 11):
        msgspec.structs.replace(job.plan, fraction=number / 10).write(place)
        (place / "settings.json").write_text("{}")
        spent = 60 * job.plan.minutes * number / 10
        curve = np.array([(i, 0.7, 1.3, 0.4) for i in range(number)], np.float32)
        wall = np.full((24, SIDE, SIDE, 3), 20 * number, np.uint8)
        moment = TrainingMoment(number, 32, spent, 60 * job.plan.minutes - spent, number / 10, f"Step {number}",
                                number < 9, wall, curve, 0.4, spent / 60 / 0.8)  # fmt: skip
        yield Step(ticket=job.ticket, training=moment, fraction=number / 10, note="Teaching")
    (place / "plan.json").unlink()
    yield Step(ticket=job.ticket, settled=True, made=job.plan.name, training=moment, fraction=1)


def use_so_far(job: UseSoFar) -> Iterator[Step]:
    """At once."""
    yield Step(ticket=job.ticket, settled=True, made=f"{job.name}-at-5", fraction=1)


def discard_training(job: DiscardTraining) -> Iterator[Step]:
    """As the engine does it."""
    discard(home(), job.name)
    yield Step(ticket=job.ticket, settled=True)


TRAINING: dict[type[Job], Callable[..., Iterator[Step]]] = {
    LookAtFolder: look_at_folder,
    TimeTraining: time_training,
    TrainManifold: train_manifold,
    UseSoFar: use_so_far,
    DiscardTraining: discard_training,
}
