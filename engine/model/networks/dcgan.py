"""DCGAN, the reference family: Radford et al. 2016, "Unsupervised Representation Learning with Deep Convolutional
Generative Adversarial Networks".

The paper's guidelines: strided convolutions both ways, batch normalisation but at the two ends, ReLU in the generator
with tanh last, leaky ReLU in the critic, weights from N(0, 0.02). The latent is z itself, as a single layer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.model.family import Drawing, Family, Generator, Tensors

LATENT = 100
BASE = 32
"""Features at the largest size; they double with every halving."""


class Plain(Drawing):
    """The mapping of a family whose styles are z itself."""

    def __init__(self) -> None:
        super().__init__()
        self.width = LATENT

    def forward(self, z: Tensor) -> Tensor:
        """The same."""
        return z


class DCGenerator(Generator):
    """Bx1x100, standard normal -> Bx3xSxS in [-1, 1]. It is told no classes."""

    def __init__(self, size: int = 64, shares: Sequence[float] = (), base: int = BASE) -> None:
        super().__init__()
        self.size, self.layers = size, 1
        self.mapping = Plain()
        widths = _widths(size, base)[::-1]
        parts: list[nn.Module] = [nn.ConvTranspose2d(LATENT, widths[0], 4, bias=False)]
        for inputs, outputs in zip(widths, [*widths[1:], 3], strict=True):
            parts += [nn.BatchNorm2d(inputs), nn.ReLU(), nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)]
        self.synthesis = nn.Sequential(nn.Unflatten(2, (LATENT, 1, 1)), nn.Flatten(0, 1), *parts, nn.Tanh())
        self.apply(_initial)

    def forward(self, latents: Tensor) -> Tensor:
        """The picture of each z."""
        picture: Tensor = self.synthesis(latents)
        return picture


class DCCritic(nn.Module):
    """Bx3xSxS -> B scores."""

    def __init__(self, size: int = 64, shares: Sequence[float] = (), tensors: Tensors | None = None,
                 base: int = BASE) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        widths = _widths(size, base)
        for index, (inputs, outputs) in enumerate(zip([3, *widths[:-1]], widths, strict=True)):
            parts.append(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False))
            parts += [nn.BatchNorm2d(outputs)] if index else []
            parts.append(nn.LeakyReLU(0.2))
        self.net = nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, 4, bias=False))
        self.apply(_initial)

    def forward(self, pictures: Tensor) -> Tensor:
        """Higher for what it takes for real."""
        return torch.flatten(self.net(pictures))

    def judgements(self, pictures: Tensor, blend: float = 1.0) -> Tensor:
        """Bx1: its one score, in the form of a critic with several judges. It does not grow: blend is always 1."""
        return self.forward(pictures)[:, None]


FAMILY = Family("dcgan", "adversarial", DCGenerator, DCCritic)


def _widths(size: int, base: int) -> list[int]:
    """Features at half the size, a quarter, ... 4."""
    return [base << n for n in range(int(math.log2(size // 4)))]


def _initial(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
