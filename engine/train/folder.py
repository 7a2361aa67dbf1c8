"""Trains a manifold on a folder of pictures, from the files to a pack that the rest of the program opens.

1. The pictures become squares (train.squares); one in twenty is held out.
2. Generator and critic teach each other (train.adversarial), for most of the time. A sheet of samples is written with
   every checkpoint, once there are any.
3. The encoder learns the way back (train.guess).
4. What has become of it is measured (train.measure) and written: pack, card, sample sheet, nearest neighbours.

Everything lies in the run's own folder, and each part goes on from its last checkpoint: whatever ends the program, the
same request with `resume` comes to the same end.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator
from collections.abc import Generator as Work
from contextlib import closing, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from engine.document.pauses import retold
from engine.document.training import LAYOUTS, TEACHING
from engine.model import own_manifold, packs, style_space
from engine.model.card import Card, Trained
from engine.model.device import chosen
from engine.model.families import FAMILIES
from engine.model.family import Generator
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.picture_encoder import PictureEncoder
from engine.train import axes, distributed, guess, measure, sheets
from engine.train.adversarial import Contest
from engine.train.course import Course, Task, begin
from engine.train.folder_request import FolderRequest, alone, check, classes
from engine.train.photos import to_tensor
from engine.train.squares import Squares, gather
from engine.train.trainer import Budget, TrainingStep

GUESSING = 1 - TEACHING
"""The encoder's share of the time."""

READ, TAUGHT, GUESSED = 0.02, 0.79, 0.97
"""How far the whole work has come when each part is done."""

JUDGED = 1000
"""Most pictures of each kind that the figures are taken from."""

LICENCE = "of the pictures it was trained on: yours to know"
TRUNCATION = 0.9
DESCENTS = 40
"""That the axes of the slopes are measured on: some twenty seconds at 64 pixels."""
FEW = 4
"""Pictures drawn between two pauses."""


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


Value = TypeVar("Value")
Pausing = Work[None, None, Value]
Moments = Work[FolderStep | None, None, None]
"""Steps, and None for a pause."""


def train_folder(request: FolderRequest) -> Iterator[FolderStep]:
    """Yields steps; the last one says what was made. InputError for what cannot be trained."""
    with closing(training(request)) as pieces:
        for step in pieces:
            if step is not None:
                yield step


def training(request: FolderRequest, begun: Callable[[Course, Squares], None] | None = None) -> Moments:
    """The same with pauses, at which None is yielded. begun: is given what there is to watch, before the first step."""
    torch.manual_seed(request.seed)
    with distributed.joined(), nullcontext() if distributed.rank() else alone(request):
        if distributed.rank() == 0:
            yield from check(request)
        distributed.wait()
        squares = None
        for moment in _gathered(request):
            if isinstance(moment, Squares):
                squares = moment
            else:
                yield moment
        assert squares is not None
        course = begin(_task(request, squares))
        if begun is not None:
            begun(course, squares)
        yield from _taught(request, course)
        generator = course.averaged()
        manifold = yield from _manifold(request, course, generator)
        if FAMILIES[request.family].encoder is None:
            yield from _guessing(request, squares, manifold)
        if distributed.rank() == 0:
            yield FolderStep(course.step, course.loss, GUESSED, "Looking at what has become of it")
            manifold = replace(manifold, axes=(yield from _sloped(request, manifold)))
            made = yield from _finished(request, squares, course, generator, manifold)
            yield FolderStep(course.step, course.loss, 1.0, "Done", made)
        distributed.wait()


def _gathered(request: FolderRequest) -> Iterator[FolderStep | Squares]:
    if distributed.rank():
        distributed.wait()  # the first process makes the squares, the others read them
    for moment in gather(request.folder, request.size, request.place(), request.least, request.crop, request.cut):
        if isinstance(moment, Squares):
            if distributed.rank() == 0:
                distributed.wait()
            yield FolderStep(0, float("nan"), READ, moment.told())
            yield moment
        else:
            yield FolderStep(0, float("nan"), READ * moment, "Reading the pictures")


def _task(request: FolderRequest, squares: Squares) -> Task:
    """What the family's course is to teach; a family that brings its own encoder has all of the time."""
    share = 1 - GUESSING if FAMILIES[request.family].encoder is None else 1.0
    device = torch.device(request.device or chosen())
    return Task(request.family, request.size, squares.pictures, tuple(squares.listing.names), squares.split()[0],
                classes(request), share * request.minutes, request.place() / "contest.pt",
                request.checkpoint_minutes, request.resume, request.seed, device)  # fmt: skip


def _taught(request: FolderRequest, course: Course) -> Moments:
    shown = time.monotonic()
    with closing(course.pieces()) as pieces:
        for step in pieces:
            if step is None:
                yield None
                continue
            if distributed.rank() == 0 and time.monotonic() - shown > 60 * request.checkpoint_minutes:
                if course.mirror() is None:
                    yield from write_samples(course, request.place() / "samples.png", classes(request))
                shown = time.monotonic()
            yield FolderStep(step.step, step.loss, READ + (TAUGHT - READ) * step.fraction, step.note)


def _manifold(request: FolderRequest, course: Course, generator: Generator) -> Pausing[Manifold]:
    """The generator as a manifold, with the course's encoder or one that knows nothing yet."""
    plain = own_manifold.manifold_of(request.name, generator, *(yield from measured(generator)))
    encoder = course.encoder_kept(plain.mean, plain.basis)
    if encoder is None:
        reader = course.reader.encoder if isinstance(course, Contest) and course.reader else None
        encoder = guess.new_encoder(plain, request.place() / "encoder.pt" if request.resume else None, reader)
    kinds = own_manifold.kinds_of(generator, classes(request))
    return own_manifold.manifold_of(request.name, generator, plain.mean, plain.basis, encoder, kinds=kinds)


