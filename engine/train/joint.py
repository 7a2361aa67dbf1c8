"""Adversarially learned inference: an encoder taught by a critic of pictures together with their latents.

Dumoulin et al. 2017, "Adversarially Learned Inference"; Donahue et al. 2017, "Adversarial Feature Learning" (BiGAN).
The critic is shown pairs: a random latent with the picture that the generator makes of it, or a real picture with the
latent that the encoder reads off it. An encoder whose pairs cannot be told from the generator's undoes the generator.

In the papers the generator learns too, until its pictures pass for real. Here it is done with that, and whatever still
betrays its pictures would tell the critic all it needs without a look at the latent. So the critic sees the pictures
small, where the two kinds are most alike. The encoder minimises the non-saturating loss with the answers exchanged, as
BiGAN's authors did.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.networks.scaled import ScaledLinear, leaky

SIDE = 16
"""Of the pictures as the critic sees them."""

WIDTH = 256
GROUPS = 3
"""Coarse, middle and fine layers, over which coordinates are averaged: an encoder answers for no less."""


class JointCritic(nn.Module):
    """Pictures Bx3xSxS in [-1, 1] and whitened coordinates BxLxK -> B scores, higher for what it takes for generated.

    right: the running share, 0..1, of pairs that it sorted rightly while it learned: 0.5 is what the encoder wants.
    """

    def __init__(self, layers: int, coordinates: int) -> None:
        super().__init__()
        self.groups = min(GROUPS, layers)
        self.picture = ScaledLinear(3 * SIDE**2, WIDTH)
        self.latent = ScaledLinear(self.groups * coordinates, WIDTH)
        self.together, self.score = ScaledLinear(2 * WIDTH, WIDTH), ScaledLinear(WIDTH, 1)
        self.right = 0.5

    def forward(self, pictures: Tensor, coordinates: Tensor) -> Tensor:
        """Any size of at least SIDE; smaller pictures are repeated."""
        small = F.interpolate(pictures, size=(SIDE, SIDE), mode="area").flatten(1)
        told = F.adaptive_avg_pool1d(coordinates.transpose(1, 2), self.groups).flatten(1)
        seen = torch.cat([leaky(self.picture(small)), leaky(self.latent(told))], dim=1)
        scores: Tensor = self.score(leaky(self.together(seen)))[:, 0]
        return scores

    def generated(self, pictures: Tensor, coordinates: Tensor) -> Tensor:
        """The critic's loss for pictures and the latents they were made of. Teaches nobody else."""
        return self._judged(pictures, coordinates, real=False)

    def real(self, pictures: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
        """The critic's loss for real pictures and the coordinates read off them, and the encoder's for the same."""
        own = self._judged(pictures, answer.detach(), real=True)
        self.requires_grad_(False)  # the slope of what follows is the encoder's alone
        deceived = F.softplus(-self(pictures, answer)).mean()
        self.requires_grad_(True)
        return own, deceived

    def _judged(self, pictures: Tensor, coordinates: Tensor, real: bool) -> Tensor:
        scores = self(pictures, coordinates)
        self.right += 0.02 * (float(((scores.detach() < 0) == real).float().mean()) - self.right)
        return F.softplus(scores if real else -scores).mean()
