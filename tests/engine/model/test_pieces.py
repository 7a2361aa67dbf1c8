"""A network in pieces gives what it gives in one go: the picture, and the latents' gradient."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import pytest
import torch
from tiny_pack import CHANNELS, WIDTH, write_wheel
from torch import Tensor

from engine.model import pieces
from engine.model.faces_pack import build, read
from engine.model.networks import mobilestylegan
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.pieces import Passage, drawing

Answer = TypeVar("Answer")


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return build(read(write_wheel(tmp_path_factory.mktemp("pack") / "tiny.whl"), CHANNELS, WIDTH))[1]


@pytest.fixture(params=[1, 300, 1 << 20])
def fine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Numbers in a strip: pieces of a row, of some rows, of whole octaves; all octaves but the first in strips."""
    monkeypatch.setattr(pieces, "STRIP_FROM", 1)
    monkeypatch.setattr(pieces, "STRIP_VALUES", request.param)
    monkeypatch.setattr(mobilestylegan, "WHOLE", 4)
    return int(request.param)


def some_latents(batch: int) -> Tensor:
    return torch.randn(batch, 8, WIDTH, generator=torch.Generator().manual_seed(3))


def exhausted(work: Generator[None, None, Answer]) -> tuple[Answer, int]:
    """What it returns, and how often it paused."""
    count = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value, count
        count += 1


@pytest.mark.parametrize("batch", [1, 2])
def test_drawing_is_the_forward_pass_bit_for_bit(synthesis: Synthesis, fine: int, batch: int) -> None:
    latents = some_latents(batch)
    picture, pauses = exhausted(drawing(synthesis.stages(), latents))
    with torch.no_grad():
        assert torch.equal(picture, synthesis(latents))
    assert pauses > 3 if fine < 1 << 20 else pauses == 3


@pytest.mark.parametrize("batch", [1, 2])
def test_passage_is_forward_and_backward(synthesis: Synthesis, fine: int, batch: int) -> None:
    weight = torch.randn(batch, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    latents = some_latents(batch).requires_grad_()
    whole = synthesis(latents)
    (whole.square() * weight).sum().backward()
    passage = Passage(synthesis.stages(), latents)
    picture, there = exhausted(passage.forward())
    torch.testing.assert_close(picture, whole, rtol=1e-5, atol=1e-4)
    (picture.square() * weight).sum().backward()
    assert picture.grad is not None and latents.grad is not None
    gradient, back = exhausted(passage.backward(picture.grad))
    torch.testing.assert_close(gradient, latents.grad, rtol=1e-4, atol=1e-5 * float(latents.grad.abs().max()))
    assert there == back >= 3


def test_pauses_leave_the_gradient_mode_alone(synthesis: Synthesis) -> None:
    work = drawing(synthesis.stages(), some_latents(1))
    next(work)
    assert torch.is_grad_enabled()
    with torch.no_grad():
        passage = Passage(synthesis.stages(), some_latents(1))
        way = passage.forward()
        next(way)
        assert not torch.is_grad_enabled()
