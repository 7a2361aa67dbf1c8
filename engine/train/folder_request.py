"""What is asked for when a manifold is trained on a folder, and whether that can be done."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from engine.document import locks
from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.training import LEAST, Crop, can_be_called
from engine.model import packs
from engine.model.families import FAMILIES, SIZES
from engine.train.classes import classes_of
from engine.train.guess import USUAL, way_of
from engine.train.squares import Cut


@dataclass(frozen=True)
class FolderRequest:
    """What to train. name: of the manifold. minutes: of wall clock, over all runs. licence: of the pictures, in words.

    work: the run's folder, in the user's data by default. least: pictures that must be there. device: cpu, cuda, or
    empty for a GPU if there is one; generator and critic are taught there, what follows is for the processor. classes:
    whether the folders below are classes to be told; None where it looks like it, or as the run was begun. crop: what
    of a picture is learned. cut: how that is cut out, where it is not the middle or the whole.
    way: how the encoder is taught, terms of engine.train.guess joined by +.
    """

    folder: Path
    name: str
    size: int = 64
    minutes: float = 60.0
    family: str = "style"
    seed: int = 0
    resume: bool = False
    licence: str = ""
    work: Path | None = None
    checkpoint_minutes: float = 4.0
    least: int = LEAST
    device: str = ""
    classes: bool | None = None
    crop: Crop = Crop.CENTRE
    cut: Cut | None = None
    way: str = "pairs+again"

    def command(self) -> str:
        """The command line that asks for the same."""
        family = "" if self.family == "style" else f" --family {self.family}"
        classes = {None: "", True: " --classes", False: " --no-classes"}[self.classes]
        way = "" if way_of(self.way) == USUAL else f" --encoder {self.way}"
        crop = "" if self.crop is Crop.CENTRE else f" --crop {self.crop}"
        return (f"ganvas train {shlex.quote(self.folder.name)} --name {self.name} --size {self.size} "
                f"--minutes {self.minutes:g} --seed {self.seed}{family}{classes}{crop}{way}")

    def place(self) -> Path:
        """The run's folder."""
        return self.work or packs.home() / "training" / self.name


class Settings(msgspec.Struct, frozen=True):
    """What a resumed run must share with the one before it. classes: names of those it is told.

    crop: None where that was not written down yet.
    """

    size: int
    family: str
    seed: int
    classes: tuple[str, ...] = ()
    crop: Crop | None = None


def refuse(request: FolderRequest) -> None:
    """InputError where that could not be trained by anybody."""
    if not can_be_called(request.name):
        raise InputError(f"{request.name!r} cannot be a manifold's name: begin with a small letter and go on with "
                         "small letters, digits and dashes, 40 at most.")
    if request.family not in FAMILIES:
        raise InputError(f"there are no {request.family} manifolds; there are: {', '.join(FAMILIES)}.")
    if request.size not in SIZES:
        raise InputError(f"there are no manifolds of {request.size} px.")
    least = FAMILIES[request.family].least
    if request.size < least:
        raise InputError(f"{request.family} manifolds have {least} px or more: choose a larger --size.")
    if not request.minutes > 0:
        raise InputError(f"{request.minutes:g} minutes are no time to train in: give more than 0.")


@contextmanager
def alone(request: FolderRequest) -> Iterator[None]:
    """Be the only one that trains it. InputError where another process does, or where nobody could."""
    refuse(request)
    busy = f"{request.name} is being trained by another program: pause it there first, or choose another --name."
    with locks.alone(request.place(), busy):
        yield


def check(request: FolderRequest) -> Generator[None, None, None]:
    """InputError where the request cannot be followed; writes down what a resumed run must share. Pauses."""
    refuse(request)
    way_of(request.way)
    path = request.place() / "settings.json"
    begun = _settings(path)
    if begun is not None and not request.resume:
        raise InputError(f"{request.name} was begun before: go on with --resume, or choose another --name.")
    if begun is None and request.name in packs.trained():
        raise InputError(f"there is a manifold called {request.name} already: choose another --name.")
    if begun is not None and not _same(begun, request):
        classes = "--classes" if begun.classes else "--no-classes"
        crop = f" --crop {begun.crop}" if begun.crop else ""
        raise InputError(f"{request.name} was begun with --size {begun.size} --family {begun.family} --seed "
                         f"{begun.seed} {classes}{crop}: resume it with these.")
    if begun is None:
        settings = Settings(request.size, request.family, request.seed, (yield from _found(request)), request.crop)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(msgspec.json.encode(settings))


def _same(begun: Settings, request: FolderRequest) -> bool:
    asked = request.classes in (None, bool(begun.classes)) and begun.crop in (None, request.crop)
    return asked and (begun.size, begun.family, begun.seed) == (request.size, request.family, request.seed)


def _found(request: FolderRequest) -> Generator[None, None, tuple[str, ...]]:
    """The classes of the folder that the family is to be told."""
    if not FAMILIES[request.family].classed:
        if request.classes:
            raise InputError(f"a {request.family} manifold cannot be told classes: leave out --classes.")
        return ()
    return (yield from classes_of(request.folder, request.classes))


def classes(request: FolderRequest) -> tuple[str, ...]:
    """The classes that the run is told, as it was begun."""
    begun = _settings(request.place() / "settings.json")
    return () if begun is None else begun.classes


def _settings(path: Path) -> Settings | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (OSError, msgspec.MsgspecError):
        return None
