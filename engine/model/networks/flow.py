"""A field of velocities over codes, along which what a Gaussian of them draws flows to where codes of pictures lie.

Lipman et al. 2023, "Flow Matching for Generative Modeling"; Liu et al. 2023, "Flow Straight and Fast". The Gaussian has
the codes' own covariance, so that little is left to go and a few steps suffice. The field is a U-Net (Ronneberger et
al. 2015) of residual blocks that are told the time, as in Ho et al. 2020, "Denoising Diffusion Probabilistic Models",
with self-attention at a half and at a quarter of a code's side: what goes together in a picture may lie far apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 4
"""Of Heun's, from the Gaussian to the codes; sixteen led to the same Frechet distance within a hundredth part."""

WIDTHS = (64, 128, 256)
"""Features at a code's own side, at half of it and at a quarter."""

TOLD = 128
"""Numbers in which the blocks are told time and class."""

WAVES, FASTEST = 32, 200.0
"""Sines and cosines of the time that the network is shown, and the quickest one's radians."""

GROUPS, HEADS = 8, 4


class Timed(nn.Module):
    """BxCxHxW, and BxTOLD -> BxCxHxW: two convolutions beside the identity; a new one changes nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.first = nn.GroupNorm(GROUPS, width), nn.Conv2d(width, width, 3, padding=1)
        self.between, self.second = nn.GroupNorm(GROUPS, width), nn.Conv2d(width, width, 3, padding=1)
        self.told = nn.Linear(TOLD, 2 * width)
        _silence(self.second)
        _silence(self.told)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """The gain and the bias of the features in between are told."""
        gain, bias = self.told(told)[:, :, None, None].chunk(2, dim=1)
        between = self.between(self.first(F.silu(self.before(x)))) * (1 + gain) + bias
        changed: Tensor = x + self.second(F.silu(between))
        return changed


class Attention(nn.Module):
    """BxCxHxW -> the same: every place looks at all (Vaswani et al. 2017); a new one changes nothing."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.asked = nn.GroupNorm(GROUPS, width), nn.Conv2d(width, 3 * width, 1)
        self.answer = nn.Conv2d(width, width, 1)
        _silence(self.answer)

    def forward(self, x: Tensor) -> Tensor:
        """Beside the identity."""
        sought = self.asked(self.norm(x)).flatten(2).unflatten(1, (3, HEADS, -1)).transpose(-1, -2)
        seen = F.scaled_dot_product_attention(*sought.unbind(1))
        changed: Tensor = x + self.answer(seen.transpose(-1, -2).flatten(1, 2).unflatten(2, x.shape[2:]))
        return changed


class Velocity(nn.Module):
    """BxCxSxS codes on their way, B times in 0..1, B classes -> BxCxSxS: where to. A new one stays where it is.

    S is a multiple of four.
    """

    def __init__(self, channels: int, side: int, kinds: int = 0) -> None:
        super().__init__()
        fine, middle, coarse = WIDTHS
        self.time = nn.Sequential(nn.Linear(2 * WAVES, TOLD), nn.SiLU(), nn.Linear(TOLD, TOLD))
        if kinds:
            self.classes = nn.Embedding(kinds, TOLD)
        self.place = nn.Parameter(torch.zeros(1, fine, side, side))
        self.entry = nn.Conv2d(channels, fine, 3, padding=1)
        self.down = nn.ModuleList([Timed(fine), Timed(middle), Timed(coarse)])
        self.shrink = nn.ModuleList([nn.Conv2d(4 * fine, middle, 1), nn.Conv2d(4 * middle, coarse, 1)])
        self.look = nn.ModuleList([Attention(middle), Attention(coarse), Attention(middle)])
        self.deep = Timed(coarse)
        self.grow = nn.ModuleList([nn.Conv2d(coarse, middle, 1), nn.Conv2d(middle, fine, 1)])
        self.up = nn.ModuleList([Timed(middle), Timed(middle), Timed(fine), Timed(fine)])
        self.norm, self.last = nn.GroupNorm(GROUPS, fine), nn.Conv2d(fine, channels, 3, padding=1)
        _silence(self.last)

    def forward(self, codes: Tensor, times: Tensor, kinds: Tensor | None = None) -> Tensor:
        """No activation at the end."""
        told = self.time(waves(times))
        told = F.silu(told if kinds is None else told + self.classes(kinds))
        fine = self.down[0](self.entry(codes) + self.place, told)
        middle = self.look[0](self.down[1](self.shrink[0](F.pixel_unshuffle(fine, 2)), told))
        coarse = self.deep(self.down[2](self.shrink[1](F.pixel_unshuffle(middle, 2)), told), told)
        middle = middle + F.interpolate(self.grow[0](self.look[1](coarse)), scale_factor=2)
        middle = self.look[2](self.up[1](self.up[0](middle, told), told))
        fine = fine + F.interpolate(self.grow[1](middle), scale_factor=2)
        velocity: Tensor = self.last(F.silu(self.norm(self.up[3](self.up[2](fine, told), told))))
        return velocity


def _silence(layer: nn.Module) -> None:
    """It says nothing, until it has learned."""
    for weight in layer.parameters():
        nn.init.zeros_(weight)


def waves(times: Tensor) -> Tensor:
    """B in 0..1 -> Bx2WAVES."""
    speeds = torch.linspace(0, math.log(FASTEST), WAVES, dtype=times.dtype, device=times.device).exp()
    angles = times[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def flown(begun: Tensor, velocity: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """BxN -> BxN: from time nought to one by Heun's steps, the last one Euler's. velocity: of places and B times."""
    places = begun
    for now, then in pairwise(torch.linspace(0, 1, STEPS + 1, dtype=begun.dtype, device=begun.device)):
        along = velocity(places, now.expand(len(places)))
        reached = places + (then - now) * along
        if then < 1:
            along = (along + velocity(reached, then.expand(len(places)))) / 2
        places = places + (then - now) * along
    return places
