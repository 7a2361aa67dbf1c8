"""Watching a training: the wall of what the same latents make, how various that is, and how the losses run.

As long as it makes up nothing, the wall is some of the pictures that it learns from, as it shows them again.

All of it is cheap beside the training, and is made in pieces with pauses between them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.atomic import replacing
from engine.document.training import CURVE
from engine.model import own_manifold
from engine.model.family import Generator as Network
from engine.model.features import Features
from engine.model.networks.style_generator import StyleGenerator
from engine.train import folder
from engine.train.course import Course
from engine.train.flowing import drawn
from engine.train.measure import describing
from engine.train.photos import to_tensor
from engine.train.squares import Squares

SHOWN, SEED = 24, 5
EVERY = 8.0
"""Seconds at least between two looks; a look takes a thirtieth of the time at most."""

SHARE = 1 / 30
MEASURED_EVERY = 3
"""Looks between two of which it is measured how various the pictures are."""

ROWS = 400
"""Of the curve at most: beyond them every second one is dropped."""

LARGEST = 1 << 20
"""Bytes of a curve that is read."""

Pausing = Generator[None, None, None]


class Watch:
    """What is seen of one training. wall, again, curve, variety: see TrainingMoment."""

    def __init__(self, course: Course, squares: Squares, place: Path) -> None:
        self._course, self._squares, self._path = course, squares, place / "curve.npy"
        self._features = Features.load()
        self._looks, self._next, self._real = 0, 0.0, (0, float("nan"))
        self.wall = np.zeros((0, 1, 1, 3), np.uint8)
        self.variety, self.again = float("nan"), course.mirror() is not None
        self._rows = [row for row in _read(self._path) if row[0] <= course.seconds]

    @property
    def curve(self) -> np.ndarray:
        """Nx4 float32."""
        return np.array(self._rows, np.float32).reshape(-1, len(CURVE))

    def note(self) -> None:
        """Take down where the losses are, where they have moved on for long enough."""
        course = self._course
        gap = max(1.0, 60 * course.budget.minutes / ROWS)
        if self._rows and course.seconds - self._rows[-1][0] < gap:
            return
        self._rows.append((course.seconds, *(*course.losses, math.nan)[:2], self.variety))
        if len(self._rows) > 2 * ROWS:  # the time was made longer
            self._rows = self._rows[::2]

    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._next

    def look(self) -> Pausing:
        """Draw the wall anew, and now and then measure it."""
        begun, work = time.monotonic(), 0.0
        pieces = self._look(self._course.side())
        while True:
            start = time.perf_counter()
            try:
                next(pieces)
            except StopIteration:
                break
            work += time.perf_counter() - start
            yield
        self._next = begun + max(EVERY, work / SHARE)

    def _look(self, side: int) -> Pausing:
        mirror = self._course.mirror()
        self.again = mirror is not None
        if mirror is not None:
            yield from self._reflect(mirror)
            return
        generator = self._course.averaged().eval()
        latents = yield from wall_latents(generator)
        parts = []
        for some in latents.split(folder.FEW):
            with torch.no_grad():
                made = generator(some, side) if isinstance(generator, StyleGenerator) else generator.synthesis(some)
            parts.append(folder.to_bytes(made))
            yield
        self.wall = np.concatenate(parts)
        if self._looks % MEASURED_EVERY == 0:
            yield from self._measure(side)
        self._looks += 1

    def _reflect(self, mirror: nn.Module) -> Pausing:
        """The wall of pictures shown again."""
        parts = []
        for some in to_tensor(self._own()).split(folder.FEW):
            with torch.no_grad():
                parts.append(folder.to_bytes(mirror(some)))
            yield
        self.wall = np.concatenate(parts)

    def _own(self) -> np.ndarray:
        """SHOWNxSxSx3: some of the artist's own pictures."""
        return self._squares.pictures[np.linspace(0, len(self._squares.pictures) - 1, SHOWN).astype(int)]

    def _measure(self, side: int) -> Pausing:
        """Against as many of the artist's own pictures, at the same size."""
        if self._real[0] != side:
            seen = yield from describing(_smaller(self._own(), side), self._features)
            self._real = side, spread(seen)
        seen = yield from describing(self.wall, self._features)
        self.variety = spread(seen) / max(self._real[1], 1e-12)

    def keep(self) -> None:
        """Write the curve beside the checkpoint."""
        if self._rows:
            with replacing(self._path) as temporary:
                np.save(temporary, self.curve, allow_pickle=False)


def wall_latents(generator: Network) -> Generator[None, None, Tensor]:
    """SHOWN x L x W: always of the same z, drawn a little towards their mean where all samples are. Pauses."""
    styles = yield from drawn(generator.mapping, SHOWN, torch.device("cpu"), torch.Generator().manual_seed(SEED))
    if generator.mapping.centred:
        mean = own_manifold.styles(generator, 512, SEED + 1).mean(dim=0)
        styles = mean + folder.TRUNCATION * (styles - mean)
    return styles[:, None].expand(-1, generator.layers, -1).contiguous()


def spread(points: np.ndarray) -> float:
    """Mean distance between any two of N points, NxD: of few pictures, all pairs say more than some (train.measure)."""
    squares = (points**2).sum(1)
    apart = np.sqrt((squares[:, None] + squares[None] - 2 * points @ points.T).clip(min=0))
    return float(apart.sum() / max(len(points) * (len(points) - 1), 1))


def _smaller(pictures: np.ndarray, side: int) -> np.ndarray:
    """NxSxSx3 uint8 averaged down to that side."""
    times = pictures.shape[1] // side
    shape = (len(pictures), side, times, side, times, 3)
    return np.rint(pictures.reshape(shape).mean(axis=(2, 4))).astype(np.uint8)


def _read(path: Path) -> list[tuple[float, ...]]:
    """The rows that were kept; none where there are none, or what lies there is no curve."""
    try:
        if path.stat().st_size > LARGEST:
            return []
        with path.open("rb") as file:
            rows = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError):
        return []
    if rows.ndim != 2 or rows.shape[1] != len(CURVE) or rows.dtype != np.float32:
        return []
    return [tuple(float(value) for value in row) for row in rows if math.isfinite(row[0])]
