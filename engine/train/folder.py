"""Trains a manifold on a folder of pictures, from the files to a pack that the rest of the program opens.

1. The pictures become squares (train.squares); one in twenty is held out.
2. Generator and critic teach each other (train.adversarial), for most of the time. A sheet of samples is written with
   every checkpoint.
3. The encoder learns the way back (train.guess).
4. What has become of it is measured (train.measure) and written: pack, card, sample sheet, nearest neighbours.

Everything lies in the run's own folder, and each part goes on from its last checkpoint: whatever ends the program, the
same request with `resume` comes to the same end.
"""

from __future__ import annotations

import copy
import platform
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.model import own_manifold, packs
from engine.model.card import Card, Trained
from engine.model.families import FAMILIES, SIZES, Generator
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.train import distributed, guess, measure, sheets
from engine.train.adversarial import CPU, Contest, networks, recipe_of
from engine.train.classes import classes_of, labels_of, shares_of
from engine.train.photos import to_tensor
from engine.train.squares import LEAST, Squares, gather
from engine.train.trainer import Budget, TrainingStep

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
TAKEN = {"faces", "landmarks", "con", "prn", "aux", "nul", "list", "get"}
GUESSING = 0.2
"""The encoder's share of the time."""

READ, TAUGHT, GUESSED = 0.02, 0.79, 0.97
"""How far the whole work has come when each part is done."""

JUDGED = 1000
"""Most pictures of each kind that the figures are taken from."""

TRUNCATION = 0.9


@dataclass(frozen=True)
class FolderRequest:
    """What to train. name: of the manifold. minutes: of wall clock, over all runs. licence: of the pictures, in words.

    work: the run's folder, in the user's data by default. least: pictures that must be there. device: cpu, cuda, or
    empty for a GPU if there is one; generator and critic are taught there, what follows is for the processor. classes:
    whether the folders below are classes to be told; None where it looks like it, or as the run was begun.
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

    def command(self) -> str:
        """The command line that asks for the same."""
        family = "" if self.family == "style" else f" --family {self.family}"
        classes = {None: "", True: " --classes", False: " --no-classes"}[self.classes]
        return (f"ganvas train {self.folder.name} --name {self.name} --size {self.size} --minutes {self.minutes:g} "
                f"--seed {self.seed}{family}{classes}")

    def place(self) -> Path:
        """The run's folder."""
        return self.work or packs.home() / "training" / self.name


class Settings(msgspec.Struct, frozen=True):
    """What a resumed run must share with the one before it. classes: names of those it is told."""

    size: int
    family: str
    seed: int
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """The end of a training. path: the pack's folder. Places of the two sheets. refused, repeated: see Listing."""

    path: Path
    steps: int
    quality: dict[str, float]
    pictures: int
    refused: list[tuple[str, str]]
    repeated: list[tuple[str, str]]
    samples: Path
    neighbours: Path


@dataclass(frozen=True)
class FolderStep(TrainingStep):
    """made: in the last step of the first process, else None."""

    made: Made | None = None


def train_folder(request: FolderRequest) -> Iterator[FolderStep]:
    """Yields steps; the last one says what was made. InputError for what cannot be trained."""
    torch.manual_seed(request.seed)
    with distributed.joined():
        if distributed.rank() == 0:
            check(request)
        distributed.wait()
        squares = None
        for moment in _gathered(request):
            if isinstance(moment, Squares):
                squares = moment
            else:
                yield moment
        assert squares is not None
        contest = _contest(request, squares, classes(request))
        yield from _taught(request, contest)
        manifold, lessons = _lessons(request, contest, squares)
        yield from _guessing(request, lessons)
        if distributed.rank() == 0:
            yield FolderStep(contest.step, contest.loss, GUESSED, "Looking at what has become of it")
            made = _finished(request, squares, contest, manifold)
            yield FolderStep(contest.step, contest.loss, 1.0, "Done", made)
        distributed.wait()


