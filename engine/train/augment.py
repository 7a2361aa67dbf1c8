"""Changes made alike to real and generated pictures before the critic sees them, so that few pictures last longer.

After Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training": colour, translation, cutout, each
with gradients, so that the generator learns through them.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SHIFT = 1 / 8
CUT = 0.4
"""Side of the square that is cut out, as a share of the picture's."""


def augmented(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Bx3xSxS in [-1, 1] -> the same shape; what is beyond the border or cut out is grey."""
    return cut(shifted(coloured(pictures, random), random), random)


def coloured(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Brighter or darker by up to 0.5, saturation 0 to 2 times, contrast 0.5 to 1.5 times."""
    light, saturation, contrast = (_uniform(pictures, random) for _ in range(3))
    pictures = pictures + (light - 0.5)
    grey = pictures.mean(dim=1, keepdim=True)
    pictures = grey + (pictures - grey) * (2 * saturation)
    middle = pictures.mean(dim=(1, 2, 3), keepdim=True)
    return middle + (pictures - middle) * (contrast + 0.5)


def shifted(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Moved by whole pixels, up to an eighth of the side each way."""
    batch, _, side, _ = pictures.shape
    most = round(side * SHIFT)
    moves = torch.randint(0, 2 * most + 1, (2, batch, 1), generator=random).to(pictures.device)
    wide = F.pad(pictures, (most, most, most, most))
    places = torch.arange(side, device=pictures.device) + moves
    each = torch.arange(batch, device=pictures.device)[:, None, None]
    moved = wide.permute(0, 2, 3, 1)[each, places[0][:, :, None], places[1][:, None, :]]
    return moved.permute(0, 3, 1, 2)


def cut(pictures: Tensor, random: torch.Generator) -> Tensor:
    """A square somewhere, partly outside perhaps, becomes grey."""
    side = pictures.shape[-1]
    half = round(side * CUT / 2)
    centre = torch.randint(0, side, (2, len(pictures), 1), generator=random).to(pictures.device)
    away = (torch.arange(side, device=pictures.device) - centre).abs() < half
    return pictures * ~(away[0][:, None, :, None] & away[1][:, None, None, :])


def _uniform(pictures: Tensor, random: torch.Generator) -> Tensor:
    return torch.rand(len(pictures), 1, 1, 1, generator=random).to(pictures.device)
