"""An autoencoder of pictures: every eight by eight pixels become one place of a code, and the code pictures again.

What a picture is made of from near by - edges, brushwork, leaves - is left to the decoder, which learns it from small
cut-outs in little time; a generator then has only to say a code, a picture of a sixty-fourth of the places (Esser et
al. 2021, "Taming Transformers for High-Resolution Image Synthesis"; Rombach et al. 2022, "High-Resolution Image
Synthesis with Latent Diffusion Models"). The code has zero mean and unit variance in every channel.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.family import Tensors
from engine.model.networks.scaled import ScaledConv, leaky

STRIDE = 8
"""Pixels of a place's side."""

CODE = 8
"""Numbers of a place."""

WIDTHS = (128, 64, 32)
"""Features at an eighth, a quarter and half of the picture's side."""

SOFT = torch.tensor([1.0, 2, 1]).outer(torch.tensor([1.0, 2, 1]))[None, None] / 16
"""A blur that nothing of two pixels' period passes."""


class EdgedConv(ScaledConv):
    """A 3x3 convolution beyond whose border the picture goes on as it is there: nothing ends at a code's edge."""

    def forward(self, x: Tensor) -> Tensor:
        """No activation."""
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), self.weight * self.scale, self.bias)


class Block(nn.Module):
    """BxCxHxW -> the same: two convolutions beside the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = EdgedConv(width, width), EdgedConv(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Of the same variance."""
        return (x + leaky(self.second(leaky(self.first(x))))) * 0.5**0.5


class CodeEncoder(nn.Module):
    """Bx3xHxW in [-1, 1] -> BxCODExH/8xW/8. Sides are multiples of eight."""

    def __init__(self) -> None:
        super().__init__()
        deep, middle, _ = WIDTHS
        self.entry, self.fine = EdgedConv(3 * 16, middle), Block(middle)
        self.down, self.coarse = ScaledConv(4 * middle, deep, 1), Block(deep)
        self.code = ScaledConv(deep, CODE, 1)
        self.norm = nn.BatchNorm2d(CODE, affine=False, momentum=0.02)

    def forward(self, pictures: Tensor) -> Tensor:
        """While it is taught, normalised by the batch."""
        x = self.fine(leaky(self.entry(F.pixel_unshuffle(pictures, 4))))
        x = self.coarse(leaky(self.down(F.pixel_unshuffle(x, 2))))
        code: Tensor = self.norm(self.code(x))
        return code


class CodeDecoder(nn.Module):
    """BxCODExhxw -> Bx3x8hx8w in about [-1, 1].

    Its last doubling puts four pixels side by side that nothing makes alike; a fixed blur takes the pattern of two
    pixels that this leaves out of the picture, and no more than that out of what can be learned.
    """

    soft: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("soft", SOFT.repeat(3, 1, 1, 1), persistent=False)
        self.entry = EdgedConv(CODE, WIDTHS[0])
        self.blocks = nn.ModuleList(Block(width) for width in WIDTHS)
        self.narrow = nn.ModuleList(ScaledConv(i, o, 1) for i, o in zip(WIDTHS, WIDTHS[1:], strict=False))
        self.last = EdgedConv(WIDTHS[-1], 12)
        nn.init.normal_(self.last.weight, std=0.25)

    def forward(self, code: Tensor) -> Tensor:
        """No noise: the same code is the same picture."""
        return self.shown(self.features(code))

    def features(self, code: Tensor) -> Tensor:
        """BxCODExhxw -> BxWIDTHS[-1]x4hx4w: the picture, but for its last doubling."""
        x = leaky(self.entry(code))
        for place, block in enumerate(self.blocks):
            if place:
                x = self.narrow[place - 1](x)
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = block(x)
        return x

    def shown(self, features: Tensor) -> Tensor:
        """The rest of the way."""
        fine = F.pixel_shuffle(self.last(features), 2)
        fine = F.pad(fine, (1, 1, 1, 1), mode="reflect")  # in step with such a pattern, beyond the border too
        return F.conv2d(fine, self.soft, groups=3)


class PatchCritic(nn.Module):
    """Bx3xHxW in [-1, 1] -> scores B, higher for what it takes for real.

    It sees some forty pixels at a time, and as many of the picture at half its size, and votes for each place, so that
    one picture is many lessons (Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks";
    Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs").
    """

    def __init__(self) -> None:
        super().__init__()
        self.near, self.far = Sight(), Sight()

    def forward(self, pictures: Tensor) -> Tensor:
        """The mean of the votes."""
        return self.judgements(pictures).mean(dim=1)

    def judgements(self, pictures: Tensor) -> Tensor:
        """BxN: the votes of all places, at both sizes; either size counts alike."""
        near, far = self.near(pictures), self.far(F.avg_pool2d(pictures, 2))
        return torch.cat([near, far.repeat_interleave(near.shape[1] // far.shape[1], dim=1)], dim=1)


class Sight(nn.Module):
    """Bx3xHxW -> BxN votes, one for each eight by eight pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList([ScaledConv(12, 32), ScaledConv(32, 64), ScaledConv(64, 64)])
        self.vote = ScaledConv(64, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Row by row."""
        x = F.pixel_unshuffle(pictures, 2)
        for place, conv in enumerate(self.convs):
            x = leaky(conv(F.avg_pool2d(x, 2) if place else x))
        votes: Tensor = self.vote(x)
        return votes.flatten(1)


def patch_critic(size: int, shares: Sequence[float] = (), tensors: Tensors | None = None) -> PatchCritic:
    """It is alike for all sizes and classes."""
    return PatchCritic()
