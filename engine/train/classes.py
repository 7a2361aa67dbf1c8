"""Classes of a folder's pictures: the folders directly below it, where every picture lies in one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from engine.document.errors import InputError
from engine.train.photos import finding

LEAST, MOST = 10, 64
"""Pictures of a class; classes of a folder. Beyond them the folders are somebody's filing, and no kinds of things."""


def classes_of(folder: Path, wanted: bool | None) -> Generator[None, None, tuple[str, ...]]:
    """The names, in order; empty for no classes. wanted: True, False, or None for what the folder looks like.

    InputError where they are wanted and the folder has none. Pauses, as the folder may be large.
    """
    if wanted is False:
        return ()
    found = classes_among([path.relative_to(folder).as_posix() for path in (yield from finding([folder]))])
    if wanted and not found:
        raise InputError(f"{folder.name} has no classes: put each class's pictures, at least {LEAST}, into a folder of "
                         f"its own below it, 2 to {MOST} of them, and none beside.")
    return found


def classes_among(names: Sequence[str]) -> tuple[str, ...]:
    """The classes that pictures of those names below their folder look like, in order; empty where they do not."""
    counts = Counter(_of(name) for name in names)
    alike = "" not in counts and 2 <= len(counts) <= MOST and min(counts.values()) >= LEAST
    return tuple(sorted(counts)) if alike else ()


def labels_of(names: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """N whole numbers: the class of each picture, by its name below the folder. InputError for one of another class."""
    places = {name: place for place, name in enumerate(classes)}
    for name in names:
        if _of(name) not in places:
            raise InputError(f"{name} is in none of the classes that the training began with ({', '.join(classes)}): "
                             "take it out, or begin anew under another --name.")
    return np.array([places[_of(name)] for name in names], np.int64)


def shares_of(labels: np.ndarray, count: int) -> list[float]:
    """How much of the pictures is of each class."""
    return [float(share) for share in np.bincount(labels, minlength=count) / max(len(labels), 1)]


def _of(name: str) -> str:
    """The first folder of a path below the folder; empty where there is none."""
    parts = PurePosixPath(name).parts
    return parts[0] if len(parts) > 1 else ""