def check(request: FolderRequest) -> None:
    """InputError where the request cannot be followed; writes down what a resumed run must share."""
    if not NAME.fullmatch(request.name) or request.name in TAKEN:
        raise InputError(f"{request.name!r} cannot be a manifold's name: begin with a small letter and go on with "
                         "small letters, digits and dashes, 40 at most.")
    if request.size not in SIZES or request.family not in FAMILIES:
        raise InputError(f"there are no {request.family} manifolds of {request.size} px.")
    if not request.minutes > 0:
        raise InputError(f"--minutes {request.minutes:g} is no time to train in: give more than 0.")
    path = request.place() / "settings.json"
    begun = _settings(path)
    if begun is not None and not request.resume:
        raise InputError(f"{request.name} was begun before: go on with --resume, or choose another --name.")
    if begun is None and request.name in packs.own():
        raise InputError(f"there is a manifold called {request.name} already: choose another --name.")
    if begun is not None and not _same(begun, request):
        classes = "--classes" if begun.classes else "--no-classes"
        raise InputError(f"{request.name} was begun with --size {begun.size} --family {begun.family} --seed "
                         f"{begun.seed} {classes}: resume it with these.")
    if begun is None:
        settings = Settings(request.size, request.family, request.seed, _found(request))
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(msgspec.json.encode(settings))


def _same(begun: Settings, request: FolderRequest) -> bool:
    asked = request.classes in (None, bool(begun.classes))
    return asked and (begun.size, begun.family, begun.seed) == (request.size, request.family, request.seed)


def _found(request: FolderRequest) -> tuple[str, ...]:
    """The classes of the folder that the family is to be told."""
    if not FAMILIES[request.family].classed:
        if request.classes:
            raise InputError(f"a {request.family} manifold cannot be told classes: leave out --classes.")
        return ()
    return classes_of(request.folder, request.classes)


def classes(request: FolderRequest) -> tuple[str, ...]:
    """The classes that the run is told, as it was begun."""
    begun = _settings(request.place() / "settings.json")
    return () if begun is None else begun.classes


def _settings(path: Path) -> Settings | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (OSError, msgspec.MsgspecError):
        return None


def _gathered(request: FolderRequest) -> Iterator[FolderStep | Squares]:
    if distributed.rank():
        distributed.wait()  # the first process makes the squares, the others read them
    for moment in gather(request.folder, request.size, request.place(), request.least):
        if isinstance(moment, Squares):
            if distributed.rank() == 0:
                distributed.wait()
            yield FolderStep(0, float("nan"), READ, moment.told())
            yield moment
        else:
            yield FolderStep(0, float("nan"), READ * moment, "Reading the pictures")


