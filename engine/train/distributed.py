"""Training on several processes or machines, started by torchrun: each has its own pictures, all the same networks.

Distributed data parallel by hand: gradients are averaged over all processes before every step, so that the networks,
equal at the beginning, stay equal. (Torch's wrapper expects one forward and one backward pass a step; a critic judges
twice and is differentiated twice.) Without torchrun everything here does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch import distributed as group


@contextmanager
def joined() -> Iterator[None]:
    """Joins the others, if torchrun says there are some, and leaves them at the end."""
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield
        return
    group.init_process_group("gloo")
    try:
        yield
    finally:
        group.destroy_process_group()


def world() -> int:
    """How many processes train together."""
    return group.get_world_size() if group.is_initialized() else 1


def rank() -> int:
    """Which of them this is. Only the first writes files."""
    return group.get_rank() if group.is_initialized() else 0


def agree(*modules: nn.Module) -> None:
    """Everybody takes the first one's weights."""
    if world() > 1:
        for module in modules:
            for value in module.state_dict().values():
                group.broadcast(value, 0)


@torch.no_grad()
def average(parameters: Sequence[nn.Parameter]) -> None:
    """Replaces each gradient by its mean over all processes; in one message."""
    if world() < 2:
        return
    gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
    flat = torch.cat([g.reshape(-1) for g in gradients])
    group.all_reduce(flat)
    parts = (flat / world()).split([g.numel() for g in gradients])
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.reshape(parameter.shape).clone(memory_format=torch.preserve_format)


def shared(number: float) -> float:
    """The first process's number: of what all must agree on, such as when to stop."""
    if world() < 2:
        return number
    value: Tensor = torch.tensor([number], dtype=torch.float64)
    group.broadcast(value, 0)
    return float(value)


def wait() -> None:
    """Until all have come here."""
    if world() > 1:
        group.barrier()
