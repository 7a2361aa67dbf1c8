"""Descent on pixels: the picture itself is the unknown, as in Gatys' methods; a generator that pauses all the time.

L-BFGS is the reference, Adam the alternative; both start from a given picture and yield what there is so far. One
evaluation of the loss is cut in parts of some tens of milliseconds (engine.model.segments), so the thread that drives
this may stop between any two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from torch import Tensor

from engine.model.adam import Adam, Group
from engine.model.lbfgs import LBFGS
from engine.model.segments import Slope
from engine.paint.tensors import to_pixels

EIGHT_BIT = np.dtype(np.uint8)
MEMORY = 300 << 20
"""Bytes that L-BFGS may remember of the loss's curvature; a large picture has to do with fewer of its pairs."""

Evaluate = Callable[[Tensor], Generator[None, None, Slope]]
"""1x3xHxW -> loss and gradient there, in parts."""


class Method(Enum):
    """How to descend."""

    LBFGS = "L-BFGS"
    ADAM = "Adam"


@dataclass(frozen=True, eq=False)
class Progress:
    """best: 1x3xHxW in about [-1, 1], the best so far, at the size worked at. loss: its. fraction: 0..1 of all
    evaluations. evaluations: how many passes through the network there have been."""

    best: Tensor
    loss: float
    fraction: float
    evaluations: int = 0

    @property
    def picture(self) -> np.ndarray:
        """The best so far, HxWx3 uint8."""
        return to_pixels(self.best, EIGHT_BIT)


def descend(start: Tensor, evaluate: Evaluate, evaluations: int, method: Method = Method.LBFGS, rate: float = 0.02,
            ) -> Generator[Progress, None, Tensor]:
    """From 1x3xHxW in [-1, 1]; returns the best found, clipped to that range. rate: Adam's, and the size of L-BFGS'
    first step, in the picture's units. Closing the generator leaves nothing behind."""
    way = _by_lbfgs(start, rate) if method is Method.LBFGS else _by_adam(start, rate)
    point, best, loss = next(way), start, float("inf")
    for done in range(evaluations):
        parts = evaluate(point)
        while True:
            try:
                next(parts)
            except StopIteration as stop:
                found: Slope = stop.value
                break
            yield Progress(best, loss, done / evaluations, done)
        if found.loss < loss:
            best, loss = point.clone(), found.loss
        point = way.send(found)
        yield Progress(best, loss, (done + 1) / evaluations, done + 1)
    return best.clamp(-1, 1)


def _by_lbfgs(start: Tensor, first: float) -> Generator[Tensor, Slope, None]:
    pair = 2 * start.numel() * start.element_size()
    way = LBFGS(start, first, memory=max(3, min(12, MEMORY // pair)))
    while True:
        found = yield way.point
        way.update(found.loss, found.gradient)


def _by_adam(start: Tensor, rate: float) -> Generator[Tensor, Slope, None]:
    point = start.clone()
    way = Adam([Group([point], rate)])
    while True:
        found = yield point
        point.grad = found.gradient
        way.step()
