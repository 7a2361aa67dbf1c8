"""A feature network cut into segments, so that a gradient through it can pause between any two of them.

One forward and backward pass over a large picture takes longer than the hand may be kept waiting. Each segment is one
convolution, taken there and back by hand: only the picture's slope is wanted, never a weight's, so nothing has to be
recorded. A tap that is a linear map of what it looks at gives its Gram matrix without being made: the matrix is mapped
instead, which is small. The result is that of one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import gram
from engine.model.networks.compact_vgg import CompactVGG


@dataclass(frozen=True, eq=False)
class Linear:
    """weight: KxC. bias: K. What a tap makes of every position."""

    weight: Tensor
    bias: Tensor

    def on(self, device: torch.device) -> Linear:
        """The same there."""
        return Linear(self.weight.to(device), self.bias.to(device))


@dataclass(frozen=True, eq=False)
class Tap:
    """What is seen at one depth. under: BxCxHxW, behind a segment. linear: what is made of it; None for itself."""

    under: Tensor
    linear: Linear | None

    @cached_property
    def map(self) -> Tensor:
        """BxKxHxW."""
        if self.linear is None:
            return self.under
        return F.conv2d(self.under, self.linear.weight[:, :, None, None], self.linear.bias)

    def gram(self, mask: Tensor | None = None) -> Tensor:
        """BxKxK, the Gram matrix per position; over the mask (Bx1xHxW in 0..1) where there is one."""
        own, mean = gram.gram_and_mean(self.under, mask)
        return own if self.linear is None else gram.gram_of_linear(own, mean, self.linear.weight, self.linear.bias)


WORK = 1e9
"""Multiplications between two pauses on the processor: some tens of milliseconds."""

LossAt = Callable[[int, Tap], Tensor | None]
"""(tap's number, tap) -> its scalar loss, or None where it has none."""


@dataclass(frozen=True, eq=False)
class Segment:
    """A 3x3 convolution, its ReLU, and the average pooling before it where it is `pooled`.

    enter: a linear map of the three channels before everything else. tap: whether and how it is looked at behind it.
    """

    weight: Tensor
    bias: Tensor | None
    pooled: bool = False
    enter: Linear | None = None
    tapped: bool = False
    tap: Linear | None = None

    def on(self, device: torch.device) -> Segment:
        """The same there."""
        bias = None if self.bias is None else self.bias.to(device)
        return replace(self, weight=self.weight.to(device), bias=bias, enter=self.enter and self.enter.on(device),
                       tap=self.tap and self.tap.on(device))

    @torch.no_grad()
    def forward(self, x: Tensor) -> Generator[None, None, Tensor]:
        """BxCxHxW -> BxC'xH'xW'; pauses between bands of a large one."""
        step = 2 if self.pooled else 1
        height, width = x.shape[2] // step, x.shape[3] // step
        bands = self._bands(x, height, width)
        if len(bands) == 1:
            return self._ahead(x)
        shape = (len(x), len(self.weight), height, width)
        made = torch.empty(shape, device=x.device, memory_format=torch.channels_last)
        for top, bottom in bands:
            first, last = max(top - 1, 0), min(bottom + 1, height)
            made[:, :, top:bottom] = self._ahead(x[:, :, step * first:step * last])[:, :, top - first:bottom - first]
            yield
        return made

    @torch.no_grad()
    def back(self, slope: Tensor, left: Tensor, size: torch.Size) -> Generator[None, None, Tensor]:
        """The slope in what `forward` made (`left`) -> the slope in what it was given, BxCxHxW of that size."""
        step, height = 2 if self.pooled else 1, slope.shape[2]
        bands = self._bands(slope, height, slope.shape[3])
        made = None
        for top, bottom in bands:
            first, last = max(top - 1, 0), min(bottom + 1, height)
            part = self._behind(slope[:, :, first:last], left[:, :, first:last])
            part = part[:, :, step * (top - first):step * (bottom - first)]
            if len(bands) == 1 and part.shape == size:
                return part
            if made is None:  # an odd last row or column takes no part in the pooling
                made = part.new_zeros(size).contiguous(memory_format=torch.channels_last)
            made[:, :, step * top:step * bottom, :part.shape[3]] = part
            yield
        assert made is not None
        return made

    def _bands(self, x: Tensor, height: int, width: int) -> list[tuple[int, int]]:
        """From and to before which rows of what comes out of x are made without a pause: all of them on a GPU."""
        rows = max(8, int(WORK / (self.weight.numel() * len(x) * width))) if x.is_cpu else height
        return [(top, min(top + rows, height)) for top in range(0, height, rows)]

    def _ahead(self, x: Tensor) -> Tensor:
        if self.enter is not None:
            x = F.conv2d(x, self.enter.weight[:, :, None, None], self.enter.bias)
        x = F.avg_pool2d(x, 2) if self.pooled else x
        return F.relu_(F.conv2d(x, self.weight, self.bias, padding=1))

    def _behind(self, slope: Tensor, left: Tensor) -> Tensor:
        slope = torch.ops.aten.threshold_backward(slope, left, 0)
        slope = F.conv2d(slope, self.turned, padding=1)
        if self.pooled:
            slope = F.interpolate(slope, scale_factor=2, mode="nearest")
        return slope if self.enter is None else F.conv2d(slope, self.enter.weight.T[:, :, None, None].contiguous())

    @cached_property
    def turned(self) -> Tensor:
        """The weights of the way back; a pooled pixel's slope is shared by the four that it was made of."""
        turned = self.weight.detach().flip(2, 3).transpose(0, 1) * (0.25 if self.pooled else 1.0)
        return turned.contiguous(memory_format=torch.channels_last)


Segments = Sequence[Segment]


@dataclass(frozen=True)
class Slope:
    """loss: of the pictures. gradient: of the loss in each pixel, as the pictures' shape."""

    loss: float
    gradient: Tensor


@dataclass(frozen=True, eq=False)
class Passed:
    """A segment on the way there. size: of what entered it. left: what came out. own: the slope of its tap's loss."""

    segment: Segment
    size: torch.Size
    left: Tensor
    own: Tensor | None


def of_compact(network: CompactVGG) -> tuple[Segment, ...]:
    """One segment a convolution; a tap at each stage's end."""
    segments: list[Segment] = []
    for depth, stage in enumerate(network.stages):
        assert isinstance(stage, nn.Sequential)
        linear = Linear(*(numbers.detach() for numbers in network.linear(depth)))
        convolutions = [layer for layer in stage if isinstance(layer, nn.Conv2d)]
        for index, convolution in enumerate(convolutions):
            last = index == len(convolutions) - 1
            segments.append(Segment(convolution.weight.detach(), convolution.bias, pooled=depth > 0 and index == 0,
                                    tapped=last, tap=linear if last else None))
    return tuple(segments)


def of_convolutions(blocks: Sequence[Sequence[tuple[Tensor, Tensor]]], tapped: Callable[[int, int], bool],
                    enter: Linear) -> tuple[Segment, ...]:
    """VGG's blocks of (weight, bias), average pooling in between. tapped(block, convolution): whether to look there.

    enter: pictures in [-1, 1] -> what the first convolution expects.
    """
    segments = [Segment(weight, bias, b > 0 and c == 0, enter if b == c == 0 else None, tapped(b, c))
                for b, block in enumerate(blocks) for c, (weight, bias) in enumerate(block)]
    while segments and not segments[-1].tapped:
        segments.pop()
    return tuple(segments)


def taps(segments: Segments, pictures: Tensor) -> Generator[None, None, list[Tensor]]:
    """Bx3xHxW in [-1, 1] -> all taps, without gradients; pauses behind every segment and within large ones."""
    found, x = [], pictures
    for segment in segments:
        x = yield from segment.forward(x)
        yield
        if segment.tapped:
            with torch.no_grad():
                found.append(Tap(x, segment.tap).map)
            yield
    return found


def slope(segments: Segments, pictures: Tensor, loss_at: LossAt) -> Generator[None, None, Slope]:
    """The sum of the taps' losses and its gradient in the pictures; pauses behind every segment, there and back."""
    x, total, number = pictures.detach(), 0.0, 0
    way: list[Passed] = []
    for segment in segments:
        size = x.shape
        x = yield from segment.forward(x)
        own = None
        if segment.tapped:
            yield
            loss, own = _slope_at(x, segment.tap, partial(loss_at, number))
            number, total = number + 1, total + loss
        way.append(Passed(segment, size, x, own))
        yield
    return Slope(total, (yield from _back(way, pictures)))


def _slope_at(x: Tensor, linear: Linear | None, loss_of: Callable[[Tap], Tensor | None]) -> tuple[float, Tensor | None]:
    """A tap's loss and its slope in what is tapped."""
    free = x.detach().requires_grad_()
    loss = loss_of(Tap(free, linear))
    if loss is None:
        return 0.0, None
    (slope,) = torch.autograd.grad(loss, free)
    return float(loss.detach()), slope


def _back(way: list[Passed], pictures: Tensor) -> Generator[None, None, Tensor]:
    handed: Tensor | None = None
    while way:
        passed = way.pop()
        if handed is None:
            handed = passed.own
        elif passed.own is not None:
            handed = handed.add_(passed.own)
        if handed is not None:
            handed = yield from passed.segment.back(handed, passed.left, passed.size)
        yield
    return torch.zeros_like(pictures) if handed is None else handed
