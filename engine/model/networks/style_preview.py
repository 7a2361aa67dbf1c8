"""A light head on a style generator's own trunk: a quarter-size picture for a ninth of the work.

The trunk's octaves up to 32 pixels hold where everything is; they are cheap and are kept as they are, so that the
preview lives in the same latent space as the full network. The head goes on as the full network does, with fewer
channels between the two convolutions of an octave, and from 64 pixels on as a folded network: at one size, with nothing
but the low bands. So all styles act as they do in the full network, also far from the pictures that the head was fitted
to. What is lost by that is fitted to the full network's area-averaged pictures: every weight by a little, and the
detail between the small picture's pixels, which `fine` channels bring past the folded octaves to a last convolution
that makes all sixteen pixels of the large picture for one of the small one (sub-pixel convolution; Shi et al. 2016,
"Real-Time Single Image and Video Super-Resolution").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.mobilestylegan import FACE_CHANNELS, Octave, StyledConv, Synthesis, inverse_haar, per_pixel
from engine.model.pieces import Stage

TIMES = 4
"""The preview's side over the side of the picture that the folded octaves make."""


class NarrowOctave(nn.Module):
    """An octave with `middle` channels between its convolutions. doubles: as it should; or else it keeps its size."""

    def __init__(self, inputs: int, middle: int, outputs: int, size: int, style_width: int, doubles: bool) -> None:
        super().__init__()
        self.bands = 4 if doubles else 1
        self.up = nn.Linear(style_width, self.bands * inputs)
        self.conv1 = StyledConv(inputs, middle, size, style_width)
        self.conv2 = StyledConv(middle, outputs, size, style_width)

    def between(self, x: Tensor, styles: Tensor) -> Tensor:
        """What the first convolution makes of wavelet bands, or of nothing but the low one. styles: Bx3xwidth."""
        scale = self.up(styles[:, 0]) * self.conv1.style(styles[:, 1]).repeat(1, self.bands)
        if self.bands > 1:
            return cast(Tensor, self.conv1(inverse_haar(x * scale[:, :, None, None]), None))
        return cast(Tensor, self.conv1(x, 0.5 * scale))  # of four pixels the low band is twice the average

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """BxCxHxS, Bx3xwidth styles -> BxC'xH'xS', wavelet bands again."""
        return cast(Tensor, self.conv2(self.between(x, styles), self.conv2.style(styles[:, 2])))


class PreviewHead(nn.Module):
    """Features of a trunk -> picture of 8 x trunk pixels, RGB in about [-1, 1]. Its first octave doubles, no other.

    channels: of the full network, after the octave of 4, 8 ... pixels. trunk: size of the features. middle: channels of
    its own in each octave. fine: channels that bring detail past the folded ones.
    """

    def __init__(self, channels: Sequence[int] = FACE_CHANNELS, trunk: int = 32, style_width: int = 512,
                 middle: Sequence[int] = (160, 96, 48, 32), fine: int = 32) -> None:
        super().__init__()
        self.trunk, self.size = trunk, 2 * trunk
        start = [4 << octave for octave in range(len(channels))].index(trunk)
        before, after, last = channels[start:-1], channels[start + 1:], channels[-1]
        self.low = after[0] // 4
        ends = [self.low + fine, *(outputs // 4 for outputs in after[1:-1]), last]
        self.octaves = nn.ModuleList(
            NarrowOctave(inputs // 4, between, outputs, self.size, style_width, doubles=not number)
            for number, (inputs, between, outputs) in enumerate(zip(before, middle, ends, strict=True))
        )
        self.fine = StyledConv(fine, fine, self.size, style_width)
        self.head_style = nn.Linear(style_width, last)
        self.head = nn.Conv2d(last, 3, 1)
        self.enlarge = nn.Conv2d(3, 3 * TIMES**2, 3, padding=1, padding_mode="replicate", groups=3, bias=False)
        self.detail_style = nn.Linear(style_width, fine)
        self.detail = nn.Conv2d(last + fine, 3 * TIMES**2, 1)

    def affines(self) -> Iterator[nn.Linear]:
        """Those maps from styles to scales that are the generator's own."""
        for octave in cast("list[NarrowOctave]", list(self.octaves)):
            yield from (octave.up, octave.conv1.style, octave.conv2.style)
        yield self.head_style

    def forward(self, features: Tensor, styles: Tensor) -> Tensor:
        """BxCxtrunkxtrunk, the BxSxwidth styles that the trunk left over -> Bx3xPxP."""
        first, *later = self.octaves
        x = first(features, styles[:, :Octave.STYLES])
        x, fine = x[:, :self.low], x[:, self.low:]
        for number, octave in enumerate(later, 1):
            x = octave(x, styles[:, number * Octave.STYLES:(number + 1) * Octave.STYLES])
        fine = self.fine(fine, self.fine.style(styles[:, Octave.STYLES]))
        fine = fine * self.detail_style(styles[:, 2 * Octave.STYLES])[:, :, None, None]
        x = x * self.head_style(styles[:, -1])[:, :, None, None]
        small = per_pixel(self.head, x).permute(0, 3, 1, 2)
        detail = per_pixel(self.detail, torch.cat([x, fine], dim=1)).permute(0, 3, 1, 2)
        return F.pixel_shuffle(self.enlarge(small) + detail, TIMES)


class Preview(nn.Module):
    """Trunk and head together: BxLxwidth -> Bx3xPxP, 256 pixels for faces."""

    def __init__(self, synthesis: Synthesis, head: PreviewHead) -> None:
        super().__init__()
        self.synthesis, self.head = synthesis, head

    def forward(self, latents: Tensor) -> Tensor:
        """All styles of the full network -> its picture, smaller."""
        return self._headed(self.synthesis.trunk(latents, self.head.trunk), 0, latents)

    def stages(self) -> tuple[Stage, ...]:
        """In pieces: the trunk, the head."""
        return *self.synthesis.stages_until(self.head.trunk), self._headed

    def _headed(self, x: Tensor, row: int, latents: Tensor) -> Tensor:
        """Whole: its convolutions see further than a strip's margin; and its input is too small to be cut."""
        picture: Tensor = self.head(x, latents[:, self.synthesis.layers_until(self.head.trunk):])
        return picture
