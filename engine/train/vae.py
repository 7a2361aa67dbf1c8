"""Teaches a variational autoencoder on the squares of a folder.

A picture is recognised, a point is drawn from its cloud (the reparameterisation of Kingma and Welling 2014) and
decoded. What is lost is how far the answer is from the picture, by the compact features and by the squared error; what
the clouds cost is their divergence from the prior, times beta (Higgins et al. 2017, "beta-VAE"), which rises from
nought while the decoder learns to use the latent at all (Bowman et al. 2016, "Generating Sentences from a Continuous
Space"). The squared error alone gives fog; the features ask for edges. Where the clouds lie is measured on the way, so
that the generator can be looked at any time.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.critic import compact_like
from engine.model.networks.vae import LATENT, Recognition, VAEGenerator
from engine.train import distributed
from engine.train.course import Lessons, Task
from engine.train.photos import to_tensor
from engine.train.reading import divergence
from engine.train.trainer import Budget, Training, read_checkpoint

PIXELS = 1.5
BETA = 4e-4
"""What one nat of divergence costs, in units of the pictures' distance."""

WARM_UP = 0.25
"""Share of the time in which beta rises."""

MEASURED = 2000
"""Pictures that the cloud of all latents is measured by: the last ones."""


class Lying(nn.Module):
    """Where points lie that come a few at a time: running mean and mean product, of MEASURED of them."""

    mean: Tensor
    product: Tensor
    seen: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(LATENT))
        self.register_buffer("product", torch.zeros(LATENT, LATENT))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def take(self, points: Tensor) -> None:
        """NxK."""
        self.seen += len(points)
        share = len(points) / min(int(self.seen), MEASURED)
        self.mean.lerp_(points.mean(dim=0), share)
        self.product.lerp_(points.T @ points / len(points), share)

    def covariance(self) -> Tensor:
        """KxK."""
        return self.product - self.mean.outer(self.mean)


class Variational(Lessons):
    """A course (see `course`)."""

    def __init__(self, task: Task) -> None:
        saved = task.resume and task.checkpoint.exists()
        recognition = Recognition(features=_features(task) if saved else None)
        self._features = Features.load()
        if not saved:
            recognition.look.features.load_state_dict(self._features.network.state_dict())
        networks = {"generator": VAEGenerator(task.size), "seen": recognition, "lying": Lying()}
        self._task, self._networks = task, nn.ModuleDict(networks)
        self._networks.to(memory_format=torch.channels_last)
        distributed.agree(self._networks)
        budget = Budget(task.minutes, 2e-3, checkpoint_minutes=task.checkpoint_minutes)
        self._training = Training(self._networks, budget, task.checkpoint)
        if saved:
            self._training.resume()

    def losses_of(self, step: int) -> Iterator[Tensor]:
        """Of one batch."""
        random = torch.Generator().manual_seed(self._task.seed * 1_000_003 + step * 64 + distributed.rank())
        pictures = self._shown(random)
        drawn = torch.randn(self.batch, LATENT, generator=random)
        for part in self._parts:
            yield self._lost(pictures[part], drawn[part])

    def _lost(self, pictures: Tensor, drawn: Tensor) -> Tensor:
        """drawn: BxK, standard normal, where in its cloud each picture is decoded from."""
        mean, spread = self._seen(self._networks).clouds(pictures)
        latents = mean + drawn * (spread / 2).exp()
        self._lying(self._networks).take(latents.detach())
        made = self._networks["generator"](latents[:, None])
        with torch.no_grad():
            goal = self._features(pictures)
        return (self._features.to_goal(made, goal).mean() + PIXELS * F.mse_loss(made, pictures)
                + self.beta() * divergence(mean, spread).mean())

    def beta(self) -> float:
        """Now."""
        return BETA * min(1.0, self._training.fraction / WARM_UP)

    def side(self) -> int:
        """Always the whole."""
        return self._task.size

    def averaged(self) -> VAEGenerator:
        """The averaged decoder; its latents are drawn from where the pictures lie."""
        networks = self._kept()
        generator, lying = networks["generator"], self._lying(networks)
        assert isinstance(generator, VAEGenerator)
        generator.mapping.fit(lying.mean, lying.covariance())
        return generator

    def encoder_kept(self, mean: Tensor, basis: Tensor) -> Recognition:
        """The averaged recognition network."""
        seen = self._seen(self._kept())
        seen.suit(mean, basis)
        return seen

    def critic_kept(self) -> None:
        """There is none."""
        return

    def told(self) -> str:
        """For the card."""
        return f"cpu, {self.batch} pictures a step"

    @staticmethod
    def _seen(networks: nn.ModuleDict) -> Recognition:
        found = networks["seen"]
        assert isinstance(found, Recognition)
        return found

    @staticmethod
    def _lying(networks: nn.ModuleDict) -> Lying:
        found = networks["lying"]
        assert isinstance(found, Lying)
        return found

    def _kept(self) -> nn.ModuleDict:
        networks = copy.deepcopy(self._networks)
        networks.load_state_dict(self._training.averaged())
        return networks.eval()

    def _shown(self, random: torch.Generator) -> Tensor:
        task = self._task
        places = torch.randint(len(task.chosen), (self.batch,), generator=random).numpy()
        pictures = to_tensor(task.pictures[task.chosen[places]])
        flipped = torch.rand(self.batch, 1, 1, 1, generator=random) < 0.5
        return torch.where(flipped, pictures.flip(3), pictures).contiguous(memory_format=torch.channels_last)


def course(task: Task) -> Variational:
    """Begun, or taken up from its checkpoint."""
    return Variational(task)


def _features(task: Task) -> CompactVGG:
    """Of the shape that the checkpoint has."""
    saved = read_checkpoint(task.checkpoint)["module"]
    return compact_like(saved, "seen.look.features.")
