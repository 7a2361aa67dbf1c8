"""Sketches in short numbers show the same, lead the same way, and leave the network that they are copied from alone."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from engine.document.pauses import finished
from engine.model import manifold as module
from engine.model.device import SHORT
from engine.model.halved import Halved, halved
from engine.model.manifold import Manifold, stages_of
from engine.model.networks.folded import Folded
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.pieces import Passage

WIDTH = 8


@pytest.fixture
def sketches() -> tuple[Folded, ...]:
    torch.manual_seed(3)
    network = Synthesis((16, 16, 8), WIDTH).eval().requires_grad_(False)
    network.constant.normal_()
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.mul_(0.3)
            layer.bias.fill_(1.0)
    return tuple(Folded(network, size) for size in (8, 16))


def there_and_back(network: nn.Module, latents: Tensor) -> tuple[Tensor, Tensor]:
    passage = Passage(stages_of(network), latents)
    picture = finished(passage.forward())
    return picture.detach(), finished(passage.backward(picture.detach()))


def test_pictures_and_slopes_are_nearly_those_of_the_sketches(sketches: tuple[Folded, ...]) -> None:
    latents = torch.randn(1, sketches[0].synthesis.layers, WIDTH)
    for sketch, copy in zip(sketches, halved(sketches), strict=True):
        (picture, slope), (brief, its) = there_and_back(sketch, latents), there_and_back(copy, latents)
        assert brief.dtype == its.dtype == torch.float32 and brief.shape == picture.shape
        assert 0 < (brief - picture).abs().mean() < 0.02 * picture.abs().mean()
        assert torch.cosine_similarity(its.flatten(), slope.flatten(), dim=0) > 0.995
        with torch.no_grad():
            assert (copy(latents) - picture).abs().mean() < 0.02 * picture.abs().mean(), "in one go too"


def test_the_network_itself_keeps_its_numbers_and_what_is_shared_is_copied_once(sketches: tuple[Folded, ...]) -> None:
    first, second = (cast(Halved, copy).network for copy in halved(sketches))
    network = sketches[0].synthesis
    assert {weight.dtype for weight in (*network.parameters(), *network.buffers())} == {torch.float32}
    assert not any(layer._forward_hooks for layer in network.modules())
    assert first.synthesis is second.synthesis and first.synthesis is not network
    assert {weight.dtype for weight in first.parameters()} == {SHORT, torch.float32}


@pytest.mark.parametrize("quicker", [True, False])
def test_a_manifold_has_them_where_they_are_quicker(quicker: bool, tiny_manifold: Manifold,
                                                    sketches: tuple[Folded, ...],
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "halves", lambda device: quicker)
    manifold = replace(tiny_manifold, sketches=sketches, halve=halved)
    assert (manifold.halved is sketches) is not quicker and manifold.short is quicker
    assert manifold.halved is manifold.halved, "made but once"
    assert [network.size for network in manifold.halved] == [8, 16]
