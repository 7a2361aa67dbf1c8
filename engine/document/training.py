"""Training a manifold on a folder of the artist's pictures: what is asked for, what is found there, what comes of it.

All plain values: the engine makes them, the window shows them. What a manifold will look like is told from how many
pictures its critic will have looked at, which follows from the time and from how fast this machine is.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np

from engine.document.arrays import frozen
from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.locks import LOCK, busy
from engine.document.manifold_entry import FFHQ, SCENE

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
LONGEST_NAME = 40
RESERVED = {"faces", "landmarks", "list", "get", "con", "prn", "aux", "nul",
            *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}  # fmt: skip
"""What no manifold of one's own can be called: the program's own, and what Windows keeps for itself."""

LEAST, MOST = 200, 20_000
"""Pictures that a folder must have, and beyond which more take only longer to read."""

TEACHING = 0.8
"""Share of the time in which generator and critic teach each other; the encoder learns in the rest."""

SIDES = (64, 128, 256)
PREVIEWED = 24
PLAN = "plan.json"
FOLDER = "training"
LIMIT = 1 << 20


class Crop(StrEnum):
    """What of a picture becomes the square that is learned."""

    CENTRE = "centre"  # the largest square in its middle
    SCENE = "scene"  # the same, of a place that goes on beyond it
    WHOLE = "whole"  # all of it; what is missing of the square has the colour of its border
    FACE = "face"  # its largest face, laid as the faces' manifold lays them


LAYOUTS = {Crop.FACE: FFHQ, Crop.SCENE: SCENE}
"""What the manifold's card says of how things lie in its pictures, where there is something to say."""


class Family(StrEnum):
    """What kind of model artists are offered, by the name of its family of networks."""

    STYLE = "style"  # the sharpest pictures, after the longest time
    CODED = "coded"  # pictures are found again most faithfully; those made up stay impressions
    MAP = "vae"  # few numbers, smooth everywhere: to walk on
    THINGS = "conditional"  # things before a plain ground, to be turned, moved, toned and cut out


CLASSED = {Family.STYLE, Family.CODED, Family.THINGS}
"""Those that can be told classes."""


def can_be_called(name: str) -> bool:
    """Whether that is a name for a manifold of one's own."""
    return NAME.fullmatch(name) is not None and name not in RESERVED


class Plan(msgspec.Struct, frozen=True):
    """What is to be trained. minutes: of work, in all. spent: of them so far. licence: of the pictures, in words.

    fraction: 0..1 of the work done when this was written. least: pictures that must be there. classes: whether the
    folders below are kinds of things to be told; None for what the folder looks like.
    """

    folder: str
    name: str
    size: int = 64
    minutes: float = 60.0
    licence: str = ""
    crop: Crop = Crop.CENTRE
    spent: float = 0.0
    fraction: float = 0.0
    least: int = LEAST
    family: Family = Family.STYLE
    classes: bool | None = None

    def write(self, place: Path) -> None:
        """Into a run's folder, whole or not at all. InputError where it cannot be written."""
        place.mkdir(parents=True, exist_ok=True)
        with replacing(place / PLAN) as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))


def read_plan(place: Path) -> Plan | None:
    """The plan in a run's folder; None where there is none, none that can be read, or another run's."""
    try:
        with (place / PLAN).open("rb") as stream:
            plan = msgspec.json.decode(stream.read(LIMIT), type=Plan)
    except (OSError, msgspec.MsgspecError):
        return None
    return plan if plan.name == place.name and can_be_called(plan.name) else None


def unfinished(home: Path) -> tuple[Plan, ...]:
    """The trainings in the user's data that have not come to their end, the one that was worked on last first."""
    known = [(_written(path), plan) for path in (home / FOLDER).glob(f"*/{PLAN}") if (plan := read_plan(path.parent))]
    return tuple(plan for _, plan in sorted(known, key=lambda pair: -pair[0]))


