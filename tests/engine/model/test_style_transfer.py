"""The style network: shapes, shared moments, and mixing of styles."""

from __future__ import annotations

import pytest
import torch

from engine.model.networks.style_transfer import EMBEDDING, Statistics, StyleTransfer, code_of, mixed, moments


@pytest.fixture(scope="module")
def network() -> StyleTransfer:
    torch.manual_seed(3)
    made = StyleTransfer().eval().requires_grad_(False)
    for parameter in made.parameters():  # as unlike their start as trained weights are
        if parameter.ndim == 2:
            parameter.data.add_(0.05 * torch.randn_like(parameter))
    return made


def test_it_has_fewer_than_three_million_parameters(network: StyleTransfer) -> None:
    assert sum(p.numel() for p in network.parameters()) < 3e6


def test_a_picture_comes_out_as_large_as_it_went_in(network: StyleTransfer) -> None:
    made = network(torch.rand(2, 3, 40, 72) * 2 - 1, torch.zeros(2, 4 * EMBEDDING))
    assert made.shape == (2, 3, 40, 72)
    assert made.abs().max() <= 1


def test_moments_are_those_of_the_definition() -> None:
    x = torch.randn(2, 5, 9, 7) * 3 + 4
    found = moments(x)
    torch.testing.assert_close(found.mean[..., 0, 0], x.mean(dim=(2, 3)))
    torch.testing.assert_close(found.deviation[..., 0, 0], x.std(dim=(2, 3), correction=0), rtol=1e-3, atol=1e-3)


def test_kept_moments_give_the_same_picture(network: StyleTransfer) -> None:
    picture, style = torch.rand(1, 3, 48, 48) * 2 - 1, torch.randn(1, 4 * EMBEDDING)
    first = Statistics()
    whole = network(picture, style, first)
    torch.testing.assert_close(network(picture, style, Statistics(first.taken)), whole)


def test_a_part_with_the_moments_of_the_whole_is_a_part_of_the_whole(network: StyleTransfer) -> None:
    picture, style = torch.rand(1, 3, 64, 704) * 2 - 1, torch.randn(1, 4 * EMBEDDING)
    first = Statistics()
    whole = network(picture, style, first)
    part = network(picture[..., : 320 + StyleTransfer.REACH], style, Statistics(first.taken))
    assert (part[..., :320] - whole[..., :320]).abs().max() < 2 / 255
    alone = network(picture[..., : 320 + StyleTransfer.REACH], style)
    assert (alone[..., :320] - whole[..., :320]).abs().max() > 2 / 255  # without them it is not


def test_nothing_of_a_style_is_the_photos_own(network: StyleTransfer) -> None:
    own, other = ([torch.randn(1, EMBEDDING) for _ in range(4)] for _ in range(2))
    assert torch.equal(mixed(own, other, [0, 0, 0, 0]), torch.cat(own, dim=1))
    torch.testing.assert_close(mixed(own, other, [1, 1, 1, 1]), torch.cat(other, dim=1))
    half = mixed(own, other, [1, 0, 0, 0]).split(EMBEDDING, dim=1)
    torch.testing.assert_close(half[0], other[0])
    assert all(torch.equal(a, b) for a, b in zip(half[1:], own[1:], strict=True))


def test_a_code_has_means_and_then_deviations() -> None:
    tap = torch.randn(1, 6, 8, 8)
    (code,) = code_of([tap])
    torch.testing.assert_close(code[0, :6], tap.mean(dim=(0, 2, 3)))
    assert code.shape == (1, 12)
