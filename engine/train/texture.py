"""Teaches a texture network one exemplar, in the background, showing what it can after the first seconds.

Every step makes a small tile from fresh noise and moves the network against the distance of its statistics to the
exemplar's ("Texture networks", Ulyanov et al. 2016). A step is done in three pieces with pauses in between, so that a
brush stroke does not wait for it. Only the time spent at work counts; the rate falls by a cosine over it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor

from engine.document.job import LearnTexture, Step
from engine.document.texture import Texture
from engine.model.adam import Adam, Group, clip, rate
from engine.model.endless import Endless, Window, evaluated
from engine.model.exemplar import extended
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.texture_pyramid import NOISE, WIDTHS, TexturePyramid
from engine.model.texture_goal import Moments, distance, statistics, statistics_in_parts
from engine.train.shelf import Shelf

SIDE = 128
RATE = 0.01
WARM_UP = 10
FIRST, EVERY = 4.5, 4.0
"""Seconds of work before the first texture is shown, and between two others."""

SWATCH = 256
SETTLING = 2
"""Tiles on which the moments are measured before the network is shown."""

LEAST = 64
"""An exemplar with a shorter side is mirrored on until it has that many pixels."""

Pausing = Generator[None, None, None]


@dataclass(eq=False)
class Clock:
    """Seconds at work: what passes between `start` and `stop`. now: the clock they are read from."""

    now: Callable[[], float] = time.perf_counter
    seconds: float = 0.0
    _began: float = field(default=0.0)

    def start(self) -> None:
        """Work begins."""
        self._began = self.now()

    def stop(self) -> None:
        """Work pauses."""
        self.seconds += self.now() - self._began


def learn_texture(
    job: LearnTexture, now: Callable[[], float] = time.perf_counter, shelf: Shelf[Learning] | None = None
) -> Iterator[Step]:
    """Steps with `texture` and its swatch as `picture`, the first after some seconds, the last settled.

    A step that is the one before again is a pause. now: the clock by which its seconds are counted. shelf: where the
    training is put when it is left, and where one that was left is looked for.
    """
    clock, step = Clock(now), Step(ticket=job.ticket, note="Looking at the texture")
    shelf = Shelf() if shelf is None else shelf
    learning = shelf.take(job.texture.id, job.texture.network) or Learning(job)
    work, shown = learning.run(clock, job.seconds), FIRST
    try:
        yield step
        while clock.seconds < job.seconds:
            clock.start()
            next(work)
            clock.stop()
            if clock.seconds >= shown and learning.steps:
                shown = clock.seconds + EVERY
                step = yield from _showing(job, learning, step, clock.seconds)
            yield step
        yield replace((yield from _showing(job, learning, step, clock.seconds)), settled=True, fraction=1.0)
    finally:
        shelf.put(job.texture.id, learning, learning.shown)


def _showing(job: LearnTexture, learning: Learning, pause: Step, seconds: float) -> Generator[Step, None, Step]:
    """The step that shows the network as it is now."""
    settling = learning.settled()
    while True:
        try:
            next(settling)
        except StopIteration as stop:
            network = learning.shown = stop.value
            break
        yield pause
    texture = replace(job.texture, network=network, seconds=job.texture.seconds + seconds)
    parts = Endless(TexturePyramid.of(network), job.seed).window(Window(0, 0, SWATCH, SWATCH))
    while True:
        try:
            next(parts)
        except StopIteration as stop:
            picture = (stop.value >> 8).astype(np.uint8)
            break
        yield pause
    done, note = min(1.0, seconds / job.seconds), f"Learning {texture.name}: {texture.seconds:.0f} s"
    return Step(ticket=job.ticket, texture=texture, picture=picture, fraction=done, note=note)


class Learning:
    """The state of one run. steps: taken so far. loss: the last. shown: the network that was given last."""

    def __init__(self, job: LearnTexture, features: CompactVGG | None = None) -> None:
        self._features = features
        self.shown: dict[str, np.ndarray] = {}
        self._random = torch.Generator().manual_seed(job.seed)
        self._exemplar = tensor_of(extended(job.texture.exemplar, LEAST))
        self.network = beginning(job.texture, self._exemplar, job.seed)
        self._parameters = list(self.network.parameters())
        self._adam = Adam([Group(self._parameters, RATE, (0.5, 0.99))])
        self.steps, self.loss = 0, float("nan")

    def settled(self) -> Generator[None, None, dict[str, np.ndarray]]:
        """What paints like the network as it is now: its moments measured anew on large tiles, its colours exact.

        The moments remembered on the way lag behind weights that move fast.
        """
        network = TexturePyramid.of(self.network.arrays())
        with torch.no_grad():
            for count in range(SETTLING):
                network.set_momentum(1 / (count + 1))
                network.learning(noise(2 * SIDE, self._random))
                yield
        made = torch.cat([evaluated(network, Window(0, 0, 2 * SIDE, 2 * SIDE), seed) for seed in range(2)], dim=3)
        turn, shift = colour_map(colours(made), colours(self._exemplar))
        arrays = network.arrays()
        arrays["colour.weight"] = np.einsum("ij,jkhw->ikhw", turn, arrays["colour.weight"]).astype(np.float32)
        arrays["colour.bias"] = (turn @ arrays["colour.bias"] + shift).astype(np.float32)
        yield
        return arrays

    def run(self, clock: Clock, seconds: float = 60.0) -> Pausing:
        """Learn without end, pausing every some tens of milliseconds; by a rate that falls over so many seconds."""
        if self._features is None:
            self._features = Features.load().network
        with torch.no_grad():
            wanted = yield from statistics_in_parts(self._features, self._exemplar, wraps=False)
        while True:
            yield from self._step(wanted, min(1.0, clock.seconds / seconds))

    def _step(self, wanted: list[Moments], fraction: float) -> Pausing:
        assert self._features is not None
        made = self.network.learning(noise(SIDE, self._random))
        yield
        seen = made.detach().requires_grad_()
        loss = distance(statistics(self._features, seen, wraps=True), wanted)
        loss.backward()
        yield
        self._adam.clear()
        assert seen.grad is not None
        (made * seen.grad).sum().backward()  # not backward(gradient): that imports a computer algebra system
        clip(self._parameters)
        self._adam.groups[0].rate = rate(RATE, WARM_UP, self.steps, fraction)
        self._adam.step()
        self.steps, self.loss = self.steps + 1, float(loss.detach())
        yield


def noise(side: int, random: torch.Generator) -> list[Tensor]:
    """Fresh noise for a tile of that side, level by level."""
    sides = [side >> level for level in range(len(WIDTHS))]
    return [torch.rand(1, NOISE, side, side, generator=random) * 2 - 1 for side in sides]


def colours(picture: Tensor) -> Moments:
    """The moments of 1x3xHxW's colours."""
    flat = picture[0].flatten(1)
    return Moments(flat @ flat.T / flat.shape[1], flat.mean(dim=1))


