"""A generator and its critic, taught by each other on the squares of a folder.

The loss is the non-saturating logistic one (Goodfellow et al. 2014), of every judge in the critic alike; the critic's
slope at real pictures is kept small by R1 (Mescheder et al. 2018), every sixteenth step; both see changed pictures
(train.augment). The generator that is kept is the moving average. Training grows: the first steps are made on small
pictures, where a processor makes many, and each doubling is faded in (Karras et al. 2018). At first the generator only
learns to show real pictures again (train.reading); then the critic is faded in, and half of what is generated goes on
being real pictures shown again.

The reference family, DCGAN, goes through the same steps with its own paper's figures, without R1, augmentation,
average, growth and reading.

Where the pictures have classes, both networks are told them: what is generated has the classes of the real pictures
beside it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator as Work
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.families import FAMILIES
from engine.model.family import Generator
from engine.model.features import Features
from engine.model.networks.critic import GROUP, Critic
from engine.model.networks.dcgan import DCCritic
from engine.model.networks.style_generator import StyleGenerator
from engine.model.pieces import pull
from engine.train import distributed
from engine.train.augment import augmented
from engine.train.classes import labels_of, shares_of
from engine.train.course import Task
from engine.train.made import Made
from engine.train.photos import to_tensor
from engine.train.reading import Reader
from engine.train.recipe import ALONE, CPU, CRITICAL, FADE, JUDGING, JUDGING_BETAS, Recipe, recipe_of
from engine.train.trainer import Budget, Pieces, Run, TrainingStep, follow, read_checkpoint, running, set_rate, whole

Judge = Critic | DCCritic
R1_EVERY = 16
MIXED = 0.5
"""Share of pictures whose layers come from two styles, so that layers learn to stand on their own."""

SETTLED_EVERY = 50
STEEPEST = 50.0
"""Gradients are cut down to this length; a step whose gradient is no number is left out."""


def networks(family: str, size: int, checkpoint: Path | None = None, shares: Sequence[float] = (),
             ) -> tuple[Generator, Judge]:
    """A new generator and critic, channels last. checkpoint: of the run that they are to go on with, if it is there.

    shares: of the classes that they are told.
    """
    saved, make = None, FAMILIES[family].critic
    if checkpoint is not None and checkpoint.exists():
        saved = read_checkpoint(checkpoint)["critic"]
    assert make is not None
    generator, critic = FAMILIES[family].generator(size, shares), make(size, shares, saved)
    assert isinstance(critic, Critic | DCCritic)
    if isinstance(critic, Critic) and saved is None:
        critic.features.load_state_dict(Features.load().network.state_dict())
    for network in (generator, critic):
        network.to(memory_format=torch.channels_last)
    return generator, critic


class Contest(Run):
    """One run of generator against critic. pictures: NxSxSx3 uint8; chosen: which of them to learn from.

    Everything random is drawn on the processor, from seed and step: a resumed run goes on as it would have, and a GPU
    is shown the same. labels: N classes, where there are any.
    """

    def __init__(self, generator: Generator, critic: Judge, pictures: np.ndarray,
                 chosen: np.ndarray, budget: Budget, checkpoint: Path, recipe: Recipe, seed: int,
                 device: torch.device = CPU, labels: np.ndarray | None = None) -> None:
        super().__init__(budget, checkpoint)
        self.generator, self.critic = generator.to(device), critic.to(device)
        self.recipe, self.seed, self.device = recipe, seed, device
        self._pictures, self._chosen, self._labels = pictures, chosen, labels
        self._judges = [p for p in critic.parameters() if p.requires_grad]
        self._makers = list(generator.parameters())
        self.reader = Reader(generator) if recipe.reads and isinstance(generator, StyleGenerator) else None
        groups = [self._makers, self._judges, *([self.reader.parameters] if self.reader else [])]
        betas = [recipe.betas, JUDGING_BETAS if self.reader else recipe.betas, recipe.betas]
        self.optimizers = [torch.optim.Adam(parameters, lr=budget.rate, betas=own, eps=1e-8)
                           for parameters, own in zip(groups, betas, strict=False)]
        self.average = {name: value.detach().clone() for name, value in generator.state_dict().items()}
        self._parts = [slice(None)]
        self.reached, self.judged = 0, self.reader is None
        self.losses = [math.nan, math.nan]
        distributed.agree(generator, critic, *([self.reader.encoder] if self.reader else []))

    def state(self) -> dict[str, Any]:
        """The networks, their optimisers, the average, and the size that has been reached."""
        reader = {"reader": self.reader.encoder.state_dict()} if self.reader else {}
        networks = {"generator": self.generator.state_dict(), "critic": self.critic.state_dict(), **reader}
        return networks | {"average": self.average, "optimizers": [o.state_dict() for o in self.optimizers],
                           "reached": self.reached, "judged": self.judged, "losses": self.losses}

    def restore(self, state: dict[str, Any]) -> None:
        """The same."""
        self.generator.load_state_dict(state["generator"])
        self.critic.load_state_dict(state["critic"])
        if self.reader:
            self.reader.restore(state["reader"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.average = {name: value.to(self.device) for name, value in state["average"].items()}
        self.reached, self.judged, self.losses = state["reached"], state["judged"], state["losses"]

    def run(self) -> Iterator[TrainingStep]:
        """Until the budget is spent."""
        return whole(self.pieces())

    def pieces(self) -> Pieces:
        """The same, with pauses within a step."""
        with closing(self.steps(self.advance)) as steps:
            for step in steps:
                judged = f"{self.losses[0]:.2f}" + (f", critic {self.losses[1]:.2f}" if self.judged else "")
                yield step and replace(step, note=f"Step {step.step}, {self.side()} px, error {judged}")

    def part(self, count: int) -> None:
        """Go through a batch in so many parts, with a pause after each; their slopes add up to the batch's.

        Every so manieth picture is a part, so that it has whole groups of those that the critic's spread takes
        together. A DCGAN's pictures know of one another throughout, and are not parted. Two parts cost nothing on a
        processor; four, a quarter more time.
        """
        parts = isinstance(self.critic, Critic) and self.recipe.batch % (GROUP * count) == 0
        self._parts = [slice(first, None, count) for first in range(count)] if parts else [slice(None)]

    def stage(self) -> tuple[int, float]:
        """Side of the pictures now, and how far it is faded in. A longer budget does not go back to a smaller one."""
        if not self.recipe.grows:
            return self._pictures.shape[1], 1.0
        begun, side = max((share, side) for share, side in self.recipe.grows.items() if share <= self.fraction)
        if side < self.reached:
            return self.reached, 1.0
        self.reached = side
        return side, min(1.0, (self.fraction - begun) / FADE) if begun else 1.0

    def strength(self) -> float:
        """0..1: how far the critic is faded in; while it is not `judged` at all, there is only the reader."""
        if self.reader is None:
            return 1.0
        if self.fraction < ALONE:  # judged already where the artist gave it more time
            return float(self.judged)
        self.judged = True
        return min(1.0, (self.fraction - ALONE) / FADE)

    def side(self) -> int:
        """Of the pictures now."""
        return self.stage()[0]

    def averaged(self) -> Generator:
        """A generator of its own on the processor, with the averaged weights."""
        generator = copy.deepcopy(self.generator).to(CPU)
        generator.load_state_dict(self.average)
        return generator

    def critic_kept(self) -> nn.Module:
        """The critic, on the processor."""
        return self.critic.to(CPU)

    def encoder_kept(self, mean: Tensor, basis: Tensor) -> None:
        """None: it is taught afterwards."""
        return

    def told(self) -> str:
        """For the card."""
        return f"{self.device.type}, {self.recipe.batch} pictures a step"

    def advance(self) -> Work[None, None, None]:
        """One step, with pauses."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step * 64 + distributed.rank())
        (side, blend), strength = self.stage(), self.strength()
        for which, optimizer in enumerate(self.optimizers):
            set_rate(optimizer, JUDGING if which == 1 and self.reader else self.rate())
        real, told = self._real(side, random)
        fake = self._latents(real, told, random)
        yield
        yield from fake.draw(lambda latents: self._drawn(latents, side, blend))
        critic = (yield from self._teach_critic(real, fake.pictures, blend, random, told)) if self.judged else math.nan
        error = yield from self._teach_generator(fake, blend, random, told, real, strength)
        self.step += 1
        self._settle()
        self._average()
        self.losses = [running(old, value) for old, value in zip(self.losses, (error, critic), strict=True)]
        self.note_loss(error if self.reader else critic)

    def _real(self, side: int, random: torch.Generator) -> tuple[Tensor, Tensor | None]:
        chosen = self._chosen[torch.randint(len(self._chosen), (self.recipe.batch,), generator=random).numpy()]
        told = None if self._labels is None else torch.from_numpy(self._labels[chosen]).to(self.device)
        real = to_tensor(self._pictures[chosen]).to(self.device)
        real = F.interpolate(real, size=(side, side), mode="area") if side < real.shape[-1] else real
        flipped = torch.rand(len(real), 1, 1, 1, generator=random).to(self.device) < 0.5
        return torch.where(flipped, real.flip(3), real).contiguous(memory_format=torch.channels_last), told

    def _latents(self, real: Tensor, told: Tensor | None, random: torch.Generator) -> Made:
        """Random ones; with a reader, of the last of the real pictures what is read of them."""
        if self.reader is None or not isinstance(self.generator, StyleGenerator):
            return Made(draw(self.generator, self.recipe.batch, random, told), self._parts)
        first = self._unread()
        classes = (None, None) if told is None else (told[:first], told[first:])
        read, cost = self.reader.read(real[first:], self.generator, random, classes[1])
        drawn = draw(self.generator, first, random, classes[0])
        return Made(torch.cat([drawn, read]), self._parts, cost)

    def _unread(self) -> int:
        """How many of a batch's latents are random; those after them are read."""
        return self.recipe.batch // 2 if self.judged else 0

    def _drawn(self, latents: Tensor, side: int, blend: float) -> Tensor:
        if isinstance(self.generator, StyleGenerator):
            return self.generator(latents, side, blend)
        made: Tensor = self.generator(latents)
        return made

    def _teach_critic(self, real: Tensor, fake: Tensor, blend: float, random: torch.Generator,
                      told: Tensor | None) -> Work[None, None, float]:
        sloped = self.recipe.r1 > 0 and self.step % R1_EVERY == 0
        truths, lies = self._changed(real, random), self._changed(fake, random)
        self.optimizers[1].zero_grad(set_to_none=True)
        share, total = 1 / len(self._parts), 0.0
        for part in self._parts:
            shown = truths[part].detach().requires_grad_(sloped)
            truth = self._judged(shown, blend, told, part)
            loss = F.softplus(-truth).mean()
            total += share * float(loss.detach())
            if sloped:
                (slope,) = torch.autograd.grad(truth.sum(), shown, create_graph=True)
                # The same picture at twice the side has four times the pixels and half the slope at each.
                weight = self.recipe.r1 * (shown.shape[-1] / 64) ** 2 * R1_EVERY / 2
                loss = loss + weight * slope.square().sum(dim=(1, 2, 3)).mean() / truth.shape[1] ** 2
            (share * loss).backward()
            yield
            loss = F.softplus(self._judged(lies[part], blend, told, part)).mean()
            (share * loss).backward()
            total += share * float(loss.detach())
            yield
        self._step(1, self._judges)
        return total

    def _teach_generator(self, fake: Made, blend: float, random: torch.Generator, told: Tensor | None, real: Tensor,
                         strength: float) -> Work[None, None, float]:
        """Back from the slope at what was made to the generator's weights, and to the reader's.

        Returns how far real pictures are from what is shown of them; without a reader, the loss by the critic.
        """
        for optimizer in (self.optimizers[0], *self.optimizers[2:]):
            optimizer.zero_grad(set_to_none=True)
        error, slope = 0.0, torch.zeros_like(fake.pictures)
        if self.judged:
            error, slope = yield from self._criticised(fake.pictures, blend, random, told)
        if self.reader:
            first = self._unread()
            again, error = self.reader.slope(fake.pictures[first:], real[first:], random)
            slope = CRITICAL * strength * slope
            slope[first:] += again
            yield
        yield from fake.back(slope)
        self._step(0, self._makers)
        if self.reader:
            self._step(2, self.reader.parameters)
        return error

    def _criticised(self, made: Tensor, blend: float, random: torch.Generator, told: Tensor | None,
                    ) -> Work[None, None, tuple[float, Tensor]]:
        """The loss by the judges, and its slope at what was made: back through the changes."""
        made = made.detach().requires_grad_()
        changed = self._changed(made, random)
        shown = changed.detach().requires_grad_()
        share, total = 1 / len(self._parts), 0.0
        for part in self._parts:
            loss = share * F.softplus(-self._judged(shown[part], blend, told, part)).mean()
            (slope,) = torch.autograd.grad(loss, shown)
            shown.grad = slope if shown.grad is None else shown.grad + slope
            total += float(loss.detach())
            yield
        assert shown.grad is not None
        (slope,) = torch.autograd.grad(pull(changed, shown.grad), made)
        return total, slope

    def _judged(self, pictures: Tensor, blend: float, told: Tensor | None, part: slice) -> Tensor:
        """pictures: those of that part of the batch; told: the classes of all of it."""
        if isinstance(self.critic, Critic):
            return self.critic.judgements(pictures, blend, told if told is None else told[part])
        return self.critic.judgements(pictures, blend)

    def _changed(self, pictures: Tensor, random: torch.Generator) -> Tensor:
        return augmented(pictures, random) if self.recipe.augments else pictures

    def _step(self, which: int, parameters: list[nn.Parameter]) -> None:
        distributed.average(parameters)
        if torch.isfinite(nn.utils.clip_grad_norm_(parameters, STEEPEST)):
            self.optimizers[which].step()

    def _settle(self) -> None:
        """Random latents are drawn from where read ones have lain until now."""
        if isinstance(self.generator, StyleGenerator) and self.reader and self.step % SETTLED_EVERY == 0:
            clouds = self.generator.mapping.clouds
            clouds.settle()
            distributed.agree(clouds)

    def _average(self) -> None:
        seen = self.step * self.recipe.batch * distributed.world()
        life = min(self.recipe.half_life, 0.05 * seen)
        follow(self.average, self.generator, 0.5 ** (self.recipe.batch * distributed.world() / life) if life else 0.0)


