"""Statistics of feature maps, and the losses of neural texture and style that are made of them.

The formulas are those of Gatys, Ecker and Bethge ("Texture synthesis using convolutional neural networks", 2015;
"Image style transfer using convolutional neural networks", 2016). A tap F has N channels at M positions and its Gram
matrix is G = F F^T, a sum over positions. This program keeps G / M, the Gram matrix per position, which does not
depend on the picture's size. Masks and the colour terms follow "Controlling perceptual factors in neural style
transfer" (Gatys et al. 2017). All functions are differentiable and none keeps state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


class _Sums(torch.autograd.Function):
    """BxMxN -> the sums over M of f f^T and of f. Both slopes in one product: the matrix is symmetric."""

    @staticmethod
    def forward(context: Any, rows: Tensor) -> tuple[Tensor, Tensor]:
        context.save_for_backward(rows)
        return rows.transpose(1, 2) @ rows, rows.sum(dim=1)

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> Tensor:
        (rows,) = context.saved_tensors
        second, first = slopes
        return torch.baddbmm(first[:, None], rows, second + second.transpose(1, 2))


def sums(tap: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """BxNxHxW -> BxNxN and BxN, the sums over positions of F F^T and of F. mask: Bx1xHxW in 0..1."""
    rows = tap.permute(0, 2, 3, 1).flatten(1, 2)  # BxMxN, no copy where channels are last in memory
    if mask is None:
        found: tuple[Tensor, Tensor] = _Sums.apply(rows)
        return found
    weighted = rows * mask.flatten(2).transpose(1, 2)
    return weighted.transpose(1, 2) @ rows, weighted.sum(dim=1)


def gram(tap: Tensor, mask: Tensor | None = None) -> Tensor:
    """BxNxHxW -> BxNxN, the sum over positions of F F^T: G_ij = sum_k F_ik F_jk. mask: Bx1xHxW in 0..1."""
    return sums(tap, mask)[0]


def gram_per_position(tap: Tensor, mask: Tensor | None = None) -> Tensor:
    """BxNxHxW -> BxNxN, the mean over positions of F F^T; over the mask (Bx1xHxW in 0..1) where there is one."""
    return gram_and_mean(tap, mask)[0]


def gram_and_mean(tap: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """BxNxHxW -> BxNxN and BxN, the means over positions of F F^T and of F; over the mask where there is one."""
    second, first = sums(tap, mask)
    if mask is None:
        positions = tap.shape[2] * tap.shape[3]
        return second / positions, first / positions
    weight = mask.flatten(1).sum(dim=1).clamp(min=1e-6)
    return second / weight[:, None, None], first / weight[:, None]


def gram_of_linear(own: Tensor, mean: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Gram matrix per position (BxNxN) and mean (BxN) of F -> the Gram matrix of W F + b, BxKxK. weight: KxN, bias: K.

    (W F + b)(W F + b)^T summed over positions: three products of small matrices in place of one over all positions.
    """
    moved = mean @ weight.T
    crossed = moved[:, :, None] * bias
    return weight @ own @ weight.T + crossed + crossed.transpose(1, 2) + torch.outer(bias, bias)


def moments(tap: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """BxNxHxW -> mean and standard deviation over positions, BxN each: the style of AdaIN (Huang and Belongie 2017)."""
    weight = torch.ones_like(tap[:, :1]) if mask is None else mask
    total = weight.sum(dim=(2, 3)).clamp(min=1e-6)
    mean = (tap * weight).sum(dim=(2, 3)) / total
    spread = ((tap - mean[..., None, None]).square() * weight).sum(dim=(2, 3)) / total
    return mean, spread.sqrt()


def moments_of_gram(mean: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (...xN) and Gram matrix per position (...xNxN) -> mean and standard deviation, ...xN each."""
    variance = second.diagonal(dim1=-2, dim2=-1) - mean.square()
    return mean, variance.clamp(min=0).sqrt()


def renormalized(tap: Tensor, mean: Tensor, deviation: Tensor) -> Tensor:
    """AdaIN: BxNxHxW with its moments replaced by those given (BxN each)."""
    own_mean, own_deviation = moments(tap)
    gain = deviation / (own_deviation + 1e-5)
    return (tap - own_mean[..., None, None]) * gain[..., None, None] + mean[..., None, None]


def content_loss(tap: Tensor, photo: Tensor) -> Tensor:
    """Half the sum of squares of F - P, over everything: a scalar."""
    return (tap - photo).square().sum() / 2


def layer_loss(own: Tensor, wanted: Tensor, positions: int) -> Tensor:
    """E_l = 1 / (4 N^2 M^2) sum (G - A)^2 of Gram matrices NxN that are sums over M `positions`: a scalar."""
    channels = own.shape[-1]
    return (own - wanted).square().sum() / (4 * channels**2 * positions**2)


def layer_loss_per_position(own: Tensor, wanted: Tensor) -> Tensor:
    """The same E_l from Gram matrices per position, where M cancels: 1 / (4 N^2) sum (G/M - A/M)^2."""
    return layer_loss(own, wanted, 1)


def style_loss(taps: Sequence[Tensor], wanted: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """sum_l w_l E_l over taps (1xNxHxW each); wanted: Gram matrices per position, NxN or 1xNxN each."""
    terms = [w * layer_loss_per_position(gram_per_position(tap), goal)
             for tap, goal, w in zip(taps, wanted, weights, strict=True)]
    return torch.stack(terms).sum()


def equal_weights(wanted: Sequence[Tensor]) -> list[float]:
    """Weights w_l that make each w_l E_l the squared error as a share of the wanted Gram matrix' own square.

    With them a picture that knows nothing of a style has a loss near one per tap, at any depth of any network.
    """
    return [4 * goal.shape[-1] ** 2 / max(float(goal.square().sum()), 1e-12) for goal in wanted]


def total_variation(pictures: Tensor, power: float = 1.0) -> Tensor:
    """Mean over BxCxHxW of (dx^2 + dy^2)^(power / 2) (Rudin, Osher and Fatemi 1992; as a prior of pictures, Mahendran
    and Vedaldi 2015). A scalar in the pictures' own range to that power."""
    right = F.pad(pictures.diff(dim=3), (0, 1))
    down = F.pad(pictures.diff(dim=2), (0, 0, 0, 1))
    return (right.square() + down.square() + 1e-8).pow(power / 2).mean()


def neighbourhoods(pictures: Tensor, reach: int = 1) -> Tensor:
    """BxCxHxW -> BxC(2 reach + 1)^2xH'xW': every pixel with its neighbours' values, inside the border.

    The Gram matrix of this tap holds all autocorrelations at shifts up to 2 `reach`, hence the power spectrum of the
    finest detail, which deep features see little of (Portilla and Simoncelli 2000 constrain the same numbers).
    """
    side = 2 * reach + 1
    height, width = pictures.shape[2] - side + 1, pictures.shape[3] - side + 1
    return torch.cat([pictures[:, :, y:y + height, x:x + width] for y in range(side) for x in range(side)], dim=1)
