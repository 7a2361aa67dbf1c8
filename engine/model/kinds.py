"""The classes that a manifold was taught with: their names, where their styles lie, and how to draw one's styles.

A generator that is told the class joins it to z before the mapping, so that the space of styles holds the classes as
regions: which one a style is in is read off by the nearest mean, in coordinates in which the classes' own clouds are
round (linear discriminant analysis; Fisher 1936). A projection needs nothing else to know the class of a photograph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.document.errors import InputError

COUNT = 400
"""Styles of each class that its mean is measured by."""

SHRINK = 0.05
"""Share of a round cloud mixed into the measured one: styles of photographs lie a little off the cloud."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """names: of the C classes. means: CxW. axes: WxK, to coordinates in which a class's cloud is round.

    draw: class, count, seed -> count x W styles of that class, on the processor wherever the rest is.
    """

    names: tuple[str, ...]
    means: Tensor
    axes: Tensor
    draw: Callable[[int, int, int], Tensor]

    def on(self, device: torch.device) -> Kinds:
        """The classes there."""
        return replace(self, means=self.means.to(device), axes=self.axes.to(device))

    def index(self, name: str) -> int:
        """InputError for a name that is no class's."""
        if name not in self.names:
            raise InputError(f"there is no class called {name!r}; there is: {', '.join(self.names)}")
        return self.names.index(name)

    def nearest(self, styles: Tensor) -> Tensor:
        """NxW styles -> N classes."""
        return torch.cdist(styles @ self.axes, self.means @ self.axes).argmin(dim=1)

    def name_of(self, latents: Tensor) -> str:
        """1xLxW: the class that its layers are in, on the average."""
        return self.names[int(self.nearest(latents.mean(dim=1)))]


def measured(draw: Callable[[int, int, int], Tensor], count: int) -> tuple[Tensor, Tensor]:
    """means CxW and axes WxW of so many classes, from styles drawn of each."""
    clouds = [draw(kind, COUNT, kind).double() for kind in range(count)]
    means = torch.stack([cloud.mean(dim=0) for cloud in clouds])
    own = torch.cat([cloud - mean for cloud, mean in zip(clouds, means, strict=True)])
    covariance = own.T @ own / len(own)
    round_ = torch.eye(len(covariance), dtype=torch.double) * covariance.diagonal().mean()
    values, vectors = torch.linalg.eigh(covariance.lerp(round_, SHRINK))
    return means.float(), (vectors * values.rsqrt()).float().contiguous()
