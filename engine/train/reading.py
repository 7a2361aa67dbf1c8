"""A reader beside the contest: real pictures are read into latents, and the generator has to show them again.

Taught by a critic alone, a generator soon finds one arrangement that passes and goes on recolouring it, for longer than
a processor can be waited for. So half of what it makes are real pictures that it is to show again, as in VAE/GAN
(Larsen et al. 2016): within minutes it has as many arrangements as there are pictures. Latents lie on a sphere, random
ones as well as read ones; what is read is spread evenly over it (uniformity: Wang and Isola 2020), so that a random
place is as good as a read one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.style_generator import StyleGenerator

PIXELS = 1.5
EVEN = 1.0
"""Weights of the squared error beside the features' distance, and of evenness."""


class Reader:
    """encoder: BxCxSxS to a direction of as many numbers as the generator's mapping takes, but for a class."""

    def __init__(self, generator: StyleGenerator) -> None:
        self._classed = bool(generator.mapping.classed)
        self.encoder = PictureEncoder(1, generator.mapping.width - int(self._classed))
        self.encoder.features.load_state_dict(Features.load().network.state_dict())
        self.encoder.to(next(generator.parameters()).device).to(memory_format=torch.channels_last)
        self.parameters = [p for p in self.encoder.parameters() if p.requires_grad]

    def restore(self, state: dict[str, Tensor]) -> None:
        """As it was; also where the program's own features have become others since."""
        self.encoder.features = compact_like(state).to(self.parameters[0].device).requires_grad_(False)
        self.encoder.load_state_dict(state)

    def read(self, pictures: Tensor, generator: StyleGenerator, told: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Bx3xSxS -> their latents, BxLxW, and how uneven they are, a scalar. told: their classes."""
        shared, _ = self.encoder(pictures)
        z = F.normalize(shared[:, 0], dim=1)
        near = torch.exp(-2 * torch.pdist(z).square()).mean()
        z = z * z.shape[1] ** 0.5
        styles = generator.mapping(F.pad(z, (0, 1)), told) if self._classed else generator.mapping(z)
        return styles[:, None].expand(-1, generator.layers, -1), EVEN * torch.log(near + 1e-6)

    def slope(self, made: Tensor, real: Tensor) -> tuple[Tensor, float]:
        """The slope at what was made of real pictures, Bx3xSxS each, of how far it is from them; and how far."""
        features = Features(self.encoder.features)
        with torch.no_grad():
            goal = features(real)
        shown = made.detach().requires_grad_()
        far = features.to_goal(shown, goal).mean() + PIXELS * F.mse_loss(shown, real)
        (slope,) = torch.autograd.grad(far, shown)
        return slope, float(far.detach())
