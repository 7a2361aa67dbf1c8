"""How well the compact features stand for a teacher's, and how much faster they are, on pictures of the caller's.

Agreement is measured as the program uses features: Gatys' texture loss of one picture against another's Gram matrices.
The two networks' losses over all pairs of pictures are correlated (by rank too), and so are the gradients in the
pixels. Times are of the same pass, there and back, taken in turns so that a busy moment hits both.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor

from engine.document.pauses import finished
from engine.model.vgg19 import Extractor
from engine.paint.goal import Goal, Manner, manner_of
from engine.paint.tensors import to_tensor


@dataclass(frozen=True)
class Agreement:
    """losses, ranks: correlation of the two networks' Gram losses (of their logarithms, and of their order).

    gradients: mean cosine between the gradients in the pixels; coarse_gradients: the same at a quarter of the size,
    where what both call noise is averaged away.
    """

    losses: float
    ranks: float
    gradients: float
    coarse_gradients: float


def agreement(pictures: Sequence[np.ndarray], teacher: Extractor, compact: Extractor) -> Agreement:
    """pictures: HxWx3 uint8, at least three, all of one size in multiples of 8; every one is held to the next two."""
    tensors = [to_tensor(picture) for picture in pictures]
    losses: list[tuple[float, float]] = []
    cosines: list[tuple[float, float]] = []
    manners = [[finished(manner_of(t, network.segments)) for t in tensors] for network in (teacher, compact)]
    for index, picture in enumerate(tensors):
        for step in (1, 2):
            other = (index + step) % len(tensors)
            slopes = [_slope(network, picture, own[other])
                      for network, own in zip((teacher, compact), manners, strict=True)]
            losses.append((slopes[0][0], slopes[1][0]))
            cosines.append((_cosine(slopes[0][1], slopes[1][1]), _cosine(*(_coarse(s[1]) for s in slopes))))
    first, second = np.log(np.array(losses) + 1e-9).T
    fine, coarse = np.array(cosines).mean(axis=0)
    return Agreement(float(np.corrcoef(first, second)[0, 1]), float(np.corrcoef(_ranks(first), _ranks(second))[0, 1]),
                     float(fine), float(coarse))


def speed(side: int, teacher: Extractor, compact: Extractor, repeats: int = 5) -> tuple[float, float]:
    """Median seconds of a pass there and back at side x side, the teacher's and the compact network's."""
    picture = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1
    picture = picture.contiguous(memory_format=torch.channels_last)
    manners = [finished(manner_of(picture.flip(3), network.segments)) for network in (teacher, compact)]
    times: list[list[float]] = [[], []]
    for _ in range(repeats + 1):
        for taken, network, manner in zip(times, (teacher, compact), manners, strict=True):
            began = time.perf_counter()
            _slope(network, picture, manner)
            taken.append(time.perf_counter() - began)
    return median(times[0][1:]), median(times[1][1:])


def _slope(network: Extractor, picture: Tensor, manner: Manner) -> tuple[float, Tensor]:
    found = finished(Goal((manner,), bounds=0).slope(network.segments, picture))
    return found.loss, found.gradient


def _cosine(a: Tensor, b: Tensor) -> float:
    return float(torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0))


def _coarse(slopes: Tensor) -> Tensor:
    return torch.nn.functional.avg_pool2d(slopes, 4)


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values))
