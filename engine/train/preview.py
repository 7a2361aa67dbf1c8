"""Fits the light preview head to the full generator's pictures.

The head begins as the generator's own octaves, narrowed (see `narrow`). Pairs come from `pairs`; the trunk is frozen.
The loss is the absolute error at three scales: what is wrong over a whole cheek is seen first. The affine maps that
turn styles into scales stay the generator's: a small step in them is a large one in every picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.networks.mobilestylegan import Synthesis
from engine.model.networks.style_preview import Preview, PreviewHead
from engine.train.narrow import narrow
from engine.train.pairs import PairFolder
from engine.train.photos import to_tensor
from engine.train.trainer import Budget, Training, TrainingStep

HELD_OUT = 64
"""The first pairs are never trained on."""

LOOKED_AT = 32
"""Pairs on which it is found which channels matter."""


def multiscale_error(picture: Tensor, target: Tensor) -> Tensor:
    """Mean absolute error at full size, a quarter and a sixteenth of it, and, for half, of neighbours' differences."""
    loss = (picture - target).abs().mean()
    for step in ((0, 1), (1, 0)):
        loss = loss + 0.5 * (_difference(picture, *step) - _difference(target, *step)).abs().mean()
    for factor in (4, 16):
        loss = loss + (F.avg_pool2d(picture, factor) - F.avg_pool2d(target, factor)).abs().mean()
    return loss


def _difference(x: Tensor, dy: int, dx: int) -> Tensor:
    return x[:, :, dy:, dx:] - x[:, :, : x.shape[2] - dy, : x.shape[3] - dx]


def teach(synthesis: Synthesis, head: PreviewHead, folder: Path, budget: Budget, checkpoint: Path, resume: bool,
          batch: int = 2) -> tuple[Training, Iterator[TrainingStep]]:
    """The run and its iterator. New pairs in the folder are noticed as they come."""
    preview = Preview(synthesis.requires_grad_(False), head)
    pairs = PairFolder(folder, synthesis.layers, synthesis.style_width)
    if not (resume and checkpoint.exists()):
        narrow(synthesis, head, _tensor(pairs.open()[0][HELD_OUT:HELD_OUT + LOOKED_AT]))
    for affine in head.affines():
        affine.requires_grad_(False)
    training = Training(head, budget, checkpoint)
    if resume:
        training.resume()
    random = np.random.default_rng(training.step)

    def loss_of(step: int) -> Tensor:
        latents, pictures = pairs.open()
        chosen = random.integers(HELD_OUT, len(latents), batch)
        return multiscale_error(preview(_tensor(latents[chosen])), to_tensor(pictures[chosen]))

    return training, training.run(loss_of)


def evaluate(synthesis: Synthesis, head: PreviewHead, folder: Path, count: int = HELD_OUT) -> float:
    """Mean absolute error (range -1..1) on held-out pairs."""
    latents, pictures = PairFolder(folder, synthesis.layers, synthesis.style_width).open()
    preview, errors = Preview(synthesis, head), []
    with torch.no_grad():
        for index in range(0, min(count, HELD_OUT), 8):
            picture = preview(_tensor(latents[index:index + 8]))
            errors.append((picture - to_tensor(pictures[index:index + 8])).abs().mean())
    return float(torch.stack(errors).mean())


def _tensor(latents: np.ndarray) -> Tensor:
    return torch.from_numpy(latents.astype(np.float32))
