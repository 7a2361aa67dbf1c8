"""Folded generator: the full generator's own weights at a fraction of its size, without any training.

Up to the octave of `size` pixels it is the generator itself. What comes after it keeps that size: of an inverse wavelet
transform only the low band is left, which is the average of the four pixels it would have made, and each depthwise
kernel is replaced by the one whose answer on an even picture is the average of what the fine kernel would answer. What
the detail bands do through the leaky ReLUs is lost, and nothing else: all styles act as they do in the full network,
which a head that was trained to look like it cannot promise far from the pictures it was trained on. A descent through
it therefore also goes down in the full network, at a sixth of the work for 64 pixels: the detail bands that nobody
looks at, three quarters of what an octave's last convolution makes, are not made.
"""

from __future__ import annotations

from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import pieces
from engine.model.networks.mobilestylegan import LEAK, Octave, StyledConv, Synthesis, per_pixel
from engine.model.pieces import Stage


class FoldedConv(nn.Module):
    """A separable styled convolution on pictures averaged down by `factor`; shares the pointwise weights."""

    def __init__(self, convolution: StyledConv, factor: int) -> None:
        super().__init__()
        assert convolution.depthwise is not None
        self.mix, self.style = convolution.mix, convolution.style
        self.register_buffer("kernel", folded_kernel(convolution.depthwise.weight.detach(), factor))
        self.register_buffer("noise", F.avg_pool2d(convolution.noise, factor))
        self.kernel: Tensor
        self.noise: Tensor

    def forward(self, x: Tensor, row: int, outputs: int | None = None) -> Tensor:
        """BxCxHxS, scaled by the style -> BxC'xHxS. row: where in the picture x begins. outputs: the first of C'."""
        x = per_pixel(self.mix, F.conv2d(x, self.kernel, padding=1, groups=x.shape[1]), outputs)
        noise = self.noise[:, :, row:row + x.shape[1]].permute(0, 2, 3, 1)
        return F.leaky_relu_(x.add_(noise), LEAK).permute(0, 3, 1, 2)


def folded_kernel(kernel: Tensor, factor: int) -> Tensor:
    """Cx1x3x3 -> the same: of the average over factor x factor pixels, on a picture that is even in such blocks."""
    share = 1 / factor
    fold = torch.tensor([[share, 0, 0], [1 - share, 1, 1 - share], [0, 0, share]], dtype=kernel.dtype)
    return torch.einsum("ij,cxjk,lk->cxil", fold, kernel, fold).contiguous()


class FoldedOctave(nn.Module):
    """An octave without its doubling. last: no other follows, which would look at nothing but the low band."""

    def __init__(self, octave: Octave, factor: int, last: bool) -> None:
        super().__init__()
        self.octave = octave
        self.outputs = None if last else octave.outputs // 4
        self.conv1, self.conv2 = FoldedConv(octave.conv1, factor), FoldedConv(octave.conv2, factor)

    def first(self, styles: Tensor, x: Tensor, row: int) -> Tensor:
        """Wavelet bands -> what the first convolution makes of the low one. styles: Bx3xwidth."""
        low = self.conv1.kernel.shape[0]
        scale = 0.5 * self.octave.scales(styles)[0][:, :low]
        return cast(Tensor, self.conv1(x[:, :low] * scale[:, :, None, None], row))

    def second(self, styles: Tensor, x: Tensor, row: int) -> Tensor:
        """The rest; only the low band, where that is all that is wanted."""
        return cast(Tensor, self.conv2(x * self.octave.scales(styles)[1][:, :, None, None], row, self.outputs))


class Folded(nn.Module):
    """BxLxwidth -> Bx3xsizexsize: the generator's picture averaged down, nearly. size: one of its octaves'."""

    def __init__(self, synthesis: Synthesis, size: int) -> None:
        super().__init__()
        self.synthesis, self.size = synthesis, size
        later = [(s, octave) for s, octave in zip(synthesis.sizes[1:], synthesis.octaves, strict=True) if s > size]
        self.later = nn.ModuleList(
            FoldedOctave(cast(Octave, octave), s // size, s == synthesis.sizes[-1]) for s, octave in later
        )
        self.starts = tuple(synthesis.layers_until(s) - Octave.STYLES for s, _ in later)

    def forward(self, latents: Tensor) -> Tensor:
        """In one go."""
        return pieces.at_once(self.stages(), latents)

    def stages(self) -> tuple[Stage, ...]:
        """In pieces: the trunk as it is, then convolution by convolution."""
        found = list(self.synthesis.stages_until(self.size, low=bool(self.later)))
        for start, octave in zip(self.starts, cast("list[FoldedOctave]", list(self.later)), strict=True):
            found += [partial(self._first, octave, start), partial(self._second, octave, start)]
        last = found.pop()
        return *found, lambda x, row, latents: self._picture(last(x, row, latents), latents)

    def _first(self, octave: FoldedOctave, start: int, x: Tensor, row: int, latents: Tensor) -> Tensor:
        return octave.first(latents[:, start:start + Octave.STYLES], x, row)

    def _second(self, octave: FoldedOctave, start: int, x: Tensor, row: int, latents: Tensor) -> Tensor:
        return octave.second(latents[:, start:start + Octave.STYLES], x, row)

    def _picture(self, x: Tensor, latents: Tensor) -> Tensor:
        synthesis = self.synthesis
        x = x * synthesis.head_style(latents[:, -1])[:, :, None, None]
        return 0.5 * per_pixel(synthesis.head, x).permute(0, 3, 1, 2)[:, :3]
