"""Teaches the compact feature network what VGG16 says of pictures.

The teacher's features at four depths are scaled channel by channel to unit mean square, and projected on the subspace
that holds most of their energy (an uncentred SVD over all positions of some pictures, so that lengths survive). The
student learns those coordinates on fixed crops whose targets are computed once: the teacher is the expensive half.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import WIDTHS, CompactVGG
from engine.train.photos import list_pictures, random_crop, to_tensor
from engine.train.trainer import Budget, Training, TrainingStep

BLOCKS = (("conv1_1", "conv1_2"), ("conv2_1", "conv2_2"), ("conv3_1", "conv3_2", "conv3_3"), ("conv4_1",))
"""The teacher's convolutions up to each tap."""

SIDE = 128


class Teacher(nn.Module):
    """VGG16 up to relu4_1 with average pooling, from a safetensors file of its convolutions."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.weights = {name: value.float() for name, value in load_file(weights).items()}
        for name in (name for name, value in self.weights.items() if value.ndim == 4):
            self.weights[name] = self.weights[name].contiguous(memory_format=torch.channels_last)
        self.mean = torch.tensor([103.939, 116.779, 123.68]).reshape(1, 3, 1, 1)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Bx3xHxW RGB in [-1, 1] -> four feature maps after their ReLU."""
        x, taps = (pictures.flip(1) + 1) * 127.5 - self.mean, []
        for index, block in enumerate(BLOCKS):
            x = F.avg_pool2d(x, 2) if index else x
            for name in block:
                x = F.relu(F.conv2d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], padding=1))
            taps.append(x)
        return taps


class Subspace:
    """Per tap: the scale of the teacher's channels and the axes of most energy; `kept` is the share of energy held."""

    def __init__(self, teacher: Teacher, pictures: Tensor) -> None:
        sums, counts = [torch.zeros(1)] * len(BLOCKS), [0] * len(BLOCKS)
        for batch in pictures.split(8):
            for index, tap in enumerate(teacher(batch)):
                flat = tap.transpose(0, 1).flatten(1).double()
                sums[index] = sums[index] + flat @ flat.T
                counts[index] += flat.shape[1]
        self.projections, self.kept = [], []
        for total, count, width in zip(sums, counts, WIDTHS, strict=True):
            second = total / count
            scale = 1 / (second.diagonal().sqrt() + 1e-3)
            energy, axes = torch.linalg.eigh(second * scale[:, None] * scale)
            self.kept.append(float(energy[-width:].sum() / energy.sum()))
            # Divided so that a position's whole feature vector has mean square one, whatever the teacher's width.
            self.projections.append((axes[:, -width:].T * scale / energy.sum().sqrt()).float())

    def coordinates(self, taps: list[Tensor]) -> list[Tensor]:
        """The teacher's feature maps -> the student's targets."""
        return [torch.einsum("kc,bchw->bkhw", p, tap) for p, tap in zip(self.projections, taps, strict=True)]


def prepare(teacher: Teacher, folders: list[Path], extra: np.ndarray | None, count: int, seed: int,
            ) -> Iterator[tuple[int, np.ndarray, list[Tensor], Subspace]]:
    """Yields (done, crops Nx128x128x3 uint8, targets in half precision, subspace) as crops are prepared."""
    random, paths = np.random.default_rng(seed), list_pictures(folders)
    crops = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for index in range(count):
        if extra is not None and index % 5 == 0:
            picture = Image.fromarray(extra[int(random.integers(len(extra)))])
        else:
            picture = Image.open(paths[int(random.integers(len(paths)))])
        crops[index] = random_crop(picture, SIDE, random)
    with torch.no_grad():
        subspace = Subspace(teacher, to_tensor(crops[:192]))
        targets = [torch.empty(count, w, SIDE >> i, SIDE >> i, dtype=torch.half) for i, w in enumerate(WIDTHS)]
        for start in range(0, count, 8):
            batch = slice(start, min(start + 8, count))
            for target, value in zip(targets, subspace.coordinates(teacher(to_tensor(crops[batch]))), strict=True):
                target[batch] = value.half()
            yield batch.stop, crops, targets, subspace


def error(taps: list[Tensor], targets: list[Tensor]) -> list[Tensor]:
    """Per tap: squared error over the targets' own mean square (1 = knows nothing)."""
    pairs = zip(taps, targets, strict=True)
    return [(tap - t.float()).square().mean() / t.float().square().mean() for tap, t in pairs]


def teach(student: CompactVGG, crops: np.ndarray, targets: list[Tensor], budget: Budget, checkpoint: Path, resume: bool,
          batch: int = 12) -> tuple[Training, Iterator[TrainingStep]]:
    """The run and its iterator; the last twentieth of the crops is held out by the caller."""
    random = np.random.default_rng(1)
    training = Training(student, budget, checkpoint)
    if resume:
        training.resume()

    def loss_of(step: int) -> Tensor:
        chosen = np.sort(random.choice(len(crops), batch, replace=False))
        return torch.stack(error(student(to_tensor(crops[chosen])), [t[chosen] for t in targets])).mean()

    return training, training.run(loss_of)
