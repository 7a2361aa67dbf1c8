"""Energy: how far pictures are from what an edit's strokes ask, and from what they leave alone.

The editing energy of Zhu et al. 2016, section 4.2, per candidate: strokes obeyed + what lies outside them kept +
distance from the projection in whitened coordinates (+ the critic, for a manifold that has one).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.job import Solve
from engine.document.stroke import StrokeKind
from engine.edit import losses
from engine.edit.flow import resized
from engine.edit.losses import reduced
from engine.edit.rasterize import Constraint, protection, rasterize, reach
from engine.edit.render import SEEN_AT, near_strokes
from engine.model.manifold import Manifold, to_array, to_tensor

COARSE, HELD = 0.3, 0.15
"""Share of the layers that are coarse, up to 16 x 16 pixels in faces; and how far they follow where they are held."""

GUARD = 4.0
"""Weight of what is protected."""

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


USUAL = Weights()


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
    network's pictures are judged, averaged down. Without them the preview's are. side: of the pictures judged, at most
    the preview's.
    """

    def __init__(self, job: Solve, manifold: Manifold, weights: Weights, before: Tensor | None = None,
                 unchanged: Tensor | None = None, side: int | None = None) -> None:
        edit, side = job.edit, min(side or manifold.preview_size, manifold.preview_size)
        self._job = job
        self.manifold, self.weights, self.sharp, self.side = manifold, weights, before is not None, side
        constraints = rasterize(edit.strokes, edit.frame, side)
        self.base = manifold.tensor(edit.origin())
        self.before = self.seen(manifold.previewed(edit.origin()) if before is None else before)
        self._unchanged = unchanged
        self.terms = [_term(c, self.before) for c in constraints]
        self.near = reach(constraints, side) if side == SEEN_AT else near_strokes(edit)
        self.protect = protection(edit.strokes, edit.frame, side, edit.inside)
        self.free = _mask(resized(self.near, side), manifold.device)
        self.guarded = None if self.protect is None else _mask(self.protect, manifold.device)
        self.only_colors = all(constraint.kind is StrokeKind.COLOR for constraint in constraints)
        self.freedom = _freedom(self.only_colors, manifold.layers).to(manifold.device)

    def seen(self, pictures: Tensor) -> Tensor:
        """What is judged of the network's pictures: Bx3xPxP."""
        return reduced(pictures, self.side)

    @property
    def unchanged(self) -> Tensor:
        """1x3xPxP: what the edit would look like without strokes and slides."""
        return self.seen(self.manifold.previewed(self._job.edit.base) if self._unchanged is None else self._unchanged)

    @cached_property
    def origin(self) -> tuple[Tensor, Tensor]:
        """The base's whitened coordinates."""
        return self.manifold.coordinates(self.base)

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
            energy = energy + GUARD * losses.masked_mean((pictures - self.before).square(), self.guarded)
        if self.manifold.critic is not None:
            energy = energy + self.weights.realism * losses.realism(self.manifold.critic(pictures).reshape(-1))
        return energy


def _freedom(only_colors: bool, layers: int) -> Tensor:
    """1xLx1: how far each layer moves with the others.

    The coarsest layers hold pose and features, and no colour that the others could not change: where nothing but
    colour is asked for they are kept back, or the descent trades the person for one of the wanted colour.
    """
    freedom = torch.ones(1, layers, 1)
    if only_colors:
        freedom[:, :round(COARSE * layers)] = HELD
    return freedom


def _mask(mask: np.ndarray, device: torch.device) -> Tensor:
    """PxP -> 1x1xPxP."""
    return torch.from_numpy(np.ascontiguousarray(mask, np.float32)).to(device)[None, None]


def _term(constraint: Constraint, before: Tensor) -> Term:
    mask = _mask(constraint.mask, before.device)
    if constraint.flow is not None:
        side = before.shape[-1]
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        pulled = cv2.remap(to_array(before), x + constraint.flow[..., 0], y + constraint.flow[..., 1], cv2.INTER_CUBIC,
                           borderMode=cv2.BORDER_REFLECT_101)
        return Term(constraint.kind, to_tensor(pulled, before.device), mask, constraint.weight)
    assert constraint.target is not None
    return Term(constraint.kind, to_tensor(constraint.target, before.device), mask, constraint.weight)
