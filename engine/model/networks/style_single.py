"""A small network for one style: photo and noise in, the photo in that style out; other noise, another variant.

The stylisation network g(z, c) of "Texture networks" (Ulyanov et al. 2016), with the instance normalisation that its
authors found later ("Improved texture networks", 2017), as an encoder-decoder that works at an eighth of the picture's
size. Noise comes in at three depths. The photo's own pixels reach the last layer, so that a network that has learned
nothing yet gives the photo back.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.document.errors import InputError
from engine.model.networks.style_transfer import Statistics

CHANNELS = (24, 48, 64)
"""At a half, a quarter and an eighth of the picture's size."""

NOISE = 3
"""Channels of noise at each of those sizes."""

BLOCKS = 3
GRAIN = 8
"""Channels at the picture's own size, beside its colours."""


class Normalized(nn.Module):
    """3x3 convolution, instance normalisation by the pass's statistics, a gain and an offset."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.gain = nn.Parameter(torch.ones(outputs))
        self.offset = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor, statistics: Statistics) -> Tensor:
        x = self.convolution(x)
        found = statistics.of(x)
        gain = self.gain[:, None, None] / found.deviation
        return torch.addcmul(self.offset[:, None, None] - found.mean * gain, x, gain)


class StyleSingle(nn.Module):
    """The network. Sides must be multiples of 8."""

    MULTIPLE = 8

    def __init__(self) -> None:
        super().__init__()
        half, quarter, eighth = CHANNELS
        self.down = nn.ModuleList([
            Normalized(12 + NOISE, half), Normalized(half + NOISE, quarter, 2), Normalized(quarter + NOISE, eighth, 2),
        ])
        self.blocks = nn.ModuleList(Normalized(eighth, eighth) for _ in range(2 * BLOCKS))
        self.up = nn.ModuleList([Normalized(eighth, quarter), Normalized(quarter, half)])
        self.grain = Normalized(half, 4 * GRAIN)
        self.colour = nn.Conv2d(GRAIN + 3, 3, 3, padding=1)
        with torch.no_grad():
            self.colour.weight.mul_(0.3)
            self.colour.weight[:, GRAIN:] = 0
            self.colour.weight[:, GRAIN:, 1, 1] = torch.eye(3)
            cast(Tensor, self.colour.bias).zero_()

    def forward(self, pictures: Tensor, noise: Sequence[Tensor], statistics: Statistics | None = None) -> Tensor:
        """Bx3xHxW in [-1, 1]; noise: BxNOISE at a half, a half and a quarter of HxW -> Bx3xHxW in about [-1, 1]."""
        parts = self.parts(pictures, noise, statistics or Statistics())
        while True:
            try:
                next(parts)
            except StopIteration as end:
                made: Tensor = end.value
                return made

    def parts(self, pictures: Tensor, noise: Sequence[Tensor], statistics: Statistics) -> Generator[None, None, Tensor]:
        """The same with a pause after every layer."""
        half = yield from self._entered(0, F.pixel_unshuffle(pictures, 2), noise, statistics)
        quarter = yield from self._entered(1, half, noise, statistics)
        x = yield from self._entered(2, quarter, noise, statistics)
        for first, second in zip(self.blocks[::2], self.blocks[1::2], strict=True):
            x = x + second(F.relu(first(x, statistics)), statistics)
            yield
        x = F.relu(quarter + self.up[0](_doubled(x), statistics))
        yield
        x = F.relu(half + self.up[1](_doubled(x), statistics))
        yield
        x = F.relu(F.pixel_shuffle(self.grain(x, statistics), 2))
        yield
        return self.colour(torch.cat([x, pictures], dim=1))

    def _entered(self, depth: int, x: Tensor, noise: Sequence[Tensor], statistics: Statistics,
                 ) -> Generator[None, None, Tensor]:
        made = F.relu(self.down[depth](torch.cat([x, noise[depth].expand(len(x), -1, -1, -1)], dim=1), statistics))
        yield
        return made

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by name, copied, in half precision: what a Style keeps."""
        return {name: value.detach().numpy().astype(np.float16) for name, value in self.state_dict().items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> StyleSingle:
        """The network with those weights; InputError where they are not this network's."""
        network = cls()
        if {n: v.shape for n, v in arrays.items()} != {n: tuple(v.shape) for n, v in network.state_dict().items()}:
            raise InputError("the style's own network is not of a kind this program knows: train it anew.")
        network.load_state_dict({n: torch.from_numpy(np.array(v, np.float32)) for n, v in arrays.items()})
        return network


CELL = 64
"""Noise is drawn in squares of so many positions, each from its place and the seed alone."""


def noise_at(seed: int, y: int, x: int, height: int, width: int) -> list[Tensor]:
    """The noise for the window of an endless picture whose corner is (x, y); all in pixels and multiples of 8."""
    return [_window(seed, depth, y // step, x // step, height // step, width // step)
            for depth, step in enumerate((2, 2, 4))]


def _window(seed: int, depth: int, y: int, x: int, height: int, width: int) -> Tensor:
    rows = range(y // CELL, (y + height - 1) // CELL + 1)
    columns = range(x // CELL, (x + width - 1) // CELL + 1)
    cells = torch.cat([torch.cat([_cell(seed, depth, r, c) for c in columns], dim=2) for r in rows], dim=1)
    top, left = y - rows[0] * CELL, x - columns[0] * CELL
    return cells[None, :, top:top + height, left:left + width]


def _cell(seed: int, depth: int, row: int, column: int) -> Tensor:
    # Philox by number: any square without those before it. Places may be negative, beyond the picture's border.
    key = np.random.Philox(key=seed & 0xFFFFFFFF, counter=[0, depth, row & 0xFFFFFFFF, column & 0xFFFFFFFF])
    drawn = np.random.Generator(key).random((NOISE, CELL, CELL), np.float32)
    return torch.from_numpy(drawn * 2 - 1)


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")
