"""How good a manifold is: how near its pictures' features are to real ones', how various they are, whether it copies.

All on the project's own compact features, the deepest tap averaged over the picture (128 numbers): the figures compare
with one another and with nothing published. The critic of the style family looks with the same features, so that the
Frechet distance flatters that family; the sheets are for the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.document.pauses import finished
from engine.model.features import Features
from engine.train.photos import to_tensor

CHUNK, LOOKED, ROWS = 8, 4, 64
"""Pictures drawn, looked at, and compared between two pauses."""

SIDE = 128
"""Pictures are brought to this side before they are looked at: smaller ones would be judged by coarser features."""


@dataclass(frozen=True)
class Quality:
    """frechet: to held-out pictures; floor: the same of as many training pictures. diversity: 1 is the pictures' own.

    nearest: median distance of a sample to its nearest training picture; nearest_real: of a held-out picture.
    """

    frechet: float
    floor: float
    diversity: float
    nearest: float
    nearest_real: float


def described(pictures: np.ndarray, features: Features) -> np.ndarray:
    """NxSxSx3 uint8 -> Nx128 float64."""
    return finished(describing(pictures, features))


def describing(pictures: np.ndarray, features: Features) -> Generator[None, None, np.ndarray]:
    """The same, with pauses."""
    parts = []
    for start in range(0, len(pictures), LOOKED):
        with torch.no_grad():
            batch = to_tensor(np.asarray(pictures[start:start + LOOKED]))
            batch = torch.nn.functional.interpolate(batch, size=(SIDE, SIDE), mode="bilinear", antialias=True)
            parts.append(features.network(batch)[-1].mean(dim=(2, 3)))
        yield
    return np.asarray(torch.cat(parts).double().numpy())


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """Between two clouds of points, NxD each, taken for Gaussian (Dowson and Landau 1982; Heusel et al. 2017)."""
    means, covariances = zip(*((x.mean(axis=0), np.atleast_2d(np.cov(x, rowvar=False))) for x in (one, other)),
                             strict=True)
    root = _root(covariances[0])
    cross = _root(root @ covariances[1] @ root)
    apart = float(((means[0] - means[1]) ** 2).sum())
    return apart + float(np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * np.trace(cross))


def _root(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    return np.asarray((vectors * np.sqrt(values.clip(min=0))) @ vectors.T)


def nearest(points: np.ndarray, among: np.ndarray, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """For each of N points, the places and the distances of the `count` nearest, Nxcount each."""
    return finished(finding(points, among, count))


def finding(points: np.ndarray, among: np.ndarray, count: int = 1,
            ) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
    """The same, with pauses."""
    lengths, places, apart = (among**2).sum(1)[None], [], []
    for start in range(0, len(points), ROWS):
        some = points[start:start + ROWS]
        squares = (some**2).sum(1)[:, None] + lengths - 2 * some @ among.T
        places.append(np.argsort(squares, axis=1)[:, :count])
        apart.append(np.sqrt(np.take_along_axis(squares, places[-1], axis=1).clip(min=0)))
        yield
    return np.concatenate(places), np.concatenate(apart)


def diversity(points: np.ndarray) -> float:
    """Mean distance between two of them."""
    half = len(points) // 2
    return float(np.linalg.norm(points[:half] - points[half:2 * half], axis=1).mean())


def sampled(draw: Callable[[int, int], Tensor], count: int, seed: int) -> Generator[None, None, np.ndarray]:
    """NxSxSx3 uint8, with pauses. draw: count, seed -> pictures in [-1, 1]."""
    parts = []
    for start in range(0, count, CHUNK):
        made = draw(min(CHUNK, count - start), seed + start)
        parts.append(((made.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
        yield
    return np.concatenate(parts)


def judge(made: np.ndarray, learned: np.ndarray, held: np.ndarray, features: Features) -> Quality:
    """Samples, pictures learned from, pictures held out: NxSxSx3 uint8 each. The figures for a card."""
    return finished(judging(made, learned, held, features))


def judging(made: np.ndarray, learned: np.ndarray, held: np.ndarray, features: Features,
            ) -> Generator[None, None, Quality]:
    """The same, with pauses."""
    samples = yield from describing(made, features)
    known = yield from describing(learned, features)
    unseen = yield from describing(held, features)
    alike = np.random.default_rng(0).permutation(len(known))[:len(samples)]
    near = yield from finding(samples, known)
    near_real = yield from finding(unseen, known)
    return Quality(
        frechet=frechet(samples, unseen), floor=frechet(known[alike], unseen),
        diversity=diversity(samples) / max(diversity(unseen), 1e-12),
        nearest=float(np.median(near[1])), nearest_real=float(np.median(near_real[1])),
    )  # fmt: skip
