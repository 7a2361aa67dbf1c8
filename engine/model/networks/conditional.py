"""A generator whose inputs mean something: class, view, and what was done to the picture.

After Dosovitskiy et al. 2015, "Learning to Generate Chairs with Convolutional Neural Networks": each input is read by
its own layer, what they say is joined and drawn up to a picture, and a second head draws the mask that cuts the thing
out of its ground. What no input says - which of its class it is - is a code that every thing has its own of, learned
along with the network (Bojanowski et al. 2018, "Optimizing the Latent Space of Generative Networks").

A latent is the inputs themselves in a single layer, each in steps of its slider, so that to slide is to set an input
and to project is to find all of them. Angles go round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.family import Drawing, Family, Generator, Way
from engine.model.networks.clouds import class_of, edges_of
from engine.model.networks.scaled import ScaledConv, ScaledLinear, leaky

CHANNELS = {4: 128, 8: 64, 16: 48, 32: 24, 64: 12, 128: 8, 256: 8}
SMALLEST = 4
KIND, CODE = 8, 24
"""Numbers that tell the class, and the thing within its class."""

READ, JOINED = 64, 256


@dataclass(frozen=True)
class Input:
    """One input. unit: what one step of it is; about: of angles, steps once around, 0 for others. drawn: its spread in
    samples, in steps; limit: steps of its slider either way."""

    name: str
    tip: str
    unit: float
    limit: float
    drawn: float
    about: float = 0.0


VIEW = (
    Input("Turn", "Walk around it", 45.0, 4.0, 2.0, about=8.0),
    Input("Look from above", "From its side to its top", 22.5, 4.0, 0.8),
)
CHANGES = (
    Input("Rotate", "Turned in the picture, to the right", 10.0, 3.0, 0.4, about=36.0),
    Input("Right", "Moved to the right, or to the left", 0.05, 3.0, 0.4),
    Input("Down", "Moved down, or up", 0.05, 3.0, 0.4),
    Input("Larger", "Nearer, or further away", 0.1, 3.0, 0.4),
    Input("Wider", "Stretched sideways, or upwards", 0.08, 3.0, 0.3),
    Input("Hue", "All colours around the wheel", 30.0, 6.0, 0.2, about=12.0),
    Input("Saturation", "Stronger colours, or paler", 0.2, 3.0, 0.4),
    Input("Brightness", "Lighter, or darker", 0.1, 3.0, 0.4),
)
"""Degrees, shares of the side, logarithms of sizes and of saturation, and of brightness shares of the whole."""

INPUTS = (*VIEW, *CHANGES)
WIDTH = KIND + len(INPUTS) + CODE
FIRST = KIND
"""Place of the first input in a latent; before it is the class, after the inputs the code."""


class Things(Drawing):
    """Draws latents: a class's numbers, a view, slight changes, and a code as the things of that class have them."""

    means: Tensor
    axes: Tensor
    edges: Tensor

    def __init__(self, shares: Sequence[float] = ()) -> None:
        super().__init__()
        count = max(len(shares), 1)
        self.width = 1 + len(INPUTS) + CODE
        self.classes = nn.Embedding(count, KIND)
        self.register_buffer("means", torch.zeros(count, CODE))
        self.register_buffer("axes", torch.eye(CODE).repeat(count, 1, 1))
        self.register_buffer("edges", edges_of(shares))

    def forward(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        """BxN, standard normal -> BxW; the first number says the class where `classes` (B) does not."""
        told = class_of(z[:, 0], self.edges) if classes is None else classes
        spread = torch.tensor([each.drawn for each in INPUTS], dtype=z.dtype)
        inputs = z[:, 1:1 + len(INPUTS)] * spread
        code = self.means[told] + torch.einsum("bc,bcd->bd", z[:, -CODE:], self.axes[told])
        return torch.cat([self.classes(told), inputs, code], dim=1)

    @torch.no_grad()
    def fit(self, codes: Tensor, kinds: Tensor) -> None:
        """Draw codes as those are: NxCODE, of things of N classes."""
        for kind in range(len(self.means)):
            own = codes[kinds == kind]
            if not len(own):
                continue
            covariance = torch.cov(own.T.double(), correction=0).reshape(CODE, CODE) + 1e-4 * torch.eye(CODE)
            values, vectors = torch.linalg.eigh(covariance)
            self.means[kind] = own.mean(dim=0)
            self.axes[kind] = (vectors * values.clamp(min=0).sqrt()).T


class Drawer(nn.Module):
    """Bx1xW -> Bx3xSxS in about [-1, 1], or with the mask."""

    def __init__(self, size: int) -> None:
        super().__init__()
        sizes = [SMALLEST << n for n in range(int(math.log2(size // SMALLEST)) + 1)]
        self.kind, self.view = ScaledLinear(KIND, READ), ScaledLinear(2 * len(VIEW) + 1, READ)
        self.change, self.code = ScaledLinear(len(CHANGES) + 2, READ), ScaledLinear(CODE, 2 * READ)
        self.join = ScaledLinear(5 * READ, JOINED)
        self.start = ScaledLinear(JOINED, CHANNELS[SMALLEST] * SMALLEST**2)
        pairs = zip([SMALLEST, *sizes[:-1]], sizes, strict=True)
        self.convs = nn.ModuleList(ScaledConv(CHANNELS[i], CHANNELS[o]) for i, o in pairs)
        self.again = nn.ModuleList(ScaledConv(CHANNELS[side], CHANNELS[side]) for side in sizes)
        self.color, self.outline = ScaledConv(CHANNELS[size], 3, 1), ScaledConv(CHANNELS[size], 1, 1)

    def forward(self, latents: Tensor) -> Tensor:
        """The picture: the thing before a white ground."""
        picture: Tensor = self.color(self._drawn(latents))
        return picture

    def both(self, latents: Tensor) -> tuple[Tensor, Tensor]:
        """The picture, and Bx1xSxS whose sigmoid is the mask."""
        drawn = self._drawn(latents)
        return self.color(drawn), self.outline(drawn)

    def _drawn(self, latents: Tensor) -> Tensor:
        kind, view, change, code = latents[:, 0].split([KIND, len(VIEW), len(CHANGES), CODE], dim=1)
        said = [self.kind(kind), self.view(around(view, VIEW)), self.change(around(change, CHANGES)), self.code(code)]
        joined = leaky(self.join(leaky(torch.cat(said, dim=1))))
        x = leaky(self.start(joined)).reshape(len(latents), -1, SMALLEST, SMALLEST)
        x = x.contiguous(memory_format=torch.channels_last)
        for place, (conv, again) in enumerate(zip(self.convs, self.again, strict=True)):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False) if place else x
            x = leaky(conv(x))
            x = (x + leaky(again(x))) * 0.5**0.5
        return x


def around(values: Tensor, inputs: Sequence[Input]) -> Tensor:
    """BxI in steps -> BxI': an angle by sine and cosine, the view's also by those of twice it."""
    parts = []
    for place, each in enumerate(inputs):
        value = values[:, place]
        if not each.about:
            parts.append(value)
            continue
        angle = value * (2 * math.pi / each.about)
        parts += [angle.sin(), angle.cos()]
        if each is VIEW[0]:
            parts += [(2 * angle).sin(), (2 * angle).cos()]
    return torch.stack(parts, dim=1)


class ConditionalGenerator(Generator):
    """The network and what draws its inputs."""

    mapping: Things
    synthesis: Drawer

    def __init__(self, size: int = 64, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.size, self.layers = size, 1
        self.mapping, self.synthesis = Things(shares), Drawer(size)

    def forward(self, latents: Tensor) -> Tensor:
        """The picture of each latent."""
        picture: Tensor = self.synthesis(latents)
        return picture

    def cut(self, latents: Tensor) -> Tensor:
        """Bx1xSxS in 0..1: the mask."""
        return self.synthesis.both(latents)[1].sigmoid()

    def ways(self) -> tuple[Way, ...]:
        """A slider for each input."""
        rows = torch.eye(WIDTH)[FIRST:FIRST + len(INPUTS)]
        return tuple(Way(each.name, each.tip, row, each.limit) for each, row in zip(INPUTS, rows, strict=True))


FAMILY = Family("conditional", "conditional", ConditionalGenerator, classed=True)
