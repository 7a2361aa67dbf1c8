"""A generator of codes: a latent is laid out as a code along the axes of the pictures' own codes; a decoder shows it.

The codes of pictures framed alike, or of scenes, lie near a flat space of some hundred dimensions (Turk and Pentland
1991, "Eigenfaces for Recognition", for codes in place of pixels), which is measured in seconds. What is flat about it
shows far from the pictures only: a few convolutions bend a code of that space to one that a picture might have, and the
decoder knows from the pictures themselves what a code leaves out (see `autoencoder`). The way back is as direct: a
picture's code, read off along the same axes.
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
from engine.model.networks.scaled import leaky

LATENT = 512


class Places(Drawing):
    """Draws latents from where those of the pictures lie, of each class by itself. shares: of the classes."""

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
        told = class_of(z[:, -1], cast(Tensor, self.edges)) if classes is None else classes
        return self.clouds(z[:, :-1], told)


class CodedSynthesis(nn.Module):
    """Bx1xLATENT -> Bx3xSxS in about [-1, 1]. mean [N] and orthonormal axes [LATENT, N] of the pictures' codes."""

    mean: Tensor
    axes: Tensor
    bent: nn.ModuleList
    decoder: CodeDecoder

    def __init__(self, size: int) -> None:
        super().__init__()
        self.side = size // STRIDE
        count = CODE * self.side**2
        self.register_buffer("mean", torch.zeros(count))
        self.register_buffer("axes", torch.eye(LATENT, count))
        self.bent = nn.ModuleList([EdgedConv(CODE, WIDTHS[0]), Block(WIDTHS[0]), EdgedConv(WIDTHS[0], CODE)])
        nn.init.zeros_(cast(EdgedConv, self.bent[2]).weight)
        self.decoder = CodeDecoder()

    def forward(self, latents: Tensor) -> Tensor:
        """No noise: the same latent is the same picture."""
        picture: Tensor = self.decoder(self.code(latents))
        return picture

    def code(self, latents: Tensor) -> Tensor:
        """Bx1xLATENT -> BxCODExS/8xS/8."""
        flat = (self.mean + latents[:, 0] @ self.axes).reshape(len(latents), CODE, self.side, self.side)
        flat = flat.contiguous(memory_format=torch.channels_last)
        entry, block, last = self.bent
        bent: Tensor = flat + last(block(leaky(entry(flat))))
        return bent

    def read(self, code: Tensor) -> Tensor:
        """BxCODExhxw -> Bx1xLATENT: where along the axes it lies."""
        return ((code.flatten(1) - self.mean) @ self.axes.T)[:, None]


class CodedGenerator(Generator):
    """Where latents lie, and what they show. shares: of the classes among the pictures, if there are any."""

    mapping: Places
    synthesis: CodedSynthesis

    def __init__(self, size: int = 128, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.mapping, self.synthesis = Places(shares), CodedSynthesis(size)
        self.size, self.layers = size, 1

    def forward(self, latents: Tensor) -> Tensor:
        """Bx1xLATENT -> Bx3xSxS."""
        picture: Tensor = self.synthesis(latents)
        return picture


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
