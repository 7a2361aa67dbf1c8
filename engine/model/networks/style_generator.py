"""A small style-based generator for one's own pictures, 64 to 256 pixels.

After Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN": a short mapping takes z to a style w;
every convolution's input channels are scaled by its own layer's style and its output channels brought back to unit
variance (demodulation); each octave adds its share to an RGB picture. Scaling activations in place of weights is the
same arithmetic and leaves one ordinary convolution for the whole batch, which processors do best. There is no noise:
the same latent is the same picture. A picture may be taken after any octave, so that training can grow from small
pictures to large ones.

Where the pictures are of several classes, a learned vector of the class is joined to z before the mapping, so that a
style knows its class and nothing after it need be told (Karras et al. 2020, "Training Generative Adversarial Networks
with Limited Data", do the same).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.family import Drawing, Family, Generator
from engine.model.networks.clouds import Clouds, class_of, edges_of
from engine.model.networks.critic import critic_like
from engine.model.networks.scaled import ScaledConv, ScaledLinear, leaky

CHANNELS = {4: 192, 8: 160, 16: 96, 32: 48, 64: 24, 128: 12, 256: 8}
"""Features at each size: the work of an octave is about the same at every size."""

STYLE_WIDTH = 128
LATENT = 64
PALE = 0.25
"""How strongly an untrained octave colours the picture: together they stay within its range."""
SMALLEST = 4


class Mapping(Drawing):
    """Two fully connected layers from the Gaussian z to the style w. shares: of each class among the pictures."""

    def __init__(self, width: int = STYLE_WIDTH, depth: int = 2, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.width = LATENT + bool(shares)
        self.clouds = Clouds(max(1, len(shares)), LATENT)
        if shares:
            self.classes = nn.Embedding(len(shares), LATENT)
            self.register_buffer("edges", edges_of(shares))
        inputs = LATENT * (2 if shares else 1)
        self.layers = nn.ModuleList(ScaledLinear(i, width) for i in (inputs, *[width] * (depth - 1)))

    def forward(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        """Bxwidth, standard normal -> BxW styles.

        With classes, z has one number more, whose place among the quantiles of the shares says the class; `classes`
        (B whole numbers) says it instead.
        """
        if not self.classed:
            return self.styled(self.clouds(z))
        told = class_of(z[:, -1], cast(Tensor, self.edges)) if classes is None else classes
        return self.styled(self.clouds(z[:, :-1], told), told)

    def styled(self, z: Tensor, told: Tensor | None = None) -> Tensor:
        """BxLATENT out of the clouds, and B classes where there are any -> BxW styles."""
        x = _unit(z) if told is None else torch.cat([_unit(z), _unit(self.classes(told))], dim=1)
        for layer in self.layers:
            x = leaky(layer(x))
        return x

    @property
    def classed(self) -> bool:
        """Whether it knows classes."""
        return hasattr(self, "classes")


def _unit(x: Tensor) -> Tensor:
    """Rows of mean square one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


class StyledConv(nn.Module):
    """A 3x3 convolution modulated by a style; RGB heads are 1x1 and neither demodulated nor bent."""

    def __init__(self, inputs: int, outputs: int, width: int, rgb: bool = False) -> None:
        super().__init__()
        self.style = ScaledLinear(width, inputs, start=1.0)
        self.conv = ScaledConv(inputs, outputs, 1 if rgb else 3)
        self.rgb = rgb
        if rgb:
            nn.init.normal_(self.conv.weight, std=PALE)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """BxIxHxW, BxW -> BxOxHxW."""
        scales = self.style(style)
        weight = self.conv.weight * self.conv.scale
        y = F.conv2d(x * scales[:, :, None, None], weight, padding=self.conv.padding)
        if self.rgb:
            return y + self.conv.bias[:, None, None]
        power = scales.square() @ weight.square().sum(dim=(2, 3)).T
        return leaky(y * torch.rsqrt(power + 1e-8)[:, :, None, None] + self.conv.bias[:, None, None])


class Octave(nn.Module):
    """Doubles the size (the first one does not), convolves, and says what it adds to the picture."""

    def __init__(self, inputs: int, outputs: int, width: int, first: bool) -> None:
        super().__init__()
        sizes = (inputs,) if first else (inputs, outputs)
        self.first = first
        self.convs = nn.ModuleList(StyledConv(i, outputs, width) for i in sizes)
        self.rgb = StyledConv(outputs, 3, width, rgb=True)

    @property
    def layers(self) -> int:
        """Styles it takes."""
        return len(self.convs)

    def forward(self, x: Tensor, styles: Tensor) -> tuple[Tensor, Tensor]:
        """BxIxHxW and its layers' styles -> features BxOx2Hx2W and picture Bx3x2Hx2W."""
        x = x if self.first else doubled(x)
        for index, conv in enumerate(self.convs):
            x = conv(x, styles[:, index])
        return x, self.rgb(x, styles[:, -1])


class Synthesis(nn.Module):
    """BxLxW styles -> Bx3xSxS in about [-1, 1]."""

    def __init__(self, size: int, width: int, channels: dict[int, int]) -> None:
        super().__init__()
        sizes = [SMALLEST << n for n in range(int(math.log2(size // SMALLEST)) + 1)]
        self.size = size
        self.start = nn.Parameter(torch.randn(1, channels[SMALLEST], SMALLEST, SMALLEST))
        inputs = [channels[SMALLEST], *(channels[side] for side in sizes[:-1])]
        self.octaves = nn.ModuleList(
            Octave(i, channels[side], width, side == SMALLEST) for i, side in zip(inputs, sizes, strict=True))
        self.layers = sum(cast(Octave, octave).layers for octave in self.octaves)

    def forward(self, latents: Tensor, size: int | None = None, blend: float = 1.0) -> Tensor:
        """size: of the picture, by default the whole one. blend: 0..1, how far its last octave is faded in."""
        x = self.start.expand(len(latents), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        picture, used = None, 0
        for octave in self.octaves:
            layers = cast(Octave, octave).layers
            x, added = octave(x, latents[:, used:used + layers])
            used += layers
            last = x.shape[-1] == (size or self.size)
            picture = added if picture is None else doubled(picture) + (blend * added if last else added)
            if last:
                break
        assert picture is not None
        return picture


class StyleGenerator(Generator):
    """Mapping and synthesis together: what is trained. shares: of the classes among the pictures, if there are any."""

    mapping: Mapping

    def __init__(self, size: int = 64, shares: Sequence[float] = (), width: int = STYLE_WIDTH,
                 channels: dict[int, int] | None = None) -> None:
        super().__init__()
        self.mapping = Mapping(width, shares=shares)
        self.synthesis = Synthesis(size, width, channels or CHANNELS)
        self.size, self.layers = size, self.synthesis.layers

    def forward(self, latents: Tensor, size: int | None = None, blend: float = 1.0) -> Tensor:
        """As Synthesis: BxLxW -> Bx3xSxS, or as small as `size`, its last octave faded in by `blend`."""
        picture: Tensor = self.synthesis(latents, size, blend)
        return picture


FAMILY = Family("style", "adversarial", StyleGenerator, critic_like, classed=True)


def doubled(x: Tensor) -> Tensor:
    """Twice the size, linearly."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