def _written(path: Path) -> float:
    """When; long ago where it is just being thrown away."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def place_of(home: Path, name: str) -> Path:
    """The folder of the run of that name."""
    return home / FOLDER / name


WORKED_WITH = ("squares-*.json", "squares-*.u8", "settings.json", "contest.pt", "encoder.pt", "curve.npy")
"""Files of a run that are of no use without one another, some 250 MB."""


def tidy(place: Path) -> None:
    """Throw away what a run that has come to its end worked with; its sheets stay, and what cannot be removed.

    It cannot be gone on with then. place: the run's folder.
    """
    for path in (path for pattern in WORKED_WITH for path in place.glob(pattern)):
        with suppress(OSError):
            path.unlink()


def discard(home: Path, name: str) -> None:
    """Throw a run's files away: its own kinds of files and nothing else. InputError where that cannot be done."""
    place = place_of(home, name)
    if busy(place):
        raise InputError(f"{name} is being trained by another program: pause it there first.")
    try:
        for pattern in ("*.json", "*.pt", "*.png", "*.u8", "*.npy", LOCK):
            for path in place.glob(pattern):
                path.unlink(missing_ok=True)
        place.rmdir()
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"the files in {place} cannot be removed ({error.strerror}).") from error


@dataclass(frozen=True, eq=False)
class FolderLook:
    """What a folder holds. pictures: that can be used. refused: name and why. repeated: name, and what it repeats.

    preview: NxSxSx3 uint8, the squares of some of them as they will be learned. least: that are needed. whole: whether
    all files were looked at; otherwise pictures are mere files. classes: names of the kinds that the folders below look
    like. things: whether nearly every picture shows one thing before a plain ground.
    """

    pictures: int
    refused: tuple[tuple[str, str], ...]
    repeated: tuple[tuple[str, str], ...]
    preview: np.ndarray
    least: int = LEAST
    whole: bool = True
    classes: tuple[str, ...] = ()
    things: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "preview", frozen(self.preview, np.uint8))

    def enough(self) -> bool:
        """Whether it can be trained on."""
        return self.pictures >= self.least

    def verdict(self) -> str:
        """Whether that is enough, in words."""
        if not self.whole:
            return (f"{self.pictures:,} files, and not all were looked at: what cannot be used is left out when the "
                    "training begins.")  # fmt: skip
        if not self.enough():
            return (f"{self.pictures} usable pictures are too few: at least {self.least} are needed, "
                    "and a thousand are better.")  # fmt: skip
        if self.pictures > MOST:
            return (f"{self.pictures:,} pictures are more than are of use: {MOST:,} are plenty. It works, but looking "
                    "through them takes long; a folder with fewer and better ones is wiser.")  # fmt: skip
        if self.pictures < 5 * self.least:
            return f"{self.pictures} pictures are enough for a beginning: expect what is made to stay close to them."
        return f"{self.pictures:,} pictures: a good collection."


@dataclass(frozen=True)
class Pace:
    """How fast this machine teaches. stages: (share of the time from which on, side in pixels, seconds a picture).

    share: of all the time, after which the encoder is taught.
    """

    stages: tuple[tuple[float, int, float], ...]
    share: float = TEACHING

    def seen(self, minutes: float) -> int:
        """How many pictures will have been looked at after so many minutes."""
        ends = [*(begin for begin, _, _ in self.stages[1:]), 1.0]
        rate = sum((end - begin) / each for (begin, _, each), end in zip(self.stages, ends, strict=True))
        return round(60 * minutes * self.share * rate)

    def minutes(self, seen: int) -> float:
        """How long it takes until so many have been looked at."""
        return seen / max(self.seen(1000.0) / 1000.0, 1e-9)


