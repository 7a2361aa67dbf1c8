"""Projection: the latent whose picture is nearest to what lies under the frame.

iGAN's hybrid (Zhu et al. 2016, section 3): an encoder guesses, descent improves. The distance is the compact features'
plus squared error, with eyes and mouth weighted; plausibility is the length of the whitened coordinates. A layer's own
coordinates are set free after the shared ones have settled, since a single style cannot show most real faces and free
layers alone drift off the manifold. The frame is refined on the way: every few steps the photo is shifted, turned and
scaled a little to where the model's picture fits it best.

Most steps go through the light preview; the last ones go through the full network, because a descent through an
approximation also exploits its faults, and what it finds looks worse in the full picture than in the preview.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import Candidate, Project, Step
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import align
from engine.edit.losses import blur, smoothness
from engine.edit.pace import paced
from engine.model.adam import Adam, Group
from engine.model.features import Features
from engine.model.manifold import Manifold, to_tensor, to_uint8
from engine.model.pieces import pull

MARGIN = 1.25
"""The photo is cut out this much larger than the frame, so that the frame can be refined without going back to it."""


@dataclass(frozen=True)
class Recipe:
    """What the descent weighs. free: share of the steps after which layers move on their own.

    sharp: share of the steps, at the end, that go through the full network.
    """

    rate: float = 0.05
    pixel: float = 1.5
    shared_weight: float = 8e-6
    own_weight: float = 2.4e-5
    free: float = 0.25
    sharp: float = 0.3
    refine_every: int = 12


@dataclass(frozen=True, eq=False)
class Projection:
    """One moment of a descent. latent: 1xLxW. picture: 1x3xPxP. cost: the energy without the plausibility term.

    sharp: whether the picture is the full network's, averaged down; costs of the two kinds do not compare.
    """

    latent: Tensor
    picture: Tensor
    cost: float
    frame: Frame
    step: int
    sharp: bool

    def better(self, other: Projection | None) -> bool:
        """Whether this is the one to keep."""
        if other is None or self.sharp != other.sharp:
            return other is None or self.sharp
        return self.cost <= other.cost


def project(job: Project, manifold: Manifold) -> Iterator[Step]:
    """The job's steps: previews of guess and descent, then, settled, the best latent and the refined frame."""
    return paced(Step(ticket=job.ticket), _projected(job, manifold))


def _projected(job: Project, manifold: Manifold) -> Iterator[Step | None]:
    features, best = Features.load(), None
    yield None
    for moment in descending(manifold, features, Target(job.photo, job.frame, manifold), job.steps, guess=True):
        if moment is None:
            yield None
            continue
        best = moment if moment.better(best) else best
        done = moment.step / max(1, job.steps)
        note = "First guess" if moment.step == 0 else f"Finding the nearest picture, {done:.0%}"
        yield _shown(job, manifold, moment, done, note, settled=False)
    assert best is not None
    yield _shown(job, manifold, best, 1.0, "Found", settled=True)


def _shown(job: Project, manifold: Manifold, moment: Projection, done: float, note: str, settled: bool) -> Step:
    candidate = Candidate(manifold.latent(moment.latent), to_uint8(moment.picture), moment.cost)
    overlay = np.dstack([candidate.picture, _window(manifold.preview_size)])
    return Step(ticket=job.ticket, settled=settled, overlay=overlay, frame=moment.frame, candidates=(candidate,),
                fraction=done, note=note)


def _window(side: int) -> np.ndarray:
    """Opacity of a model picture laid over the photo: whole inside, fading over the outer twentieth."""
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) / (side / 20)
    edge = np.clip(distance, 0, 1)
    return np.rint(255 * np.minimum(edge[:, None], edge[None, :])).astype(np.uint8)


