"""Solve: move a latent until its picture obeys the strokes and stays plausible.

The energy is that of engine.edit.energy. While the hand moves, one candidate descends from the newest latent and every
step is shown; where there is a tangent, its answer comes first, and the descent begins there. When the hand lifts, that
candidate goes on until its energy has all but stopped falling; the others, which the wall shows, begin around where it
has come to and are given a few steps each. The best then takes a few steps through a sketch, or the full network, since
a descent through the preview also exploits its faults, and is rendered on the photo. All of it pauses every few dozen
milliseconds, so that a cancel comes through.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from engine.document.job import Candidate, Solve, Step
from engine.document.pauses import Work, paced
from engine.edit import flow
from engine.edit.energy import USUAL, Energy, Weights
from engine.edit.manner import manner
from engine.edit.pace import at_rest
from engine.edit.quick import Ground, ground
from engine.edit.render import patching
from engine.edit.sight import enlarged, side_of
from engine.edit.tangent import SEEN, Place, Tangent
from engine.model.adam import Adam, Group
from engine.model.manifold import Manifold, stages_of, to_array, to_tensor, to_uint8
from engine.model.pieces import Passage, drawing, pull

LEADING, FOLLOWING = 0.35, 0.15
"""Shares of a settling solve's steps for the candidate that was watched, and for each of the others."""
SHARP_STEPS, SKETCHED_STEPS = 4, 8
PATIENCE, STILL = 4, 0.01
"""A descent that has gained less than this share of its energy in so many steps has settled."""


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
        return at_rest(self.costs, PATIENCE, STILL)


def solve(job: Solve, manifold: Manifold, weights: Weights = USUAL, tangent: Tangent | None = None,
          ) -> Iterator[Step]:
    """The job's steps: previews; then, if it settles, candidates (best first) and the best one's patch.

    tangent: near the edit's base, for the first look at strokes while the hand moves.
    """
    return paced(Step(ticket=job.ticket), _solved(job, manifold, weights, tangent))


def _solved(job: Solve, manifold: Manifold, weights: Weights, tangent: Tangent | None) -> Work:
    start, beneath = None, ground(job.photo, job.edit, manifold)
    if tangent is not None and not job.settle:
        start = yield from _first_look(job, Energy(job, manifold, weights, side=SEEN), beneath, tangent)
    energy = Energy(job, manifold, weights)
    yield None
    if not energy.terms:
        yield from _settled(job, manifold, [Descent(energy, energy.base)], None)
        return
    if start is None:
        start = manifold.tensor(job.starts[0]) if job.starts else energy.base
    if job.settle:
        yield from _compete(job, energy, beneath, start)
        return
    yield from _followed(job, energy, beneath, start, tangent)


def _first_look(job: Solve, energy: Energy, beneath: Ground, tangent: Tangent) -> Generator[Step, None, Tensor | None]:
    """The tangent's answer, and those of the other starts; where the first leads, None where it has none.

    When the hand comes down the first answer is not kept waiting for the others; while it moves they come together.
    """
    starts, moves = job.starts or (None,), len(job.edit.strokes[-1].points) > 1
    places = tangent.answers(energy, starts if moves else starts[:1])
    if not places:
        return None
    step = _preview(job, energy, beneath, places, 0.0)
    _hold(tangent, step.candidates, places)
    yield step
    if len(places) < len(starts):
        others = tangent.answers(energy, starts[1:])
        made = tuple(_candidate(energy.manifold, place) for place in others)
        _hold(tangent, made, others)
        yield replace(step, candidates=(*step.candidates, *made))
    return places[0].latent


def _hold(tangent: Tangent, candidates: Sequence[Candidate], places: Sequence[Place]) -> None:
    for candidate, place in zip(candidates, places, strict=True):
        tangent.hold(candidate.latent, place)


def _followed(job: Solve, energy: Energy, beneath: Ground, start: Tensor, tangent: Tangent | None,
              ) -> Iterator[Step | None]:
    """One candidate while the hand moves, and every step of its descent is shown."""
    single = Descent(energy, start)
    for index in range(job.steps):
        yield from single.step()
        step = _preview(job, energy, beneath, [single], (index + 1) / job.steps)
        if tangent is not None:
            tangent.pass_by(step.candidates[0].latent, single.picture)
        yield step


