"""MobileStyleGAN: a style-based face generator small enough for a laptop's processor.

Belousov, "MobileStyleGAN: A Lightweight Convolutional Neural Network for High-Fidelity Image Synthesis" (2021). A
constant 4x4 picture passes through octaves, each doubling the size: an inverse Haar wavelet transform turns a quarter
of the channels into four times the pixels, then two separable convolutions (depthwise 3x3, pointwise 1x1) follow, each
with its channels scaled by the latent. A last head makes the twelve wavelet bands of the RGB picture. Demodulation is a
constant of the trained network and lives in its weights; so does the noise, which is one fixed picture a layer.

Wavelet bands are stored band-major, [LL | LH | HL | HH], so that the transform is sums and differences of four
contiguous blocks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import pieces
from engine.model.pieces import Stage

FACE_CHANNELS = (512, 512, 512, 512, 512, 256, 128, 64)
"""Channels after the octave of 4, 8, 16 ... 512 pixels."""

LEAK = 0.2
LATE = (64, 128)
WHOLE = 32
"""Up to this size the octaves are so cheap that together they are one stage."""


class Mapping(nn.Module):
    """Eight fully connected layers from the Gaussian z to the style w, in which directions are less entangled."""

    def __init__(self, width: int = 512, depth: int = 8) -> None:
        super().__init__()
        self.width = width
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))

    def forward(self, z: Tensor) -> Tensor:
        """Bxwidth, standard normal (its length does not matter: z is scaled to unit mean square) -> Bxwidth styles."""
        x = z * torch.rsqrt(z.square().mean(dim=1, keepdim=True) + 1e-8)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), LEAK) * math.sqrt(2)
        return x


class _InverseHaar(torch.autograd.Function):
    """Orthonormal inverse Haar transform; being orthonormal, its gradient is the forward transform."""

    @staticmethod
    def forward(ctx: object, bands: Tensor) -> Tensor:
        batch, channels, height, width = bands.shape
        low, vertical, horizontal, diagonal = (0.5 * bands).chunk(4, dim=1)
        picture = torch.empty((batch, channels // 4, 2 * height, 2 * width), dtype=bands.dtype, device=bands.device,
                              memory_format=_layout(bands))
        top, bottom = low + vertical, low - vertical
        across, crossed = horizontal + diagonal, horizontal - diagonal
        torch.add(top, across, out=picture[:, :, 0::2, 0::2])
        torch.sub(top, across, out=picture[:, :, 0::2, 1::2])
        torch.add(bottom, crossed, out=picture[:, :, 1::2, 0::2])
        torch.sub(bottom, crossed, out=picture[:, :, 1::2, 1::2])
        return picture

    @staticmethod
    def backward(ctx: object, *grads: Tensor) -> Tensor:
        half = 0.5 * grads[0]
        left_top, right_top = half[:, :, 0::2, 0::2], half[:, :, 0::2, 1::2]
        left_bottom, right_bottom = half[:, :, 1::2, 0::2], half[:, :, 1::2, 1::2]
        top, across = left_top + right_top, left_top - right_top
        bottom, crossed = left_bottom + right_bottom, left_bottom - right_bottom
        return torch.cat([top + bottom, top - bottom, across + crossed, across - crossed], dim=1)


def _layout(x: Tensor) -> torch.memory_format:
    dense_last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if dense_last else torch.contiguous_format


def inverse_haar(bands: Tensor) -> Tensor:
    """Bx4CxHxW, band-major low, vertical, horizontal, diagonal detail -> BxCx2Hx2W."""
    picture: Tensor = _InverseHaar.apply(bands)
    return picture


class StyledConv(nn.Module):
    """Channels scaled by the style, a convolution, the layer's fixed noise, bias, leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, size: int, style_width: int, separable: bool = True) -> None:
        super().__init__()
        self.style = nn.Linear(style_width, inputs)
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False) if separable else None
        self.mix = nn.Conv2d(inputs, outputs, 1 if separable else 3, padding=0 if separable else 1)
        self.register_buffer("noise", torch.zeros(1, 1, size, size))
        self.noise: Tensor

    def forward(self, x: Tensor, scale: Tensor | None, row: int = 0, outputs: int | None = None) -> Tensor:
        """BxCxHxS -> BxC'xHxS. scale: BxC, from the style; None when x has it. row: where in the picture x begins.

        outputs: only the first so many of C', of a separable one.
        """
        x = self._spread(x, scale)
        noise = self.noise[:, :, row:row + x.shape[2]]
        if self.depthwise is None:
            return F.leaky_relu(self.mix(x) + noise, LEAK)
        x = per_pixel(self.mix, x, outputs)
        # The product is fresh, nobody else's, and no gradient needs it: change it in place, before it becomes a view.
        return F.leaky_relu_(x.add_(noise.permute(0, 2, 3, 1)), LEAK).permute(0, 3, 1, 2)

    def _spread(self, x: Tensor, scale: Tensor | None) -> Tensor:
        """Scale and depthwise convolution."""
        kernel = self.depthwise.weight if self.depthwise is not None else None
        if scale is None:
            pass
        elif kernel is not None and len(x) == 1 and not torch.is_grad_enabled():
            kernel = kernel * scale.view(-1, 1, 1, 1)  # cheaper, but not when a gradient of the kernel has to be found
        else:
            x = x * scale[:, :, None, None]
        return x if kernel is None else F.conv2d(x, kernel, padding=1, groups=x.shape[1])


