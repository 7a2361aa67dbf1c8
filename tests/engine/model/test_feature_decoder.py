"""The feature decoder: sizes, a linear map that was set, and that the chain begins at nothing."""

from __future__ import annotations

import pytest
import torch

from engine.model.networks.compact_vgg import WIDTHS
from engine.model.networks.feature_decoder import FeatureDecoder


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_each_depth_gives_a_picture_of_the_first_size(depth: int) -> None:
    decoder = FeatureDecoder()
    side = 24 >> (depth - 1)
    tap = torch.randn(2, WIDTHS[depth - 1], side, 2 * side)
    assert decoder(tap, depth).shape == (2, 3, 24, 48)


def test_before_training_it_is_its_linear_map() -> None:
    decoder, tap = FeatureDecoder(), torch.randn(1, WIDTHS[2], 4, 4)
    torch.nn.init.zeros_(decoder.colour.weight)
    assert torch.equal(decoder(tap, 3), decoder.block(tap, 3))


def test_a_linear_map_that_was_set_is_applied_to_places() -> None:
    decoder = FeatureDecoder()
    outputs, inputs = 3 * 4, WIDTHS[1] * 9
    decoder.set_linear(2, torch.zeros(outputs, inputs), torch.arange(outputs).float())
    block = decoder.block(torch.randn(1, WIDTHS[1], 3, 3), 2)
    assert torch.equal(block[0, 1, :2, :2], torch.tensor([[4.0, 5.0], [6.0, 7.0]]))
    assert torch.equal(block[0, 1, 2:4, 4:6], torch.tensor([[4.0, 5.0], [6.0, 7.0]]))


def test_it_is_small_enough_to_ship() -> None:
    assert sum(p.numel() for p in FeatureDecoder().parameters()) * 2 < 6_000_000
