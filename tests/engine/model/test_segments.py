"""A gradient in parts is the gradient in one piece."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import torch
from torch import Tensor

from engine.model import segments
from engine.model.networks.compact_vgg import CompactVGG

Value = TypeVar("Value")


def finished(work: Generator[None, None, Value]) -> tuple[Value, int]:
    pauses = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value, pauses
        pauses += 1


def network() -> CompactVGG:
    torch.manual_seed(0)
    return CompactVGG((4, 6, 8, 8)).eval().requires_grad_(False)


def loss_at(number: int, tap: Tensor) -> Tensor | None:
    return None if number == 1 else (number + 1) * tap.square().mean()


def test_taps_are_the_networks_own() -> None:
    compact, picture = network(), torch.randn(1, 3, 16, 24)
    found, pauses = finished(segments.taps(segments.of_compact(compact), picture))
    for own, tap in zip(found, compact(picture), strict=True):
        torch.testing.assert_close(own, tap)
    assert pauses >= 10


def test_slope_in_parts_is_that_of_one_pass() -> None:
    compact, picture = network(), torch.randn(1, 3, 16, 16)
    found, _ = finished(segments.slope(segments.of_compact(compact), picture, loss_at))
    free = picture.clone().requires_grad_()
    terms = [loss_at(number, tap) for number, tap in enumerate(compact(free))]
    whole = torch.stack([term for term in terms if term is not None]).sum()
    whole.backward()
    assert abs(found.loss - whole.item()) < 1e-5 * abs(whole.item())
    torch.testing.assert_close(found.gradient, free.grad)


def test_slope_of_no_loss_is_nothing() -> None:
    found, _ = finished(segments.slope(segments.of_compact(network()), torch.ones(1, 3, 16, 16), lambda n, tap: None))
    assert found.loss == 0
    assert not found.gradient.any()
