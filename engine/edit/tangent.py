"""Tangent: the light network near one latent as a linear map, which answers a stroke before the network could.

Made once where an edit begins, by differences along the principal axes of the styles, the coarse layers and the others
apart. What the strokes ask of colours is then a small least-squares problem (Gauss-Newton, the robust term reweighted),
and the picture a sum of differences: a few milliseconds, while the network takes one pass to see where it is and two
more to show a step. The answer is where the descent through the network begins. Each place that the network has been
seen at since is remembered, and the map is laid on there, so that nothing jumps back while the hand moves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import Linearise, Step
from engine.document.latent import Latent
from engine.document.stroke import StrokeKind
from engine.edit import losses
from engine.edit.energy import COARSE, GUARD, HELD, Energy
from engine.edit.pace import paced
from engine.model.manifold import Manifold

AXES, COARSE_AXES = 32, 12
STRIDE = 0.5
"""Standard deviations between the two pictures of a difference."""
SIDE = 64
"""Of the pictures on which the least squares are weighed: losses look at colours no finer."""
FARTHEST = 2.0
"""Standard deviations from the origin: further out the map is no longer the network's."""
ROUNDS = 3
REMEMBERED = 4
KEPT = 2
"""Tangents: 35 MB each for faces."""


@dataclass(frozen=True, eq=False)
class Place:
    """latent: 1xLxW. picture: 1x3xPxP, the light network's there, or the map's. moved: N, along the directions.

    cost: of its energy, unknown.
    """

    latent: Tensor
    picture: Tensor
    moved: Tensor
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Tangent:
    """directions: NxLxW. coarse: N, whether of the coarse layers. slopes: Nx(3PP), of the picture along them.

    small: the same of the reduced picture, Nx3x64x64.
    """

    manifold: Manifold
    origin: Place
    directions: Tensor
    coarse: Tensor
    slopes: Tensor
    small: Tensor
    _seen: OrderedDict[Latent, Place] = field(default_factory=OrderedDict, init=False, repr=False)

    def remember(self, latent: Latent, picture: Tensor) -> None:
        """The light network's picture (1x3xPxP) at that latent."""
        tensor = self.manifold.tensor(latent)
        self.hold(latent, Place(tensor, picture, self.along(tensor)))

    def hold(self, latent: Latent, place: Place) -> None:
        """Where that latent is, and what is seen there."""
        self._seen[latent] = place
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def place(self, latent: Latent) -> Place:
        """That latent, looked at by the network if it was not remembered."""
        if latent not in self._seen:
            self.remember(latent, self.manifold.previewed(latent))
        return self._seen[latent]

    def along(self, latent: Tensor) -> Tensor:
        """How far 1xLxW lies along each direction from the origin."""
        flat = self.directions.flatten(1)
        found: Tensor = flat @ (latent - self.origin.latent).flatten() / flat.square().sum(dim=1)
        return found

    @torch.no_grad()
    def answer(self, energy: Energy, start: Latent | None = None) -> Place | None:
        """Where the strokes lead from `start` (the origin where it is None); None where they ask for no colours."""
        terms = [term for term in energy.terms if term.kind is not StrokeKind.SKETCH]
        if not terms:
            return None
        near = self.origin if start is None else self.place(start)
        slopes = self.small.reshape(len(self.small), 3, -1)
        fixed = _small(near.picture) - torch.einsum("ncp,n->cp", slopes, near.moved)
        stiff = self._stiffness(energy)
        pulls = [_pull(term.target, term.mask, term.weight * (1 if term.kind is StrokeKind.COLOR else 2), fixed, slopes)
                 for term in terms]
        moved = near.moved
        for _ in range(ROUNDS):
            matrix, vector = torch.diag(stiff), torch.zeros(len(moved))
            for one, other in [*pulls, _hold(energy, fixed, slopes, moved)]:
                matrix, vector = matrix + one, vector + other
            moved = torch.linalg.solve(matrix, vector).clamp(-FARTHEST, FARTHEST)
        step = moved - near.moved
        picture = near.picture + (step @ self.slopes).reshape(near.picture.shape)
        latent = near.latent + torch.einsum("n,nlw->lw", step, self.directions)
        return Place(latent, picture, moved)

    def _stiffness(self, energy: Energy) -> Tensor:
        """N: the prior's weight of a step along each direction, and of one that the strokes leave little freedom."""
        share = torch.full(self.coarse.shape, 1 - COARSE).masked_fill(self.coarse, COARSE)
        weights = energy.weights
        prior = weights.shared * share.square() + weights.own * share * (1 - share)
        held = float(energy.freedom[0, 0, 0]) == HELD
        return torch.where(self.coarse & held, prior / HELD**2, prior)


