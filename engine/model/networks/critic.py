"""The critic: tells pictures from a generator's, by the pixels and by what the compact network sees in them.

Two kinds of judge. A residual trunk looks at the pixels, with the spread within the batch as one more feature so that
sameness shows (Karras et al. 2018). Small heads look at the frozen taps of the compact features: such a critic need not
first learn what edges and surfaces are, which a processor has no time for (Sauer et al. 2021, "Projected GANs Converge
Faster"). The trunk begins at any size it has a layer for, so that training can grow.

Told the class of a picture, every judge adds the product of its last features with a learned vector of that class
(Miyato and Koyama 2018, "cGANs with Projection Discriminator").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.scaled import ScaledConv, ScaledLinear, leaky

CHANNELS = {4: 128, 8: 96, 16: 64, 32: 32, 64: 16, 128: 8, 256: 8}
SMALLEST = 4
HEAD = 48
TAPS = (1, 2, 3)
GROUP = 4
"""Pictures among which the spread is measured."""

SOFTNESS = 0.2
"""As in the features' distance: added to a feature vector's squared length before it is brought to about one."""


class Residual(nn.Module):
    """BxIxHxW -> BxOxH/2xW/2."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = ScaledConv(inputs, inputs)
        self.second = ScaledConv(inputs, outputs)
        self.skip = ScaledConv(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Half the size."""
        bent = leaky(self.second(F.avg_pool2d(leaky(self.first(x)), 2)))
        return (bent + self.skip(F.avg_pool2d(x, 2))) * 0.5**0.5


class Head(nn.Module):
    """One judgement from one tap: every place votes."""

    def __init__(self, inputs: int, classes: int = 0) -> None:
        super().__init__()
        self.first, self.second = ScaledConv(inputs, HEAD, stride=2), ScaledConv(HEAD, HEAD, stride=2)
        self.vote = ScaledConv(HEAD, 1, 1)
        if classes:
            self.classes = nn.Embedding(classes, HEAD)

    def votes(self, tap: Tensor) -> Tensor:
        """BxCxHxW -> Bx1xH/4xW/4: the judgement of each place."""
        found: Tensor = self.vote(leaky(self.second(leaky(self.first(tap)))))
        return found

    def forward(self, tap: Tensor, told: Tensor | None = None) -> Tensor:
        """BxCxHxW, and B classes -> B."""
        seen = leaky(self.second(leaky(self.first(tap))))
        votes: Tensor = self.vote(seen).mean(dim=(1, 2, 3))
        return votes if told is None else votes + projected(seen.mean(dim=(2, 3)), self.classes(told))


class Critic(nn.Module):
    """Bx3xSxS in [-1, 1] -> scores, higher for what it takes for real. size: the largest S; smaller ones halve it.

    features: what it looks with, by default a compact network as the program's own is now. classes: how many it knows.
    """

    def __init__(self, size: int = 64, features: CompactVGG | None = None, classes: int = 0) -> None:
        super().__init__()
        sizes = [side for side in CHANNELS if SMALLEST < side <= size]
        self.size = size
        self.features = (features or CompactVGG()).requires_grad_(False)
        self.heads = nn.ModuleList(Head(width, classes) for width in widths_of(self.features, TAPS))
        self.entries = nn.ModuleDict({str(s): ScaledConv(3, CHANNELS[s], 1) for s in (SMALLEST, *sizes)})
        self.blocks = nn.ModuleDict({str(s): Residual(CHANNELS[s], CHANNELS[s // 2]) for s in sizes})
        self.last = ScaledConv(CHANNELS[SMALLEST] + 1, CHANNELS[SMALLEST])
        self.score = nn.Sequential(ScaledLinear(CHANNELS[SMALLEST] * SMALLEST**2, HEAD), nn.LeakyReLU(0.2),
                                   ScaledLinear(HEAD, 1))
        if classes:
            self.classes = nn.Embedding(classes, HEAD)

    def forward(self, pictures: Tensor) -> Tensor:
        """Shape B: the judges' mean, of pictures of any class."""
        return self.judgements(pictures).mean(dim=1)

    def judgements(self, pictures: Tensor, blend: float = 1.0, told: Tensor | None = None) -> Tensor:
        """BxJ: each judge's score. blend: 0..1, how far the trunk's first block is faded in. told: B classes."""
        taps = self.features(pictures)
        seen = [head(soft_unit(taps[tap]), told) for head, tap in zip(self.heads, TAPS, strict=True)]
        return torch.stack([self._trunk(pictures, blend, told), *seen], dim=1)

    def votes(self, pictures: Tensor) -> Tensor:
        """BxHxGxG: what each head says of each place, at the size of the finest map."""
        taps = self.features(pictures)
        found = [cast(Head, head).votes(soft_unit(taps[tap])) for head, tap in zip(self.heads, TAPS, strict=True)]
        side = found[0].shape[-1]
        return torch.cat([F.interpolate(votes, size=(side, side), mode="bilinear") for votes in found], dim=1)

    def _trunk(self, pictures: Tensor, blend: float, told: Tensor | None) -> Tensor:
        side = pictures.shape[-1]
        x = leaky(self.entries[str(side)](pictures))
        while side > SMALLEST:
            x = self.blocks[str(side)](x)
            side //= 2
            if blend < 1 and 2 * side == pictures.shape[-1]:
                x = leaky(self.entries[str(side)](F.avg_pool2d(pictures, 2))).lerp(x, blend)
        x = leaky(self.last(torch.cat([x, spread(x)], dim=1)))
        seen = self.score[:2](x.flatten(1))
        score: Tensor = self.score[2](seen)[:, 0]
        return score if told is None else score + projected(seen, self.classes(told))


def critic_like(size: int, shares: Sequence[float] = (), tensors: Mapping[str, Tensor] | None = None) -> Critic:
    """One for so many classes, that looks as the one with those tensors does."""
    return Critic(size, None if tensors is None else compact_like(tensors), len(shares))


def projected(seen: Tensor, classes: Tensor) -> Tensor:
    """BxF features and BxF vectors of classes -> B: their product, of unit variance at the beginning."""
    return (seen * classes).mean(dim=1) * seen.shape[1] ** 0.5


def widths_of(features: CompactVGG, taps: Sequence[int]) -> list[int]:
    """Channels of some of its taps."""
    return [cast(nn.Conv2d, features.taps[tap]).out_channels for tap in taps]


def compact_like(tensors: Mapping[str, Tensor], prefix: str = "features.") -> CompactVGG:
    """A compact network of the shape that a critic's or an encoder's saved tensors have.

    The program's own may be another by the time that a pack or a checkpoint is opened.
    """
    names = [name.removeprefix(prefix) for name in tensors if name.startswith(prefix) and name.endswith(".weight")]
    count = sum(name.startswith("taps.") for name in names)
    widths = tuple(tensors[f"{prefix}taps.{index}.weight"].shape[0] for index in range(count))
    depths = tuple(sum(name.startswith(f"stages.{index}.") for name in names) for index in range(count))
    return CompactVGG(widths, depths)


def spread(x: Tensor) -> Tensor:
    """BxCxHxW -> Bx1xHxW: the standard deviation within each group of pictures, averaged over everything else."""
    batch, _, height, width = x.shape
    group = GROUP if batch % GROUP == 0 else batch
    grouped = x.reshape(group, batch // group, *x.shape[1:])
    deviation = (grouped.var(dim=0, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))
    return deviation.repeat(group).reshape(batch, 1, 1, 1).expand(-1, 1, height, width)


def soft_unit(tap: Tensor) -> Tensor:
    """Feature vectors of about unit length; flat places stay quiet."""
    return tap * torch.rsqrt(tap.square().sum(dim=1, keepdim=True) + SOFTNESS)
