"""The compact feature network: a small convolutional network that answers as VGG16 would, in a tenth of the time.

Taught by VGG16 (Simonyan and Zisserman 2014). At four depths (relu1_2, relu2_2, relu3_3, relu4_1, average pooling in
between) it predicts the coordinates of the teacher's features in the subspace that holds most of their energy, so that
distances and Gram matrices computed on its output stand for the teacher's. The idea of a linear embedding between the
two is from "Collaborative Distillation for Ultra-Resolution Universal Style Transfer" (Wang et al. 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from torch import Tensor, nn
from torch.nn import functional as F

WIDTHS = (16, 32, 64, 128)
"""Channels of the four stages; the same number of coordinates comes out of each."""

DEPTHS = (2, 2, 2, 2)
"""Convolutions in each stage."""


class CompactVGG(nn.Module):
    """Four stages of 3x3 convolutions; each ends in a linear tap."""

    def __init__(self, widths: tuple[int, ...] = WIDTHS, depths: tuple[int, ...] = DEPTHS) -> None:
        super().__init__()
        inputs = (3, *widths[:-1])
        self.stages = nn.ModuleList(_stage(i, o, n) for i, o, n in zip(inputs, widths, depths, strict=True))
        self.taps = nn.ModuleList(nn.Conv2d(width, width, 1) for width in widths)

    def forward(self, pictures: Tensor, depth: int = 4) -> list[Tensor]:
        """Bx3xHxW RGB in [-1, 1] -> the first `depth` taps, BxCxH/2^ixW/2^i, fine to coarse."""
        return [tap(x) for tap, x in zip(self.taps, self.insides(pictures, depth), strict=False)]

    def insides(self, pictures: Tensor, depth: int = 4) -> list[Tensor]:
        """What the taps look at: the stages' ends, of the taps' shapes."""
        x, found = pictures, []
        for index in range(depth):
            x = self.stages[index](x if index == 0 else F.avg_pool2d(x, 2))
            found.append(x)
        return found

    def linear(self, index: int) -> tuple[Tensor, Tensor]:
        """What a tap makes of every position: its matrix CxC and offset C."""
        tap = self.taps[index]
        assert isinstance(tap, nn.Conv2d)
        assert tap.bias is not None
        return tap.weight[:, :, 0, 0], tap.bias


def depths_of(names: Iterable[str]) -> tuple[int, ...]:
    """Of the weights' names (stages.0.0.weight ...), wherever they are kept: convolutions in each stage."""
    found = Counter(part.split(".")[0] for name in names if name.endswith(".weight")
                    for part in name.split("stages.")[1:])
    return tuple(found[stage] for stage in sorted(found, key=int))


def _stage(inputs: int, width: int, depth: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index in range(depth):
        layers += [nn.Conv2d(inputs if index == 0 else width, width, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers)