def measured(generator: Generator) -> Pausing[tuple[Tensor, Tensor]]:
    """The cloud of its styles, with pauses."""
    found = yield from retold(style_space.measure(generator.mapping.wide), lambda fraction: None)
    return found["stats.mean"], found["stats.basis"]


def _guessing(request: FolderRequest, squares: Squares, manifold: Manifold) -> Moments:
    encoder = manifold.encoder
    assert isinstance(encoder, PictureEncoder)
    lessons = guess.Lessons(manifold, encoder, squares.pictures, squares.split()[0], request.seed,
                            guess.way_of(request.way))
    budget = Budget(GUESSING * request.minutes, guess.RATE, checkpoint_minutes=request.checkpoint_minutes)
    training, steps = guess.teach(lessons, budget, request.place() / "encoder.pt", request.resume)
    for step in steps:
        if step is None:
            yield None
            continue
        yield FolderStep(step.step, step.loss, TAUGHT + (GUESSED - TAUGHT) * step.fraction,
                         f"Learning the way back, step {step.step}, {step.loss:.3f}")
    encoder.load_state_dict(training.averaged())


def _sloped(request: FolderRequest, manifold: Manifold) -> Pausing[Tensor]:
    """The axes of its slopes, with pauses."""
    work = axes.measured(manifold, manifold.generator, DESCENTS, request.seed)
    return (yield from retold(work, lambda fraction: None))


def write_samples(course: Course, path: Path, classes: tuple[str, ...] = ()) -> Pausing[None]:
    """The sheet of what the averaged generator makes now: always of the same latents."""
    generator, size = course.averaged().eval(), course.side()
    kinds = own_manifold.kinds_of(generator, classes)
    manifold = own_manifold.manifold_of("samples", generator, *(yield from measured(generator)), kinds=kinds)
    pictures = yield from drawn(manifold, sampled(manifold), size)
    sheets.write(sheets.sheet(pictures), path, 128 // size or 1)


def drawn(manifold: Manifold, latents: Tensor, size: int) -> Pausing[np.ndarray]:
    """Bxsizexsizex3 uint8: their pictures, averaged down to that size; with pauses."""
    parts = []
    for some in latents.split(FEW):
        with torch.no_grad():
            pictures = torch.nn.functional.interpolate(manifold.whole(some), size=(size, size), mode="area")
        parts.append(to_bytes(pictures))
        yield None
    return np.concatenate(parts)


def sampled(manifold: Manifold) -> Tensor:
    """Latents for a sheet, where there are classes in columns or rows of one class each."""
    count = sheets.COLUMNS * sheets.ROWS
    if manifold.kinds is None:
        return manifold.sample(count, 1, TRUNCATION)
    names = manifold.kinds.names
    each = [manifold.sample(-(-count // len(names)), 1, TRUNCATION, name) for name in names]
    return torch.stack(each, dim=1 if len(names) <= sheets.COLUMNS else 0).flatten(0, 1)[:count]


def to_bytes(pictures: Tensor) -> np.ndarray:
    """Bx3xSxS in [-1, 1] -> BxSxSx3 uint8."""
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def _finished(request: FolderRequest, squares: Squares, course: Course, generator: Generator, manifold: Manifold,
              ) -> Pausing[Made]:
    """Measures, writes sheets and pack."""
    learn, held = squares.split()
    unseen, known = squares.pictures[held[:JUDGED]], squares.pictures[learn]
    features = Features.load()
    count = min(JUDGED, max(len(held), 200))

    @torch.no_grad()
    def draw(count: int, seed: int) -> Tensor:
        return manifold.whole(manifold.sample(count, seed, 1.0))

    made = yield from measure.sampled(draw, count, 1_000_000)
    quality = asdict((yield from measure.judging(made, known, unseen, features)))
    quality |= guess.evaluate(manifold, to_tensor(unseen[:64]))
    place = request.place()
    paths = place / "samples.png", place / "neighbours.png"
    best = yield from drawn(manifold, sampled(manifold), request.size)
    sheets.write(sheets.sheet(best), paths[0])
    sheets.write(sheets.beside(best[:8], known, features), paths[1])
    card = _card(request, squares, course, manifold, {key: round(value, 4) for key, value in quality.items()})
    path = own_manifold.save_own(card, manifold, generator, course.critic_kept())
    return Made(path, course.step, quality, len(squares.pictures), squares.listing.refused, squares.listing.repeated,
                *paths)


def _card(request: FolderRequest, squares: Squares, course: Course, manifold: Manifold,
          quality: dict[str, float]) -> Card:
    listing, seconds = squares.listing, course.seconds
    device = (f"{course.told()} ({platform.machine()}, {torch.get_num_threads()} threads, {distributed.world()} "
              f"processes)")
    data = (f"{len(squares.pictures)} pictures from the folder {request.folder.name}, {len(squares.split()[1])} of "
            f"them held out; {len(listing.refused)} could not be read, {len(listing.repeated)} were repetitions")
    licence = request.licence or LICENCE
    return Card(
        id=request.name, title=f"{request.name}, {request.size} px (trained here)", weights=packs.WEIGHTS, sha256="",
        network=own_manifold.PREFIX + request.family, size=0, resolution=request.size, layers=manifold.layers,
        width=manifold.width, licence=licence, source="trained by this program",
        lineage=f"trained on {data}; judged through this program's compact features, which VGG16 taught",
        trained=Trained(data=data, command=request.command(), seed=request.seed, device=device,
                        minutes=round(seconds / 60, 1), steps=course.step, quality=quality),
        classes=manifold.kinds.names if manifold.kinds else (), layout=LAYOUTS.get(request.crop, ""),
    )  # fmt: skip
