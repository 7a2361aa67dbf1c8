"""Teaches a variational autoencoder on the squares of a folder.

A picture is recognised, a point is drawn from its cloud (the reparameterisation of Kingma and Welling 2014) and
decoded. What is lost is how far the answer is from the picture, by the compact features and by the squared error; what
the clouds cost is their divergence from the prior, times beta (Higgins et al. 2017, "beta-VAE"), which rises from
nought while the decoder learns to use the latent at all (Bowman et al. 2016, "Generating Sentences from a Continuous
Space"). The squared error alone gives fog; the features ask for edges.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.critic import compact_like
from engine.model.networks.vae import Recognition, VAEGenerator
from engine.train import distributed
from engine.train.course import Lessons, Task
from engine.train.photos import to_tensor
from engine.train.trainer import Budget, Training

BATCH = 16
PIXELS = 1.5
BETA = 4e-4
"""What one nat of divergence costs, in units of the pictures' distance."""

WARM_UP = 0.25
"""Share of the time in which beta rises."""

MEASURED = 2000
"""Pictures that the cloud of all latents is measured by."""


class Variational(Lessons):
    """A course (see `course`)."""

    def __init__(self, task: Task) -> None:
        saved = task.resume and task.checkpoint.exists()
        recognition = Recognition(features=_features(task) if saved else None)
        self._features = Features.load()
        if not saved:
            recognition.look.features.load_state_dict(self._features.network.state_dict())
        self._task, self._networks = task, nn.ModuleDict({"generator": VAEGenerator(task.size), "seen": recognition})
        self._networks.to(memory_format=torch.channels_last)
        distributed.agree(self._networks)
        budget = Budget(task.minutes, 2e-3, checkpoint_minutes=task.checkpoint_minutes)
        self._training = Training(self._networks, budget, task.checkpoint)
        if saved:
            self._training.resume()

    def loss_of(self, step: int) -> Tensor:
        """Of one batch."""
        random = torch.Generator().manual_seed(self._task.seed * 1_000_003 + step * 64 + distributed.rank())
        pictures = self._shown(random)
        mean, spread = self._seen(self._networks).clouds(pictures)
        latents = mean + torch.randn(mean.shape, generator=random) * (spread / 2).exp()
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
        generator = networks["generator"]
        assert isinstance(generator, VAEGenerator)
        generator.mapping.fit(self._lying(self._seen(networks)))
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
        return f"cpu, {BATCH} pictures a step"

    @staticmethod
    def _seen(networks: nn.ModuleDict) -> Recognition:
        found = networks["seen"]
        assert isinstance(found, Recognition)
        return found

    def _kept(self) -> nn.ModuleDict:
        networks = copy.deepcopy(self._networks)
        networks.load_state_dict(self._training.averaged())
        return networks.eval()

    @torch.no_grad()
    def _lying(self, seen: Recognition) -> Tensor:
        """NxK: points drawn from the clouds of some pictures."""
        task, random = self._task, torch.Generator().manual_seed(0)
        chosen = task.chosen[torch.randperm(len(task.chosen), generator=random)[:MEASURED].numpy()]
        points = []
        for start in range(0, len(chosen), BATCH):
            mean, spread = seen.clouds(to_tensor(task.pictures[chosen[start:start + BATCH]]))
            points.append(mean + torch.randn(mean.shape, generator=random) * (spread / 2).exp())
        return torch.cat(points)

    def _shown(self, random: torch.Generator) -> Tensor:
        task = self._task
        places = torch.randint(len(task.chosen), (BATCH,), generator=random).numpy()
        pictures = to_tensor(task.pictures[task.chosen[places]])
        flipped = torch.rand(BATCH, 1, 1, 1, generator=random) < 0.5
        return torch.where(flipped, pictures.flip(3), pictures).contiguous(memory_format=torch.channels_last)


def divergence(mean: Tensor, spread: Tensor) -> Tensor:
    """B nats: of Gaussians, mean and logarithm of variance BxK each, from the standard normal one."""
    return 0.5 * (mean.square() + spread.exp() - 1 - spread).sum(dim=1)


def course(task: Task) -> Variational:
    """Begun, or taken up from its checkpoint."""
    return Variational(task)


def _features(task: Task) -> CompactVGG:
    """Of the shape that the checkpoint has."""
    saved = torch.load(task.checkpoint, weights_only=True, map_location="cpu")["module"]
    return compact_like(saved, "seen.look.features.")
