"""A feature network cut into segments, so that a gradient through it can pause between any two of them.

One forward and backward pass over a large picture takes longer than the hand may be kept waiting. Each segment has a
small autograd graph of its own; the slopes are handed from one to the next by hand. The result is that of one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import CompactVGG
from engine.model.pieces import pull

LossAt = Callable[[int, Tensor], Tensor | None]
"""(tap's number, tap BxCxHxW) -> its scalar loss, or None where it has none."""


@dataclass(frozen=True)
class Segment:
    """layer: what it does to BxCxHxW. tap: what is looked at behind it, or None where nothing is."""

    layer: Callable[[Tensor], Tensor]
    tap: Callable[[Tensor], Tensor] | None = None


Segments = Sequence[Segment]


@dataclass(frozen=True)
class Slope:
    """loss: of the pictures. gradient: of the loss in each pixel, as the pictures' shape."""

    loss: float
    gradient: Tensor


def of_compact(network: CompactVGG) -> tuple[Segment, ...]:
    """One segment a convolution (with its ReLU, and the pooling before it); a tap at each stage's end."""
    segments: list[Segment] = []
    for depth, (stage, tap) in enumerate(zip(network.stages, network.taps, strict=True)):
        assert isinstance(stage, nn.Sequential)
        convolutions = [layer for layer in stage if isinstance(layer, nn.Conv2d)]
        for index, convolution in enumerate(convolutions):
            layer = _layer(convolution.weight, convolution.bias, pooled=depth > 0 and index == 0)
            segments.append(Segment(layer, tap if index == len(convolutions) - 1 else None))
    return tuple(segments)


def of_convolutions(blocks: Sequence[Sequence[tuple[Tensor, Tensor]]], tapped: Callable[[int, int], bool],
                    enter: Callable[[Tensor], Tensor]) -> tuple[Segment, ...]:
    """VGG's blocks of (weight, bias), average pooling in between. tapped(block, convolution): whether to look there.

    enter: pictures in [-1, 1] -> what the first convolution expects.
    """
    segments = []
    for b, block in enumerate(blocks):
        for c, (weight, bias) in enumerate(block):
            layer = _layer(weight, bias, pooled=b > 0 and c == 0, enter=enter if b == c == 0 else None)
            segments.append(Segment(layer, (lambda x: x) if tapped(b, c) else None))
    while segments and segments[-1].tap is None:
        segments.pop()
    return tuple(segments)


def _layer(weight: Tensor, bias: Tensor | None, pooled: bool, enter: Callable[[Tensor], Tensor] | None = None,
           ) -> Callable[[Tensor], Tensor]:
    def layer(x: Tensor) -> Tensor:
        x = x if enter is None else enter(x)
        x = F.avg_pool2d(x, 2) if pooled else x
        return F.relu_(F.conv2d(x, weight, bias, padding=1))  # in place: the convolution's slope does not need it

    return layer


def taps(segments: Segments, pictures: Tensor) -> Generator[None, None, list[Tensor]]:
    """Bx3xHxW in [-1, 1] -> all taps, without gradients; pauses behind every segment."""
    found, x = [], pictures
    for segment in segments:
        with torch.no_grad():
            x = segment.layer(x)
            if segment.tap is not None:
                found.append(segment.tap(x))
        yield
    return found


def slope(segments: Segments, pictures: Tensor, loss_at: LossAt) -> Generator[None, None, Slope]:
    """The sum of the taps' losses and its gradient in the pictures; pauses behind every segment, there and back."""
    x, way, total, number = pictures.detach(), [], 0.0, 0
    for segment in segments:
        entered = x.detach().requires_grad_()
        left, loss = segment.layer(entered), None
        if segment.tap is not None:
            loss = loss_at(number, segment.tap(left))
            number += 1
        way.append((entered, left, loss))
        total += 0.0 if loss is None else float(loss.detach())
        x = left
        yield
    return Slope(total, (yield from _back(way, pictures)))


def _back(way: list[tuple[Tensor, Tensor, Tensor | None]], pictures: Tensor) -> Generator[None, None, Tensor]:
    handed: Tensor | None = None
    while way:
        entered, left, loss = way.pop()
        roots = [] if loss is None else [loss]
        roots += [] if handed is None else [pull(left, handed)]
        if roots:
            torch.stack(roots).sum().backward()
            handed = entered.grad
        yield
    return torch.zeros_like(pictures) if handed is None else handed