def per_pixel(convolution: nn.Conv2d, x: Tensor, outputs: int | None = None) -> Tensor:
    """BxCxHxW -> BxHxWxC': a pointwise convolution as a matrix product, which is fast with one thread too.

    outputs: only the first so many of C'.
    """
    bias = convolution.bias if convolution.bias is None else convolution.bias[:outputs]
    return F.linear(x.permute(0, 2, 3, 1), convolution.weight[:outputs, :, 0, 0], bias)


class Octave(nn.Module):
    """Doubles the size: modulated wavelet bands -> pixels -> two styled separable convolutions."""

    STYLES = 3

    def __init__(self, inputs: int, outputs: int, size: int, style_width: int) -> None:
        super().__init__()
        self.outputs = outputs
        self.up = nn.Linear(style_width, inputs)
        self.conv1 = StyledConv(inputs // 4, outputs, size, style_width)
        self.conv2 = StyledConv(outputs, outputs, size, style_width)

    def scales(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """Bx3xwidth styles -> what the bands (BxC) and the second convolution's channels (BxC') are multiplied by."""
        # The first convolution scales the four bands of a channel alike: do it together with the bands' own scale.
        return self.up(latents[:, 0]) * self.conv1.style(latents[:, 1]).repeat(1, 4), self.conv2.style(latents[:, 2])

    def forward(self, x: Tensor, row: int, scales: tuple[Tensor, Tensor], outputs: int | None = None) -> Tensor:
        """BxCxHxS -> BxC'x2Hx2S. row: where x begins in the octave's whole input, of which it may be a strip.

        outputs: only the first so many of C'.
        """
        x = inverse_haar(x * scales[0][:, :, None, None])
        return self.conv2(self.conv1(x, None, 2 * row), scales[1], 2 * row, outputs)


class Synthesis(nn.Module):
    """Styles -> picture. Every layer takes its own style (W+); give all the same one for a plain w."""

    def __init__(self, channels: Sequence[int] = FACE_CHANNELS, style_width: int = 512) -> None:
        super().__init__()
        self.style_width = style_width
        self.sizes = tuple(4 << octave for octave in range(len(channels)))
        self.register_buffer("constant", torch.zeros(1, channels[0], 4, 4))
        self.constant: Tensor
        self.first = StyledConv(channels[0], channels[0], 4, style_width, separable=False)
        self.octaves = nn.ModuleList(
            Octave(before, after, size, style_width)
            for before, after, size in zip(channels, channels[1:], self.sizes[1:], strict=False)
        )
        self.head_style = nn.Linear(style_width, channels[-1])
        self.head = nn.Conv2d(channels[-1], 12, 1)

    def _octaves(self) -> list[Octave]:
        return cast(list[Octave], list(self.octaves))

    @property
    def layers(self) -> int:
        """Number of style inputs, 23 for the 1024 px face network."""
        return self.layers_until(self.sizes[-1]) + 1

    @property
    def resolution(self) -> int:
        """Side of the picture in pixels."""
        return 2 * self.sizes[-1]

    def layers_until(self, size: int) -> int:
        """How many style layers the trunk up to and with the octave of `size` pixels consumes."""
        return 1 + Octave.STYLES * self.sizes.index(size)

    def late(self) -> tuple[str, ...]:
        """The names of the pointwise convolutions of the LATE octaves, in which looks are decided and no longer places.

        Later ones only draw what these say: taught by small pictures, they would learn meshes that those do not show.
        """
        octaves = [i for i, size in enumerate(self.sizes[1:]) if size in LATE]
        return tuple(f"octaves.{i}.conv{half}.mix" for i in octaves for half in (1, 2))

    def trunk(self, latents: Tensor, size: int) -> Tensor:
        """BxLxwidth, L >= layers_until(size) -> features BxCxsizexsize after the octave of that size."""
        x = self.first(self.constant.expand(len(latents), -1, -1, -1), self.first.style(latents[:, 0]))
        return self._climb(x.contiguous(memory_format=torch.channels_last), latents, 4, size)

    def finish(self, features: Tensor, latents: Tensor, size: int) -> Tensor:
        """The rest of the way: features of `trunk(latents, size)` and all BxLxwidth styles -> picture as in forward."""
        x = features
        for stage in self._stages_from(size):
            x = pieces.run(stage, x, latents)
        return x

    def forward(self, latents: Tensor) -> Tensor:
        """BxLxwidth -> Bx3xRxR, RGB, nominally in [-1, 1] (not clipped: the network may step slightly outside)."""
        return self.finish(self.trunk(latents, 4), latents, 4)

    def stages(self) -> tuple[Stage, ...]:
        """The whole way in pieces, from the latents to the picture."""
        size = max(size for size in self.sizes if size <= WHOLE)
        return *self.stages_until(size), *self._stages_from(size)

    def stages_until(self, size: int, low: bool = False) -> tuple[Stage, ...]:
        """The beginning of the way, from the latents to the features after the octave of that size.

        low: the detail bands that those features end with may be left out.
        """
        start = max(s for s in self.sizes if s <= min(size, WHOLE))
        later = [partial(self._octave, s, low=low and s == size) for s in self.sizes if start < s <= size]
        return (lambda nothing, row, latents: self.trunk(latents, start)), *later

    def _stages_from(self, size: int) -> tuple[Stage, ...]:
        """From the features after the octave of that size on. The last octave and the head are one."""
        if size == self.sizes[-1]:
            return (self._picture,)
        sizes = [s for s in self.sizes if s > size]
        return *(partial(self._octave, s) for s in sizes[:-1]), self._end

    def _octave(self, size: int, x: Tensor, row: int, latents: Tensor, low: bool = False) -> Tensor:
        octave, until = self._octaves()[self.sizes.index(size) - 1], self.layers_until(size)
        outputs = octave.outputs // 4 if low else None
        return cast(Tensor, octave(x, row, octave.scales(latents[:, until - Octave.STYLES:until]), outputs))

    def _end(self, x: Tensor, row: int, latents: Tensor) -> Tensor:
        return self._picture(self._octave(self.sizes[-1], x, row, latents), row, latents)

    def _picture(self, x: Tensor, row: int, latents: Tensor) -> Tensor:
        x = x * self.head_style(latents[:, -1])[:, :, None, None]
        return inverse_haar(per_pixel(self.head, x).permute(0, 3, 1, 2))

    def _climb(self, x: Tensor, latents: Tensor, start: int, end: int) -> Tensor:
        for size in (size for size in self.sizes if start < size <= end):
            x = pieces.run(partial(self._octave, size), x, latents)
        return x
