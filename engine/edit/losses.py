"""Pure functions from pictures to numbers: the terms of the editing energy (Zhu et al. 2016, section 4.2).

All take Bx3xPxP pictures in [-1, 1] and give one number a picture (shape B), so that every candidate is judged alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

LUMA = torch.tensor([0.3, 0.59, 0.11]).view(1, 3, 1, 1)
LIGHTNESS, FINE = 0.5, 0.1
"""What a stroke's lightness, and its colour pixel by pixel, count against the local mean of its colour."""

SOFT = 2e-4
"""Square of the change below which what is to be kept counts quadratically."""

ORIENTATIONS = 8
CELL = 8
"""Side of a cell of the gradient histogram, in pixels."""


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """BxCxHxW averaged over channels, then over 1x1xHxW `mask`'s weight -> B. Zero for an empty mask."""
    return (values.mean(dim=1, keepdim=True) * mask).sum(dim=(1, 2, 3)) / (mask.sum() + 1e-5)


def color(pictures: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Squared distance to the target colours under the mask, hue and saturation before lightness.

    A stroke says what colour a place has, not that it is flat. Lightness is compared by local means alone, and for
    less; colour mostly so. Strands, pores and shading, which are lightness, may stay.
    """
    difference = pictures - target
    light = (difference * LUMA.to(pictures.device)).sum(dim=1, keepdim=True)
    chroma = difference - light
    share = local_mean(mask)

    def of_means(x: Tensor) -> Tensor:
        return masked_mean((local_mean(x * mask) / (share + 1e-3)).square(), share)

    return FINE * masked_mean(chroma.square(), mask) + of_means(chroma) + LIGHTNESS * of_means(light)


def blur(x: Tensor, radius: int) -> Tensor:
    """Two box blurs, edges repeated: near enough to a Gaussian of about that standard deviation. 0: as it is."""
    side = 2 * radius + 1
    for _ in range(2 if radius else 0):
        x = F.pad(x, (radius,) * 4, mode="replicate")
        x = F.avg_pool2d(F.avg_pool2d(x, (side, 1), 1), (1, side), 1)
    return x


def reduced(pictures: Tensor, side: int) -> Tensor:
    """BxCxPxP, averaged down to that side (or the least whole division above it); smaller ones as they are."""
    factor = pictures.shape[-1] // side
    return F.avg_pool2d(pictures, factor) if factor > 1 else pictures


def local_mean(x: Tensor) -> Tensor:
    """Means over a twentieth of the picture: averaged down to 64 pixels (small pictures stay), then over 3 x 3."""
    factor = max(1, x.shape[-1] // 64)
    return F.avg_pool2d(F.avg_pool2d(x, factor), 3, 1, 1, count_include_pad=False)


def orientation_histogram(pictures: Tensor, cell: int = CELL) -> Tensor:
    """Soft histogram of unsigned edge orientations, BxORIENTATIONSxH/cellxW/cell, each cell at about unit length.

    iGAN's differentiable HOG, but normalised per cell: a sketched line asks for an edge, not for full contrast.
    """
    gray = F.pad(pictures.mean(dim=1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    dx = gray[:, :, 1:-1, 2:] - gray[:, :, 1:-1, :-2]
    dy = gray[:, :, 2:, 1:-1] - gray[:, :, :-2, 1:-1]
    magnitude = torch.sqrt(dx.square() + dy.square() + 1e-4)
    angles = torch.arange(ORIENTATIONS, device=pictures.device) * (math.pi / ORIENTATIONS)
    response = (dx * angles.cos()[:, None, None] + dy * angles.sin()[:, None, None]).abs()
    width = math.cos(math.pi / ORIENTATIONS)
    votes = F.relu(response - width * magnitude) / (1 - width)
    cells = F.avg_pool2d(F.avg_pool2d(votes, cell), 3, 1, 1, count_include_pad=False)
    return cells * torch.rsqrt(cells.square().sum(dim=1, keepdim=True) + 4e-4)


def edges(pictures: Tensor, target: Tensor, mask: Tensor, cell: int = CELL) -> Tensor:
    """Squared distance of orientation histograms in the cells that the mask touches."""
    touched = (F.max_pool2d(mask, cell) > 0.25).float()
    difference = orientation_histogram(pictures, cell) - orientation_histogram(target, cell)
    return ORIENTATIONS * masked_mean(difference.square(), touched)


def kept(pictures: Tensor, before: Tensor, free: Tensor) -> Tensor:
    """What changed outside the strokes' area (`free`: 1x1xPxP, 1 where change is welcome); robust, so that one large
    plausible change (all of the hair) costs less than a little change everywhere."""
    change, held = local_mean(pictures - before), local_mean(1 - free)
    return masked_mean(torch.sqrt(change.square() + SOFT) - math.sqrt(SOFT), held) * held.mean()


def smoothness(shared: Tensor, own: Tensor, shared_weight: float, own_weight: float) -> Tensor:
    """Squared length of whitened steps, Bx1xK shared by the layers and BxLxK (mean over layers) of their own -> B.

    What all layers have in common counts as shared however it was split, so that a latent costs the same whichever way
    it was reached.
    """
    common = own.mean(dim=1, keepdim=True)
    together = (shared + common).square().sum(dim=2).mean(dim=1)
    apart = (own - common).square().sum(dim=2).mean(dim=1)
    return shared_weight * together + own_weight * apart


def realism(scores: Tensor) -> Tensor:
    """A critic's scores (B) -> -log D, the non-saturating loss of Goodfellow et al. 2014."""
    return F.softplus(-scores)