class Target:
    """The photo under a frame that can be shifted, turned and scaled a little: the model's picture chooses how."""

    LIMITS = (0.06, 0.06, 0.12, 0.12)  # of the frame's side: across, down; radians; log scale

    def __init__(self, photo: Photo, frame: Frame, manifold: Manifold) -> None:
        self.given, self.frame, self.side = frame, frame, manifold.preview_size
        wide = replace(frame, size=frame.size * MARGIN)
        self.photo, self.wide = photo, align.crop(photo, wide, round(self.side * MARGIN))
        self.picture = self._cut(frame)

    def _cut(self, frame: Frame) -> Tensor:
        """1x3xPxP in [-1, 1]: the wide cut-out seen through `frame`."""
        scale = self.wide.shape[0] / (self.given.size * MARGIN)
        corners = np.array([[0, 0], [self.side, 0], [0, self.side]], np.float64)
        wide = replace(self.given, size=self.given.size * MARGIN)
        seen = wide.to_model(frame.to_photo(corners, self.side), self.wide.shape[0])
        assert scale > 0
        matrix = cv2.getAffineTransform(seen.astype(np.float32), corners.astype(np.float32))
        # Pixel centres lie at integer + 0.5 in both pictures; OpenCV counts from the centre of the first pixel.
        matrix[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
        cut = cv2.warpAffine(self.wide, matrix, (self.side, self.side), flags=cv2.INTER_LINEAR,
                             borderMode=cv2.BORDER_REFLECT_101)
        return to_tensor(cut)

    def refine(self, picture: Tensor, importance: Tensor) -> None:
        """Moves the frame to where the photo agrees best with the model's picture; a few small Gauss-Newton steps."""
        weight = importance.sqrt()
        radius = self.side // 80  # details that the model has not found yet would only mislead
        model = blur(picture, radius)
        for _ in range(3):
            here = blur(self.picture, radius)
            step = _similarity_step(here, model, weight)
            moved = self._limited(step)
            if moved is None:
                return
            self.frame, self.picture = moved, self._cut(moved)

    def _limited(self, step: np.ndarray) -> Frame | None:
        """The frame after a step (dx, dy in pixels, angle, log scale), or None when it goes beyond the limits."""
        unit = self.frame.size / self.side
        cos, sin = math.cos(self.frame.angle), math.sin(self.frame.angle)
        frame = Frame(self.frame.x + unit * (cos * step[0] - sin * step[1]),
                      self.frame.y + unit * (sin * step[0] + cos * step[1]),
                      self.frame.size * math.exp(step[3]), self.frame.angle + step[2])
        away = (abs(frame.x - self.given.x) / self.given.size, abs(frame.y - self.given.y) / self.given.size,
                abs(frame.angle - self.given.angle), abs(math.log(frame.size / self.given.size)))
        return None if any(a > limit for a, limit in zip(away, self.LIMITS, strict=True)) else frame


def _similarity_step(here: Tensor, model: Tensor, weight: Tensor) -> np.ndarray:
    """Least-squares (dx, dy, angle, log scale) by which to move the sampling frame so that `here` becomes `model`."""
    side = here.shape[-1]
    dx = (here[:, :, 1:-1, 2:] - here[:, :, 1:-1, :-2]) / 2
    dy = (here[:, :, 2:, 1:-1] - here[:, :, :-2, 1:-1]) / 2
    place = torch.arange(1, side - 1, dtype=torch.float32) + 0.5 - side / 2
    x, y = place[None, :].expand_as(dx), place[:, None].expand_as(dx)
    weight = weight[:, :, 1:-1, 1:-1].expand_as(dx)
    columns = torch.stack([dx, dy, dy * x - dx * y, dx * x + dy * y], dim=-1).reshape(-1, 4) * weight.reshape(-1, 1)
    rest = ((model - here)[:, :, 1:-1, 1:-1] * weight).reshape(-1, 1)
    normal = (columns.T @ columns).double()
    # The prior says: no further than about two pixels at the border in one step.
    normal = normal + torch.diag(normal.diagonal() * 0.1 + 1e-6)
    return np.asarray(0.7 * torch.linalg.solve(normal, (columns.T @ rest).double())[:, 0])


def descend(manifold: Manifold, features: Features, target: Target, steps: int, guess: bool,
            recipe: Recipe = Recipe()) -> Iterator[Projection]:
    """Yields the start and then every step. guess=False starts from the average picture: plain optimisation."""
    return (moment for moment in descending(manifold, features, target, steps, guess, recipe) if moment is not None)


def descending(manifold: Manifold, features: Features, target: Target, steps: int, guess: bool,
               recipe: Recipe = Recipe()) -> Iterator[Projection | None]:
    """As `descend`, with a None wherever something else may be done in between."""
    with torch.no_grad():
        start = manifold.guess(target.picture) if guess else manifold.coordinates(manifold.average())
    shared, own = (part.detach().clone().requires_grad_() for part in start)
    optimizer = Adam([Group([shared, own], recipe.rate, (0.9, 0.95))])
    goal = _goal(features, target)
    yield None
    for step in range(steps + 1):
        latent, sharp = manifold.latents(shared, own), step > (1 - recipe.sharp) * steps
        passage = manifold.passage(latent, sharp)
        picture = yield from passage.forward()
        seen = _small(picture, target.side) if sharp else picture
        cost = _energy(features, seen, target, goal, manifold.importance, recipe)
        yield Projection(latent.detach(), seen.detach(), float(cost.detach()), target.frame, step, sharp)
        if step == steps:
            return
        optimizer.clear()
        cost.backward()
        yield None
        assert picture.grad is not None
        gradient = yield from passage.backward(picture.grad)
        prior = smoothness(shared, own, recipe.shared_weight, recipe.own_weight).sum()
        (pull(latent, gradient) + prior).backward()
        if step < recipe.free * steps:
            own.grad = None
        optimizer.groups[0].rate = _rate(recipe, step, steps)
        optimizer.step()
        if step % recipe.refine_every == recipe.refine_every - 1 and not sharp:
            target.refine(seen.detach(), manifold.importance)
            goal = _goal(features, target)


def _small(picture: Tensor, side: int) -> Tensor:
    return F.interpolate(picture, size=(side, side), mode="area")


def _rate(recipe: Recipe, step: int, steps: int) -> float:
    """Full rate for the first half, then a cosine to a tenth."""
    late = max(0.0, 2 * step / max(1, steps) - 1)
    return recipe.rate * (0.55 + 0.45 * math.cos(math.pi * late))


def _goal(features: Features, target: Target) -> list[Tensor]:
    with torch.no_grad():
        return features(target.picture)


def _energy(features: Features, picture: Tensor, target: Target, goal: list[Tensor], importance: Tensor,
            recipe: Recipe) -> Tensor:
    pixels = ((picture - target.picture).square() * importance).mean()
    return features.to_goal(picture, goal, importance).sum() + recipe.pixel * pixels
