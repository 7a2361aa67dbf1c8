"""Fits a style: finds by descent how the style network is best told to paint in a picture's manner.

What the network's own reading of a picture says is a guess, good at once and for any picture. The network can paint
better than it guesses: with its weights as they are, the few numbers that it is told (its embedding of the style) are
moved so that crops of the photo, painted, come nearer to the style's statistics and keep their content. It is what
textual inversion (Gal et al. 2022) does for a text-to-image model, and to a style what projection is to a face: the
encoder guesses, descent improves. The loss is Gatys' (2016) on whatever features judge.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.job import FitStyle, Step
from engine.document.style import Style
from engine.model.adam import Adam, Group
from engine.model.networks.style_transfer import StyleTransfer
from engine.train.crops import Crops
from engine.train.style_single import Wanted, terms, wanted

SIDE = 208
RATE = 0.05
STYLE_WEIGHT = 5.0
KEEPS = 0.9
"""Of the running mean of what is told, which is what comes out: single crops pull to and fro."""


@dataclass(frozen=True, eq=False)
class Judge:
    """Features of four taps, and the statistics that they should show."""

    features: nn.Module
    goal: Sequence[Wanted]


def fit_style(job: FitStyle, network: StyleTransfer, features: nn.Module, start: Sequence[Tensor], fingerprint: str,
              ) -> Iterator[Step]:
    """Steps, the last with `style`. start: per octave 1xE, the guess. fingerprint: of the network."""
    crops, device = Crops(job.photo.pixels, SIDE, np.random.default_rng(job.seed)), start[0].device
    goal = [Wanted(each.gram.to(device), each.spread.to(device)) for each in wanted(job.style)]
    note = f"Finding the hand of {job.style.name}"
    found = fitting(network, Judge(features, goal), start, lambda: crops.next().to(device), job.steps)
    while True:
        try:
            done = next(found)
        except StopIteration as end:
            style = fitted(job.style, end.value, fingerprint)
            yield Step(ticket=job.ticket, style=style, settled=True, fraction=1.0, note=note)
            return
        yield Step(ticket=job.ticket, fraction=done / job.steps, note=note)


def fitted(style: Style, found: Tensor, fingerprint: str) -> Style:
    """The style with what was found, 4xE."""
    return replace(style, fitted=found.cpu().numpy(), fitted_to=fingerprint)


def fitting(network: StyleTransfer, judge: Judge, start: Sequence[Tensor], crop: Callable[[], Tensor], steps: int,
            ) -> Generator[int, None, Tensor]:
    """Yields the number of steps done, several times a step; returns 4xE. crop: gives 1x3xSxS in [-1, 1]."""
    told = torch.cat(list(start)).detach().clone().requires_grad_()
    kept = told.detach().clone()
    adam = Adam([Group([told], RATE, (0.9, 0.95))])
    for step in range(steps):
        photo = crop().contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            own = judge.features(photo)
        yield step
        painted = network(photo, told.reshape(1, -1))
        yield step
        seen = painted.detach().requires_grad_()
        loss_of(judge.features(seen), own, judge.goal).backward()
        yield step
        adam.clear()
        assert seen.grad is not None
        (painted * seen.grad).sum().backward()  # not backward(gradient): that imports a computer algebra system
        adam.groups[0].rate = RATE * min(1.0, 2 - 2 * step / steps)
        adam.step()
        kept.lerp_(told.detach(), 1 - min(KEEPS, step / (step + 1)))
        yield step + 1
    return kept


def loss_of(taps: Sequence[Tensor], own: Sequence[Tensor], goal: Sequence[Wanted]) -> Tensor:
    """A scalar. taps: of the painted crop; own: of the crop, 1xCxHxW each."""
    style, content = terms(taps, own, goal)
    return content + STYLE_WEIGHT * style
