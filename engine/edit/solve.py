"""Solve: move a latent until its picture obeys the strokes and stays plausible.

The editing energy of Zhu et al. 2016, section 4.2, per candidate: strokes obeyed + what lies outside them kept +
distance from the projection in whitened coordinates (+ the critic, for a manifold that has one). While the hand moves,
one candidate descends from the newest latent and every step is shown. When it lifts, that one goes on until its energy
has all but stopped falling; the others, which the wall shows, begin around where it has come to and are given a few
steps each. The best then takes a few steps through the full network, since a descent through the preview also exploits
its faults, and is rendered on the photo. All of it pauses every few dozen milliseconds, so that a cancel comes through.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import Candidate, Solve, Step
from engine.document.stroke import StrokeKind
from engine.edit import align, losses, transfer
from engine.edit.pace import paced
from engine.edit.rasterize import Constraint, protection, rasterize, reach
from engine.edit.render import guard, near_strokes, patching
from engine.model.adam import Adam, Group
from engine.model.manifold import Manifold, to_array, to_tensor, to_uint8
from engine.model.pieces import Passage, pull

LEADING, FOLLOWING = 0.35, 0.15
"""Shares of a settling solve's steps for the candidate that was watched, and for each of the others."""
SHARP_STEPS = 4
COARSE, HELD = 0.3, 0.15
"""Share of the layers that are coarse, up to 16 x 16 pixels in faces; and how far they follow where they are held."""
PATIENCE, STILL = 4, 0.01
"""A descent that has gained less than this share of its energy in so many steps has settled."""

EDGE_WEIGHT = 0.2
"""iGAN's weight of edges against colours."""


@dataclass(frozen=True)
class Weights:
    """Of the energy's terms against a stroke's own weight of one, and Adam's rates."""

    kept: float = 2.0
    shared: float = 0.002
    own: float = 0.0075
    realism: float = 0.02
    rate: float = 0.05
    sharp_rate: float = 0.025
    spread: float = 0.35


@dataclass(frozen=True, eq=False)
class Term:
    """A constraint as tensors. target: 1x3xPxP in [-1, 1]. mask: 1x1xPxP."""

    kind: StrokeKind
    target: Tensor
    mask: Tensor
    weight: float

    def of(self, pictures: Tensor) -> Tensor:
        """Bx3xPxP -> B: how far the pictures are from what the stroke asks."""
        if self.kind is StrokeKind.COLOR:
            return self.weight * losses.color(pictures, self.target, self.mask)
        edge = self.weight * EDGE_WEIGHT * losses.edges(pictures, self.target, self.mask)
        if self.kind is StrokeKind.SKETCH:
            return 2 * edge
        return edge + self.weight * 2 * losses.color(pictures, self.target, self.mask)


class Energy:
    """The strokes' terms and the ones that hold the rest in place, for one edit.

    Strokes begin at the edit's origin, where its slides have taken the projection, and are held near to that.
    before, unchanged: 1x3xSxS, the pictures of the origin and of the projection by the full network: then that
    network's pictures are judged, averaged down. Without them the preview's are.
    """

    def __init__(self, job: Solve, manifold: Manifold, weights: Weights, before: Tensor | None = None,
                 unchanged: Tensor | None = None) -> None:
        edit, side = job.edit, manifold.preview_size
        self.manifold, self.weights, self.sharp, self.side = manifold, weights, before is not None, side
        constraints = rasterize(edit.strokes, edit.frame, side)
        self.base = manifold.tensor(edit.origin())
        self.before = manifold.previewed(edit.origin()) if before is None else self.seen(before)
        self.unchanged = manifold.previewed(edit.base) if unchanged is None else self.seen(unchanged)
        self.terms = [_term(c, self.before) for c in constraints]
        self.free = torch.from_numpy(reach(constraints, side))[None, None]
        self.near, self.protect = near_strokes(edit), protection(edit.strokes, edit.frame, side, edit.inside)
        self.guarded = None if self.protect is None else torch.from_numpy(self.protect)[None, None]
        self.origin = manifold.coordinates(self.base)
        self.freedom = _freedom(constraints, manifold.layers)

    def seen(self, pictures: Tensor) -> Tensor:
        """What is judged of the network's pictures: Bx3xPxP."""
        return F.interpolate(pictures, size=(self.side, self.side), mode="area") if self.sharp else pictures

    def of(self, shared: Tensor, own: Tensor) -> Tensor:
        """Whitened coordinates of B latents -> their energies, in one go."""
        latents = self.manifold.latents(shared, own)
        pictures = self.manifold.picture(latents) if self.sharp else self.manifold.preview(latents)
        return self.judged(self.seen(pictures)) + self.prior(shared, own)

    def prior(self, shared: Tensor, own: Tensor) -> Tensor:
        """How far Bx1xK and BxLxK coordinates are from the base's -> B."""
        return losses.smoothness(shared - self.origin[0], own - self.origin[1], self.weights.shared, self.weights.own)

    def judged(self, pictures: Tensor) -> Tensor:
        """What is seen, Bx3xPxP -> B: all terms but the prior."""
        energy = self.weights.kept * losses.kept(pictures, self.before, self.free)
        for term in self.terms:
            energy = energy + term.of(pictures)
        if self.guarded is not None:
            energy = energy + 4 * losses.masked_mean((pictures - self.before).square(), self.guarded)
        if self.manifold.critic is not None:
            energy = energy + self.weights.realism * losses.realism(self.manifold.critic(pictures).reshape(-1))
        return energy


