"""Measures along which axes a manifold's descents go, layer by layer.

Adam gives each coordinate a step of its own, which helps as far as coordinates are independent. The principal axes of
the styles are not: what a projection's energy says lies in some tens of other directions, different for each layer.
Gathered over descents towards pictures that the manifold made itself, toned as photographs are, the gradients' own
principal axes are those directions, and Adam goes down along them in fewer steps (the idea of Vyas et al. 2024, "SOAP:
Improving and Stabilizing Shampoo using Adam", with the axes measured beforehand instead of on the way).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.adam import Adam, Group
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.train.guess import BRIGHTER, CONTRAST, PIXELS

STEPS = 8
"""Of each descent: later ones say little that is new."""

KEPT = 256
"""Axes of each layer, at most."""

RATE, BETAS = 0.12, (0.8, 0.99)


def measured(manifold: Manifold, network: nn.Module, count: int, seed: int) -> Generator[float, None, Tensor]:
    """Yields the fraction done; returns LxRxK orthonormal rows, those along which gradients are largest first.

    network: the one to descend through, which makes pictures of any size. count: of descents, STEPS gradients each.
    """
    plain, features, gathered = replace(manifold, axes=None), Features.load(), []
    for index, wanted in enumerate(_wanted(manifold, network, count, seed)):
        gathered += [gradient for gradient, _ in _descent(plain, features, network, wanted)]
        yield (index + 1) / count
    return principal(torch.cat(gathered))


def reached(manifold: Manifold, network: nn.Module, count: int, seed: int) -> float:
    """The mean energy after STEPS, of what the descents began with, along the axes that the manifold has."""
    features = Features.load()
    ends = [list(_descent(manifold, features, network, wanted)) for wanted in _wanted(manifold, network, count, seed)]
    return sum(each[-1][1] / each[0][1] for each in ends) / count


def principal(gradients: Tensor) -> Tensor:
    """NxLxK -> LxRxK, R at most KEPT and K: the principal axes of each layer's gradients."""
    count, _, width = gradients.shape
    covariance = torch.einsum("nlk,nlj->lkj", gradients, gradients).double() / count
    _, axes = torch.linalg.eigh(covariance)
    return axes.flip(2)[:, :, : min(KEPT, width)].mT.float().contiguous()


def _wanted(manifold: Manifold, network: nn.Module, count: int, seed: int) -> Iterator[Tensor]:
    """1x3xSxS pictures of random latents: early layers of one style, late ones of another, exposed otherwise."""
    random = torch.Generator().manual_seed(seed)
    for index in range(count):
        one, other = manifold.sample(2, seed * 1_000_003 + index, truncation=1.0)
        cut = int(torch.randint(1, manifold.layers + 1, (), generator=random))
        contrast, light = torch.randn(2, generator=random).tolist()
        with torch.no_grad():
            picture = network(torch.cat([one[:cut], other[cut:]])[None])
        yield (picture * (1 + CONTRAST * contrast) + BRIGHTER * light).clamp(-1, 1)


def _descent(manifold: Manifold, features: Features, network: nn.Module, wanted: Tensor,
             ) -> Iterator[tuple[Tensor, float]]:
    """From the guess: the gradient in whitened coordinates, 1xLxK, and the energy, at each step."""
    whole = F.interpolate(wanted, size=(manifold.preview_size,) * 2, mode="bilinear", align_corners=False)
    importance = F.interpolate(manifold.importance, size=wanted.shape[-2:], mode="area")
    with torch.no_grad():
        start = sum(manifold.guess(whole))
    moved = manifold.still().requires_grad_()
    optimizer = Adam([Group([moved], RATE, BETAS)])
    for _ in range(STEPS):
        place = start + manifold.turned(moved)
        place.retain_grad()
        picture = network(manifold.mean + place @ manifold.basis)
        energy = features.distance(picture, wanted, importance)
        energy = energy + PIXELS * ((picture - wanted).square() * importance).mean()
        optimizer.clear()
        energy.backward()
        assert place.grad is not None
        yield place.grad.detach(), float(energy.detach())
        optimizer.step()
