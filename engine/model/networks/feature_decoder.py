"""The feature decoder: what a picture must have looked like, told from the compact network's features at one depth.

Inverting features by a network is Dosovitskiy and Brox ("Inverting Visual Representations with Convolutional
Networks", 2016); what is asked, how much of a picture survives at each layer, is Mahendran and Vedaldi ("Understanding
Deep Image Representations by Inverting Them", 2015). A linear map gives each feature position its block of pixels, a
chain of convolutions, shared by all depths and entered at each, adds what a linear map cannot know.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import WIDTHS

CHAIN = (12, 40, 72, 112)
"""Channels of the chain at the picture's own size, a half, a quarter and an eighth of it."""


class FeatureDecoder(nn.Module):
    """A tap of the compact network to a picture; depths are 1 (finest) to 4."""

    DEPTHS = len(WIDTHS)

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.ModuleList(nn.Conv2d(width, 3 * 4**i, 3, padding=1) for i, width in enumerate(WIDTHS))
        self.enter = nn.ModuleList(
            nn.Conv2d(width, channels, 3, padding=1) for width, channels in zip(WIDTHS, CHAIN, strict=True)
        )
        self.stay = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for channels in CHAIN)
        self.rise = nn.ModuleList(
            nn.Conv2d(lower, 4 * upper, 3, padding=1) for upper, lower in zip(CHAIN[:-1], CHAIN[1:], strict=True)
        )
        self.colour = nn.Conv2d(CHAIN[0], 3, 3, padding=1, bias=False)
        nn.init.zeros_(self.colour.weight)

    def forward(self, tap: Tensor, depth: int) -> Tensor:
        """BxCxhxw, the tap of that depth -> Bx3x(2^(depth-1) h)x(2^(depth-1) w), about [-1, 1], not clipped."""
        x = F.relu(self.enter[depth - 1](tap))
        for level in range(depth - 1, -1, -1):
            x = x + F.relu(self.stay[level](x))
            if level > 0:
                x = F.relu(F.pixel_shuffle(self.rise[level - 1](x), 2))
        return self.block(tap, depth) + self.colour(x)

    def block(self, tap: Tensor, depth: int) -> Tensor:
        """The linear map alone: each position's block of 2^(depth-1) x 2^(depth-1) pixels."""
        return F.pixel_shuffle(self.linear[depth - 1](tap), 2 ** (depth - 1))

    def set_linear(self, depth: int, weights: Tensor, offsets: Tensor) -> None:
        """Take a linear map that was solved for: outputs x (C 9), in the order of `unfold`, and outputs."""
        convolution = self.linear[depth - 1]
        assert isinstance(convolution, nn.Conv2d)
        with torch.no_grad():
            convolution.weight.copy_(weights.reshape(convolution.weight.shape))
            assert convolution.bias is not None
            convolution.bias.copy_(offsets)
