"""A reader beside the contest: real pictures are read into latents, and the generator has to show them again.

Taught by a critic alone, a generator soon finds one arrangement that passes and goes on recolouring it, for longer than
a processor can be waited for. So it begins as the decoder of a variational autoencoder (Kingma and Welling 2014), with
no critic at all: within minutes it has as many arrangements as there are pictures. Then the critic is faded in, and
half of what is made are still real pictures that are to be shown again, as in VAE/GAN (Larsen et al. 2016). What is
read is a small Gaussian cloud, whose divergence from the standard normal is paid for; random latents are drawn from
where all that is read lies (engine.model.networks.clouds), so that they are as good as read ones.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.style_generator import LATENT, StyleGenerator

PIXELS = 4.0
"""Weight of the squared error beside the features' distance, which sees shapes before it sees colours."""

BETA = 1e-3
"""What one nat of divergence costs, in units of that distance."""

STRIDE = 8
"""Pixels from one place that the deepest features look at to the next."""

SPREAD = -2.0
"""Logarithm of an untaught cloud's variance: narrow enough to be read at once."""


class Reader:
    """encoder: Bx3xSxS to the mean and the logarithm of the variance of each number of a picture's cloud."""

    def __init__(self, generator: StyleGenerator) -> None:
        self.encoder = PictureEncoder(1, 2 * LATENT)
        self.encoder.features.load_state_dict(Features.load().network.state_dict())
        self.encoder.to(next(generator.parameters()).device).to(memory_format=torch.channels_last)
        self.parameters = [p for p in self.encoder.parameters() if p.requires_grad]

    def restore(self, state: dict[str, Tensor]) -> None:
        """As it was; also where the program's own features have become others since."""
        self.encoder.features = compact_like(state).to(self.parameters[0].device).requires_grad_(False)
        self.encoder.load_state_dict(state)

    def read(self, pictures: Tensor, generator: StyleGenerator, random: torch.Generator, told: Tensor | None = None,
             ) -> tuple[Tensor, Tensor]:
        """Bx3xSxS -> latents drawn from their clouds, BxLxW, and what the clouds cost, a scalar. told: their classes.

        Notes where they lie. random: on the processor.
        """
        shared, _ = self.encoder(pictures)
        mean, spread = shared[:, 0].chunk(2, dim=1)
        spread = spread + SPREAD
        z = drawn_from(mean, spread, random)
        generator.mapping.clouds.note(z.detach(), told)
        styles = generator.mapping.styled(z, told)
        return styles[:, None].expand(-1, generator.layers, -1), BETA * divergence(mean, spread).mean()

    def slope(self, made: Tensor, real: Tensor, random: torch.Generator) -> tuple[Tensor, float]:
        """The slope at what was made of real pictures, Bx3xSxS each, of how far it is from them; and how far.

        random: both are shifted by it, round the border: features look every few pixels, and a generator that knew
        where would hide a grid between.
        """
        features = Features(self.encoder.features)
        shift = torch.randint(STRIDE, (2,), generator=random).tolist()
        with torch.no_grad():
            goal = features(real.roll(shift, (2, 3)))
        shown = made.detach().requires_grad_()
        far = features.to_goal(shown.roll(shift, (2, 3)), goal).mean() + PIXELS * F.mse_loss(shown, real)
        (slope,) = torch.autograd.grad(far, shown)
        return slope, float(far.detach())


def divergence(mean: Tensor, spread: Tensor) -> Tensor:
    """B nats: of Gaussians, mean and logarithm of variance BxK each, from the standard normal one."""
    return 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(dim=1)


def drawn_from(mean: Tensor, spread: Tensor, random: torch.Generator) -> Tensor:
    """BxK from Gaussians, mean and logarithm of variance BxK each. random: on the processor."""
    return mean + torch.randn(mean.shape, generator=random).to(mean.device) * (spread / 2).exp()