def linearise(job: Linearise, manifold: Manifold, kept: OrderedDict[Latent, Tangent]) -> Iterator[Step]:
    """Puts the tangent at the job's latent into `kept`, where the last KEPT are; nothing else comes of it."""
    return paced(Step(ticket=job.ticket), _linearised(job, manifold, kept))


def _linearised(job: Linearise, manifold: Manifold, kept: OrderedDict[Latent, Tangent]) -> Iterator[Step | None]:
    tangent = yield from linearised(manifold, job.latent)
    tangent.hold(job.latent, tangent.origin)
    kept[job.latent] = tangent
    while len(kept) > KEPT:
        kept.popitem(last=False)
    yield Step(ticket=job.ticket, settled=True)


def linearised(manifold: Manifold, latent: Latent) -> Generator[None, None, Tangent]:
    """The tangent at that latent; pauses all along."""
    start, coarse = manifold.tensor(latent), round(COARSE * manifold.layers)
    axes = [*((i, True) for i in range(COARSE_AXES)), *((i, False) for i in range(AXES))]
    axes = [(i, low) for i, low in axes if i < len(manifold.basis)]
    directions = torch.zeros(len(axes), manifold.layers, manifold.width)
    for direction, (axis, low) in zip(directions, axes, strict=True):
        direction[slice(0, coarse) if low else slice(coarse, None)] = manifold.basis[axis]
    origin = yield from _seen(manifold, start)
    slopes = torch.empty(len(axes), origin.numel())
    for slope, direction in zip(slopes, directions, strict=True):
        made = yield from _seen(manifold, start + STRIDE * direction)
        torch.sub(made.flatten(), origin.flatten(), out=slope)
        slope /= STRIDE
        yield
    small = _pooled(slopes.reshape(-1, *origin.shape[1:]))
    lower = torch.tensor([low for _, low in axes])
    return Tangent(manifold, Place(start, origin, torch.zeros(len(axes))), directions, lower, slopes, small)


def _seen(manifold: Manifold, latents: Tensor) -> Generator[None, None, Tensor]:
    picture = yield from manifold.passage(latents, sharp=False).forward()
    return picture.detach()


def _pooled(pictures: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(pictures, SIDE)


def _small(picture: Tensor) -> Tensor:
    """1xCxPxP -> CxPP, reduced."""
    return _pooled(picture)[0].flatten(1)


def _pull(target: Tensor, mask: Tensor, weight: float, fixed: Tensor, slopes: Tensor) -> tuple[Tensor, Tensor]:
    """The normal equations (NxN, N) of a stroke's colours, weighed as losses.color weighs them by local means."""
    luma = losses.LUMA.reshape(1, 3)
    metric = torch.cat([(torch.eye(3) - luma) / 3**0.5, losses.LIGHTNESS**0.5 * luma])
    share = _small(mask)[0]
    inside = share > 0
    shares = weight * share[inside] / (share.sum() + 1e-5)
    rows = torch.einsum("mc,ncp->nmp", metric, slopes[:, :, inside])
    wanted = metric @ (_small(target) - fixed)[:, inside]
    weighted = (rows * shares).flatten(1)
    return weighted @ rows.flatten(1).T, weighted @ wanted.flatten()


def _hold(energy: Energy, fixed: Tensor, slopes: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
    """The normal equations of what is to stay, reweighted by how far it has moved there already."""
    held = 1 - _small(energy.free)[0]
    weight = energy.weights.kept * held.mean() * held / (held.sum() + 1e-5) / 3
    wanted = _small(energy.before) - fixed
    change = torch.einsum("ncp,n->cp", slopes, moved) - wanted
    robust = weight * 0.5 * torch.rsqrt(change.square() + losses.SOFT)
    if energy.guarded is not None:
        guarded = _small(energy.guarded)[0]
        robust = robust + GUARD * guarded / (guarded.sum() + 1e-5) / 3
    flat = slopes.flatten(1)
    weighted = flat * robust.flatten()
    return weighted @ flat.T, weighted @ wanted.flatten()