def _contest(request: FolderRequest, squares: Squares, classes: tuple[str, ...]) -> Contest:
    checkpoint = request.place() / "contest.pt"
    labels = labels_of(squares.listing.names, classes) if classes else None
    shares = [] if labels is None else shares_of(labels, len(classes))
    generator, critic = networks(request.family, request.size, checkpoint if request.resume else None, shares)
    device = torch.device(request.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    recipe = recipe_of(request.family, request.size, device)
    budget = Budget((1 - GUESSING) * request.minutes, recipe.rate, checkpoint_minutes=request.checkpoint_minutes)
    contest = Contest(generator, critic, squares.pictures, squares.split()[0], budget, checkpoint,
                      recipe, request.seed, device, labels)
    if request.resume:
        contest.resume()
    return contest


def _taught(request: FolderRequest, contest: Contest) -> Iterator[FolderStep]:
    shown = time.monotonic()
    for step in contest.run():
        if distributed.rank() == 0 and time.monotonic() - shown > 60 * request.checkpoint_minutes:
            write_samples(contest, request.place() / "samples.png", classes(request))
            shown = time.monotonic()
        yield FolderStep(step.step, step.loss, READ + (TAUGHT - READ) * step.fraction, step.note)


def _lessons(request: FolderRequest, contest: Contest, squares: Squares) -> tuple[Manifold, guess.Lessons]:
    """The averaged generator as a manifold, and an encoder for it."""
    generator = averaged(contest)
    plain = own_manifold.manifold_of(request.name, generator, *own_manifold.cloud(generator))
    encoder = guess.new_encoder(plain, request.place() / "encoder.pt" if request.resume else None)
    kinds = own_manifold.kinds_of(generator, classes(request))
    manifold = own_manifold.manifold_of(request.name, generator, plain.mean, plain.basis, encoder, kinds=kinds)
    return manifold, guess.Lessons(manifold, encoder, squares.pictures, squares.split()[0], request.seed)


def _guessing(request: FolderRequest, lessons: guess.Lessons) -> Iterator[FolderStep]:
    budget = Budget(GUESSING * request.minutes, 1e-3, checkpoint_minutes=request.checkpoint_minutes)
    training, steps = guess.teach(lessons, budget, request.place() / "encoder.pt", request.resume)
    for step in steps:
        yield FolderStep(step.step, step.loss, TAUGHT + (GUESSED - TAUGHT) * step.fraction,
                         f"Learning the way back, step {step.step}, {step.loss:.3f}")
    lessons.encoder.load_state_dict(training.averaged())


def averaged(contest: Contest) -> Generator:
    """A generator of its own, with the averaged weights."""
    generator = copy.deepcopy(contest.generator).to(CPU)
    generator.load_state_dict(contest.average)
    return generator


def write_samples(contest: Contest, path: Path, classes: tuple[str, ...] = ()) -> None:
    """The sheet of what the averaged generator makes now: always of the same latents."""
    generator = averaged(contest).eval()
    size, _ = contest.stage()
    kinds = own_manifold.kinds_of(generator, classes)
    manifold = own_manifold.manifold_of("samples", generator, *own_manifold.cloud(generator), kinds=kinds)
    with torch.no_grad():
        pictures = manifold.picture(sampled(manifold))
        small = torch.nn.functional.interpolate(pictures, size=(size, size), mode="area")
    sheets.write(sheets.sheet(_bytes(small)), path, 128 // size or 1)


def sampled(manifold: Manifold) -> Tensor:
    """Latents for a sheet, where there are classes in columns or rows of one class each."""
    count = sheets.COLUMNS * sheets.ROWS
    if manifold.kinds is None:
        return manifold.sample(count, 1, TRUNCATION)
    names = manifold.kinds.names
    each = [manifold.sample(-(-count // len(names)), 1, TRUNCATION, name) for name in names]
    return torch.stack(each, dim=1 if len(names) <= sheets.COLUMNS else 0).flatten(0, 1)[:count]


def _bytes(pictures: Tensor) -> np.ndarray:
    """Bx3xSxS in [-1, 1] -> BxSxSx3 uint8."""
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def _finished(request: FolderRequest, squares: Squares, contest: Contest, manifold: Manifold) -> Made:
    """Measures, writes sheets and pack."""
    learn, held = squares.split()
    unseen, known = squares.pictures[held[:JUDGED]], squares.pictures[learn]
    generator, features = averaged(contest), Features.load()
    count = min(JUDGED, max(len(held), 200))

    @torch.no_grad()
    def drawn(count: int, seed: int) -> Tensor:
        return manifold.picture(manifold.sample(count, seed, 1.0))

    made = measure.sampled(drawn, count, 1_000_000)
    quality = asdict(measure.judge(made, known, unseen, features))
    quality |= guess.evaluate(manifold, to_tensor(unseen[:64]))
    place = request.place()
    paths = place / "samples.png", place / "neighbours.png"
    with torch.no_grad():
        best = _bytes(manifold.picture(sampled(manifold)))
    sheets.write(sheets.sheet(best), paths[0])
    sheets.write(sheets.beside(best[:8], known, features), paths[1])
    card = _card(request, squares, contest, manifold, {key: round(value, 4) for key, value in quality.items()})
    path = own_manifold.save_own(card, manifold, generator, contest.critic.to(CPU))
    return Made(path, contest.step, quality, len(squares.pictures), squares.listing.refused, squares.listing.repeated,
                *paths)


def _card(request: FolderRequest, squares: Squares, contest: Contest, manifold: Manifold,
          quality: dict[str, float]) -> Card:
    listing, seconds = squares.listing, contest.seconds
    device = f"{contest.device.type} ({platform.machine()}, {torch.get_num_threads()} threads, {distributed.world()} " \
             f"processes), {contest.recipe.batch} pictures a step"
    data = (f"{len(squares.pictures)} pictures from the folder {request.folder.name}, {len(squares.split()[1])} of "
            f"them held out; {len(listing.refused)} could not be read, {len(listing.repeated)} were repetitions")
    licence = request.licence or "of the pictures it was trained on: yours to know"
    return Card(
        id=request.name, title=f"{request.name}, {request.size} px (trained here)", weights=packs.WEIGHTS, sha256="",
        network=own_manifold.NETWORKS[request.family], size=0, resolution=request.size, layers=manifold.layers,
        width=manifold.width, licence=licence, source="trained by this program",
        lineage=f"trained on {data}; judged through this program's compact features, which VGG16 taught",
        trained=Trained(data=data, command=request.command(), seed=request.seed, device=device,
                        minutes=round(seconds / 60, 1), steps=contest.step, quality=quality),
        classes=manifold.kinds.names if manifold.kinds else (),
    )  # fmt: skip