def course(task: Task) -> Contest:
    """Begun, or taken up from its checkpoint."""
    labels = labels_of(task.names, task.classes) if task.classes else None
    shares = [] if labels is None else shares_of(labels, len(task.classes))
    generator, critic = networks(task.family, task.size, task.checkpoint if task.resume else None, shares)
    recipe = recipe_of(task.family, task.size, task.device)
    budget = Budget(task.minutes, recipe.rate, checkpoint_minutes=task.checkpoint_minutes)
    contest = Contest(generator, critic, task.pictures, task.chosen, budget, task.checkpoint, recipe, task.seed,
                      task.device, labels)
    if task.resume:
        contest.resume()
    return contest


def draw(generator: Generator, count: int, random: torch.Generator, told: Tensor | None = None) -> Tensor:
    """count x L x W: plain styles, and mixtures of two, the second from a random layer on. told: their classes."""
    device = next(generator.parameters()).device
    z = torch.randn(2, count, generator.mapping.width, generator=random).to(device).flatten(0, 1)
    styles = generator.mapping(z) if told is None else generator.mapping(z, told.repeat(2))
    styles = styles.reshape(2, count, 1, styles.shape[1])
    if generator.layers == 1:
        return styles[0]
    cuts = torch.randint(1, generator.layers, (count, 1, 1), generator=random)
    whole = torch.rand(count, 1, 1, generator=random) >= MIXED
    first = whole | (torch.arange(generator.layers)[:, None] < cuts)
    return torch.where(first.to(device), styles[0], styles[1])
