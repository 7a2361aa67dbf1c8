"""Judges the networks that stand in for the full one: how much less work they are, how far off, and whether their
gradients lead where the full network's do.

Pictures are compared at the preview's size: smaller ones are enlarged, as they are shown; the full network's are
averaged down. Two kinds of latents, both unseen: drawn as the training's pairs are, from another seed; and found, by a
short descent, for portraits. A gradient is that of the energy of a colour painted over the hair, in the whitened
coordinates in which strokes are solved, for every layer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import torch
from torch import Tensor, nn

from engine.document.image_files import read_photo
from engine.edit import losses
from engine.edit.descent import descend
from engine.edit.sight import enlarged
from engine.edit.target import Target
from engine.judge.portraits import COPPER, frames
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.train.pairs import mixtures

SEED = 987_654
"""Of the drawn latents; the pairs' seeds are small numbers times a million and three, and what follows."""
STEPS = 12
"""Of the descent by which latents are found."""
HAIR = ((0.06, 0.24), (0.3, 0.7))
"""Rows and columns, as shares of the picture, over which the colour is painted."""


@dataclass(frozen=True)
class Likeness:
    """How like the full network another one is. size: of its pictures, in pixels.

    ratio: of work there and back, the full network's over its own. away: mean absolute difference of pictures, range
    -1..1, by kind of latents. agrees: mean cosine of the angle between the two gradients, likewise.
    """

    name: str
    size: int
    ratio: float
    away: dict[str, float]
    agrees: dict[str, float]


def judge(manifold: Manifold, kinds: Mapping[str, Tensor], repeats: int) -> Iterator[Likeness]:
    """Judges the preview and the sketches on N x L x W latents of several kinds; yields one after the other.

    Sketches in short numbers too, where this machine has descents go through those.
    """
    networks = {"preview": manifold.light, **{f"sketch {n}": net for n, net in enumerate(manifold.sketches, 1)}}
    if manifold.short:
        networks |= {f"short {n}": net for n, net in enumerate(manifold.halved, 1)}
    given = [(kind, latents[None]) for kind, those in kinds.items() for latents in those]
    seen = [(kind, latents, *_seen(manifold, manifold.generator, latents)) for kind, latents in given]
    for name, network in networks.items():
        away: dict[str, list[float]] = {kind: [] for kind in kinds}
        agrees: dict[str, list[float]] = {kind: [] for kind in kinds}
        for kind, latents, picture, slope in seen:
            mine, my_slope = _seen(manifold, network, latents)
            away[kind].append(float((mine - picture).abs().mean()))
            agrees[kind].append(float(torch.cosine_similarity(my_slope, slope, dim=0)))
        size = int(network(given[0][1]).shape[-1])
        ratio = _ratio(manifold.generator, network, given[0][1], repeats)
        yield Likeness(name, size, ratio, {kind: mean(all_) for kind, all_ in away.items()},
                       {kind: mean(all_) for kind, all_ in agrees.items()})  # fmt: skip


def drawn(manifold: Manifold, count: int) -> Tensor:
    """count x L x W."""
    styles = manifold.draw(3 * count, SEED).reshape(3, count, 1, manifold.width)
    return mixtures(styles, manifold.mean, manifold.layers, torch.Generator().manual_seed(SEED))


def found(manifold: Manifold, paths: Sequence[Path], steps: int = STEPS) -> Iterator[Tensor]:
    """1 x L x W for the largest face of each portrait that has one."""
    features = Features.load()
    for path in paths:
        photo = read_photo(path)
        for frame in frames(photo)[:1]:
            *_, last = descend(manifold, features, Target(photo, frame, manifold), steps, True)
            yield last.latent


def _seen(manifold: Manifold, network: nn.Module, latents: Tensor) -> tuple[Tensor, Tensor]:
    """Of 1xLxW latents the picture at the preview's size, and the gradient of the colour's energy, flat."""
    free = latents.clone().requires_grad_()
    side = manifold.preview_size
    picture = enlarged(network(free), side)
    mask = torch.zeros(1, 1, side, side)
    rows, columns = (slice(round(side * start), round(side * stop)) for start, stop in HAIR)
    mask[:, :, rows, columns] = 1
    target = (torch.tensor(COPPER) / 127.5 - 1).reshape(1, 3, 1, 1).expand_as(picture)
    losses.color(picture, target, mask).sum().backward()
    assert free.grad is not None
    return picture.detach(), (free.grad @ manifold.basis.T).flatten()


def _ratio(full: nn.Module, network: nn.Module, latents: Tensor, repeats: int) -> float:
    """They take turns, so that a busy moment of the machine hits both; the first turn warms up."""
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(repeats + 1):
        for times, through in zip(taken, (full, network), strict=True):
            began = time.process_time()
            through(latents.clone().requires_grad_()).square().mean().backward()
            times.append(time.process_time() - began)
    ours, theirs = (median(times[1:]) for times in reversed(taken))
    return theirs / ours