def _freedom(constraints: Sequence[Constraint], layers: int) -> Tensor:
    """1xLx1: how far each layer moves with the others.

    The coarsest layers hold pose and features, and no colour that the others could not change: where nothing but
    colour is asked for they are kept back, or the descent trades the person for one of the wanted colour.
    """
    freedom = torch.ones(1, layers, 1)
    if all(constraint.kind is StrokeKind.COLOR for constraint in constraints):
        freedom[:, :round(COARSE * layers)] = HELD
    return freedom


def _term(constraint: Constraint, before: Tensor) -> Term:
    mask = torch.from_numpy(np.ascontiguousarray(constraint.mask, np.float32))[None, None]
    if constraint.flow is not None:
        side = before.shape[-1]
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        pulled = cv2.remap(to_array(before), x + constraint.flow[..., 0], y + constraint.flow[..., 1], cv2.INTER_CUBIC,
                           borderMode=cv2.BORDER_REFLECT_101)
        return Term(constraint.kind, to_tensor(pulled), mask, constraint.weight)
    assert constraint.target is not None
    return Term(constraint.kind, to_tensor(constraint.target), mask, constraint.weight)


class Descent:
    """One candidate on its way: how far it has moved from its start, its own optimiser, the best it has seen."""

    def __init__(self, energy: Energy, start: Tensor, noise: Tensor | None = None) -> None:
        self.energy = energy
        self._start = energy.manifold.coordinates(start)
        shared, own = (torch.zeros_like(part) for part in self._start)
        self._moved = [(shared if noise is None else noise).clone().requires_grad_(), own.requires_grad_()]
        rate = energy.weights.sharp_rate if energy.sharp else energy.weights.rate
        self._optimizer = Adam([Group(self._moved, rate, (0.9, 0.95))])
        self._open: tuple[Tensor, Tensor, Tensor, Passage] | None = None
        self.costs: list[float] = []
        self.cost = float("inf")
        self.latent, self.picture, self.full = start, energy.before, energy.before

    def place(self) -> tuple[Tensor, Tensor]:
        """Whitened coordinates, Bx1xK and BxLxK, of where it is now."""
        shared, own = self._moved
        return self._start[0], self._start[1] + self.energy.freedom * (shared + own)

    def look(self) -> Generator[None, None, None]:
        """Judge where it is now; with pauses."""
        energy, place = self.energy, self.place()
        latents = energy.manifold.latents(*place)
        passage = energy.manifold.passage(latents, energy.sharp)
        picture = yield from passage.forward()
        seen = energy.seen(picture)
        judged = energy.judged(seen)
        cost = judged + energy.prior(*place)
        self.costs.append(float(cost.detach()))
        if self.costs[-1] < self.cost:
            self.cost, self.latent = self.costs[-1], latents.detach()
            self.picture, self.full = seen.detach(), picture.detach()
        self._open = latents, picture, judged, passage
        yield

    def step(self) -> Generator[None, None, None]:
        """One step of Adam, and a look at where it leads; with pauses."""
        if self._open is None:
            yield from self.look()
        assert self._open is not None
        (latents, picture, judged, passage), self._open = self._open, None
        judged.sum().backward()
        yield
        assert picture.grad is not None
        self._optimizer.clear()
        gradient = yield from passage.backward(picture.grad)
        (pull(latents, gradient) + self.energy.prior(*self.place()).sum()).backward()
        self._optimizer.step()
        yield from self.look()

    def rest(self) -> None:
        """Let go of the way back: no step is to follow."""
        self._open = None

    def settled(self) -> bool:
        """Whether the energy has all but stopped falling."""
        if len(self.costs) <= PATIENCE:
            return False
        return min(self.costs[:-PATIENCE]) - self.cost < STILL * self.cost


