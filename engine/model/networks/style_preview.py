"""A light head on a style generator's own trunk: a quarter-size picture for a small part of the work.

The trunk's first octaves hold where everything is; they are cheap and are kept as they are, so that the preview lives
in the same latent space as the full network. This head replaces the expensive octaves by narrow ones, which a learned
regression fits to the full network's area-averaged pictures. It is modulated by the remaining styles, so that the fine
layers of W+ act in the preview too.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.model.networks.mobilestylegan import StyledConv, Synthesis, inverse_haar


class PreviewHead(nn.Module):
    """Features of the trunk at `size` pixels -> picture of 8 x size pixels, RGB in about [-1, 1]."""

    def __init__(self, inputs: int = 512, size: int = 32, styles: int = 13, style_width: int = 512,
                 widths: tuple[int, int] = (192, 96)) -> None:
        super().__init__()
        middle, last = widths
        self.entry_style = nn.Linear(style_width, inputs)
        self.entry = nn.Conv2d(inputs, 512, 1)
        self.conv1 = StyledConv(128, middle, 2 * size, style_width)
        self.conv2 = StyledConv(middle, middle, 2 * size, style_width)
        self.conv3 = StyledConv(middle // 4, last, 4 * size, style_width)
        self.conv4 = StyledConv(last, last, 4 * size, style_width)
        self.fine = nn.Linear((styles - 5) * style_width, last)
        self.head = nn.Conv2d(last, 12, 1)
        convolutions = (self.conv1, self.conv2, self.conv3, self.conv4)
        for affine in (self.entry_style, self.fine, *(c.style for c in convolutions)):
            _start_at_one(affine)

    def forward(self, features: Tensor, styles: Tensor) -> Tensor:
        """BxCxsizexsize, the BxSxwidth styles that the trunk left over -> Bx3x8sizex8size."""
        x = self.entry(features * self.entry_style(styles[:, 0])[:, :, None, None])
        for first, second, layer in ((self.conv1, self.conv2, 1), (self.conv3, self.conv4, 3)):
            x = first(inverse_haar(x), first.style(styles[:, layer]))
            x = second(x, second.style(styles[:, layer + 1]))
        x = x * self.fine(styles[:, 5:].flatten(1))[:, :, None, None]
        return inverse_haar(self.head(x))


class Preview(nn.Module):
    """Trunk and head together: BxLxwidth -> Bx3x256x256."""

    def __init__(self, synthesis: Synthesis, head: PreviewHead, size: int = 32) -> None:
        super().__init__()
        self.synthesis, self.head, self.size = synthesis, head, size

    def forward(self, latents: Tensor) -> Tensor:
        """All styles of the full network -> its picture at a quarter of the size."""
        used = self.synthesis.layers_until(self.size)
        picture: Tensor = self.head(self.synthesis.trunk(latents, self.size), latents[:, used:])
        return picture


def _start_at_one(affine: nn.Linear) -> None:
    """A style affine that scales every channel by about one before it has learned anything."""
    with torch.no_grad():
        affine.weight.mul_(0.1)
        affine.bias.fill_(1.0)
