"""Sight: how far pictures are from a target, seen at one size."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.edit.recipe import USUAL
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold


class Sight:
    """How the target looks at one size: what a picture of that size is compared with."""

    def __init__(self, features: Features, target: Target, importance: Tensor, side: int) -> None:
        self.features, self.side = features, min(side, target.side)
        self.picture, self.importance = small(target.picture, self.side), small(importance, self.side)
        with torch.no_grad():
            self.goal = features(self.picture)

    def each(self, pictures: Tensor, pixel: float = USUAL.pixel) -> Tensor:
        """Of Bx3xSxS pictures, S at least this side -> B: features' distance and squared error."""
        seen = small(pictures, self.side)
        pixels = ((seen - self.picture).square() * self.importance).mean(dim=(1, 2, 3))
        return self.features.to_goal(seen, self.goal, self.importance) + pixel * pixels

    def energy(self, pictures: Tensor, pixel: float = USUAL.pixel) -> Tensor:
        """The same of all together, a number without dimensions."""
        return self.each(pictures, pixel).sum()


def side_of(network: nn.Module, manifold: Manifold) -> int:
    """Of a sketch's picture."""
    return int(getattr(network, "size", manifold.preview_size))


def small(picture: Tensor, side: int) -> Tensor:
    """Averaged down to that side; as it is where it has it."""
    return picture if picture.shape[-1] == side else F.interpolate(picture, size=(side, side), mode="area")


def enlarged(picture: Tensor, side: int) -> Tensor:
    """To that side; smaller ones are interpolated."""
    if picture.shape[-1] >= side:
        return small(picture, side)
    return F.interpolate(picture, size=(side, side), mode="bilinear", align_corners=False)
