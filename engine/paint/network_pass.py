"""One pass through the style network, band by band of every layer, with a pause after each.

The same arithmetic as the network's own `forward` (a test holds the two together), arranged for one picture of any
size on a processor that has other things to do: no step takes long, layers are normalised, rectified and added in
place, and where the moments are given beforehand the normalisation is folded into the convolution's weights. Every
layer is kept in a frame one pixel wide that repeats its border, so that the next finds there what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.style_transfer import BEYOND, Modulated, Moments, Residual, StyleTransfer, moments_of
from engine.paint.pauses import Working

WORK = 1.2e9
"""Multiplications between two pauses: about 50 ms of one core."""

Rows = Callable[[int, int], Tensor]
"""The rows from the first to before the second of a layer's framed input, 1xCxhx(W+2)."""


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
        small = F.pad(F.pixel_unshuffle(pictures, 2).contiguous(memory_format=torch.channels_last), (1,) * 4, BEYOND)
        half = yield from self._layer(net.enter, _plain(small), small.shape)
        quarter = yield from self._layer(net.down[0], _plain(half), half.shape)
        x = yield from self._layer(net.down[1], _plain(quarter), quarter.shape)
        for block in net.blocks:
            assert isinstance(block, Residual)
            between = yield from self._layer(block.first, _plain(x), x.shape)
            x = yield from self._layer(block.second, _plain(between), between.shape, x, rectified=False)
        x = yield from self._layer(net.up[0], _plain(x), x.shape, rectified=False)
        x = yield from _added(x, quarter)
        x = yield from self._layer(net.up[1], _plain(x), x.shape, rectified=False)
        x = yield from _added(x, half)
        del quarter, half, small, between
        x = yield from self._layer(net.grain[0], _plain(x), x.shape)
        height, width = pictures.shape[2:]
        x = yield from self._layer(net.grain[1], _beside(x, pictures), torch.Size((1, 3, height + 2, width + 2)))
        made = torch.empty_like(pictures)
        yield from _convolved(_plain(x), net.colour.weight, net.colour.bias, 1, made)
        return made.tanh_()

    def _layer(
        self, layer: nn.Module, source: Rows, shape: torch.Size, under: Tensor | None = None, rectified: bool = True
    ) -> Working[Tensor]:
        """A modulated convolution, framed, of a framed input of that shape; `under` is added to the outcome."""
        assert isinstance(layer, Modulated)
        convolution = layer.convolution
        stride = convolution.stride[0]
        height, width = (shape[2] - 2) // stride, (shape[3] - 2) // stride
        framed = torch.empty(1, convolution.out_channels, height + 2, width + 2, device=convolution.weight.device,
                             memory_format=torch.channels_last)  # fmt: skip
        found = None if self._kept is None else self._kept.pop()
        weight, bias = convolution.weight, None
        if found is not None:
            gain, bias = self._affine(layer, found)
            weight = (weight * gain.reshape(-1, 1, 1, 1)).contiguous(memory_format=torch.channels_last)
            bias = bias.flatten()
        own = yield from _convolved(source, weight, bias, stride, _inside(framed))
        # The frame is worked on with the rest, as what lies in one piece is faster, and is filled at the end.
        if found is None:
            found = own
            gain, offset = self._affine(layer, found)
            torch.addcmul(offset, framed, gain, out=framed)
        self.taken.append(found)
        if under is not None:
            framed += under
        yield
        if rectified:
            framed.relu_()
        return _closed(framed)

    def _affine(self, layer: Modulated, found: Moments) -> tuple[Tensor, Tensor]:
        """The gain and offset that normalise by those moments and then do what the style asks, 1xCx1x1."""
        gain, offset = layer.modulation(self._style)[..., None, None].chunk(2, dim=1)
        gain = (1 + gain) / found.deviation
        return gain, offset - found.mean * gain


def _added(x: Tensor, under: Tensor) -> Working[Tensor]:
    """`x` at twice its size added to `under`, which holds the outcome, rectified; both framed."""
    source, sum_ = _doubled(x), _inside(under)
    rows = max(8, int(WORK / 1000 / (sum_.shape[1] * sum_.shape[3])) // 2 * 2) if x.is_cpu else sum_.shape[2]
    for top in range(0, sum_.shape[2], rows):
        bottom = min(top + rows, sum_.shape[2])
        sum_[:, :, top:bottom].add_(source(top, bottom)).relu_()
        yield
    return _closed(under)


def _convolved(
    source: Rows, weight: Tensor, bias: Tensor | None, stride: int, made: Tensor
) -> Working[Moments]:
    """A 3x3 convolution of a framed input, written to `made`, which has no frame; and the moments of what is made."""
    rows = max(4, int(WORK / (weight[0].numel() * weight.shape[0] * made.shape[3]))) if made.is_cpu else made.shape[2]
    first, second = made.new_zeros(2, 1, made.shape[1], 1, 1)
    for top in range(0, made.shape[2], rows):
        bottom = min(top + rows, made.shape[2])
        done = F.conv2d(source(top * stride, (bottom - 1) * stride + 3), weight, bias, stride)
        first += done.sum(dim=(2, 3), keepdim=True)
        second += done.square().sum(dim=(2, 3), keepdim=True)
        made[:, :, top:bottom] = done
        yield
    positions = made.shape[2] * made.shape[3]
    return moments_of(first / positions, second / positions)


def _inside(framed: Tensor) -> Tensor:
    return framed[:, :, 1:-1, 1:-1]


def _closed(framed: Tensor) -> Tensor:
    """The frame filled with what is beside it."""
    framed[..., 0], framed[..., -1] = framed[..., 1], framed[..., -2]
    framed[:, :, 0], framed[:, :, -1] = framed[:, :, 1], framed[:, :, -2]
    return framed


def _plain(x: Tensor) -> Rows:
    return lambda top, bottom: x[:, :, top:bottom]


def _doubled(x: Tensor) -> Rows:
    """Rows of a framed layer at twice its size, interpolated, without a frame."""
    inside = _inside(x).contiguous(memory_format=torch.channels_last)  # four times as fast to interpolate

    def rows(top: int, bottom: int) -> Tensor:
        first = max((top - 1) // 2, 0)
        last = min(bottom // 2 + 1, inside.shape[2])
        grown = F.interpolate(inside[:, :, first:last], scale_factor=2, mode="bilinear")
        return grown[:, :, top - 2 * first : bottom - 2 * first]

    return rows


def _beside(x: Tensor, pictures: Tensor) -> Rows:
    """Rows of a framed layer at twice its size and of the pictures, in one frame."""
    source, height = _doubled(x), pictures.shape[2]

    def rows(top: int, bottom: int) -> Tensor:
        first, last = max(top - 1, 0), min(bottom - 1, height)
        both = torch.cat([source(first, last), pictures[:, :, first:last]], dim=1)
        return F.pad(both, (1, 1, int(top == 0), int(bottom == height + 2)), BEYOND)

    return rows
