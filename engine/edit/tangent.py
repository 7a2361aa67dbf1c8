"""Tangent: the light network near one latent as a linear map, which answers a stroke before the network could.

Made once where an edit begins, by differences along the principal axes of the styles, the coarse layers and the others
apart. What the strokes ask of colours is then a small least-squares problem (Gauss-Newton, the robust term reweighted),
and the picture a sum of differences: a few milliseconds, while the network takes one pass to see where it is and two
more to show a step. The answer is where the descent through the network begins. Each place that the network has been
seen at since is remembered, and the map is laid on there, so that nothing jumps back while the hand moves.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from engine.document.latent import Latent
from engine.document.stroke import StrokeKind
from engine.edit import losses
from engine.edit.energy import COARSE, GUARD, HELD, Energy, Term
from engine.edit.losses import reduced
from engine.model.manifold import Manifold

AXES, COARSE_AXES = 32, 12
SEEN = 128
"""Side of the pictures that are shown of it."""
STRIDE = 0.5
"""Standard deviations between the two pictures of a difference."""
SIDE, HELD_SIDE = 64, 32
"""Of the pictures on which the least squares are weighed: losses look at colours no finer, and what is to stay is
looked at by means over a twentieth of the picture.
"""
FARTHEST = 2.0
"""Standard deviations from the origin: further out the map is no longer the network's."""
ROUNDS = 3
REMEMBERED = 12
"""Places of either kind: 0.2 MB each."""
KEPT = 4
"""Tangents: 11 MB each for faces."""
LUMA = losses.LUMA.reshape(1, 3)
_METRIC = torch.cat([(torch.eye(3) - LUMA) / 3**0.5, losses.LIGHTNESS**0.5 * LUMA])
"""4x3."""


@dataclass(frozen=True, eq=False)
class Place:
    """latent: 1xLxW. picture: 1x3xSxS, the light network's there, or the map's; moved: N, along the directions.

    cost: of its energy, unknown.
    """

    latent: Tensor
    picture: Tensor
    moved: Tensor
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Tangent:
    """directions: NxLxW. coarse: N, whether of the coarse layers. slopes: Nx3xSxS, of the picture along them.

    small: the same of the picture reduced to SIDE, as losses.color squares it (`weighed`), Nx4xpp. rough: Nx3xqq,
    reduced to HELD_SIDE.
    """

    manifold: Manifold
    origin: Place
    directions: Tensor
    coarse: Tensor
    slopes: Tensor
    small: Tensor
    rough: Tensor
    _seen: OrderedDict[Latent, Place] = field(default_factory=OrderedDict, init=False, repr=False)
    _passed: OrderedDict[Latent, Place] = field(default_factory=OrderedDict, init=False, repr=False)

    def remember(self, latent: Latent, picture: Tensor) -> None:
        """The light network's picture (1x3xPxP) at a latent from which strokes may begin."""
        _kept(self._seen, latent, self._place(self.manifold.tensor(latent), picture))

    def pass_by(self, latent: Latent, picture: Tensor) -> None:
        """The same of a latent that a moving stroke has come by."""
        self.hold(latent, self._place(self.manifold.tensor(latent), picture))

    def _place(self, tensor: Tensor, picture: Tensor) -> Place:
        return Place(tensor, reduced(picture, SEEN), self.along(tensor))

    def hold(self, latent: Latent, place: Place) -> None:
        """Where a latent is that a moving stroke has come by, and what is seen there."""
        _kept(self._passed, latent, place)

    def remembers(self, latent: Latent) -> bool:
        """Whether what is seen at that latent is known."""
        return latent in self._seen

    def place(self, latent: Latent) -> Place:
        """That latent, looked at by the network if it was not remembered."""
        if latent in self._passed:
            return self._passed[latent]
        if not self.remembers(latent):
            self.remember(latent, self.manifold.previewed(latent))
        self._seen.move_to_end(latent)
        return self._seen[latent]

    def along(self, latent: Tensor) -> Tensor:
        """How far 1xLxW lies along each direction from the origin."""
        found: Tensor = self.directions.flatten(1) @ (latent - self.origin.latent).flatten() / self._squares
        return found

    @cached_property
    def _squares(self) -> Tensor:
        return self.directions.flatten(1).square().sum(dim=1)

    def answer(self, energy: Energy, start: Latent | None = None) -> Place | None:
        """Where the strokes lead from `start`, or from where the edit began; None where they ask for no colours."""
        found = self.answers(energy, (start,))
        return found[0] if found else None

    @torch.no_grad()
    def answers(self, energy: Energy, starts: Sequence[Latent | None]) -> list[Place]:
        """The same from several starts: what the strokes ask is worked out but once. Empty where they ask for none.

        The edit need not begin at the origin: sliders may have taken it elsewhere since.
        """
        pulls = [_Pull(term, self.small) for term in energy.terms if term.kind is not StrokeKind.SKETCH]
        if not pulls:
            return []
        centre, stiff = self._place(energy.base, energy.before), self._stiffness(energy)
        matrix = torch.stack([torch.diag(stiff), *(pull.matrix for pull in pulls)]).sum(dim=0)
        hold, found = _Hold(energy, self.rough), []
        for start in starts:
            near = centre if start is None else self.place(start)
            fixed = weighed(_flat(near.picture, SIDE)) - self._along_rows(near.moved, self.small)
            vector = torch.stack([stiff * centre.moved, *(pull.vector(fixed) for pull in pulls)]).sum(dim=0)
            fixed = _flat(near.picture, HELD_SIDE) - self._along_rows(near.moved, self.rough)
            moved = near.moved
            for _ in range(ROUNDS):
                held = hold.equations(moved, fixed)
                moved = torch.linalg.solve(matrix + held[0], vector + held[1])
                moved = torch.clamp(moved, centre.moved - FARTHEST, centre.moved + FARTHEST)
            found.append(self._moved(near, moved))
        return found

    def _moved(self, near: Place, moved: Tensor) -> Place:
        """That place, gone from there to where the coordinates are `moved`."""
        step = moved - near.moved
        picture = near.picture + (step @ self.slopes.flatten(1)).reshape(near.picture.shape)
        latent = near.latent + (step @ self.directions.flatten(1)).reshape(near.latent.shape)
        return Place(latent, picture, moved)

    @staticmethod
    def _along_rows(moved: Tensor, slopes: Tensor) -> Tensor:
        """N, NxCxpp -> Cxpp: what those steps add."""
        return (moved @ slopes.flatten(1)).reshape(slopes.shape[1:])

    def _stiffness(self, energy: Energy) -> Tensor:
        """N: the prior's weight of a step along each direction, and of one that the strokes leave little freedom."""
        share = self.origin.moved.new_full(self.coarse.shape, 1 - COARSE).masked_fill(self.coarse, COARSE)
        weights = energy.weights
        prior = weights.shared * share.square() + weights.own * share * (1 - share)
        return torch.where(self.coarse & energy.only_colors, prior / HELD**2, prior)


