"""A variational autoencoder for one's own pictures: Kingma and Welling 2014, "Auto-Encoding Variational Bayes".

A picture is recognised as a small Gaussian cloud in a latent space of few numbers, and decoded from a point of it. Its
latent is a single layer, smooth everywhere, so that the plane of its leading axes is a map to walk on. What the
training pictures occupy of the space is measured when it is taught: `mapping` draws from that cloud in place of the
prior.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.family import Drawing, Family, Generator, Tensors
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.scaled import ScaledConv, ScaledLinear, leaky

LATENT = 32
CHANNELS = {4: 192, 8: 160, 16: 96, 32: 48, 64: 24, 128: 12, 256: 8}
SMALLEST = 4


class Cloud(Drawing):
    """A Gaussian: standard normal z -> mean + z @ axes. The prior until `fit`."""

    mean: Tensor
    axes: Tensor

    def __init__(self, width: int = LATENT) -> None:
        super().__init__()
        self.width = width
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("axes", torch.eye(width))

    def forward(self, z: Tensor) -> Tensor:
        """BxK -> BxK."""
        return self.mean + z @ self.axes

    @torch.no_grad()
    def fit(self, mean: Tensor, covariance: Tensor) -> None:
        """The Gaussian of that mean (K) and covariance (KxK).

        Its axes are the symmetric root: of a cloud that changes a little the same z is nearly the same place.
        """
        variance, axes = torch.linalg.eigh(covariance.double())
        self.mean.copy_(mean)
        self.axes.copy_((axes * variance.clamp(min=0).sqrt()) @ axes.T)


class Decoder(nn.Module):
    """Bx1xK -> Bx3xSxS in about [-1, 1]: from 4x4, doubled and convolved."""

    def __init__(self, size: int, width: int = LATENT) -> None:
        super().__init__()
        sizes = [SMALLEST << n for n in range(int(math.log2(size // SMALLEST)) + 1)]
        self.start = ScaledLinear(width, CHANNELS[SMALLEST] * SMALLEST**2)
        pairs = zip([SMALLEST, *sizes[:-1]], sizes, strict=True)
        self.convs = nn.ModuleList(ScaledConv(CHANNELS[i], CHANNELS[o]) for i, o in pairs)
        self.again = nn.ModuleList(ScaledConv(CHANNELS[side], CHANNELS[side]) for side in sizes)
        self.color = ScaledConv(CHANNELS[size], 3, 1)

    def forward(self, latents: Tensor) -> Tensor:
        """No noise: the same latent is the same picture."""
        x = leaky(self.start(latents[:, 0])).reshape(len(latents), -1, SMALLEST, SMALLEST)
        x = x.contiguous(memory_format=torch.channels_last)
        for place, (conv, again) in enumerate(zip(self.convs, self.again, strict=True)):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False) if place else x
            x = leaky(conv(x))
            x = (x + leaky(again(x))) * 0.5**0.5
        picture: Tensor = self.color(x)
        return picture


class VAEGenerator(Generator):
    """The decoder, and the cloud that latents are drawn from. It is told no classes."""

    mapping: Cloud

    def __init__(self, size: int = 64, shares: Sequence[float] = ()) -> None:
        super().__init__()
        self.size, self.layers = size, 1
        self.mapping, self.synthesis = Cloud(), Decoder(size)

    def forward(self, latents: Tensor) -> Tensor:
        """The picture of each latent."""
        picture: Tensor = self.synthesis(latents)
        return picture


class Recognition(nn.Module):
    """Bx3xSxS in [-1, 1] -> the mean of the picture's cloud, as whitened coordinates: shared Bx1xK and own, nought.

    look: the encoder of mean and logarithm of variance. mean, whiten: to the coordinates of the cloud of all pictures.
    """

    mean: Tensor
    whiten: Tensor

    def __init__(self, coordinates: int = LATENT, features: CompactVGG | None = None) -> None:
        super().__init__()
        self.look = PictureEncoder(1, 2 * LATENT, features)
        self.register_buffer("mean", torch.zeros(LATENT))
        self.register_buffer("whiten", torch.eye(LATENT)[:, :coordinates].contiguous())

    def clouds(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of variance, BxK each."""
        shared, _ = self.look(pictures)
        mean, spread = shared[:, 0].chunk(2, dim=1)
        return mean, spread - 2

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """As an encoder of one layer."""
        mean, _ = self.clouds(pictures)
        shared = ((mean - self.mean) @ self.whiten)[:, None]
        return shared, torch.zeros_like(shared)

    @torch.no_grad()
    def suit(self, mean: Tensor, basis: Tensor) -> None:
        """Answer in the coordinates of that mean (K) and basis (CxK)."""
        self.mean = mean.clone()
        self.whiten = (basis / basis.square().sum(dim=1, keepdim=True)).T.contiguous()


def recognition(generator: Generator, coordinates: int, tensors: Tensors) -> Recognition:
    """One of the shape that those tensors have."""
    return Recognition(coordinates, compact_like(tensors, "look.features."))


FAMILY = Family("vae", "vae", VAEGenerator, encoder=recognition)
