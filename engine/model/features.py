"""Fixed feature maps of pictures, and the distance between pictures that they give.

The distance is this project's own: squared differences of the compact network's taps, each position's feature vector
brought to about unit length first (contrast then matters less than structure), averaged over positions and summed over
depths. It is neither LPIPS nor any other published metric and its figures compare only with themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from engine.model.networks.compact_vgg import CompactVGG
from resources import path

DEPTH_WEIGHTS = (0.5, 1.0, 1.0, 1.0)
"""How much each depth counts, fine to coarse."""

SOFTNESS = 0.2
"""Added to a feature vector's squared length, so that flat areas do not shout."""


class Features:
    """The compact network, frozen."""

    def __init__(self, network: CompactVGG) -> None:
        self.network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    @classmethod
    def load(cls, weights: Path | None = None) -> Features:
        """From a safetensors file; the program's own when none is named."""
        network = CompactVGG()
        network.load_state_dict(load_file(weights or path("models", "features.safetensors")))
        return cls(network)

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return next(self.network.parameters()).device

    def on(self, device: torch.device) -> Features:
        """Itself, moved there."""
        self.network.to(device)
        return self

    def __call__(self, pictures: Tensor, depth: int = 4) -> list[Tensor]:
        """Bx3xHxW in [-1, 1] -> taps, normalised for `distance`."""
        return [_soft_unit(tap) for tap in self.network(pictures, depth)]

    def distance(self, picture: Tensor, target: Tensor, importance: Tensor | None = None) -> Tensor:
        """Mean over the batch of the distance between Bx3xHxW pictures; importance: 1x1xHxW weights."""
        with torch.no_grad():
            goal = self(target)
        return self.to_goal(picture, goal, importance).mean()

    def to_goal(self, picture: Tensor, goal: Sequence[Tensor], importance: Tensor | None = None) -> Tensor:
        """Per picture of the batch (shape B), the distance to taps computed before."""
        total = torch.zeros(picture.shape[0], device=picture.device)
        for tap, wanted, weight in zip(self(picture, len(goal)), goal, DEPTH_WEIGHTS, strict=False):
            difference = (tap - wanted).square().sum(dim=1, keepdim=True)
            if importance is not None:
                difference = difference * F.adaptive_avg_pool2d(importance, (difference.shape[2], difference.shape[3]))
            total = total + weight * difference.mean(dim=(1, 2, 3))
        return total


def _soft_unit(tap: Tensor) -> Tensor:
    return tap * torch.rsqrt(tap.square().sum(dim=1, keepdim=True) + SOFTNESS)
