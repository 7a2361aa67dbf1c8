"""A network that makes one texture for ever: noise at six sizes in, a picture of any size out.

The pyramid generator of "Texture networks: feed-forward synthesis of textures and stylized images" (Ulyanov et al.
2016): every level takes the coarser one's channels, doubled in size, beside fresh uniform noise. Channels are few at
the fine levels, where positions are many. The normalisation of its layers has two forms: by the moments of what is
being made, while it learns, and by moments kept from then, when it paints. With kept moments a pixel depends on the
noise in some neighbourhood of it and on nothing else, so any window is a window of the same endless picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.document.errors import InputError

WIDTHS = (8, 16, 32, 32, 32, 32)
"""Channels by level, fine to coarse: at the picture's size, a half of it, and so on to 1/32."""

NOISE = 4
"""Channels of noise at every level."""

STEP = 1 << (len(WIDTHS) - 1)
"""Sides of a tile are multiples of this."""

SLOPE = 0.1
EPSILON = 1e-4
MOMENTUM = 0.1


class Normalized(nn.Module):
    """A 3x3 convolution whose outputs have mean 0 and variance 1 before gain and offset are learned."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, bias=False)  # the normalisation would take a bias away
        self.gain = nn.Parameter(torch.ones(outputs))
        self.offset = nn.Parameter(torch.zeros(outputs))
        self.momentum = MOMENTUM
        self.mean: Tensor
        self.variance: Tensor
        self.register_buffer("mean", torch.zeros(outputs))
        self.register_buffer("variance", torch.ones(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """BxCxHxW -> BxC'x(H-2)x(W-2), by the kept moments, with a leaky ReLU."""
        gain = self.gain * torch.rsqrt(self.variance + EPSILON)
        weight = self.convolution.weight * gain[:, None, None, None]
        return F.leaky_relu(F.conv2d(x, weight, self.offset - self.mean * gain), SLOPE)

    def learning(self, x: Tensor) -> Tensor:
        """BxCxHxW, which repeats as a tile -> BxC'xHxW, by its own moments, which are remembered."""
        made = self.convolution(F.pad(x, (1, 1, 1, 1), mode="circular"))
        made = F.batch_norm(made, self.mean, self.variance, self.gain, self.offset, True, self.momentum, EPSILON)
        return F.leaky_relu(made, SLOPE)


class TexturePyramid(nn.Module):
    """The generator."""

    def __init__(self) -> None:
        super().__init__()
        inputs = [NOISE + width for width in WIDTHS[1:]] + [NOISE]
        self.levels = nn.ModuleList(
            nn.ModuleList([Normalized(i, width), Normalized(width, width)])
            for i, width in zip(inputs, WIDTHS, strict=True)
        )
        self.colour = nn.Conv2d(WIDTHS[0], 3, 1)

    def level(self, number: int, noise: Tensor, coarser: Tensor | None) -> Tensor:
        """By the kept moments: BxNOISExHxW, and the coarser level's channels brought to that size -> Bx.x(H-4)x(W-4).

        What cannot be seen around the border is left out, not made up.
        """
        x = noise if coarser is None else torch.cat([coarser, noise], dim=1)
        for layer in self._layers(number):
            x = layer(x)
        return x

    def learning(self, noise: Sequence[Tensor]) -> Tensor:
        """A tile for training. noise: per level BxNOISExH/2^kxW/2^k -> Bx3xHxW in about [-1, 1]."""
        x = noise[-1]
        for number in reversed(range(len(WIDTHS))):
            if number < len(WIDTHS) - 1:
                x = torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), noise[number]], dim=1)
            for layer in self._layers(number):
                x = layer.learning(x)
        return self.colour(x)

    def _layers(self, number: int) -> tuple[Normalized, Normalized]:
        first, second = cast(nn.ModuleList, self.levels[number])
        return cast(Normalized, first), cast(Normalized, second)

    def set_momentum(self, momentum: float) -> None:
        """How much of the newest moments, 0..1, `learning` mixes into those that are kept."""
        for number in range(len(WIDTHS)):
            for layer in self._layers(number):
                layer.momentum = momentum

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights and moments by name, copied: what a Texture keeps."""
        return {name: value.detach().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> TexturePyramid:
        """The network with those weights; InputError where they are not this network's."""
        network = cls()
        wanted = network.state_dict()
        if {n: v.shape for n, v in arrays.items()} != {n: tuple(v.shape) for n, v in wanted.items()}:
            raise InputError("the texture's network is not of a kind this program knows: let it learn anew.")
        network.load_state_dict({n: torch.from_numpy(np.array(v, np.float32)) for n, v in arrays.items()})
        return network
