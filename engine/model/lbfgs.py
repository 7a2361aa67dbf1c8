"""L-BFGS (Nocedal 1980; Liu and Nocedal 1989), driven from outside: the caller evaluates, this says where to go next.

torch.optim's own does several evaluations behind one call, which would hold the engine's thread, and its import loads
a compiler. Steps that do not lower the loss enough (Armijo's condition) are taken back and halved, so that the loss
never rises.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import torch
from torch import Tensor

SUFFICIENT = 1e-4
"""Share of the decrease that the slope promises which a step must deliver."""

SMALLEST = 1e-6
"""A step shortened this far is given up, and with it all memory of the curvature."""


@dataclass(eq=False)
class LBFGS:
    """Minimises over one tensor. first: root mean square of the first step, in the point's units. memory: pairs kept.

    Use: while True: evaluate at `point`; `update(loss, gradient)` accepts it or takes it back and moves `point` on.
    """

    point: Tensor
    first: float = 0.02
    memory: int = 12
    best: Tensor = field(init=False)
    loss: float = field(init=False, default=float("inf"))
    accepted: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.best, self.point = self.point, self.point.clone()
        self._pairs: deque[tuple[Tensor, Tensor, float]] = deque(maxlen=self.memory)
        self._gradient: Tensor | None = None
        self._direction, self._length, self._decline = torch.zeros_like(self.point), 1.0, 0.0

    def update(self, loss: float, gradient: Tensor) -> bool:
        """Take the loss and gradient at `point`; True when the point is accepted. Either way `point` is the next."""
        accepted = self._gradient is None or loss <= self.loss + SUFFICIENT * self._length * self._decline
        if accepted:
            self._accept(loss, gradient)
        else:
            self._length *= 0.5 if loss == loss else 0.1  # not a number: far outside
            if self._length < SMALLEST:
                self._forget()
        self.point = self.best + self._length * self._direction
        return accepted

    def _accept(self, loss: float, gradient: Tensor) -> None:
        if self._gradient is not None:
            self._remember(self.point - self.best, gradient - self._gradient)
        self.best, self.loss, self._gradient = self.point, loss, gradient
        self.accepted += 1
        self._aim(gradient)

    def _remember(self, moved: Tensor, change: Tensor) -> None:
        curvature = _dot(moved, change)
        if curvature > 1e-10 * _dot(change, change):
            self._pairs.append((moved, change, curvature))

    def _forget(self) -> None:
        self._pairs.clear()
        assert self._gradient is not None
        self.first *= 0.25
        self._aim(self._gradient)

    def _aim(self, gradient: Tensor) -> None:
        """The two-loop recursion; without memory, straight down by `first`."""
        towards, shares = -gradient, []
        for moved, change, curvature in reversed(self._pairs):
            share = _dot(moved, towards) / curvature
            towards = towards - share * change
            shares.append(share)
        if self._pairs:
            _, change, curvature = self._pairs[-1]
            towards = towards * (curvature / _dot(change, change))
        for (moved, change, curvature), share in zip(self._pairs, reversed(shares), strict=True):
            towards = towards + (share - _dot(change, towards) / curvature) * moved
        self._direction, self._decline = towards, _dot(gradient, towards)
        self._length = 1.0
        if not self._pairs:
            self._length = self.first * towards.numel() ** 0.5 / max(float(towards.norm()), 1e-30)


def _dot(a: Tensor, b: Tensor) -> float:
    return float(torch.dot(a.flatten(), b.flatten()))