EXPECTED = {
    Family.STYLE: (
        (4_000, "patches of colour, and no more than a hint of a shape"),
        (25_000, "the colours and the rough arrangement of your pictures, blurred"),
        (300_000, "things one can recognise where your pictures are framed alike, soft and with odd places"),
        (2_000_000, "clear pictures with faults in the details"),
    ),
    Family.CODED: (
        (20_000, "your pictures shown again in a fog, and blots where it makes one up"),
        (80_000, "your pictures shown again, soft; those it makes up are impressions in paint"),
    ),
    Family.MAP: (
        (10_000, "patches of colour"),
        (60_000, "colours and rough shapes, in a fog"),
        (400_000, "things one can recognise, soft at the edges"),
    ),
    Family.THINGS: (
        (10_000, "blots of colour"),
        (60_000, "rough shapes that move and turn"),
        (400_000, "things one can recognise, soft at the edges"),
    ),
}
"""What is to be seen of pictures after so many: things on white, 64 px, were in the third of the first stages.

Those of the first kind were looked at; of the others too few trainings have been seen to say more than about when.
"""
ROUGH = {Family.CODED, Family.MAP, Family.THINGS}

BEST = {
    Family.STYLE: "about as good as a network of this size gets",
    Family.CODED: "your pictures shown again faithfully; those it makes up are impressions in paint",
    Family.MAP: "soft pictures: a map stays softer than the other kinds, however long it learns",
    Family.THINGS: "clear things with soft surfaces, about as good as a network of this size gets",
}
CLEAR = {Family.STYLE: 300_000, Family.CODED: 80_000, Family.MAP: 60_000, Family.THINGS: 60_000}
"""Pictures that it takes for something one can recognise, and of the first kind something clear, as far as is known."""


def expectation(seen: int, family: Family = Family.STYLE) -> str:
    """What can be expected when so many pictures have been looked at, in words."""
    return next((words for most, words in EXPECTED[family] if seen < most), BEST[family])


def forecast(pace: Pace, minutes: float, pictures: int, family: Family = Family.STYLE) -> str:
    """What that many minutes on this machine will bring, in words."""
    seen = pace.seen(minutes)
    each = seen / max(pictures, 1)
    told = (f"In {duration(60 * minutes)} it will have looked at about {_round(seen):,} pictures, {each:.0f} times at "
            f"each of yours. Expect {expectation(seen, family)}.")  # fmt: skip
    if seen < CLEAR[family]:
        told += f" For clear pictures give it {duration(60 * pace.minutes(CLEAR[family]))}."
    if family in ROUGH:
        told += " This is a rough guess for this kind of model: watch the wall."
    return told


def duration(seconds: float) -> str:
    """`40 s`, `12 min`, `3 h 20 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(5 * round(minutes / 5), 60)
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"


def _round(count: int) -> int:
    """To two digits that count."""
    return int(float(f"{count:.2g}"))


CURVE = ("seconds", "error", "critic", "variety")


@dataclass(frozen=True, eq=False)
class TrainingMoment:
    """Where a training stands. step: of the lessons. side: of the pictures now. spent, left: seconds of work.

    wall: NxSxSx3 uint8, what the same latents make now; empty before the first look. curve: Nx4 float32, columns as
    CURVE, with NaN where something was not measured, or there is no critic. variety: 1 is as various as the artist's
    own pictures; NaN before the first look. teaching: whether it still learns to make pictures, and not yet to find
    photos among them. enough: minutes of a plan by which it would have made enough of these steps.
    again: whether it makes up nothing yet, and the wall is some of the artist's own pictures, shown again.
    """

    step: int
    side: int
    spent: float
    left: float
    fraction: float
    note: str
    teaching: bool = True
    wall: np.ndarray = field(default_factory=lambda: np.zeros((0, 1, 1, 3), np.uint8))
    curve: np.ndarray = field(default_factory=lambda: np.zeros((0, len(CURVE)), np.float32))
    variety: float = float("nan")
    enough: float = 0.0
    again: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "wall", frozen(self.wall, np.uint8))
        object.__setattr__(self, "curve", frozen(self.curve, np.float32))
