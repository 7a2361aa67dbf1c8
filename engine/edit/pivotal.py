"""Pivotal tuning: the network is changed a little so that the picture of one latent becomes that of the photo.

Roich et al. 2021, "Pivotal Tuning for Latent-based Editing of Real Images", done small: what no latent shows, because
no face the network was taught looked like it, is learned by its late layers, at 64 and 128 pixels. The change is of low
rank, so that it is small enough to be kept with a document and has little room to learn the photo by heart; and around
the latent the network is held to what it made before (their locality term), so that edits still go where they went. The
light network, which shares the early layers alone, stays as it is: what it shows of an edit is the change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.tuning import Tuning
from engine.edit.descent import Projection
from engine.edit.sight import Sight, enlarged, side_of, small
from engine.edit.target import Target
from engine.model.adam import Adam, Group
from engine.model.features import Features
from engine.model.manifold import Manifold, stages_of
from engine.model.pieces import Passage, drawing
from engine.model.tuned import late_weights, shallow, tuned


@dataclass(frozen=True)
class Care:
    """rank: of the change. rate: Adam's. hold: weight of the locality term, every `hold_every` steps.

    shares: of the steps that go through each of the two finest sketches. away: how far from the latent it is held, as a
    share of the way to a random one, of which there are so many `neighbours`.
    """

    rank: int = 8
    rate: float = 0.03
    hold: float = 1.0
    hold_every: int = 2
    shares: tuple[float, float] = (0.7, 0.3)
    away: float = 0.4
    neighbours: int = 3


class Delta:
    """Factors that are being learned, and private copies of the networks that they change."""

    def __init__(self, manifold: Manifold, care: Care, seed: int) -> None:
        generator, *self.sketches = shallow((manifold.generator, *manifold.sketches))
        random = torch.Generator().manual_seed(seed)
        self.names = late_weights(manifold)
        self.parts: list[_Part] = []
        for name in self.names:
            layer = generator.get_submodule(name)
            part = _Part(layer.get_parameter("weight").detach(), care.rank, random)
            layer.weight = part.weight
            self.parts.append(part)
        factors = [factor for part in self.parts for factor in (part.up, part.down)]
        self._optimizer = Adam([Group(factors, care.rate, (0.9, 0.95))])

    def step(self) -> None:
        """One step by the gradients that the networks' weights have gathered."""
        for part in self.parts:
            part.gather()
        self._optimizer.step()
        for part in self.parts:
            part.apply()

    def tuning(self) -> Tuning:
        """What was learned, as a value that may leave the engine."""
        return Tuning({name: part.factors() for name, part in zip(self.names, self.parts, strict=True)})


class _Part:
    """One weight and the product that is added to it, in units of the weight's root mean square.

    The weight is a leaf of its own, as a network run in pieces goes backwards through it many times.
    """

    def __init__(self, before: Tensor, rank: int, random: torch.Generator) -> None:
        self._before, self._scale = before, float(before.square().mean().sqrt())
        self.weight = nn.Parameter(before.clone())
        self.up = before.new_zeros(before.shape[0], rank).requires_grad_()
        down = torch.randn(rank, before[0].numel(), generator=random) / math.sqrt(rank)
        self.down = down.to(before.device).requires_grad_()

    @torch.no_grad()
    def gather(self) -> None:
        """The weight's gradient becomes the factors'."""
        assert self.weight.grad is not None
        slope = self._scale * self.weight.grad.flatten(1)
        self.up.grad, self.down.grad = slope @ self.down.T, self.up.T @ slope
        self.weight.grad = None

    @torch.no_grad()
    def apply(self) -> None:
        """The weight, with the product added."""
        self.weight.copy_(self._before + (self._scale * self.up @ self.down).reshape(self._before.shape))

    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """Of what is added."""
        return (self._scale * self.up).detach().cpu().numpy(), self.down.detach().cpu().numpy()


class Neighbour:
    """A latent near the pivot, and what the smallest sketch makes of it."""

    def __init__(self, features: Features, latent: Tensor, picture: Tensor) -> None:
        self.latent, self._features, self._picture = latent, features, picture
        with torch.no_grad():
            self._goal = features(picture)

    def energy(self, picture: Tensor) -> Tensor:
        """How far a picture is from what it was."""
        return self._features.to_goal(picture, self._goal).sum() + (picture - self._picture).square().mean()


def possible(manifold: Manifold) -> bool:
    """Whether it can be tuned."""
    return bool(late_weights(manifold)) and len(manifold.sketches) >= 2


def tuning(manifold: Manifold, features: Features, target: Target, found: Projection, steps: int, seed: int = 0,
           care: Care = Care()) -> Iterator[Projection | None]:
    """Yields what is reached on the way, as far as it is to be shown, and at the end a `found` that has a tuning.

    The end is `found` itself where nothing was gained, or where the manifold cannot be tuned. None: something else may
    be done in between.
    """
    if not possible(manifold) or steps < 1:
        yield found
        return
    delta = Delta(manifold, care, seed)
    yield None
    around = yield from _around(manifold, features, found.latent, care, seed)
    step = 0
    for network, end in zip(delta.sketches[-2:], (round(care.shares[0] * steps), steps), strict=True):
        sight = Sight(features, target, manifold.importance, side_of(network, manifold))
        while step < end:
            picture = yield from _look(network, found.latent, sight.energy, 1.0)
            yield _on_the_way(found, picture, step / steps)
            if step % care.hold_every == 0:
                near = around[step // care.hold_every % len(around)]
                yield from _look(delta.sketches[0], near.latent, near.energy, care.hold * care.hold_every)
            delta.step()
            step += 1
    yield (yield from _judged(manifold, features, target, found, delta.tuning()))


def _look(network: nn.Module, latent: Tensor, energy: Callable[[Tensor], Tensor], weight: float,
          ) -> Generator[None, None, Tensor]:
    """The picture; the weighted slope of its energy is added to the network's weights'."""
    passage = Passage(stages_of(network), latent)
    picture = yield from passage.forward()
    (weight * energy(picture)).backward()
    yield
    assert picture.grad is not None
    yield from passage.backward(picture.grad)
    return picture.detach()


def _around(manifold: Manifold, features: Features, pivot: Tensor, care: Care, seed: int,
            ) -> Generator[None, None, list[Neighbour]]:
    found = []
    for other in manifold.sample(care.neighbours, seed, truncation=1.0):
        latent = pivot + care.away * (other[None] - pivot)
        picture = yield from drawing(stages_of(manifold.sketches[0]), latent)
        found.append(Neighbour(features, latent, picture))
    return found


def _on_the_way(found: Projection, picture: Tensor, done: float) -> Projection:
    """What was found, with a smaller picture's change."""
    side = found.picture.shape[-1]
    changed = found.picture + enlarged(picture - small(found.picture, picture.shape[-1]), side)
    return replace(found, picture=changed, full=None, done=done)


def _judged(manifold: Manifold, features: Features, target: Target, found: Projection, change: Tuning,
            ) -> Generator[None, None, Projection]:
    """The full network's picture with the change, if that is the better one."""
    full = yield from drawing(stages_of(tuned(manifold, change).generator), found.latent)
    cost = float(Sight(features, target, manifold.importance, target.side).energy(full))
    if not cost < found.cost:
        return found
    return replace(found, picture=small(full, target.side), cost=cost, full=full, tuning=change)
