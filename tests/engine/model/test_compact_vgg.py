"""The compact feature network: its taps are linear in what they look at, and its weights tell its shape."""

from __future__ import annotations

import torch

from engine.model.networks.compact_vgg import CompactVGG, depths_of


def test_depths_are_read_off_the_weights() -> None:
    named = {f"features.{name}": value for name, value in CompactVGG(depths=(2, 1, 3, 2)).state_dict().items()}
    assert depths_of(named) == (2, 1, 3, 2)


def test_taps_are_linear_in_the_insides() -> None:
    torch.manual_seed(0)
    network, picture = CompactVGG().requires_grad_(False), torch.randn(1, 3, 16, 24)
    for index, (tap, inside) in enumerate(zip(network(picture), network.insides(picture), strict=True)):
        weight, bias = network.linear(index)
        mapped = torch.einsum("kc,bchw->bkhw", weight, inside) + bias[:, None, None]
        torch.testing.assert_close(tap, mapped, atol=1e-5, rtol=1e-4)
