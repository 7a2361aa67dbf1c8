"""What is lost of a picture that is shown again, and the critic of patches who learns beside it.

The squared error sees colours, the features' distance sees shapes, and what neither can say, the critic of patches
does (Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks"; Esser et al. 2021). The
features are shown pictures blurred by a pixel: as they are, they like a pattern of two pixels, and what they like is
drawn.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.autoencoder import SOFT, PatchCritic
from engine.train.reading import STRIDE

SIDE, LAYOUT = 4, 8.0
"""Pixels of a side over which the squared error of the layout is taken, and its weight beside the features' distance.
"""

SHIFT = 16
"""Pixels of a side that the critic is not shown: twice those that it has a vote for."""

R1 = 0.05
"""Weight of the critic's slope at real pictures (Mescheder et al. 2018). At 0.5, too, its loss ends near chance."""


class Showing:
    """features: on the device of what is shown."""

    def __init__(self, features: Features) -> None:
        self.patches = PatchCritic().to(features.device).to(memory_format=torch.channels_last)
        self._features, self._soft = features, SOFT.expand(3, 1, 3, 3).to(features.device)

    def lost(self, made: Tensor, real: Tensor, random: torch.Generator, pixels: float) -> Tensor:
        """Bx3xSxS each, S over 16 -> a scalar. pixels: weight of every pixel's own squared error.

        random: the features are shown both from another place on each time, as train.reading's are.
        """
        down, right = (int(n) for n in torch.randint(STRIDE, (2,), generator=random))
        shown, goal = (self._softened(x[:, :, down:, right:]) for x in (made, real))
        return self._features.distance(shown, goal) + laid_otherwise(made, real) + pixels * F.mse_loss(made, real)

    def _softened(self, pictures: Tensor) -> Tensor:
        return F.conv2d(pictures, self._soft, groups=3)

    def deceived(self, made: Tensor, random: torch.Generator) -> Tensor:
        """What is lost where the critic sees that it was made; teaches nobody but the maker.

        random: the critic is shown a part from anywhere. It votes for every eight pixels, as many as a code has places
        for, and a generator that knew where would hide stripes between.
        """
        self.patches.requires_grad_(False)
        loss = F.softplus(-self.patches.judgements(part_of(made, random))).mean()
        self.patches.requires_grad_(True)
        return loss

    def told_apart(self, made: Tensor, real: Tensor, sloped: float, random: torch.Generator) -> Tensor:
        """What the critic loses. sloped: how many times its slope counts this time. random: as in `deceived`."""
        shown = part_of(real, random).detach().requires_grad_(sloped > 0)
        votes = self.patches.judgements(shown)
        loss = F.softplus(-votes).mean() + F.softplus(self.patches.judgements(part_of(made.detach(), random))).mean()
        if sloped:
            (slope,) = torch.autograd.grad(votes.mean(dim=1).sum(), shown, create_graph=True)
            loss = loss + R1 * sloped * slope.square().sum(dim=(1, 2, 3)).mean()
        return loss


@torch.no_grad()
def roughness(pictures: Tensor) -> float:
    """Of Bx3xSxS: how far a pixel is from the mean around it, squared, in the quieter half of a picture at most.

    What it has of grain: edges and ornaments do not count.
    """
    around = F.avg_pool2d(F.pad(pictures, (1,) * 4, mode="reflect"), 3, 1)
    return float((pictures - around).square().mean(dim=1).flatten(1).median(dim=1).values.mean())


def laid_otherwise(made: Tensor, real: Tensor) -> Tensor:
    """Bx3xSxS each -> a scalar: what is lost of the layout."""
    return LAYOUT * F.mse_loss(F.avg_pool2d(made, SIDE), F.avg_pool2d(real, SIDE))


def part_of(pictures: Tensor, random: torch.Generator) -> Tensor:
    """BxCxSxS -> the same without SHIFT rows and columns, some of them on one side and the rest on the other."""
    down, right = torch.randint(SHIFT + 1, (2,), generator=random).tolist()
    side = pictures.shape[-1] - SHIFT
    return pictures[:, :, down:down + side, right:right + side]
