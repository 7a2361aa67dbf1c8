"""Judges texture networks: how soon one paints, how near it comes, and how long optimisation takes to come as near.

Times are those of one thread's work, so that a busy machine gives the figures of an idle one. Both roads are held to
the same distance of the same statistics, on pictures of the same size: those of the compact features that the network
learned by (engine.model.texture_goal), or Gatys' own, the Gram matrices of VGG.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.document.image_files import read_photo
from engine.document.job import LearnTexture
from engine.document.pauses import finished
from engine.document.texture import Texture
from engine.model.endless import Window, evaluated
from engine.model.exemplar import extended, texture_of
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.texture_pyramid import TexturePyramid
from engine.model.segments import Slope
from engine.model.texture_goal import Moments, distance, gatys, statistics
from engine.model.vgg19 import Extractor
from engine.paint.goal import Goal, manner_of
from engine.paint.optimise import Method, descend
from engine.paint.tensors import to_pixels, to_tensor
from engine.train.texture import learn_texture

SIDE = 256
PASSES = 7
"""The median of so many is the time of one."""

EVALUATIONS = 400
"""Of the optimisation, at most."""

SlopeAt = Callable[[Tensor], Generator[None, None, Slope]]
"""1x3xHxW -> its loss and the slope of it."""


@dataclass(frozen=True)
class Learned:
    """One texture learned. moments: (seconds of work, distance, Gatys' loss), from the first that could be painted."""

    texture: Texture
    moments: tuple[tuple[float, float, float], ...]
    picture: np.ndarray

    def at(self, seconds: float) -> tuple[float, float, float]:
        """The last moment within so many seconds and one more; the first where there is none."""
        return ([moment for moment in self.moments if moment[0] <= seconds + 1] or [self.moments[0]])[-1]


@dataclass(frozen=True)
class Race:
    """network: seconds of one pass, and its distance. curves: by method, (seconds, least distance so far) by step."""

    name: str
    network: tuple[float, float]
    curves: dict[str, list[tuple[float, float]]]

    def seconds(self, method: str) -> float | None:
        """Until the optimisation was as near as the network; None where it never was."""
        return next((seconds for seconds, loss in self.curves[method] if loss <= self.network[1]), None)

    @property
    def ratio(self) -> float | None:
        """The quicker method's time over that of the network's pass."""
        times = [seconds for method in self.curves if (seconds := self.seconds(method)) is not None]
        return min(times) / self.network[0] if times else None


def exemplar_of(path: Path) -> Texture:
    """A picture file as a texture."""
    return texture_of(read_photo(path), path.stem)


def learned(texture: Texture, seconds: float, features: CompactVGG) -> Learned:
    """Let a network learn for so many seconds of work; measure each that it shows."""
    wanted = goal(texture, features)
    moments, began, spent = [], time.thread_time(), 0.0
    last = None
    for step in learn_texture(LearnTexture(ticket=1, texture=texture, seconds=seconds), now=time.thread_time):
        if step.texture is not None and step is not last:
            now = time.thread_time()
            picture = painted(TexturePyramid.of(step.texture.network))
            with torch.no_grad():
                own = statistics(features, picture, wraps=True)
            moments.append((now - began - spent, float(distance(own, wanted)), float(gatys(own, wanted))))
            spent += time.thread_time() - now
            last = step
    assert last is not None and last.texture is not None
    made = painted(TexturePyramid.of(last.texture.network))
    return Learned(last.texture, tuple(moments), to_pixels(made, np.dtype(np.uint8)))


def goal(texture: Texture, features: CompactVGG) -> list[Moments]:
    """The exemplar's statistics."""
    with torch.no_grad():
        return statistics(features, to_tensor(extended(texture.exemplar, 64)).contiguous(), wraps=False)


def painted(network: TexturePyramid) -> Tensor:
    """1x3xSIDExSIDE in [-1, 1], a tile."""
    return evaluated(network, Window(0, 0, SIDE, SIDE), 0, (SIDE, SIDE)).clamp(-1, 1).clone()


def raced(texture: Texture, slope_at: SlopeAt, methods: Iterable[Method] = tuple(Method)) -> Race:
    """The texture's network in one pass, and optimisation from noise until it is as near."""
    network = TexturePyramid.of(texture.network)
    times = []
    for _ in range(PASSES):
        began = time.thread_time()
        picture = painted(network)
        times.append(time.thread_time() - began)
    reached = finished(slope_at(picture)).loss
    curves = {method.value: list(_optimised(slope_at, reached, method)) for method in methods}
    return Race(texture.name, (float(np.median(times)), reached), curves)


def slope_by_compact(texture: Texture, features: CompactVGG) -> SlopeAt:
    """The distance that the network learned by."""
    wanted = goal(texture, features)

    def slope_at(picture: Tensor) -> Generator[None, None, Slope]:
        free = picture.detach().requires_grad_()
        loss = distance(statistics(features, free, wraps=True), wanted)
        loss.backward()
        yield
        assert free.grad is not None
        return Slope(float(loss.detach()), free.grad)

    return slope_at


def slope_by(texture: Texture, extractor: Extractor) -> SlopeAt:
    """Gatys' texture loss on another network's features."""
    exemplar = to_tensor(extended(texture.exemplar, 64)).contiguous(memory_format=torch.channels_last)
    wanted = Goal((finished(manner_of(exemplar, extractor.segments)),), bounds=0)
    return partial(wanted.slope, extractor.segments)


def _optimised(slope_at: SlopeAt, enough: float, method: Method) -> Iterator[tuple[float, float]]:
    """(seconds, least distance so far) after each evaluation, until it is enough."""
    best = float("inf")
    torch.manual_seed(0)
    began = time.thread_time()
    for progress in descend(torch.rand(1, 3, SIDE, SIDE) * 2 - 1, slope_at, EVALUATIONS, method):
        if progress.loss < best:
            best = progress.loss
            yield time.thread_time() - began, best
        if best <= enough:
            return


def sheet(items: Sequence[Learned], across: int = 4) -> np.ndarray:
    """Each exemplar beside what its network paints, HxWx3 uint8, in rows of `across` pairs."""
    pairs = [np.hstack([_square(item.texture.exemplar), item.picture]) for item in items]
    while len(pairs) % across:
        pairs.append(np.full_like(pairs[0], 255))
    return np.vstack([np.hstack(pairs[i : i + across]) for i in range(0, len(pairs), across)])


def _square(exemplar: np.ndarray) -> np.ndarray:
    return extended(exemplar, SIDE)[:SIDE, :SIDE]


def features_of() -> CompactVGG:
    """The program's own."""
    return Features.load().network
