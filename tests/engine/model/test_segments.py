"""A gradient in parts is the gradient in one piece."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest
import torch
from torch import Tensor

from engine.model import gram, segments
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.segments import Linear, Tap

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


def loss_of(number: int, tap: Tensor) -> Tensor | None:
    return None if number == 1 else (number + 1) * tap.square().mean()


def loss_at(number: int, tap: Tap) -> Tensor | None:
    return loss_of(number, tap.map)


def test_taps_are_the_networks_own() -> None:
    compact, picture = network(), torch.randn(1, 3, 16, 24)
    found, pauses = finished(segments.taps(segments.of_compact(compact), picture))
    for own, tap in zip(found, compact(picture), strict=True):
        torch.testing.assert_close(own, tap)
    assert pauses >= 10


@pytest.mark.parametrize("size", [(16, 16), (21, 30)])
def test_slope_in_parts_is_that_of_one_pass(size: tuple[int, int]) -> None:
    compact, picture = network(), torch.randn(1, 3, *size)
    found, _ = finished(segments.slope(segments.of_compact(compact), picture, loss_at))
    free = picture.clone().requires_grad_()
    terms = [loss_of(number, tap) for number, tap in enumerate(compact(free))]
    whole = torch.stack([term for term in terms if term is not None]).sum()
    whole.backward()
    assert abs(found.loss - whole.item()) < 1e-5 * abs(whole.item())
    torch.testing.assert_close(found.gradient, free.grad)


def test_slope_of_no_loss_is_nothing() -> None:
    found, _ = finished(segments.slope(segments.of_compact(network()), torch.ones(1, 3, 16, 16), lambda n, tap: None))
    assert found.loss == 0
    assert not found.gradient.any()


def test_gram_of_a_tap_is_that_of_its_map() -> None:
    torch.manual_seed(1)
    tap = Tap(torch.randn(2, 5, 6, 8), Linear(torch.randn(4, 5), torch.randn(4)))
    for mask in (None, torch.rand(2, 1, 6, 8)):
        torch.testing.assert_close(tap.gram(mask), gram.gram_per_position(tap.map, mask), rtol=1e-4, atol=1e-5)


def test_what_a_network_expects_of_its_pictures_has_its_slope_too() -> None:
    torch.manual_seed(2)
    enter = Linear(torch.randn(3, 3), torch.randn(3))
    blocks = [[(torch.randn(4, 3, 3, 3), torch.randn(4))], [(torch.randn(6, 4, 3, 3), torch.randn(6))]]
    cut, picture = segments.of_convolutions(blocks, lambda b, c: b == 1, enter), torch.randn(1, 3, 8, 8)
    found, _ = finished(segments.slope(cut, picture, lambda number, tap: tap.map.square().sum()))
    nudge = 1e-3 * torch.randn(1, 3, 8, 8)
    ends = [finished(segments.slope(cut, picture + turn * nudge, lambda number, tap: tap.map.square().sum()))[0].loss
            for turn in (1, -1)]
    assert abs((ends[0] - ends[1]) / 2 - float((found.gradient * nudge).sum())) < 0.02 * abs(ends[0] - ends[1]) + 1e-2


@pytest.mark.parametrize("size", [(64, 40), (37, 30)])
def test_bands_of_a_large_picture_are_one_picture(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    parts, picture = segments.of_compact(network()), torch.randn(1, 3, *size)
    whole, few = finished(segments.slope(parts, picture, loss_at))
    taps, _ = finished(segments.taps(parts, picture))
    monkeypatch.setattr(segments, "WORK", 1.0)  # eight rows a band
    banded, many = finished(segments.slope(parts, picture, loss_at))
    assert many > few and abs(banded.loss - whole.loss) < 1e-5 * abs(whole.loss)
    torch.testing.assert_close(banded.gradient, whole.gradient)
    for one, other in zip(finished(segments.taps(parts, picture))[0], taps, strict=True):
        torch.testing.assert_close(one, other)