def solve(job: Solve, manifold: Manifold, weights: Weights = Weights()) -> Iterator[Step]:
    """The job's steps: previews; then, if it settles, candidates (best first) and the best one's patch."""
    return paced(Step(ticket=job.ticket), _solved(job, manifold, weights))


def _solved(job: Solve, manifold: Manifold, weights: Weights) -> Iterator[Step | None]:
    energy = Energy(job, manifold, weights)
    crop = align.crop(job.photo, job.edit.frame, manifold.preview_size)
    yield None
    if not energy.terms:
        yield from _settled(job, manifold, [Descent(energy, energy.base)], None)
        return
    start = manifold.tensor(job.starts[0]) if job.starts else energy.base
    if job.settle:
        yield from _compete(job, energy, crop, start)
        return
    single = Descent(energy, start)
    for index in range(job.steps):
        yield from single.step()
        yield _preview(job, energy, crop, [single], (index + 1) / job.steps)


def _compete(job: Solve, energy: Energy, crop: np.ndarray, start: Tensor) -> Iterator[Step | None]:
    """The candidate that the artist has been watching first, then the others, then the best one sharply."""
    leader = Descent(energy, start)
    others = job.candidates - 1
    long, short = max(1, round(LEADING * job.steps)), max(1, round(FOLLOWING * job.steps))
    goal = long + others * short
    done = 0
    for _ in range(long):
        yield from leader.step()
        done += 1
        yield _preview(job, energy, crop, [leader], 0.7 * done / goal)
        if leader.settled():
            break
    leader.rest()
    everybody = [leader]
    generator = torch.Generator().manual_seed(job.seed)
    for _ in range(others):
        noise = torch.randn(1, 1, energy.manifold.basis.shape[0], generator=generator) * energy.weights.spread
        everybody.append(Descent(energy, leader.latent, noise))
        for _ in range(short):
            yield from everybody[-1].step()
            done += 1
        everybody[-1].rest()
        yield _preview(job, energy, crop, sorted(everybody, key=_cost), 0.7 * done / goal)
    ranked = sorted(everybody, key=_cost)
    yield from _sharpened(job, energy, crop, ranked)


def _sharpened(job: Solve, energy: Energy, crop: np.ndarray, ranked: list[Descent]) -> Iterator[Step | None]:
    """The last steps of the best candidate, through the full network: the preview's faults are not exploited."""
    manifold = energy.manifold
    unchanged = yield from manifold.drawn(job.edit.base)
    before = yield from manifold.drawn(job.edit.origin())
    sharp = Energy(job, manifold, energy.weights, to_tensor(before.copy()), to_tensor(unchanged.copy()))
    best = Descent(sharp, ranked[0].latent)
    for index in range(SHARP_STEPS):
        yield from best.step()
        yield _preview(job, best.energy, crop, [best, *ranked[1:]], 0.7 + 0.2 * index / SHARP_STEPS)
    best.rest()
    best.cost = ranked[0].cost  # costs of the two kinds of picture do not compare
    yield from _settled(job, manifold, [best, *ranked[1:]], best.full)


def _cost(candidate: Descent) -> float:
    return candidate.cost


def _candidate(manifold: Manifold, descent: Descent) -> Candidate:
    return Candidate(manifold.latent(descent.latent), to_uint8(descent.picture), descent.cost)


def _preview(job: Solve, energy: Energy, crop: np.ndarray, ranked: list[Descent], fraction: float) -> Step:
    before, after = to_array(energy.unchanged), to_array(ranked[0].picture)
    shield = guard(energy.near, energy.protect, before, after)
    overlay = transfer.overlay(crop, before, after, job.edit.realism, shield)
    candidates = tuple(_candidate(energy.manifold, descent) for descent in ranked)
    return Step(ticket=job.ticket, overlay=overlay, frame=job.edit.frame, candidates=candidates, fraction=fraction,
                note="Following the strokes")


def _settled(job: Solve, manifold: Manifold, ranked: list[Descent], full: Tensor | None) -> Iterator[Step | None]:
    """The full-size patch of the best candidate, and everybody for the wall. full: the best one's picture, if drawn."""
    candidates = tuple(_candidate(manifold, descent) for descent in ranked)
    if full is not None:
        manifold.remember(candidates[0].latent, full)
    yield Step(ticket=job.ticket, frame=job.edit.frame, candidates=candidates, fraction=0.9, note="Onto the photo")
    patch = yield from patching(job.photo, replace(job.edit, latent=candidates[0].latent), manifold)
    yield Step(ticket=job.ticket, settled=True, frame=job.edit.frame, candidates=candidates, patch=patch, fraction=1.0,
               note="Done")
