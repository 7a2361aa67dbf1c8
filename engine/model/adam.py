"""Adam (Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1), for this program's descents.

The rule is that of torch.optim.Adam, whose first step however imports torch's compiler: seconds of work on a laptop,
at the artist's first stroke. Here all memory is taken at the beginning and a step takes none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

EPSILON = 1e-8
LEAST = 0.05
"""The rate at the end of a training, as a share of the highest."""


@dataclass(eq=False)
class Moments:
    """What Adam remembers of one parameter: running means of its gradient and of the gradient's square."""

    parameter: Tensor
    steps: int = 0
    mean: Tensor = field(init=False)
    square: Tensor = field(init=False)
    scratch: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.mean, self.square, self.scratch = (torch.zeros_like(self.parameter.detach()) for _ in range(3))

    def reset(self) -> None:
        """Forget all gradients."""
        self.steps = 0
        self.mean.zero_()
        self.square.zero_()

    def step(self, rate: float, betas: tuple[float, float]) -> None:
        """Move the parameter, in place; nothing where it has no gradient."""
        gradient = self.parameter.grad
        if gradient is None:
            return
        self.steps += 1
        self.mean.lerp_(gradient, 1 - betas[0])
        self.square.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
        # Both means start at zero; what that makes them too small by is divided out.
        torch.sqrt(self.square, out=self.scratch)
        self.scratch.div_(math.sqrt(1 - betas[1] ** self.steps)).add_(EPSILON)
        self.parameter.addcdiv_(self.mean, self.scratch, value=-rate / (1 - betas[0] ** self.steps))


@dataclass(eq=False)
class Group:
    """Parameters (leaf tensors, changed in place) that share a rate, which may be set between steps."""

    parameters: Sequence[Tensor]
    rate: float
    betas: tuple[float, float] = (0.9, 0.999)
    moments: tuple[Moments, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.moments = tuple(Moments(parameter) for parameter in self.parameters)


class Adam:
    """The optimiser over its groups."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self.groups = tuple(groups)

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient against it."""
        for group in self.groups:
            for moments in group.moments:
                moments.step(group.rate, group.betas)

    def clear(self) -> None:
        """Drop the gradients, for the next backward pass."""
        for group in self.groups:
            for parameter in group.parameters:
                parameter.grad = None

    def reset(self) -> None:
        """Begin anew from where the parameters are."""
        for group in self.groups:
            for moments in group.moments:
                moments.reset()


def clip(parameters: Sequence[Tensor], most: float = 1.0) -> None:
    """Scale the gradients, in place, so that all of them together are no longer than `most`.

    What torch has for it imports a computer algebra system when first called.
    """
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    length = torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt()
    for gradient in gradients:
        gradient.mul_((most / (length + 1e-6)).clamp(max=1))


def rate(highest: float, warm_up: int, steps: int, fraction: float) -> float:
    """A short rise, so that Adam's memory is filled gently, then a cosine's fall over the time, 0..1 of it gone."""
    falling = LEAST + (1 - LEAST) * (0.5 + 0.5 * math.cos(math.pi * fraction))
    return highest * min(1.0, (steps + 1) / warm_up) * falling
