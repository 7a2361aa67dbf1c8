"""Judges ways of teaching an encoder: each in so many steps on the same pictures, measured on those held out.

Of real pictures that nobody has learned from, the generator shows what was read: how far is that from the picture? Of
generated ones, whose latents are known, the error is in style space. Beside the encoders stands the average picture,
which is what someone who had read nothing would say.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.train import guess, sheets
from engine.train.guess import way_of
from engine.train.photos import to_tensor
from engine.train.squares import Squares
from engine.train.trainer import Budget

WAYS = ("pairs", "pairs+again", "pairs+reversal", "pairs+joint", "again", "again+reversal")
"""By default: with and without adversaries, and gradient reversal in both directions."""

REAL, MADE, CHUNK = 200, 200, 8
"""At most so many real pictures held out, so many generated, so many at a time."""

UNSEEN = 2**40
"""A seed that no step of a training draws from."""

SHOWN = 12
AVERAGE, OWN = "average", "its own"


@dataclass(frozen=True)
class Row:
    """What one way came to.

    features, rmse: of real pictures held out, to what is shown of them: the features' distance, and the root mean
    square error in -1..1. made_features: the same distance of generated pictures. style: the squared error of their
    latents over the styles' variance. seconds: of work to learn, of the processor. right: by adversary, the share of
    pictures that it sorted rightly at the end.
    """

    way: str
    features: float
    rmse: float
    made_features: float
    style: float
    seconds: float
    right: dict[str, float]


@dataclass(frozen=True, eq=False)
class Held:
    """What is judged by. real: Nx3xSxS; latents: MxLxW and the pictures made of them, Mx3xSxS."""

    real: Tensor
    latents: Tensor
    made: Tensor


@dataclass(frozen=True)
class Moment:
    """fraction: of the whole comparison. rows: of the ways judged so far, the average picture's first."""

    fraction: float
    note: str
    rows: tuple[Row, ...]


def judge(manifold: Manifold, squares: Squares, ways: Sequence[str], steps: int, out: Path, seed: int = 0,
          ) -> Generator[Moment, None, None]:
    """A row for the average picture, for the encoder that the manifold has, and for each way.

    Writes encoders.png into `out`: each row of it a picture held out, then what each encoder reads.
    """
    each, (chosen, held) = [way_of(name) for name in ways], squares.split()
    features, looked = Features.load(), held_out(manifold, squares.pictures[held[:REAL]])
    rows, shown = [], [looked.real[:SHOWN]]
    for name, encoder in ((AVERAGE, None), (OWN, manifold.encoder)):
        if name == AVERAGE or encoder is not None:
            able = replace(manifold, encoder=encoder)
            rows.append(measured(name, able, looked, features))
            shown.append(again(able, shown[0]))
    for number, way in enumerate(each):
        torch.manual_seed(seed)
        lessons = guess.Lessons(manifold, guess.new_encoder(manifold), squares.pictures, chosen, seed, way)
        seconds = 0.0
        for fraction, spent in taught(lessons, steps):
            seconds = spent
            yield Moment((number + fraction) / len(each), f"{ways[number]}, {fraction:.0%}", tuple(rows))
        able = replace(manifold, encoder=lessons.encoder.eval())
        row = measured(ways[number], able, looked, features)
        rows.append(replace(row, seconds=seconds, right=lessons.right()))
        shown.append(again(able, shown[0]))
    yield Moment(1.0, "", tuple(rows))
    out.mkdir(parents=True, exist_ok=True)
    pictures = to_bytes(torch.stack(shown, dim=1).flatten(0, 1))
    sheets.write(sheets.sheet(pictures, len(shown)), out / "encoders.png", max(1, 128 // manifold.size))


def taught(lessons: guess.Lessons, steps: int) -> Generator[tuple[float, float], None, None]:
    """Teaches the encoder, which has its averaged weights at the end; fraction done, seconds of work."""
    with TemporaryDirectory() as place:
        budget = Budget(minutes=0.0, checkpoint_minutes=1e9, steps=steps)
        training, pieces = guess.teach(lessons, budget, Path(place) / "encoder.pt", resume=False)
        began = time.thread_time()
        for _ in pieces:
            yield training.fraction, time.thread_time() - began
        lessons.encoder.load_state_dict(training.averaged())


@torch.no_grad()
def held_out(manifold: Manifold, pictures: np.ndarray) -> Held:
    """pictures: NxSxSx3 uint8, which nobody has learned from."""
    latents = guess.drawn(manifold, MADE, torch.Generator().manual_seed(UNSEEN))
    made = torch.cat([manifold.picture(part) for part in latents.split(CHUNK)])
    return Held(to_tensor(pictures), latents, made)


@torch.no_grad()
def again(manifold: Manifold, pictures: Tensor) -> Tensor:
    """Bx3xSxS: what the manifold shows of what its encoder reads."""
    return torch.cat([manifold.picture(manifold.latents(*manifold.guess(part))) for part in pictures.split(CHUNK)])


@torch.no_grad()
def measured(name: str, manifold: Manifold, held: Held, features: Features) -> Row:
    """The encoder's figures; the average picture's for a manifold without one."""
    shown, made = again(manifold, held.real), again(manifold, held.made)
    read = torch.cat([manifold.latents(*manifold.guess(part)) for part in held.made.split(CHUNK)])
    variance = manifold.basis.square().sum() / manifold.width
    return Row(
        name, far(shown, held.real, features), float(F.mse_loss(shown, held.real).sqrt()),
        far(made, held.made, features), float((read - held.latents).square().mean() / variance), 0.0, {},
    )  # fmt: skip


def far(pictures: Tensor, targets: Tensor, features: Features) -> float:
    """The features' distance, mean over Bx3xSxS pairs."""
    parts = zip(pictures.split(CHUNK), targets.split(CHUNK), strict=True)
    return sum(float(features.distance(one, other)) * len(one) for one, other in parts) / len(pictures)


def to_bytes(pictures: Tensor) -> np.ndarray:
    """Bx3xSxS in [-1, 1] -> BxSxSx3 uint8."""
    return ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
