"""Solve: move a latent until its picture obeys the strokes and stays plausible.

The editing energy of Zhu et al. 2016, section 4.2, per candidate: strokes obeyed + what lies outside them kept +
distance from the projection in whitened coordinates (+ the critic, for a manifold that has one). While the hand moves,
one candidate descends from the newest latent and every step is shown. When it lifts, several candidates descend by
turns from perturbed starts (successive halving: all for a while, then the better half), so that no step takes longer
than one preview and a cancel comes through at once. The best then takes a few steps through the full network, since a
descent through the preview also exploits its faults, and is rendered on the photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import Candidate, Solve, Step
from engine.document.stroke import StrokeKind
from engine.edit import align, losses, transfer
from engine.edit.rasterize import Constraint, protection, rasterize, reach
from engine.edit.render import guard, near_strokes, patch_of
from engine.model.manifold import Manifold, to_array, to_tensor, to_uint8

SHARP_STEPS = 6

EDGE_WEIGHT = 0.2
"""iGAN's weight of edges against colours."""


@dataclass(frozen=True)
class Weights:
    """Of the energy's terms against a stroke's own weight of one, and Adam's rate."""

    kept: float = 1.0
    shared: float = 0.0014
    own: float = 0.005
    realism: float = 0.02
    rate: float = 0.05
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

    sharp: judge the full network's pictures, averaged down, in place of the preview's.
    """

    def __init__(self, job: Solve, manifold: Manifold, weights: Weights, sharp: bool = False) -> None:
        edit, side = job.edit, manifold.preview_size
        self.manifold, self.weights, self.sharp = manifold, weights, sharp
        constraints = rasterize(edit.strokes, edit.frame, side)
        with torch.no_grad():
            self.base = manifold.tensor(edit.base)
            self.before = self.seen(self.base)
        self.terms = [_term(c, self.before) for c in constraints]
        self.free = torch.from_numpy(reach(constraints, side))[None, None]
        self.near, self.protect = near_strokes(edit), protection(edit.strokes, edit.frame, side)
        self.guarded = None if self.protect is None else torch.from_numpy(self.protect)[None, None]
        self.origin = manifold.coordinates(self.base)

    def seen(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3xPxP, what is judged."""
        side = self.manifold.preview_size
        if not self.sharp:
            return self.manifold.preview(latents)
        return F.interpolate(self.manifold.picture(latents), size=(side, side), mode="area")

    def of(self, shared: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
        """Whitened coordinates of B latents -> energies (B) and their pictures."""
        pictures = self.seen(self.manifold.latents(shared, own))
        weights = self.weights
        energy = losses.smoothness(shared - self.origin[0], own - self.origin[1], weights.shared, weights.own)
        for term in self.terms:
            energy = energy + term.of(pictures)
        energy = energy + weights.kept * losses.kept(pictures, self.before, self.free)
        if self.guarded is not None:
            energy = energy + 4 * losses.masked_mean((pictures - self.before).square(), self.guarded)
        if self.manifold.critic is not None:
            energy = energy + weights.realism * losses.realism(self.manifold.critic(pictures).reshape(-1))
        return energy, pictures


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
    """One candidate on its way: coordinates, its own optimiser, the best it has seen."""

    def __init__(self, energy: Energy, start: Tensor, noise: Tensor | None) -> None:
        self.energy = energy
        with torch.no_grad():
            shared, own = energy.manifold.coordinates(start)
            shared = shared if noise is None else shared + noise
        self.shared, self.own = shared.clone().requires_grad_(), own.clone().requires_grad_()
        self.optimizer = torch.optim.Adam([self.shared, self.own], lr=energy.weights.rate, betas=(0.9, 0.95))
        self.cost = float("inf")
        self.latent = start
        self.picture = energy.before

    def step(self) -> None:
        """One step of Adam; keeps the picture and latent it started from if they are the best so far."""
        cost, picture = self.energy.of(self.shared, self.own)
        value = float(cost.detach())
        if value < self.cost:
            self.cost, self.picture = value, picture.detach()
            self.latent = self.energy.manifold.latents(self.shared, self.own).detach()
        self.optimizer.zero_grad(set_to_none=True)
        cost.sum().backward()
        # The shared part leads: it moves along the manifold, single layers leave it.
        assert self.own.grad is not None
        self.own.grad.mul_(0.5)
        self.optimizer.step()


def solve(job: Solve, manifold: Manifold, weights: Weights = Weights()) -> Iterator[Step]:
    """The job's steps: previews; then, if it settles, candidates (best first) and the best one's patch."""
    energy = Energy(job, manifold, weights)
    crop = align.crop(job.photo, job.edit.frame, manifold.preview_size)
    if not energy.terms:
        yield from _settled(job, manifold, [Descent(energy, energy.base, None)])
        return
    starts = [manifold.tensor(latent) for latent in job.starts] or [energy.base]
    if not job.settle:
        single = Descent(energy, starts[0], None)
        for index in range(job.steps):
            single.step()
            yield _preview(job, energy, crop, [single], (index + 1) / job.steps)
        return
    yield from _compete(job, energy, crop, starts)


def _compete(job: Solve, energy: Energy, crop: np.ndarray, starts: list[Tensor]) -> Iterator[Step]:
    generator = torch.Generator().manual_seed(job.seed)
    axes = energy.manifold.basis.shape[0]
    noises = [torch.randn(1, 1, axes, generator=generator) * energy.weights.spread for _ in range(job.candidates)]
    alive = [Descent(energy, starts[i % len(starts)], noises[i] if i else None) for i in range(job.candidates)]
    everybody, rounds, total = alive, (job.steps // 3, job.steps - job.steps // 3), 0
    goal = job.candidates * rounds[0] + max(1, job.candidates // 2) * rounds[1]
    for count in rounds:
        for _ in range(count):
            for candidate in alive:
                candidate.step()
                total += 1
                yield _preview(job, energy, crop, sorted(everybody, key=_cost), 0.9 * total / goal)
        alive = sorted(alive, key=_cost)[: max(1, len(alive) // 2)]
    ranked = sorted(everybody, key=_cost)
    best = Descent(Energy(job, energy.manifold, energy.weights, sharp=True), ranked[0].latent, None)
    for index in range(SHARP_STEPS):
        best.step()
        yield _preview(job, best.energy, crop, [best, *ranked[1:]], 0.9 + 0.05 * index / SHARP_STEPS)
    yield from _settled(job, energy.manifold, [_ranked_as(best, ranked[0]), *ranked[1:]])


def _ranked_as(sharp: Descent, light: Descent) -> Descent:
    """The sharpened candidate under the cost it was ranked by: costs of the two kinds of picture do not compare."""
    sharp.cost = light.cost
    return sharp


def _cost(candidate: Descent) -> float:
    return candidate.cost


def _candidate(manifold: Manifold, descent: Descent) -> Candidate:
    return Candidate(manifold.latent(descent.latent), to_uint8(descent.picture), descent.cost)


def _preview(job: Solve, energy: Energy, crop: np.ndarray, ranked: list[Descent], fraction: float) -> Step:
    before, after = to_array(energy.before), to_array(ranked[0].picture)
    shield = guard(energy.near, energy.protect, before, after)
    overlay = transfer.overlay(crop, before, after, job.edit.realism, shield)
    candidates = tuple(_candidate(energy.manifold, descent) for descent in ranked)
    return Step(ticket=job.ticket, overlay=overlay, frame=job.edit.frame, candidates=candidates, fraction=fraction,
                note="Following the strokes")


def _settled(job: Solve, manifold: Manifold, ranked: list[Descent]) -> Iterator[Step]:
    """The full-size patch of the best candidate, and everybody for the wall."""
    candidates = tuple(_candidate(manifold, descent) for descent in ranked)
    yield Step(ticket=job.ticket, frame=job.edit.frame, candidates=candidates, fraction=0.9, note="Onto the photo")
    patch = patch_of(job.photo, replace(job.edit, latent=candidates[0].latent), manifold)
    yield Step(ticket=job.ticket, settled=True, frame=job.edit.frame, candidates=candidates, patch=patch, fraction=1.0,
               note="Done")
