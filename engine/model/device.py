"""Device: where tensors are worked on. CUDA where there is one that can be relied on, the processor where there is not.

It is chosen here and nowhere else. A manifold is opened on the processor and moved as a whole; whatever is made for it
is made on its own device, and what leaves the engine is an array. Random numbers are drawn by the processor's generator
and then moved, so that they are the same on every machine. GANVAS_DEVICE=cpu or =cuda chooses instead.
"""

from __future__ import annotations

import os
import warnings
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.errors import InputError

if TYPE_CHECKING:
    from engine.model.manifold import Manifold

DEVICE = "GANVAS_DEVICE"
CPU, CUDA = torch.device("cpu"), torch.device("cuda")
SHORT = torch.bfloat16
"""Numbers of sixteen bits."""
AWAY = 0.01
"""Share of the largest number by which answers may differ: graphics cards multiply with shorter numbers."""


def chosen() -> torch.device:
    """The device. InputError where GANVAS_DEVICE asks for one that is not there, or for something else."""
    asked = os.environ.get(DEVICE, "")
    if asked not in ("", "cpu", "cuda"):
        raise InputError(f"{DEVICE} is {asked!r}: say cpu or cuda, or leave it out.")
    if asked == "cuda" and not has_cuda():
        raise InputError(f"{DEVICE} asks for CUDA, and there is none here: leave it out.")
    if asked:
        return CPU if asked == "cpu" else CUDA
    return CUDA if _trusted() else CPU


@cache
def has_cuda() -> bool:
    """Whether torch finds a CUDA device."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a driver that is too old: it is as good as none
        return torch.cuda.is_available()


@cache
def _trusted() -> bool:
    return has_cuda() and agrees(CUDA)


@cache
def halves(device: torch.device) -> bool:
    """Whether it multiplies numbers of sixteen bits in less time."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities() if device.type == "cpu" else {}
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def shortened(device: torch.device) -> torch.autocast:
    """Within it networks multiply numbers of sixteen bits, where that is faster. Not to be left open at a pause."""
    return torch.autocast(device.type, SHORT, enabled=halves(device))


def agrees(device: torch.device) -> bool:
    """Whether a small convolution and its gradient come out there as they do on the processor."""
    try:
        here, there = _slope(CPU), _slope(device).cpu()
    except (RuntimeError, AssertionError):  # no memory left, a card too old for this torch, a driver gone
        return False
    return bool((here - there).abs().max() <= AWAY * here.abs().max())


def _slope(device: torch.device) -> Tensor:
    random = torch.Generator().manual_seed(0)
    picture, weight = (torch.randn(shape, generator=random) for shape in ((1, 8, 16, 16), (8, 8, 3, 3)))
    free = picture.to(device).requires_grad_()
    F.conv2d(free, weight.to(device), padding=1).relu().square().mean().backward()
    assert free.grad is not None
    return free.grad


def placed(manifold: Manifold) -> Manifold:
    """The manifold on the chosen device; on the processor where that has not the memory to go through it and back."""
    device = chosen()
    if device == CPU:
        return manifold
    try:
        moved = manifold.on(device)
        moved.picture(moved.average().requires_grad_()).square().mean().backward()
    except torch.OutOfMemoryError:
        return manifold.on(CPU)
    return moved
