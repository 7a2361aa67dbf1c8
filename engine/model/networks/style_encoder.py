"""Encoder: a picture -> whitened style coordinates, shared and of three groups of layers.

Framed pictures are alike enough that what the features say at each place is, to a first approximation, linear in the
style: the compact network's taps are pooled to 8 x 8 places, joined with a thumbnail, and one linear map (fitted in
closed form, see train.encoder) reads the coordinates off them. Coarse, middle and fine layers get corrections of their
own in the first coordinates, as in Tov et al. 2021, "Designing an Encoder for StyleGAN Image Manipulation".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import DEPTHS, WIDTHS, CompactVGG

SIDE = 128
"""Pictures are area-averaged to this side before they are looked at."""

PLACES = 8
THUMBNAIL = 16
TAPS = (1, 3)
"""The depths that are read: colours and small patterns, parts."""

GROUPS = 3
SOFTNESS = 0.2


class StyleEncoder(nn.Module):
    """Bx3xHxW in [-1, 1] -> shared Bx1xK and own BxLxK, in units of the styles' standard deviation.

    depths: convolutions in the stages of the features that it was fitted to, of which it keeps a copy.
    """

    def __init__(self, layers: int = 23, coordinates: int = 512, own_coordinates: int = 128,
                 depths: tuple[int, ...] = DEPTHS) -> None:
        super().__init__()
        self.layers, self.coordinates, self.own_coordinates = layers, coordinates, own_coordinates
        self.features = CompactVGG(depths=depths)
        self.read = nn.Linear(descriptor_width(), coordinates + GROUPS * own_coordinates)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Any square size; the answer depends on nothing finer than 128 pixels."""
        return self.split(self.read(self.describe(pictures)))

    def describe(self, pictures: Tensor) -> Tensor:
        """BxD: what the linear map sees."""
        small = F.interpolate(pictures, size=(SIDE, SIDE), mode="area")
        taps = self.features(small)
        parts = [F.adaptive_avg_pool2d(small, THUMBNAIL)]
        for index in TAPS:
            tap = taps[index] * torch.rsqrt(taps[index].square().sum(dim=1, keepdim=True) + SOFTNESS)
            parts.append(F.adaptive_avg_pool2d(tap, PLACES))
        return torch.cat([part.flatten(1) for part in parts], dim=1)

    def split(self, read: Tensor) -> tuple[Tensor, Tensor]:
        """BxR outputs of the linear map -> shared and own."""
        shared, groups = read[:, None, : self.coordinates], read[:, self.coordinates:]
        own = groups.reshape(-1, GROUPS, self.own_coordinates)[:, group_of(self.layers)]
        return shared, F.pad(own, (0, self.coordinates - self.own_coordinates))

    def join(self, shared: Tensor, own: Tensor) -> Tensor:
        """The inverse of `split`, averaging over each group's layers: Bx1xK, BxLxK -> BxR."""
        groups = group_of(self.layers)
        means = [own[:, groups == g, : self.own_coordinates].mean(dim=1) for g in range(GROUPS)]
        return torch.cat([shared[:, 0], *means], dim=1)


def descriptor_width() -> int:
    """D."""
    return 3 * THUMBNAIL**2 + PLACES**2 * sum(WIDTHS[index] for index in TAPS)


def group_of(layers: int) -> Tensor:
    """L integers: 0 for the coarse, 1 for the middle, 2 for the fine layers."""
    return torch.arange(layers) * GROUPS // layers
