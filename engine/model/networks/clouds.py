"""Clouds: the Gaussians that latents are drawn from, one for each class.

The divergence that a reader pays for keeps what it reads near the standard normal, never on it, and a generator that is
asked between the two shows fog. So what was read is measured, and latents are drawn from there (ex-post density
estimation: Ghosh et al. 2020, "From Variational to Deterministic Autoencoders").
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import torch
from torch import Tensor, nn

KEPT = 0.999
"""Of what was known of a class, when one more picture of it is read."""

LEAST = 1e-3
"""Variance that a cloud has in every direction."""


class Clouds(nn.Module):
    """Standard normal z -> mean + axes @ z of the class.

    CxK means, CxKxK second moments and triangular axes; how many pictures of each have been noted,
    as far as that matters.
    """

    seen: Tensor
    mean: Tensor
    square: Tensor
    axes: Tensor

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(classes))
        self.register_buffer("mean", torch.zeros(classes, width))
        self.register_buffer("square", torch.eye(width).repeat(classes, 1, 1))
        self.register_buffer("axes", torch.eye(width).repeat(classes, 1, 1))

    def forward(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """BxK, and B classes -> BxK."""
        if told is None:
            return self.mean[0] + z @ self.axes[0].T
        placed = self.mean[told]
        for kind, axes in enumerate(self.axes):  # a matrix for every row would be a gigabyte where they are wide
            some = told == kind
            placed[some] += z[some] @ axes.T
        return placed

    @torch.no_grad()
    def note(self, read: Tensor, told: Tensor | None = None) -> None:
        """Take in what was read, BxK."""
        for kind in range(len(self.mean)):
            some = read if told is None else read[told == kind]
            if len(some):
                self.seen[kind] = min(float(self.seen[kind]) + len(some), 2 / (1 - KEPT))
                fresh = max(1 - KEPT ** len(some), len(some) / float(self.seen[kind]))
                self.mean[kind].lerp_(some.mean(dim=0), fresh)
                self.square[kind].lerp_(some.T @ some / len(some), fresh)

    @torch.no_grad()
    def settle(self) -> None:
        """Draw from what has been taken in from now on."""
        spread = self.square - self.mean[:, :, None] * self.mean[:, None]
        self.axes.copy_(torch.linalg.cholesky(spread + LEAST * torch.eye(self.mean.shape[1], device=spread.device)))


def edges_of(shares: Sequence[float]) -> Tensor:
    """The normal quantiles between one class and the next."""
    whole, below, edges = sum(shares), 0.0, []
    for share in shares[:-1]:
        below += share / whole
        edges.append(NormalDist().inv_cdf(min(max(below, 1e-6), 1 - 1e-6)))
    return torch.tensor(edges)


def class_of(z: Tensor, edges: Tensor) -> Tensor:
    """B standard normal numbers -> B classes: between which of the quantiles each lies."""
    return torch.bucketize(z.contiguous(), edges)
