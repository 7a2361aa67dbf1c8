"""Networks held to the full one: itself is as far as nothing, another one is told from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.judge.lighter import drawn, judge
from engine.model.manifold import Manifold


class Half(nn.Module):
    """Another network's picture, darker, and averaged down to half its side."""

    def __init__(self, network: nn.Module, sign: float = 1.0) -> None:
        super().__init__()
        self.network, self.sign = network, sign

    def forward(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3x8x8."""
        return self.sign * F.avg_pool2d(self.network(latents), 2) - 0.25


def test_the_full_network_is_like_itself_and_others_are_told(tiny_manifold: Manifold) -> None:
    sketches = Half(tiny_manifold.generator), Half(tiny_manifold.generator, -1.0)
    manifold = replace(tiny_manifold, sketches=sketches)
    same, half, turned = judge(manifold, {"drawn": drawn(manifold, 3)}, 1)
    assert (same.name, same.size, half.size) == ("preview", 16, 8)
    assert same.away["drawn"] == 0 and same.agrees["drawn"] == pytest.approx(1)
    assert half.away["drawn"] == pytest.approx(0.25, abs=0.1) and half.agrees["drawn"] > 0.7
    assert turned.away["drawn"] > half.away["drawn"] and turned.agrees["drawn"] < half.agrees["drawn"]
    assert min(row.ratio for row in (same, half, turned)) > 0


def test_sketches_in_short_numbers_are_judged_beside_the_others(tiny_manifold: Manifold,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.model.manifold.halves", lambda device: True)
    half = Half(tiny_manifold.generator)
    manifold = replace(tiny_manifold, sketches=(half,), halve=lambda sketches: (Half(half.network, -1.0),))
    rows = {row.name: row for row in judge(manifold, {"drawn": drawn(manifold, 2)}, 1)}
    assert list(rows) == ["preview", "sketch 1", "short 1"]
    assert rows["short 1"].away["drawn"] > rows["sketch 1"].away["drawn"]


def test_drawn_latents_are_the_same_every_time_and_no_two_alike(tiny_manifold: Manifold) -> None:
    latents = drawn(tiny_manifold, 4)
    assert latents.shape == (4, tiny_manifold.layers, tiny_manifold.width)
    torch.testing.assert_close(latents, drawn(tiny_manifold, 4), rtol=0, atol=0)
    assert torch.pdist(latents.flatten(1)).min() > 0.1
