"""A generator of codes: a latent is laid out as a code along the axes of the pictures' own codes; a decoder shows it.

The codes of pictures framed alike, or of scenes, lie near a flat space of some hundred dimensions (Turk and Pentland
1991, "Eigenfaces for Recognition", for codes in place of pixels), which is measured in seconds. What is flat about it
shows far from the pictures only: convolutions bend a code of that space to one that a picture might have, and the
decoder knows from the pictures themselves what a code leaves out (see `autoencoder`). The way back is as direct: a
picture's code, read off along the same axes. What goes together in a picture that nobody took, a flow of the latents
knows (`Places`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.family import Drawing, Family, Generator, Tensors
from engine.model.networks.autoencoder import (
    CODE,
    STRIDE,
    WIDTHS,
    Block,
    CodeDecoder,
    CodeEncoder,
    EdgedConv,
    patch_critic,
)
from engine.model.networks.clouds import Clouds, class_of, edges_of
from engine.model.networks.flow import Velocity, flown
from engine.model.networks.scaled import ScaledConv, leaky

LATENT = 512

FAR = 192
"""Features of a code at half its size."""

AWAY = 0.4
"""How much further a latent goes the way in which the flow differs from one between two Gaussians that are alike.

That one is known without teaching, and lays out every trait by itself: a worse model to be guided away from (Karras et
al. 2024, "Guiding a Diffusion Model with a Bad Version of Itself").
"""

ROUGH = 8
"""Numbers of noise at a code's place."""

FILTERS, REACH = 8, 7
"""Of the noise at a picture's own side, and pixels of a filter's side."""

GRAINY = 0.5
"""How much of its grain a picture is given that stands alone, at most: a critic of patches likes more of it than people
do. Where the pictures themselves are less rough, their training makes the grain fainter.
"""