def linearised(manifold: Manifold, latent: Latent) -> Generator[None, None, Tangent]:
    """The tangent at that latent; pauses all along."""
    start, coarse = manifold.tensor(latent), round(COARSE * manifold.layers)
    axes = [*((i, True) for i in range(COARSE_AXES if coarse else 0)), *((i, False) for i in range(AXES))]
    axes = [(i, low) for i, low in axes if i < len(manifold.basis)]
    directions = start.new_zeros(len(axes), manifold.layers, manifold.width)
    for direction, (axis, low) in zip(directions, axes, strict=True):
        direction[slice(0, coarse) if low else slice(coarse, None)] = manifold.basis[axis]
    origin = reduced((yield from seen(manifold, start)), SEEN)
    slopes = origin.new_empty(len(axes), *origin.shape[1:])
    for slope, direction in zip(slopes, directions, strict=True):
        made = reduced((yield from seen(manifold, start + STRIDE * direction)), SEEN)
        torch.sub(made[0], origin[0], out=slope)
        slope /= STRIDE
        yield
    lower = torch.tensor([low for _, low in axes]).to(start.device)
    place = Place(start, origin, start.new_zeros(len(axes)))
    small, rough = weighed(reduced(slopes, SIDE).flatten(2)), reduced(slopes, HELD_SIDE).flatten(2)
    return Tangent(manifold, place, directions, lower, slopes, small, rough)


def weighed(colors: Tensor) -> Tensor:
    """...x3xN differences of colours -> ...x4xN, whose squares losses.color adds up."""
    return _METRIC.to(colors.device) @ colors


def _kept(memory: OrderedDict[Latent, Place], latent: Latent, place: Place) -> None:
    memory[latent] = place
    memory.move_to_end(latent)
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)


def seen(manifold: Manifold, latents: Tensor) -> Generator[None, None, Tensor]:
    """The light network's pictures, with pauses."""
    picture = yield from manifold.passage(latents, sharp=False).forward()
    return picture.detach()


def _flat(picture: Tensor, side: int) -> Tensor:
    """1xCxPxP -> CxSS."""
    return reduced(picture, side)[0].flatten(1)


class _Pull:
    """A stroke's colours as normal equations, weighed as losses.color weighs them by local means. matrix: NxN."""

    def __init__(self, term: Term, slopes: Tensor) -> None:
        share = _flat(term.mask, SIDE)[0]
        self._inside = share.nonzero()[:, 0]
        weight = term.weight * (1 if term.kind is StrokeKind.COLOR else 2)
        shares = weight * share[self._inside] / (share.sum() + 1e-5)
        rows = slopes.index_select(2, self._inside)
        self._target = weighed(_flat(term.target, SIDE)[:, self._inside])
        self._weighted = (rows * shares).flatten(1)
        self.matrix = self._weighted @ rows.flatten(1).T

    def vector(self, fixed: Tensor) -> Tensor:
        """N; fixed: 4xpp, what the map says of its origin."""
        return self._weighted @ (self._target - fixed[:, self._inside]).flatten()


class _Hold:
    """What is to stay, as normal equations. slopes: Nx3xpp."""

    def __init__(self, energy: Energy, slopes: Tensor) -> None:
        held = 1 - _flat(energy.free, HELD_SIDE)[0]
        self._weight = 0.5 * energy.weights.kept * held.mean() * held / (held.sum() + 1e-5) / 3
        self._guarded = torch.zeros(())
        if energy.guarded is not None:
            guarded = _flat(energy.guarded, HELD_SIDE)[0]
            self._guarded = GUARD * guarded / (guarded.sum() + 1e-5) / 3
        self._before, self._slopes = _flat(energy.before, HELD_SIDE), slopes.flatten(1)

    def equations(self, moved: Tensor, fixed: Tensor) -> tuple[Tensor, Tensor]:
        """NxN and N, reweighted by how far it has moved, as the robust term would have it. fixed: 3xpp, the origin."""
        wanted = (self._before - fixed).flatten()
        change = (moved @ self._slopes - wanted).reshape(3, -1)
        robust = self._weight * torch.rsqrt(change.square() + losses.SOFT) + self._guarded
        weighted = self._slopes * robust.flatten()
        return weighted @ self._slopes.T, weighted @ wanted
