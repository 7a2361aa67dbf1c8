"""One pass through the style network, band by band of every layer, with a pause after each.

The same arithmetic as the network's own `forward` (a test holds the two together), arranged for one picture of any
size on a processor that has other things to do: no step takes long, layers are normalised, rectified and added in
place, and where the moments are given beforehand the normalisation is folded into the convolution's weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.style_transfer import Modulated, Moments, Residual, StyleTransfer, moments
from engine.paint.pauses import Working

WORK = 1.2e9
"""Multiplications between two pauses: about 50 ms of one core."""

Rows = Callable[[int, int], Tensor]
"""The rows from the first to before the second of a layer's input, 1xCxhxW."""


class Pass:
    """network, style (1xN): as `forward` takes them. kept: the moments of another pass, to go by instead of its own.

    taken: the moments gone by, in order.
    """

    def __init__(self, network: StyleTransfer, style: Tensor, kept: Sequence[Moments] | None = None) -> None:
        self._network, self._style = network, style
        self._kept = None if kept is None else list(reversed(kept))
        self.taken: list[Moments] = []

    @torch.no_grad()  # while it works, and not during its pauses
    def of(self, pictures: Tensor) -> Working[Tensor]:
        """1x3xHxW in [-1, 1], sides multiples of 8, channels last -> the same, painted."""
        net = self._network
        small = F.pixel_unshuffle(pictures, 2).contiguous(memory_format=torch.channels_last)
        half = yield from self._layer(net.enter, _plain(small), small.shape)
        quarter = yield from self._layer(net.down[0], _plain(half), half.shape)
        x = yield from self._layer(net.down[1], _plain(quarter), quarter.shape)
        for block in net.blocks:
            assert isinstance(block, Residual)
            inner = yield from self._layer(block.first, _plain(x), x.shape)
            x = yield from self._layer(block.second, _plain(inner), inner.shape, x, rectified=False)
        x = yield from self._layer(net.up[0], _doubled(x), quarter.shape, quarter)
        x = yield from self._layer(net.up[1], _doubled(x), half.shape, half)
        del quarter, half, small, inner
        x = yield from self._layer(net.grain[0], _plain(x), x.shape)
        x = yield from self._layer(net.grain[1], _beside(_doubled(x), pictures), pictures.shape)
        made = torch.empty_like(pictures)
        yield from _convolved(_plain(x), net.colour.weight, net.colour.bias, 1, x.shape[2], made)
        return made.tanh_()

    def _layer(
        self, layer: nn.Module, source: Rows, shape: torch.Size, under: Tensor | None = None, rectified: bool = True
    ) -> Working[Tensor]:
        """A modulated convolution of an input of that height and width; `under` is added to the outcome."""
        assert isinstance(layer, Modulated)
        convolution = layer.convolution
        stride = convolution.stride[0]
        height, width = shape[2] // stride, shape[3] // stride
        made = torch.empty(1, convolution.out_channels, height, width, memory_format=torch.channels_last)
        found = None if self._kept is None else self._kept.pop()
        weight, bias = convolution.weight, None
        if found is not None:
            gain, bias = self._affine(layer, found)
            weight = (weight * gain.reshape(-1, 1, 1, 1)).contiguous(memory_format=torch.channels_last)
            bias = bias.flatten()
        yield from _convolved(source, weight, bias, stride, shape[2], made)
        if found is None:
            found = moments(made)
            gain, offset = self._affine(layer, found)
            torch.addcmul(offset, made, gain, out=made)
        self.taken.append(found)
        if under is not None:
            made += under
        yield
        return made.relu_() if rectified else made

    def _affine(self, layer: Modulated, found: Moments) -> tuple[Tensor, Tensor]:
        """The gain and offset that normalise by those moments and then do what the style asks, 1xCx1x1."""
        gain, offset = layer.modulation(self._style)[..., None, None].chunk(2, dim=1)
        gain = (1 + gain) / found.deviation
        return gain, offset - found.mean * gain


def _convolved(
    source: Rows, weight: Tensor, bias: Tensor | None, stride: int, height: int, made: Tensor
) -> Working[None]:
    """A 3x3 convolution of an input of that height, zeros around it, written to `made`."""
    rows = max(4, int(WORK / (weight[0].numel() * weight.shape[0] * made.shape[3])))
    for top in range(0, made.shape[2], rows):
        bottom = min(top + rows, made.shape[2])
        first, last = top * stride - 1, (bottom - 1) * stride + 2
        # Zeros are put above and below where the picture ends; a row they spoil elsewhere is left out.
        ends = first < 0 or last > height
        done = F.conv2d(source(max(first, 0), min(last, height)), weight, bias, stride, (int(ends), 1))
        spoilt = int(ends and first >= 0)
        made[:, :, top:bottom] = done[:, :, spoilt : spoilt + bottom - top]
        yield


def _plain(x: Tensor) -> Rows:
    return lambda top, bottom: x[:, :, top:bottom]


def _doubled(x: Tensor) -> Rows:
    """Rows of `x` at twice its size, interpolated."""

    def rows(top: int, bottom: int) -> Tensor:
        first = max((top - 1) // 2, 0)
        last = min(bottom // 2 + 1, x.shape[2])
        grown = F.interpolate(x[:, :, first:last], scale_factor=2, mode="bilinear")
        return grown[:, :, top - 2 * first : bottom - 2 * first]

    return rows


def _beside(source: Rows, pictures: Tensor) -> Rows:
    return lambda top, bottom: torch.cat([source(top, bottom), pictures[:, :, top:bottom]], dim=1)