class Lying(Drawing):
    """Draws latents as wide as those of the pictures lie, of each class by itself. shares: of the classes."""

    def __init__(self, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.width = LATENT + bool(shares)
        self.clouds = Clouds(max(1, len(shares)), LATENT)
        if shares:
            self.register_buffer("edges", edges_of(shares))

    def forward(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        """Bxwidth, standard normal -> BxLATENT.

        With classes, z has one number more, whose place among the quantiles of the shares says the class; `classes`
        (B whole numbers) says it instead.
        """
        if self.width == LATENT:
            return self.clouds(z)
        return self.clouds(z[:, :-1], self.told(z, classes))

    def told(self, z: Tensor, classes: Tensor | None) -> Tensor | None:
        """Which class each of z is of; None where there are none."""
        if self.width == LATENT or classes is not None:
            return classes
        return class_of(z[:, -1], cast(Tensor, self.edges))


class Places(Drawing):
    """Draws latents whose traits go together as they do in the pictures. side: of a code.

    A Gaussian as wide as the pictures' latents lays out every trait by itself, and what comes of it is a heap of
    strokes. From there they flow to where latents of pictures lie (see `flow`), as codes, whose places have neighbours.
    axes: those of the synthesis. What lies half way to the mean shows fog.
    """

    axes: Tensor
    centred = False

    def __init__(self, side: int, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.lying = Lying(shares)
        self.width = self.lying.width
        self.velocity = Velocity(CODE, side, len(shares))
        self.register_buffer("axes", torch.eye(LATENT, CODE * side**2))
        self.side = side

    @property
    def wide(self) -> Drawing:
        """Of every trait by itself."""
        return self.lying

    def forward(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        """As `Lying`."""
        told = self.lying.told(z, classes)
        return flown(self.lying(z, told), lambda latents, times: self._along(latents, times, told))

    def _along(self, latents: Tensor, times: Tensor, told: Tensor | None) -> Tensor:
        """Where to, and further from where a Gaussian that kept its traits apart would go."""
        along = self.velocity(self.laid(latents), times, told).flatten(1) @ self.axes.T
        mean, now = self.lying.clouds.mean[0 if told is None else told], times[:, None]
        kept = (2 * now - 1) / (now.square() + (1 - now).square()) * (latents - mean)
        guided: Tensor = along + AWAY * (along - kept)
        return guided

    def laid(self, latents: Tensor) -> Tensor:
        """BxLATENT -> BxCODExSxS: a code, but for the pictures' mean."""
        codes = (latents @ self.axes).reshape(len(latents), CODE, self.side, self.side)
        return codes.contiguous(memory_format=torch.channels_last)


class Bend(nn.Module):
    """BxCODExhxw -> the same: a code of a flat space to one that a picture might have; a new one changes nothing.

    It sees the code at half its size too, and there most of it at once: h and w are even. A flat code is smooth, and
    all that convolutions alone can make of what is smooth is a pattern that repeats; so it is given noise too (Karras
    et al. 2019, "A Style-Based Generator Architecture for GANs"), which by itself did not end such patterns: see Grain.
    """

    def __init__(self) -> None:
        super().__init__()
        fine = WIDTHS[0]
        self.entry, self.first = EdgedConv(CODE + ROUGH, fine), Block(fine)
        self.down, self.up = ScaledConv(4 * fine, FAR, 1), ScaledConv(FAR, fine, 1)
        self.far = nn.Sequential(Block(FAR), Block(FAR))
        self.second, self.last = Block(fine), EdgedConv(fine, CODE)
        nn.init.zeros_(self.last.weight)

    def forward(self, code: Tensor, rough: Tensor) -> Tensor:
        """What it adds, and the code. rough: BxROUGHxhxw, standard normal."""
        x = self.first(leaky(self.entry(torch.cat([code, rough], dim=1))))
        far = self.up(self.far(leaky(self.down(F.pixel_unshuffle(x, 2)))))
        far = F.interpolate(far, scale_factor=2, mode="bilinear", align_corners=False)
        bent: Tensor = code + self.last(self.second((x + far) * 0.5**0.5))
        return bent


class Grain(nn.Module):
    """Features of a decoder at half a picture's side, and noise of its side -> what is added to the picture.

    Noise through a few filters, each as strong, in each colour, as the features say for that place: it is as fine as
    the picture, it has no mean and no period (compare the film grain of AV1: Norkin and Birkbeck 2018). A new one adds
    nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.Parameter(torch.randn(FILTERS, 1, REACH, REACH) / REACH)
        self.strength = EdgedConv(WIDTHS[-1], 3 * FILTERS)
        nn.init.zeros_(self.strength.weight)

    def forward(self, features: Tensor, noise: Tensor) -> Tensor:
        """BxWIDTHS[-1]xhxw, Bx1x2hx2w -> Bx3x2hx2w."""
        strength = F.interpolate(self.strength(features), scale_factor=2, mode="bilinear", align_corners=False)
        filtered = F.conv2d(F.pad(noise, (REACH // 2,) * 4, mode="reflect"), self.filters)
        return (strength.unflatten(1, (3, FILTERS)) * filtered[:, None]).sum(dim=2)


class CodedSynthesis(nn.Module):
    """Bx1xLATENT -> Bx3xSxS in about [-1, 1]. mean [N] and orthonormal axes [LATENT, N] of the pictures' codes."""

    mean: Tensor
    axes: Tensor
    rough: Tensor
    noise: Tensor
    bend: Bend
    decoder: CodeDecoder
    grain: Grain

    def __init__(self, size: int) -> None:
        super().__init__()
        self.side = size // STRIDE
        count = CODE * self.side**2
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("axes", torch.eye(LATENT, count))
        self.register_buffer("rough", torch.randn(1, ROUGH, self.side, self.side))
        self.register_buffer("noise", torch.randn(1, 1, size, size))
        self.bend, self.decoder, self.grain = Bend(), CodeDecoder(), Grain()

    def forward(self, latents: Tensor) -> Tensor:
        """Without grain, of which a photo has its own; the same latent is the same picture."""
        picture: Tensor = self.decoder(self.settled(latents))
        return picture

    def settled(self, latents: Tensor) -> Tensor:
        """The code, always with the same noise."""
        return self.code(latents, self.rough.expand(len(latents), -1, -1, -1))

    def shown(self, code: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """A code or a part of it, BxCODExhxw, with noise Bx1x8hx8w -> the picture and its grain, Bx3x8hx8w each."""
        features = self.decoder.features(code)
        return self.decoder.shown(features), self.grain(features, noise)

    def code(self, latents: Tensor, rough: Tensor) -> Tensor:
        """Bx1xLATENT, and noise BxROUGHxS/8xS/8 -> BxCODExS/8xS/8."""
        bent: Tensor = self.bend(self.flat(latents), rough)
        return bent

    def flat(self, latents: Tensor) -> Tensor:
        """The same, before it is bent."""
        flat = (self.mean + latents[:, 0] @ self.axes).reshape(len(latents), CODE, self.side, self.side)
        return flat.contiguous(memory_format=torch.channels_last)

    def read(self, code: Tensor) -> Tensor:
        """BxCODExhxw -> Bx1xLATENT: where along the axes it lies."""
        return ((code.flatten(1) - self.mean) @ self.axes.T)[:, None]


class CodedGenerator(Generator):
    """Where latents lie, and what they show. shares: of the classes among the pictures, if there are any."""

    mapping: Places
    synthesis: CodedSynthesis

    def __init__(self, size: int = 128, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.mapping, self.synthesis = Places(size // STRIDE, shares), CodedSynthesis(size)
        self.size, self.layers = size, 1

    def forward(self, latents: Tensor) -> Tensor:
        """Bx1xLATENT -> Bx3xSxS."""
        picture: Tensor = self.synthesis(latents)
        return picture

    def whole(self, latents: Tensor) -> Tensor:
        """With grain, always from the same noise."""
        synthesis = self.synthesis
        picture, grain = synthesis.shown(synthesis.settled(latents), synthesis.noise.expand(len(latents), -1, -1, -1))
        return picture + GRAINY * grain


class Reading(nn.Module):
    """Bx3xSxS in [-1, 1] -> whitened coordinates of the latent that shows it: shared Bx1xK, and own, nought.

    matrix [N, K], offset [K]: from a picture's code to these coordinates.
    """

    matrix: Tensor
    offset: Tensor

    def __init__(self, size: int, coordinates: int) -> None:
        super().__init__()
        self.size, self.encoder = size, CodeEncoder()
        count = CODE * (size // STRIDE) ** 2
        self.register_buffer("matrix", torch.zeros(count, coordinates))
        self.register_buffer("offset", torch.zeros(coordinates))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Of any square size."""
        small = F.interpolate(pictures, size=(self.size, self.size), mode="area")
        shared = (self.encoder(small).flatten(1) @ self.matrix + self.offset)[:, None]
        return shared, torch.zeros_like(shared)

    @torch.no_grad()
    def suit(self, synthesis: CodedSynthesis, mean: Tensor, basis: Tensor) -> None:
        """Read latents of that generator in the coordinates of that mean (W) and basis (KxW)."""
        whiten = (basis / basis.square().sum(dim=1, keepdim=True)).T
        self.matrix.copy_(synthesis.axes.T @ whiten)
        self.offset.copy_(-(synthesis.mean @ synthesis.axes.T + mean) @ whiten)


def reading(generator: Generator, coordinates: int, tensors: Tensors) -> Reading:
    """One for that generator."""
    return Reading(generator.size, coordinates)


FAMILY = Family("coded", "coded", CodedGenerator, patch_critic, reading, classed=True, least=64)
