"""Pieces: a network's picture, and its gradient, made a little at a time.

A pass through the large network takes half a second, and a job can only be dropped between two of its steps. So a
network that says what its stages are is run stage by stage, and a stage with large pictures strip by strip. Each piece
is a small graph of its own that begins at a leaf: backwards they are gone through in the opposite order, handing the
gradient on from leaf to leaf, with neither more memory nor more arithmetic than in one go (the strips' seams apart).

Strips pay by themselves where no gradient is wanted: what lies between their first and last operation stays in the
processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Stage = Callable[[Tensor, int, Tensor], Tensor]
"""Strip of features, which row of the whole it begins with, BxLxW latents -> a whole multiple of its rows.

The first stage is given NOTHING and makes features of the latents alone. Of the others, a row of what comes out depends
on one row more of what goes in, above and below: an octave's two convolutions reach two rows of its output, which are
one row of its input.
"""
NOTHING = torch.zeros(1, 1, 1, 1)

STRIP_FROM = 64
"""Rows of input from which a stage's pictures outgrow the cache."""
STRIP_VALUES = 1 << 20
"""Numbers in a strip of input: 4 MB. Smaller ones recompute more halo and keep the threads waiting for one another."""


class _Pull(torch.autograd.Function):
    """See `pull`."""

    @staticmethod
    def forward(ctx: Any, made: Tensor, gradient: Tensor) -> Tensor:
        ctx.gradient = gradient
        return made.new_zeros(())

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        return ctx.gradient * slopes[0], None


def pull(made: Tensor, gradient: Tensor) -> Tensor:
    """A zero whose slope in `made` is `gradient`, of made's shape.

    For backward(), which would import sympy when it is given a gradient for the first time: seconds.
    """
    nothing: Tensor = _Pull.apply(made, gradient)
    return nothing


@dataclass(frozen=True)
class Strip:
    """first, last: the rows that go in. top, bottom: those of them whose answer is wanted."""

    first: int
    last: int
    top: int
    bottom: int

    def wanted(self, made: Tensor) -> Tensor:
        """What was made of the rows first..last, cut down to that of top..bottom."""
        factor = made.shape[2] // (self.last - self.first)
        return made[:, :, factor * (self.top - self.first):factor * (self.bottom - self.first)]


def strips(x: Tensor) -> Iterator[Strip]:
    """How BxCxHxS features are cut: not at all where they are small or on a GPU."""
    rows = x.shape[2]
    height = rows
    if rows >= STRIP_FROM and x.is_cpu:
        height = max(1, STRIP_VALUES // x[:, :, 0].numel())
    for top in range(0, rows, height):
        bottom = min(top + height, rows)
        yield Strip(max(top - 1, 0), min(bottom + 1, rows), top, bottom)


def joined(made: list[Tensor]) -> Tensor:
    """The strips of one stage as one."""
    return made[0] if len(made) == 1 else torch.cat(made, dim=2)


def run(stage: Stage, x: Tensor, latents: Tensor) -> Tensor:
    """One stage as is cheapest: whole where gradients are wanted, else in strips."""
    if torch.is_grad_enabled():
        return stage(x, 0, latents)
    return joined([s.wanted(stage(x[:, :, s.first:s.last], s.first, latents)) for s in strips(x)])


def at_once(stages: Sequence[Stage], latents: Tensor) -> Tensor:
    """What the last of the stages makes of BxLxW."""
    x = NOTHING
    for stage in stages:
        x = run(stage, x, latents)
    return x


@torch.no_grad()
def drawing(stages: Sequence[Stage], latents: Tensor) -> Generator[None, None, Tensor]:
    """The last stage's answer, without gradients; pauses after every piece."""
    x = NOTHING
    for stage in stages:
        made = []
        for strip in strips(x):
            made.append(strip.wanted(stage(x[:, :, strip.first:strip.last], strip.first, latents)))
            yield
        x = joined(made)
    return x


@dataclass(frozen=True, eq=False)
class _Piece:
    """One strip of one stage: the leaf it began at, and what was made of it."""

    strip: Strip
    leaf: Tensor
    made: Tensor

    def descend(self, gradient: Tensor, into: Tensor) -> None:
        """Adds this piece's part of the gradient of what went into the stage; gradient: of all that came out."""
        factor = self.made.shape[2] // (self.strip.bottom - self.strip.top)
        pull(self.made, gradient[:, :, factor * self.strip.top:factor * self.strip.bottom]).backward()
        if self.leaf.grad is not None:
            into[:, :, self.strip.first:self.strip.last] += self.leaf.grad


class Passage:
    """One way there and back through stages. latents: BxLxW, taken as they are: no graph behind them is followed."""

    def __init__(self, stages: Sequence[Stage], latents: Tensor) -> None:
        self._stages = stages
        self._latents = latents.detach().requires_grad_()
        self._way: list[tuple[Tensor, list[_Piece]]] = []

    def forward(self) -> Generator[None, None, Tensor]:
        """The picture, as a leaf that gathers its gradient; pauses after every piece."""
        x = NOTHING
        for stage in self._stages:
            pieces: list[_Piece] = []
            for strip in strips(x):
                pieces.append(self._piece(stage, x, strip))
                yield
            self._way.append((x, pieces))
            x = joined([piece.made.detach() for piece in pieces])
        return x.requires_grad_()

    @torch.enable_grad()
    def _piece(self, stage: Stage, x: Tensor, strip: Strip) -> _Piece:
        leaf = x[:, :, strip.first:strip.last].detach().requires_grad_(x is not NOTHING)
        return _Piece(strip, leaf, strip.wanted(stage(leaf, strip.first, self._latents)))

    def backward(self, gradient: Tensor) -> Generator[None, None, Tensor]:
        """The picture's gradient -> the latents', BxLxW; pauses after every piece. What the way held is let go."""
        while self._way:
            x, pieces = self._way.pop()
            into = torch.zeros_like(x)
            while pieces:
                pieces.pop().descend(gradient, into)
                yield
            gradient = into
        assert self._latents.grad is not None
        return self._latents.grad