def colour_map(own: Moments, wanted: Moments) -> tuple[np.ndarray, np.ndarray]:
    """3x3 and 3: the affine map of least displacement that gives colours the mean and covariance wanted.

    The linear Monge-Kantorovich map of "The linear Monge-Kantorovitch linear colour mapping for example-based colour
    transfer" (Pitie and Kokaram 2007).
    """
    means = [np.asarray(moments.mean, np.float64) for moments in (own, wanted)]
    one, other = (np.asarray(moments.gram, np.float64) - np.outer(mean, mean) + 1e-5 * np.eye(3)
                  for moments, mean in zip((own, wanted), means, strict=True))
    root = _root(one)
    back = np.linalg.inv(root)
    turn = back @ _root(root @ other @ root) @ back
    return turn, means[1] - turn @ means[0]


def _root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric square root."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def beginning(texture: Texture, exemplar: Tensor, seed: int) -> TexturePyramid:
    """The texture's network as far as it has come, or a new one that has the exemplar's mean colour."""
    if texture.network:
        return TexturePyramid.of(texture.network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TexturePyramid()
    with torch.no_grad():
        network.colour.weight.mul_(0.3)
        cast(Tensor, network.colour.bias).copy_(exemplar.mean(dim=(0, 2, 3)))
    return network


def tensor_of(pixels: np.ndarray) -> Tensor:
    """HxWx3 uint8 -> 1x3xHxW in [-1, 1]."""
    return torch.from_numpy(pixels.astype(np.float32) / 127.5 - 1).permute(2, 0, 1)[None].contiguous()
