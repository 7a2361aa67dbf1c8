"""The style network: a photo and the statistics of any picture go in, the photo in that picture's manner comes out.

A convolutional encoder-decoder with instance normalisation whose gains and offsets come from a style code ("Exploring
the structure of a real-time, arbitrary neural artistic stylization network", Ghiasi et al. 2017; the idea of carrying
a style by the statistics of feature maps is that of AdaIN, Huang and Belongie 2017). The code is made of the compact
network's taps, octave by octave, and every octave is embedded on its own: mixing the embeddings of the photo's own
code and the style's, octave by octave, gives strength, crossfade and the octave sliders without looking at a picture
again. Fed with its own code the network gives the photo back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import WIDTHS

EMBEDDING = 48
"""Numbers an octave's statistics are embedded in."""

CHANNELS = (32, 48, 96)
"""At a half, a quarter and an eighth of the picture's size."""

BLOCKS = 4
BEYOND: Literal["replicate"] = "replicate"
"""How layers go on beyond the border: with zeros there the network would know where the picture ends, and frame it."""

GRAIN = 8
"""Channels at the picture's own size, which with the photo's three make the colour."""


@dataclass(frozen=True)
class Moments:
    """Mean and standard deviation of a normalised layer's inputs, BxCx1x1 each."""

    mean: Tensor
    deviation: Tensor


def moments(x: Tensor) -> Moments:
    """Of BxCxHxW over positions."""
    # By the mean square: torch's own variance takes ten times as long with channels last.
    return moments_of(x.mean(dim=(2, 3), keepdim=True), x.square().mean(dim=(2, 3), keepdim=True))


def moments_of(mean: Tensor, square: Tensor) -> Moments:
    """From the mean and the mean square."""
    return Moments(mean, ((square - mean.square()).clamp_min(0) + 1e-4).sqrt())


class Statistics:
    """What the normalised layers of one pass go by: taken from the picture itself, or from an earlier pass.

    The moments of a whole picture, used on its tiles, make the tiles one picture.
    """

    def __init__(self, kept: Sequence[Moments] | None = None) -> None:
        self.taken: list[Moments] = []
        self._kept: Iterator[Moments] | None = None if kept is None else iter(kept)

    def of(self, x: Tensor) -> Moments:
        """The moments for the next normalised layer, whose input is `x`."""
        found = moments(x) if self._kept is None else next(self._kept)
        self.taken.append(found)
        return found


class Modulated(nn.Module):
    """3x3 convolution, instance normalisation, and a gain and offset per channel that the style decides."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False, padding_mode=BEYOND)
        self.modulation = nn.Linear(len(WIDTHS) * EMBEDDING, 2 * outputs)
        nn.init.normal_(self.modulation.weight, std=0.01)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, style: Tensor, statistics: Statistics) -> Tensor:
        x = self.convolution(x)
        found = statistics.of(x)
        gain, offset = self.modulation(style).chunk(2, dim=1)
        gain = (1 + gain[..., None, None]) / found.deviation
        return torch.addcmul(offset[..., None, None] - found.mean * gain, x, gain)


class Residual(nn.Module):
    """Two modulated convolutions beside the way straight through."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = Modulated(channels, channels), Modulated(channels, channels)

    def forward(self, x: Tensor, style: Tensor, statistics: Statistics) -> Tensor:
        return x + self.second(F.relu(self.first(x, style, statistics)), style, statistics)


class StyleTransfer(nn.Module):
    """Photo and style embedding to picture. Sides must be multiples of 8."""

    MULTIPLE = 8
    REACH = 256
    """Pixels around a tile that its inside may depend on, once the moments are given."""

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth = CHANNELS
        self.octaves = nn.ModuleList(
            nn.Sequential(nn.Linear(2 * width, 2 * EMBEDDING), nn.ReLU(), nn.Linear(2 * EMBEDDING, EMBEDDING))
            for width in WIDTHS
        )
        self.enter = Modulated(12, half)
        self.down = nn.ModuleList([Modulated(half, quarter, 2), Modulated(quarter, eighth, 2)])
        self.blocks = nn.ModuleList(Residual(eighth) for _ in range(BLOCKS))
        self.up = nn.ModuleList([Modulated(eighth, quarter), Modulated(quarter, half)])
        self.grain = nn.ModuleList([Modulated(half, GRAIN), Modulated(GRAIN + 3, GRAIN)])
        self.colour = nn.Conv2d(GRAIN, 3, 3, padding=1, padding_mode=BEYOND)

    def embed(self, code: Sequence[Tensor]) -> list[Tensor]:
        """A code (per octave Bx2C: means, then standard deviations) -> per octave BxEMBEDDING."""
        return [octave(numbers) for octave, numbers in zip(self.octaves, code, strict=True)]

    def forward(self, pictures: Tensor, style: Tensor, statistics: Statistics | None = None) -> Tensor:
        """Bx3xHxW in [-1, 1] and Bx(4 EMBEDDING) -> Bx3xHxW in [-1, 1]."""
        statistics = statistics or Statistics()
        half = F.relu(self.enter(_unshuffled(pictures), style, statistics))
        quarter = F.relu(self.down[0](half, style, statistics))
        x = F.relu(self.down[1](quarter, style, statistics))
        for block in self.blocks:
            x = block(x, style, statistics)
        x = F.relu(quarter + _doubled(self.up[0](x, style, statistics)))
        x = F.relu(half + _doubled(self.up[1](x, style, statistics)))
        x = _doubled(F.relu(self.grain[0](x, style, statistics)))
        x = F.relu(self.grain[1](torch.cat([x, pictures], dim=1), style, statistics))
        return torch.tanh(self.colour(x))


def fingerprint(network: StyleTransfer) -> str:
    """16 hexadecimal digits of the weights: an embedding found for some holds for no others."""
    found = hashlib.sha256()
    for weights in network.state_dict().values():
        found.update(weights.detach().cpu().float().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def mixed(own: Sequence[Tensor], other: Sequence[Tensor], weights: Sequence[Tensor | float]) -> Tensor:
    """Embeddings of two codes -> one style, BxN: per octave, `weights` (0..1, or Bx1) of the second."""
    return torch.cat([a + w * (b - a) for a, b, w in zip(own, other, weights, strict=True)], dim=1)


def code_of(taps: Sequence[Tensor]) -> list[Tensor]:
    """The compact network's taps -> per octave Bx2C: means, then standard deviations over positions."""
    found = [moments(tap) for tap in taps]
    return [torch.cat([m.mean, m.deviation], dim=1).flatten(1) for m in found]


def _unshuffled(pictures: Tensor) -> Tensor:
    return F.pixel_unshuffle(pictures, 2).contiguous(memory_format=torch.channels_last)


def _doubled(x: Tensor) -> Tensor:
    # Bilinear: repeating pixels, or shuffling channels into them, leaves a grid that the features do not see.
    return F.interpolate(x, scale_factor=2, mode="bilinear")
