"""Teaches the style network to paint any photo in any picture's manner, and to leave a photo alone when asked to.

The loss is Gatys' (2016) on the compact features: the photo's content on the two deep taps, the style's statistics on
all four. Each term is the squared error as a share of what it should be, so that no picture and no depth outweighs
another. What the sliders of the program do is part of the task: per octave, the code and the statistics asked for are
mixed of the photo's own and the style's, from nothing of the style (then the answer should be the photo) to all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.style_transfer import StyleTransfer, code_of, mixed
from engine.train.photos import list_pictures, random_crop, to_tensor
from engine.train.trainer import Budget, Training, TrainingStep

STYLE_SIDE = 192
OCTAVES = 4
STYLE_WEIGHT = 8.0
CONTENT_DEPTHS = (2, 3)
SMOOTHNESS = 0.1
FAITHFULNESS = 4.0
STAGES = ((0.0, 128, 4), (0.6, 224, 2))
"""From that share of the time on: sides of the photos' crops, and how many of them make a step."""

HELD_OUT = 20
"""Every so many pictures of a folder are kept from the training."""


class Pictures:
    """Random square crops from the pictures below some folders; each file is decoded once. held_out: those or not."""

    def __init__(self, folders: Sequence[Path], random: np.random.Generator, held_out: bool = False) -> None:
        found = list_pictures(folders)
        self._paths = [path for place, path in enumerate(found) if (place % HELD_OUT == 0) == held_out]
        self._open: dict[Path, Image.Image] = {}
        self._random = random

    def __len__(self) -> int:
        return len(self._paths)

    def batch(self, count: int, side: int) -> Tensor:
        """count x 3 x side x side in [-1, 1]."""
        return to_tensor(np.stack([random_crop(self._any(), side, self._random) for _ in range(count)]))

    def _any(self) -> Image.Image:
        path = self._paths[int(self._random.integers(len(self._paths)))]
        if path not in self._open:
            self._open[path] = Image.open(path).convert("RGB")
        return self._open[path]


def recoloured(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """A third of the pictures (Bx3xHxW) with their channels in another order, for manners in more colours."""
    order = [random.permutation(3) if random.random() < 1 / 3 else np.arange(3) for _ in range(len(pictures))]
    return torch.stack([picture[torch.from_numpy(o)] for picture, o in zip(pictures, order, strict=True)])


def octave_weights(count: int, random: np.random.Generator) -> Tensor:
    """count x 4 in 0..1: mostly all of the style, sometimes a part of every octave, or of each its own, or nothing."""
    rows = []
    for _ in range(count):
        kind = random.random()
        if kind < 0.6:
            rows.append(np.ones(OCTAVES))
        elif kind < 0.75:
            rows.append(np.full(OCTAVES, random.random()))
        elif kind < 0.9:
            rows.append(random.random(OCTAVES).round(1))
        else:
            rows.append(np.zeros(OCTAVES))
    return torch.from_numpy(np.stack(rows)).float()


def grams(tap: Tensor) -> tuple[Tensor, Tensor]:
    """BxCxHxW -> second moments about zero (Gatys' Gram matrix per position) and the mean, BxCxC and BxC."""
    flat = tap.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2], flat.mean(dim=2)


def style_loss(taps: Sequence[Tensor], own: Sequence[Tensor], style: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Shape B: how far the statistics of `taps` are from the mixture (weights Bx4) of the photo's and the style's."""
    total = torch.zeros(len(weights))
    for index, (tap, mine, other) in enumerate(zip(taps, own, style, strict=True)):
        share = weights[:, index, None, None]
        gram, mean = grams(tap)
        (gram_a, mean_a), (gram_b, mean_b) = grams(mine), grams(other)
        goal, middle = gram_a.lerp(gram_b, share), mean_a.lerp(mean_b, share[..., 0])
        spread, wanted = gram - _outer(mean), goal - _outer(middle)
        total = total + _share(gram - goal, goal) + 0.5 * _share(spread - wanted, wanted)
    return total / len(taps)


def content_loss(taps: Sequence[Tensor], own: Sequence[Tensor]) -> Tensor:
    """Shape B: squared difference of the deep taps, as a share of the photo's own."""
    return torch.stack([_share(taps[d] - own[d], own[d]) for d in CONTENT_DEPTHS]).mean(dim=0)


def _outer(mean: Tensor) -> Tensor:
    return mean[:, :, None] * mean[:, None]


def _share(difference: Tensor, whole: Tensor) -> Tensor:
    return difference.square().flatten(1).sum(dim=1) / (whole.square().flatten(1).sum(dim=1) + 1e-6)


def loss(network: StyleTransfer, features: nn.Module, photos: Tensor, styles: Tensor, weights: Tensor) -> Tensor:
    """The mean over a batch of content, style, smoothness, and faithfulness where little style is asked for."""
    with torch.no_grad():
        own, other = features(photos), features(styles)
    style = mixed(network.embed(code_of(own)), network.embed(code_of(other)), weights.T[..., None].unbind())
    picture = network(photos, style)
    taps = features(picture)
    smooth = (picture.diff(dim=2).abs().mean(dim=(1, 2, 3)) + picture.diff(dim=3).abs().mean(dim=(1, 2, 3)))
    alone = (1 - weights.mean(dim=1)).square()
    total = content_loss(taps, own) + STYLE_WEIGHT * style_loss(taps, own, other, weights)
    total = total + SMOOTHNESS * (1 - alone) * smooth
    return (total + FAITHFULNESS * alone * F.l1_loss(picture, photos, reduction="none").mean(dim=(1, 2, 3))).mean()


def teach(network: StyleTransfer, features: nn.Module, photos: Pictures, styles: Pictures, budget: Budget,
          checkpoint: Path, resume: bool, random: np.random.Generator) -> tuple[Training, Iterator[TrainingStep]]:
    """Trains `network` on crops, first small ones and then larger ones, each photo with a style of its own."""
    training = Training(network, budget, checkpoint)
    if resume:
        training.resume()

    def loss_of(step: int) -> Tensor:
        _, side, batch = max(stage for stage in STAGES if stage[0] <= training.fraction)
        manners = recoloured(styles.batch(batch, STYLE_SIDE), random).contiguous(memory_format=torch.channels_last)
        content = photos.batch(batch, side).contiguous(memory_format=torch.channels_last)
        return loss(network, features, content, manners, octave_weights(batch, random))

    return training, training.run(loss_of)


def evaluate(network: StyleTransfer, features: nn.Module, photos: Tensor, styles: Tensor) -> dict[str, float]:
    """Content, style and identity errors on pictures kept from the training (Bx3xHxW each, B of both)."""
    with torch.no_grad():
        own, other = features(photos), features(styles)
        codes = network.embed(code_of(own)), network.embed(code_of(other))
        full, none = torch.ones(len(photos), OCTAVES), torch.zeros(len(photos), OCTAVES)
        taps = features(network(photos, mixed(*codes, full.T[..., None].unbind())))
        same = network(photos, mixed(*codes, none.T[..., None].unbind()))
        return {
            "content error, share of the photo's deep features": float(content_loss(taps, own).mean()),
            "style error, share of the style's statistics": float(style_loss(taps, own, other, full).mean()),
            "the same of the photo itself": float(style_loss(own, own, other, full).mean()),
            "mean absolute error with the photo's own code, range -1..1": float((same - photos).abs().mean()),
        }
