"""Teaches a small network one style, in the background, on crops of the artist's photo.

The loss is that of the style network for all styles, on the statistics that a Style keeps: Gatys' (2016) Gram matrices
and the covariances beside them, the photo's deep features, little variation. Each step paints one crop twice, with two
noises, and asks that the two differ somewhat (the diversity of "Improved texture networks", Ulyanov et al. 2017): else
the network learns to overlook its noise. A step is done in three pieces with pauses in between.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import LearnStyle, Step
from engine.document.style import Style
from engine.model import gram
from engine.model.adam import Adam, Group, clip, rate
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_single import StyleSingle, noise_at
from engine.train.crops import Crops
from engine.train.shelf import Shelf

SIDE = 128

RATE, WARM_UP = 4e-3, 20
FIRST, EVERY = 8.0, 8.0
"""Seconds of work before the style is shown first, and between two others."""

CONTENT_DEPTHS = (2, 3)
STYLE_WEIGHT, COVARIANCE, SMOOTHNESS, BOUNDS = 8.0, 0.5, 0.1, 4.0
DIVERSITY, DIFFERENT = 2.0, 0.08
"""Weight of, and the share of the deep features' energy by which two variants should differ."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Statistics to be met, per tap. gram: CxC per position. spread: CxC, the same about the mean."""

    gram: Tensor
    spread: Tensor


def learn_style(job: LearnStyle, shelf: Shelf[Learning] | None = None) -> Iterator[Step]:
    """Steps with `style`, whose network is better every time; the last is settled. The same step again is a pause.

    shelf: where the training is put when it is left, and where one that was left is looked for.
    """
    shelf = Shelf() if shelf is None else shelf
    left = shelf.take(job.style.id, job.style.network)
    learning = left if left is not None and left.photo is job.photo else Learning(job)
    step = Step(ticket=job.ticket, note=f"Learning {job.style.name}")
    work, seconds, shown = learning.run(), 0.0, FIRST
    try:
        yield step
        while seconds < job.seconds:
            began = time.perf_counter()
            next(work)
            seconds += time.perf_counter() - began
            learning.fraction = min(1.0, seconds / job.seconds)
            if seconds >= shown and learning.steps:
                shown, step = seconds + EVERY, _told(job, learning)
            yield step
        yield replace(_told(job, learning), settled=True, fraction=1.0)
    finally:
        shelf.put(job.style.id, learning, learning.shown)


def _told(job: LearnStyle, learning: Learning) -> Step:
    learning.shown = learning.network.arrays()
    style = replace(job.style, network=learning.shown)
    note = f"Learning {style.name}: {learning.steps} steps"
    return Step(ticket=job.ticket, style=style, fraction=learning.fraction, note=note)


class Learning:
    """The state of one run. steps: taken so far. loss: a running mean. fraction: 0..1 of the time spent.

    shown: the network that was given last.
    """

    def __init__(self, job: LearnStyle, features: CompactVGG | None = None, side: int = SIDE) -> None:
        self.photo, self.shown = job.photo, dict[str, np.ndarray]()
        self._features, self._side = features, side
        self._wanted = wanted(job.style)
        self._random = np.random.default_rng(job.seed)
        self._crops = Crops(job.photo.pixels, side, self._random)
        torch_random = torch.random.get_rng_state()
        torch.manual_seed(job.seed)
        self.network = StyleSingle.of(job.style.network) if job.style.network else StyleSingle()
        torch.random.set_rng_state(torch_random)
        self._adam = Adam([Group(list(self.network.parameters()), RATE, (0.9, 0.99))])
        self.steps, self.loss, self.fraction = 0, float("nan"), 0.0

    def run(self) -> Generator[None, None, None]:
        """Learn without end, pausing every some tens of milliseconds."""
        if self._features is None:
            self._features = Features.load().network
        while True:
            yield from self._step(self._features)

    def _step(self, features: CompactVGG) -> Generator[None, None, None]:
        content = self._crops.next()
        with torch.no_grad():
            own = features(content)
        yield
        made = self.network(content.expand(2, -1, -1, -1), self._noises())
        yield
        seen = made.detach().requires_grad_()
        loss = style_loss(features(seen), own, seen, self._wanted)
        loss.backward()
        yield
        self._adam.clear()
        assert seen.grad is not None
        (made * seen.grad).sum().backward()  # not backward(gradient): that imports a computer algebra system
        clip(list(self.network.parameters()), most=2.0)
        self._adam.groups[0].rate = rate(RATE, WARM_UP, self.steps, self.fraction)
        self._adam.step()
        self.steps += 1
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.95 * self.loss + 0.05 * value
        yield

    def _noises(self) -> list[Tensor]:
        both = [noise_at(int(self._random.integers(1 << 31)), 0, 0, self._side, self._side) for _ in range(2)]
        return [torch.cat(pair) for pair in zip(*both, strict=True)]


def wanted(style: Style) -> list[Wanted]:
    """What the style's kept numbers ask for."""
    found = []
    for mean, second in zip(style.means, style.grams, strict=True):
        goal, middle = torch.from_numpy(np.array(second)), torch.from_numpy(np.array(mean))
        found.append(Wanted(goal, goal - torch.outer(middle, middle)))
    return found


def style_loss(taps: Sequence[Tensor], own: Sequence[Tensor], pictures: Tensor, goal: Sequence[Wanted]) -> Tensor:
    """A scalar. taps: of the two variants `pictures` (2x3xHxW). own: of the crop, 1xCxHxW each."""
    style, content = terms(taps, own, goal)
    smooth = pictures.diff(dim=2).abs().mean() + pictures.diff(dim=3).abs().mean()
    outside = F.relu(pictures.abs() - 1).square().mean()
    alike = F.relu(DIFFERENT - _share(taps[2][:1] - taps[2][1:], taps[2][:1].detach()))
    return content + STYLE_WEIGHT * style + SMOOTHNESS * smooth + BOUNDS * outside + DIVERSITY * alike


def terms(taps: Sequence[Tensor], own: Sequence[Tensor], goal: Sequence[Wanted]) -> tuple[Tensor, Tensor]:
    """How far painted crops are in style from what is wanted, and in content from their crop: scalars.

    taps: BxCxHxW each; own: of the crop, 1xCxHxW each.
    """
    style = torch.stack([_style_term(tap, aim) for tap, aim in zip(taps, goal, strict=True)]).mean()
    return style, torch.stack([_share(taps[d] - own[d], own[d]) for d in CONTENT_DEPTHS]).mean()


def _style_term(tap: Tensor, aim: Wanted) -> Tensor:
    found, mean = gram.gram_per_position(tap), tap.mean(dim=(2, 3))
    spread = found - mean[:, :, None] * mean[:, None]
    return _share(found - aim.gram, aim.gram) + COVARIANCE * _share(spread - aim.spread, aim.spread)


def _share(difference: Tensor, whole: Tensor) -> Tensor:
    """The mean over a batch of squared length, as a share of that of `whole`."""
    return difference.square().sum() / len(difference) / (whole.square().sum() + 1e-6)
