"""Fits the light preview head to the full generator's pictures.

Pairs come from `pairs`; the trunk is frozen. The loss is the absolute error at three scales (wavelet detail weighs
more than its energy: it is what makes a preview look sharp), plus the distance on the compact features once they exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.networks.mobilestylegan import Synthesis
from engine.model.networks.style_preview import Preview, PreviewHead
from engine.train.pairs import PairFolder
from engine.train.photos import to_tensor
from engine.train.trainer import Budget, Training, TrainingStep

HELD_OUT = 64
"""The first pairs are never trained on."""

WINDOW = 128


def multiscale_error(picture: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error at full, half and quarter size, and of neighbour differences."""
    loss = (picture - target).abs().mean()
    for step in ((0, 1), (1, 0)):
        loss = loss + 2 * (_difference(picture, *step) - _difference(target, *step)).abs().mean()
    small, small_target = F.avg_pool2d(picture, 4), F.avg_pool2d(target, 4)
    return loss + (small - small_target).abs().mean()


def _difference(x: Tensor, dy: int, dx: int) -> Tensor:
    return x[:, :, dy:, dx:] - x[:, :, : x.shape[2] - dy, : x.shape[3] - dx]


def teach(synthesis: Synthesis, head: PreviewHead, folder: Path, budget: Budget, checkpoint: Path, resume: bool,
          distance: Callable[[Tensor, Tensor], Tensor] | None = None, batch: int = 4,
          ) -> tuple[Training, Iterator[TrainingStep]]:
    """The run and its iterator. New pairs in the folder are noticed as they come."""
    preview = Preview(synthesis.requires_grad_(False), head)
    training = Training(head, budget, checkpoint)
    if resume:
        training.resume()
    random = np.random.default_rng(training.step)
    pairs = PairFolder(folder, synthesis.layers, synthesis.style_width)

    def loss_of(step: int) -> Tensor:
        latents, pictures = pairs.open()
        chosen = random.integers(HELD_OUT, len(latents), batch)
        target = to_tensor(pictures[chosen])
        picture = preview(torch.from_numpy(latents[chosen].astype(np.float32)))
        loss = multiscale_error(picture, target)
        if distance is None:
            return loss
        # A window is enough for the features, at a quarter of their cost.
        y, x = random.integers(0, target.shape[2] - WINDOW + 1), random.integers(0, target.shape[3] - WINDOW + 1)
        window = (..., slice(y, y + WINDOW), slice(x, x + WINDOW))
        return loss + distance(picture[window], target[window])

    return training, training.run(loss_of)


def evaluate(synthesis: Synthesis, head: PreviewHead, folder: Path, count: int = HELD_OUT) -> float:
    """Mean absolute error (range -1..1) on held-out pairs."""
    latents, pictures = PairFolder(folder, synthesis.layers, synthesis.style_width).open()
    preview, errors = Preview(synthesis, head), []
    with torch.no_grad():
        for index in range(0, min(count, HELD_OUT), 8):
            picture = preview(torch.from_numpy(latents[index:index + 8].astype(np.float32)))
            errors.append((picture - to_tensor(pictures[index:index + 8])).abs().mean())
    return float(torch.stack(errors).mean())
