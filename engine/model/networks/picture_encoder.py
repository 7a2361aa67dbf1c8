"""Encoder for pictures that are not framed alike: a picture -> whitened style coordinates, shared and of three groups.

The frozen compact features are averaged to 8 x 8 places and joined there; a few residual convolutions and one hidden
layer read the coordinates off. Coarse, middle and fine layers get corrections of their own, which begin at zero.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.critic import widths_of
from engine.model.networks.scaled import ScaledConv, ScaledLinear, leaky

SIDE = 64
"""Pictures are brought to this side before they are looked at."""

PLACES = 8
WIDTH = 96
HIDDEN = 512
GROUPS = 3
SOFTNESS = 0.2


class PictureEncoder(nn.Module):
    """Bx3xSxS in [-1, 1] -> shared Bx1xK and own BxLxK, in units of the styles' standard deviation.

    features: what it looks with, by default a compact network as the program's own is now.
    """

    def __init__(self, layers: int, coordinates: int, features: CompactVGG | None = None) -> None:
        super().__init__()
        self.layers, self.coordinates = layers, coordinates
        self.groups = min(GROUPS, layers)
        self.features = (features or CompactVGG()).requires_grad_(False)
        seen = 3 + sum(widths_of(self.features, range(len(self.features.taps))))
        self.entry = ScaledConv(seen, WIDTH, 1)
        self.convs = nn.ModuleList(ScaledConv(WIDTH, WIDTH) for _ in range(4))
        self.hidden = ScaledLinear(WIDTH * PLACES**2, HIDDEN)
        self.shared = ScaledLinear(HIDDEN, coordinates)
        self.own = ScaledLinear(HIDDEN, self.groups * coordinates)
        nn.init.zeros_(self.own.weight)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Any square size; the answer depends on nothing finer than 64 pixels."""
        return self.answer(self.read(pictures))

    def read(self, pictures: Tensor) -> Tensor:
        """BxHIDDEN: the last features, from which the answer is linear."""
        x = leaky(self.entry(self._seen(pictures)))
        for first, second in (self.convs[:2], self.convs[2:]):
            x = (x + leaky(second(leaky(first(x))))) * 0.5**0.5
        return leaky(self.hidden(x.flatten(1)))

    def answer(self, read: Tensor) -> tuple[Tensor, Tensor]:
        """What those features say: shared and own, as above."""
        shared = self.shared(read)[:, None]
        own = self.own(read).reshape(len(read), self.groups, self.coordinates)
        return shared, own[:, torch.arange(self.layers) * self.groups // self.layers]

    def _seen(self, pictures: Tensor) -> Tensor:
        """BxCx8x8."""
        small = F.interpolate(pictures, size=(SIDE, SIDE), mode="area")
        parts = [small]
        for tap in self.features(small):
            parts.append(tap * torch.rsqrt(tap.square().sum(dim=1, keepdim=True) + SOFTNESS))
        return torch.cat([F.adaptive_avg_pool2d(part, PLACES) for part in parts], dim=1)