def _compete(job: Solve, energy: Energy, beneath: Ground, start: Tensor) -> Iterator[Step | None]:
    """The candidate that the artist has been watching first, then the others, then the best one sharply."""
    leader = Descent(energy, start)
    others = job.candidates - 1
    long, short = max(1, round(LEADING * job.steps)), max(1, round(FOLLOWING * job.steps))
    goal = long + others * short
    done = 0
    for _ in range(long):
        yield from leader.step()
        done += 1
        yield _preview(job, energy, beneath, [leader], 0.7 * done / goal)
        if leader.settled():
            break
    leader.rest()
    everybody = [leader]
    generator = torch.Generator().manual_seed(job.seed)
    for _ in range(others):
        noise = torch.randn(1, 1, energy.manifold.basis.shape[0], generator=generator) * energy.weights.spread
        everybody.append(Descent(energy, leader.latent, noise.to(energy.manifold.device)))
        for _ in range(short):
            yield from everybody[-1].step()
            done += 1
        everybody[-1].rest()
        yield _preview(job, energy, beneath, sorted(everybody, key=_cost), 0.7 * done / goal)
    ranked = sorted(everybody, key=_cost)
    yield from _sharpened(job, energy, beneath.crop, ranked)


def _sharpened(job: Solve, energy: Energy, crop: np.ndarray, ranked: list[Descent]) -> Iterator[Step | None]:
    """The last steps of the best candidate, through a network that agrees with the full one: the preview's faults are
    not exploited."""
    manifold = energy.manifold
    unchanged = yield from manifold.drawn(job.edit.base)
    before = yield from manifold.drawn(job.edit.origin())
    first, bare = (to_tensor(each.copy(), manifold.device) for each in (before, unchanged))
    sharp = Energy(job, manifold, energy.weights, first, bare)
    if manifold.sketches:
        best = yield from _sketched(job, sharp, ranked)
    else:
        best = yield from _fully(job, energy, sharp, crop, ranked)
    best.cost = ranked[0].cost  # costs of the two kinds of picture do not compare
    yield from _settled(job, manifold, [best, *ranked[1:]], best.full)


def _fully(job: Solve, energy: Energy, sharp: Energy, crop: np.ndarray, ranked: list[Descent],
           ) -> Generator[Step | None, None, Descent]:
    """The best goes on through the full network; the others are shown without the light network's faults."""
    best, beneath = Descent(sharp, ranked[0].latent), Ground(crop, to_array(sharp.unchanged))
    for other in ranked[1:]:
        other.picture = other.picture + sharp.before - energy.before
    for index in range(SHARP_STEPS):
        yield from best.step()
        yield _preview(job, best.energy, beneath, [best, *ranked[1:]], 0.7 + 0.2 * index / SHARP_STEPS)
    best.rest()
    return best


def _sketched(job: Solve, sharp: Energy, ranked: list[Descent]) -> Generator[Step | None, None, Descent]:
    """The best goes on through a sketch, where twice the steps take no longer; the others are seen through it."""
    manifold, weights = sharp.manifold, replace(sharp.weights, rate=sharp.weights.sharp_rate)
    network = manifold.halved[len(manifold.halved) // 2]
    energy = Energy(job, replace(manifold, light=network, preview_size=side_of(network, manifold)), weights)
    leader, best = Descent(energy, ranked[0].latent), Descent(sharp, ranked[0].latent)
    for index in range(SKETCHED_STEPS):
        yield from leader.step()
        yield Step(ticket=job.ticket, fraction=0.7 + 0.15 * index / SKETCHED_STEPS, note="Following the strokes")
    leader.rest()
    for other in ranked[1:]:
        seen = energy.seen((yield from drawing(stages_of(network), other.latent)))
        other.picture = sharp.before + enlarged(seen - energy.before, sharp.side)
    best.latent = leader.latent
    best.full = yield from drawing(stages_of(manifold.generator), best.latent)
    best.picture = sharp.seen(best.full)
    return best


Shown = Descent | Place


def _cost(candidate: Shown) -> float:
    return candidate.cost


def _candidate(manifold: Manifold, descent: Shown) -> Candidate:
    return Candidate(manifold.latent(descent.latent), to_uint8(descent.picture), descent.cost)


def _preview(job: Solve, energy: Energy, beneath: Ground, ranked: Sequence[Shown], fraction: float) -> Step:
    after = to_array(ranked[0].picture)
    still = energy.only_colors and energy.side < len(beneath.crop)
    if not still:
        after = flow.resized(after, len(beneath.crop))  # what moves is to be seen sharply
    side = len(after)
    protect = None if energy.protect is None else flow.resized(energy.protect, side)
    way = manner(job.edit, energy.manifold, energy.near, protect, beneath.before(side), after)
    overlay = beneath.overlay(way.after, way.realism, way.shield, flow.STILL if still else flow.QUICK)
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
