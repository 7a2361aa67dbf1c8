"""Looking at a folder before anything is trained on it: a few squares at once, then all that can be known.

The squares are kept, so that a training on the same folder takes them over.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

import numpy as np

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.pauses import Work, paced, retold
from engine.document.training import FOLDER, PREVIEWED, FolderLook
from engine.document.training_jobs import LookAtFolder
from engine.model import packs
from engine.train.classes import classes_among
from engine.train.cutout import stands_out
from engine.train.folder_request import FolderRequest
from engine.train.photos import finding
from engine.train.squares import CUTS, Cut, listed, store_of, stored

LOOKED_AT = ".looked-at"
"""Folder of the squares that were made to look at a folder."""

THINGS = 0.8
"""Share of the pictures looked at that must show one thing before a plain ground."""


def look_at_folder(job: LookAtFolder, cut: Cut | None = None) -> Generator[Step, None, None]:
    """A few squares at once, then all that can be known. cut: for a crop that needs more than the middle."""
    return paced(Step(ticket=job.ticket, note="Looking for pictures"), _looked(job, cut))


def _looked(job: LookAtFolder, cut: Cut | None) -> Work:
    if not job.folder.is_dir():
        raise InputError(f"{job.folder} is no folder: choose a folder of pictures.")
    paths = yield from finding([job.folder])
    preview: list[np.ndarray] = []
    for place in sorted(_some(len(paths))):
        try:
            preview.append((cut or CUTS[job.crop])(paths[place], job.size))
        except InputError:
            continue
        yield Step(ticket=job.ticket, look=_first_look(job, len(paths), preview), note=f"{len(paths):,} files")
    cache = packs.home() / FOLDER / LOOKED_AT
    looking = Step(ticket=job.ticket, look=_first_look(job, len(paths), preview),
                   note=f"Looking through {len(paths):,} files")  # fmt: skip
    known = yield from retold(listed(job.folder, job.size, cache, job.crop, cut),
                              lambda done: replace(looking, fraction=done))  # fmt: skip
    pictures = stored(cache, known)
    shown = pictures[np.sort(_some(len(pictures)))]
    standing = 0
    for picture in shown:
        standing += stands_out(picture)
        yield None
    found = FolderLook(len(pictures), tuple(known.refused), tuple(known.repeated), shown, job.least, True,
                       classes_among(known.names), standing >= max(1.0, THINGS * len(shown)))
    yield Step(ticket=job.ticket, settled=True, look=found, fraction=1.0)


def _some(count: int) -> np.ndarray:
    """Places of the pictures that are shown, of so many."""
    return np.random.default_rng(0).permutation(count)[:PREVIEWED]


def _first_look(job: LookAtFolder, count: int, preview: Sequence[np.ndarray]) -> FolderLook:
    shown = np.stack(preview) if preview else np.zeros((0, job.size, job.size, 3), np.uint8)
    return FolderLook(count, (), (), shown, job.least, whole=False)


def take_over(request: FolderRequest) -> None:
    """The squares that were made to look at the folder, where they are of the right size; the rest is checked later."""
    looked, goal = (store_of(place, request.size) for place in (packs.home() / FOLDER / LOOKED_AT, request.place()))
    if all(path.exists() for path in looked) and not any(path.exists() for path in goal):
        request.place().mkdir(parents=True, exist_ok=True)
        for old, new in zip(looked, goal, strict=True):
            old.replace(new)
