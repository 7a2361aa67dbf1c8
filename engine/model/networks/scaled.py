"""Layers whose weights are stored with unit variance and scaled when they are used.

With Adam, whose steps do not depend on the size of the gradient, every weight then learns at the same pace whatever
the width of its layer (Karras et al. 2018, "Progressive Growing of GANs", section 4.1).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GAIN = math.sqrt(2)
LEAK = 0.2


def leaky(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the mean square of what goes in."""
    return F.leaky_relu(x, LEAK) * GAIN


class ScaledLinear(nn.Linear):
    """BxI -> BxO. pace: how fast it learns against the other layers. start: of the bias."""

    def __init__(self, inputs: int, outputs: int, pace: float = 1.0, start: float = 0.0) -> None:
        super().__init__(inputs, outputs)
        nn.init.normal_(self.weight, std=1 / pace)
        nn.init.constant_(self.bias, start / pace)
        self.scale, self.pace = pace / math.sqrt(inputs), pace

    def forward(self, input: Tensor) -> Tensor:
        """No activation."""
        return F.linear(input, self.weight * self.scale, self.bias * self.pace)


class ScaledConv(nn.Module):
    """BxIxHxW -> BxOxH'xW'; keeps the size unless it strides."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.stride, self.padding = 1 / math.sqrt(inputs * kernel**2), stride, (kernel - 1) // 2

    def forward(self, x: Tensor) -> Tensor:
        """No activation."""
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride, self.padding)
