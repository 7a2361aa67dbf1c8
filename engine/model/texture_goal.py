"""What makes a picture a picture of a texture: the statistics of its features at two sizes, and of its colours.

The Gram matrices are Gatys' (2015). Beside each stands the covariance, which the mean would otherwise drown, and the
same of the picture at half its size, in which the deepest features see twice as far. Every term is the squared error
as a share of what it should be. Network and optimisation are held to the same numbers.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.pauses import finished
from engine.model.gram import gram_and_mean, gram_of_linear
from engine.model.networks.compact_vgg import WIDTHS, CompactVGG

BORDER = 8
"""Pixels put around a picture before its features are taken, and left out of them again: a multiple of 2^3."""

SIZES = 2
COVARIANCE = 0.5


@dataclass(frozen=True)
class Moments:
    """Of one tap. gram: CxC, mean over positions of f f^T. mean: C."""

    gram: Tensor
    mean: Tensor


def statistics(features: CompactVGG, picture: Tensor, wraps: bool) -> list[Moments]:
    """Of 1x3xHxW in [-1, 1], sides of 32 px and more: four taps at each of SIZES sizes, then the colours.

    wraps: whether the picture repeats as a tile; it is mirrored at its borders otherwise.
    """
    return finished(statistics_in_parts(features, picture, wraps))


def statistics_in_parts(features: CompactVGG, picture: Tensor, wraps: bool) -> Generator[None, None, list[Moments]]:
    """The same, with a pause after each size."""
    found = []
    for number in range(SIZES):
        small = F.avg_pool2d(picture, 2) if number else picture
        found += _tapped(features, small, wraps)
        yield
    second, mean = gram_and_mean(picture)
    return [*found, Moments(second[0], mean[0])]


def distance(own: Sequence[Moments], wanted: Sequence[Moments]) -> Tensor:
    """A scalar, 0 where all statistics agree and about 1 where nothing is known of them."""
    terms = [_share(a.gram, b.gram) + COVARIANCE * _share(_covariance(a), _covariance(b))
             for a, b in zip(own, wanted, strict=True)]
    return torch.stack(terms).mean()


def gatys(own: Sequence[Moments], wanted: Sequence[Moments]) -> Tensor:
    """Gatys' texture loss alone, of the picture at its own size: the mean of its taps' shares of error. A scalar."""
    return torch.stack([_share(own[i].gram, wanted[i].gram) for i in range(len(WIDTHS))]).mean()


def _tapped(features: CompactVGG, picture: Tensor, wraps: bool) -> list[Moments]:
    """The taps' statistics, mapped from those of what they look at."""
    framed = F.pad(picture, (BORDER,) * 4, mode="circular" if wraps else "reflect")
    found = []
    for index, inside in enumerate(features.insides(framed.contiguous(memory_format=torch.channels_last))):
        edge = BORDER >> index
        second, mean = gram_and_mean(inside[:, :, edge:-edge, edge:-edge])
        weight, bias = features.linear(index)
        found.append(Moments(gram_of_linear(second, mean, weight, bias)[0], (mean @ weight.T + bias)[0]))
    return found


def _covariance(moments: Moments) -> Tensor:
    return moments.gram - torch.outer(moments.mean, moments.mean)


def _share(own: Tensor, wanted: Tensor) -> Tensor:
    return (own - wanted).square().sum() / (wanted.square().sum() + 1e-6)
