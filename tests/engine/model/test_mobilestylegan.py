"""The face generator's network against the literal meaning of the published graph."""

from __future__ import annotations

import pytest
import torch
from tiny_pack import CHANNELS, WIDTH, literal_picture, literal_styles, literal_wavelet, random_constants, write_wheel
from torch import Tensor

from engine.model import pieces
from engine.model.faces_pack import build, read
from engine.model.networks.mobilestylegan import Mapping, Synthesis, inverse_haar


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mapping, Synthesis]:
    """The tiny pack's networks, read from its wheel."""
    wheel = write_wheel(tmp_path_factory.mktemp("pack") / "tiny.whl")
    return build(read(wheel, CHANNELS, WIDTH))


def some_latents(batch: int, layers: int = 8) -> Tensor:
    return torch.randn(batch, layers, WIDTH, generator=torch.Generator().manual_seed(3))


def test_mapping_is_the_graph(networks: tuple[Mapping, Synthesis]) -> None:
    z = torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(networks[0](z), literal_styles(random_constants()[0], z), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(networks[0](5 * z), networks[0](z), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("learning", [False, True])
def test_synthesis_is_the_graph_with_a_style_for_every_layer(
    networks: tuple[Mapping, Synthesis], batch: int, learning: bool
) -> None:
    synthesis = networks[1]
    latents = some_latents(batch).requires_grad_(learning)
    with torch.set_grad_enabled(learning):
        picture = synthesis(latents)
    expected = literal_picture(random_constants()[1], latents)
    assert picture.shape == (batch, 3, synthesis.resolution, synthesis.resolution) == (batch, 3, 32, 32)
    torch.testing.assert_close(picture, expected, rtol=1e-4, atol=1e-4 * float(expected.detach().abs().max()))


@pytest.mark.parametrize("values", [1, 100, 500])
def test_strips_give_the_same_picture(
    networks: tuple[Mapping, Synthesis], monkeypatch: pytest.MonkeyPatch, values: int
) -> None:
    synthesis = networks[1]
    latents = some_latents(2)
    with torch.no_grad():
        whole = synthesis(latents)
        monkeypatch.setattr(pieces, "STRIP_FROM", 1)
        monkeypatch.setattr(pieces, "STRIP_VALUES", values)
        torch.testing.assert_close(synthesis(latents), whole, rtol=1e-5, atol=1e-4)
        torch.testing.assert_close(synthesis(latents[:1]), whole[:1], rtol=1e-5, atol=1e-4)


def test_gradients_are_the_graphs(networks: tuple[Mapping, Synthesis]) -> None:
    weight = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    found = []
    for network in (networks[1], lambda latents: literal_picture(random_constants()[1], latents)):
        latents = some_latents(2).requires_grad_()
        (network(latents) * weight).sum().backward()
        found.append(latents.grad)
    assert found[1] is not None
    torch.testing.assert_close(found[0], found[1], rtol=1e-3, atol=1e-4 * float(found[1].abs().max()))


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_wavelet_is_the_graphs_in_value_and_gradient(layout: torch.memory_format) -> None:
    bands = torch.randn(2, 12, 3, 5, dtype=torch.float64).to(memory_format=layout).requires_grad_()
    picture = inverse_haar(bands)
    exported = torch.cat([bands[:, :3], torch.stack(bands[:, 3:].chunk(3, dim=1), dim=2).flatten(1, 2)], dim=1)
    torch.testing.assert_close(picture, literal_wavelet(exported.float()).double(), rtol=1e-5, atol=1e-6)
    torch.autograd.gradcheck(inverse_haar, (bands,))
    torch.testing.assert_close(picture.square().sum(), bands.square().sum())


def test_trunk_and_finish_are_the_two_halves(networks: tuple[Mapping, Synthesis]) -> None:
    synthesis = networks[1]
    latents = some_latents(2)
    for size, layers, channels in zip((4, 8, 16), (1, 4, 7), CHANNELS, strict=True):
        assert synthesis.layers_until(size) == layers
        features = synthesis.trunk(latents[:, :layers], size)
        assert features.shape == (2, channels, size, size)
        torch.testing.assert_close(synthesis.finish(features, latents, size), synthesis(latents))
    assert synthesis.layers == 8


def test_nothing_given_is_changed(networks: tuple[Mapping, Synthesis]) -> None:
    synthesis = networks[1]
    latents = some_latents(1)
    features = synthesis.trunk(latents, 8)
    before = [value.clone() for value in (latents, features, *synthesis.state_dict().values())]
    first = synthesis.finish(features, latents, 8)
    synthesis(latents)
    after = (latents, features, *synthesis.state_dict().values())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert torch.equal(first, synthesis.finish(features, latents, 8))
