"""Teaches the feature decoder to give pictures back from the compact network's features, at every depth.

Its linear map is solved for at once (ridge regression of pixel blocks on 3 x 3 feature positions); the chain then
learns by descent what that leaves. The loss is the picture's own error and, as Dosovitskiy and Brox found that pixels
alone make the unknown grey and soft ("Generating Images with Perceptual Similarity Metrics", 2016), that of its
features.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.feature_decoder import FeatureDecoder
from engine.train.features import error
from engine.train.style import Pictures
from engine.train.trainer import Budget, Training, TrainingStep

SIDE = 128
FEATURE_WEIGHT = 0.3
CHANCES = (0.1, 0.2, 0.3, 0.4)
"""How often each depth is trained: the deeper, the more is to be learned."""

STIFFNESS = 1e-3
"""Of the ridge regression, as a share of the features' mean square."""


def solve_linear(
    decoder: FeatureDecoder, features: nn.Module, photos: Pictures, crops: int, batch: int = 4
) -> Iterator[int]:
    """Set the decoder's linear maps to the least squares answer on `crops` random crops; yields how many are done."""
    sums: list[tuple[Tensor, Tensor] | None] = [None] * decoder.DEPTHS
    for start in range(0, crops, batch):
        pictures = photos.batch(batch, SIDE)
        with torch.no_grad():
            taps = features(pictures)
        for index, tap in enumerate(taps):
            # Fine taps have many positions: a part of the crops tells enough.
            if start * 4 ** (decoder.DEPTHS - 1 - index) < 16 * crops:
                sums[index] = _added(sums[index], *_moments(tap, F.pixel_unshuffle(pictures, 2**index)))
        yield start + batch
    for index, total in enumerate(sums):
        assert total is not None
        decoder.set_linear(index + 1, *_ridge(*total))


def _moments(tap: Tensor, blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Sums over positions of inputs times inputs and inputs times wanted, a one appended to the inputs."""
    inputs = F.unfold(tap, 3, padding=1).transpose(0, 1).flatten(1)
    inputs = torch.cat([inputs, torch.ones(1, inputs.shape[1])])
    wanted = blocks.transpose(0, 1).flatten(1)
    return inputs @ inputs.T, inputs @ wanted.T


def _added(total: tuple[Tensor, Tensor] | None, squares: Tensor, products: Tensor) -> tuple[Tensor, Tensor]:
    if total is None:
        return squares.double(), products.double()
    return total[0] + squares, total[1] + products


def _ridge(squares: Tensor, products: Tensor) -> tuple[Tensor, Tensor]:
    """Weights (outputs x inputs) and offsets (outputs)."""
    stiff = torch.full((len(squares),), STIFFNESS * float(squares.diagonal()[:-1].mean()), dtype=torch.float64)
    stiff[-1] = 0
    answer = torch.linalg.solve(squares + torch.diag(stiff), products).T.float()
    return answer[:, :-1].contiguous(), answer[:, -1].contiguous()


def loss(decoder: FeatureDecoder, features: nn.Module, pictures: Tensor, depth: int) -> Tensor:
    """Mean absolute error of the picture, and the mean share of each tap that its features miss."""
    with torch.no_grad():
        taps = features(pictures)
    made = decoder(taps[depth - 1], depth)
    return F.l1_loss(made, pictures) + FEATURE_WEIGHT * torch.stack(error(features(made), taps)).mean()


def teach(decoder: FeatureDecoder, features: nn.Module, photos: Pictures, budget: Budget, checkpoint: Path,
          resume: bool, random: np.random.Generator, batch: int = 6) -> tuple[Training, Iterator[TrainingStep]]:
    """Trains the decoder on random crops, one depth a step."""
    training = Training(decoder, budget, checkpoint)
    if resume:
        training.resume()

    def loss_of(step: int) -> Tensor:
        depth = 1 + int(random.choice(len(CHANCES), p=CHANCES))
        pictures = photos.batch(batch, SIDE).contiguous(memory_format=torch.channels_last)
        return loss(decoder, features, pictures, depth)

    return training, training.run(loss_of)


def evaluate(decoder: FeatureDecoder, features: nn.Module, pictures: Tensor) -> dict[str, list[float]]:
    """On pictures kept from the training (Bx3xHxW), per depth: errors of the picture and of the depth's features."""
    with torch.no_grad():
        taps = features(pictures)
        made = [decoder(tap, depth + 1) for depth, tap in enumerate(taps)]
        linear = [decoder.block(tap, depth + 1) for depth, tap in enumerate(taps)]
        return {
            "mean absolute error per depth, range -1..1": _rounded(F.l1_loss(x, pictures) for x in made),
            "the same of the linear map alone": _rounded(F.l1_loss(x, pictures) for x in linear),
            "share of the depth's own features that the decoded picture misses": _rounded(
                error(features(x), taps)[depth] for depth, x in enumerate(made)
            ),
            "mean over all four depths' features": _rounded(torch.stack(error(features(x), taps)).mean() for x in made),
        }


def _rounded(values: Iterator[Tensor]) -> list[float]:
    return [round(float(value), 4) for value in values]
