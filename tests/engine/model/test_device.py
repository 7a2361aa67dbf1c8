"""The device is chosen in one place, and a manifold moves there as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.model import device
from engine.model.device import CPU, CUDA, agrees, chosen, placed
from engine.model.manifold import Manifold


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing is known of the machine."""
    yield
    device.has_cuda.cache_clear()
    device._trusted.cache_clear()


def machine(monkeypatch: pytest.MonkeyPatch, cuda: bool, right: bool = True, asked: str = "") -> None:
    device.has_cuda.cache_clear()
    device._trusted.cache_clear()
    monkeypatch.setenv(device.DEVICE, asked)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(device, "agrees", lambda place: right)


@pytest.mark.parametrize(("cuda", "right", "asked", "wanted"), [
    (False, True, "", CPU), (True, True, "", CUDA), (True, False, "", CPU), (True, True, "cpu", CPU),
    (True, False, "cuda", CUDA),
])  # fmt: skip
def test_the_device(monkeypatch: pytest.MonkeyPatch, cuda: bool, right: bool, asked: str, wanted: object) -> None:
    machine(monkeypatch, cuda, right, asked)
    assert chosen() == wanted


@pytest.mark.parametrize("asked", ["cuda", "quickest"])
def test_what_cannot_be_had_is_said(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    machine(monkeypatch, cuda=False, asked=asked)
    with pytest.raises(InputError, match="leave it out"):
        chosen()


def test_a_device_is_trusted_that_answers_as_the_processor_does(
    elsewhere: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert agrees(elsewhere)
    right = device._slope
    monkeypatch.setattr(device, "_slope", lambda place: right(place) * (1 if place == CPU else 1.1))
    assert not agrees(elsewhere)


def test_a_device_that_fails_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = device._slope

    def broken(place: torch.device) -> Tensor:
        if place != CPU:
            raise RuntimeError("no kernel image is available for execution on the device")
        return right(place)

    monkeypatch.setattr(device, "_slope", broken)
    assert not agrees(CUDA)


class Large(nn.Module):
    """A picture for which there is memory on the processor alone."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("colors", torch.ones(3, 1, 1))

    def forward(self, latents: Tensor) -> Tensor:
        """Bx3x16x16."""
        if self.get_buffer("colors").device != CPU:
            raise torch.OutOfMemoryError("out of memory")
        return latents.mean() * self.get_buffer("colors").expand(len(latents), 3, 16, 16)


def test_without_memory_all_of_it_stays_on_the_processor(
    tiny_manifold: Manifold, elsewhere: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "chosen", lambda: elsewhere)
    manifold = placed(replace(tiny_manifold, generator=Large(), light=nn.Linear(2, 2)))
    assert manifold.device == CPU and {each.device for each in manifold.light.parameters()} == {CPU}
    assert manifold.picture(manifold.average()).device == CPU


def test_there_it_is_all_there(elsewhere: torch.device, monkeypatch: pytest.MonkeyPatch, tiny_manifold: Manifold,
                               ) -> None:
    monkeypatch.setattr(device, "chosen", lambda: elsewhere)
    small = nn.Linear(2, 2)
    manifold = placed(replace(tiny_manifold, generator=nn.Flatten(), light=small, sketches=(nn.Linear(2, 2),),
                              encoder=nn.Linear(2, 2), critic=nn.Linear(2, 2)))  # fmt: skip
    tensors = (manifold.mean, manifold.basis, manifold.importance, small.weight, manifold.sample(2, 0))
    networks = (manifold.encoder, manifold.critic, *manifold.sketches)
    assert {each.device for each in tensors} == {elsewhere}
    assert {each.device for network in networks if network for each in network.parameters()} == {elsewhere}


def test_the_guess_of_a_manifold_without_an_encoder_is_there_too(
    tiny_manifold: Manifold, elsewhere: torch.device
) -> None:
    manifold = replace(tiny_manifold, generator=nn.Flatten(), light=nn.Flatten()).on(elsewhere)
    assert {part.device for part in manifold.guess(torch.zeros(1, 3, 16, 16))} == {elsewhere}


def test_the_pretend_device_keeps_to_itself(elsewhere: torch.device) -> None:
    here, there = torch.ones(3), torch.ones(3, device=elsewhere).requires_grad_()
    for forgotten in (lambda: there + here, lambda: torch.cat([here, there]), lambda: there.detach().numpy(),
                      lambda: torch.randn(3, generator=torch.Generator(), device=elsewhere)):  # fmt: skip
        with pytest.raises((RuntimeError, TypeError)):
            forgotten()
    (2 * there).square().sum().backward()
    assert there.grad is not None and there.grad.device == elsewhere
    assert there.grad.cpu().tolist() == [8, 8, 8] and there.grad.cpu().device == CPU
