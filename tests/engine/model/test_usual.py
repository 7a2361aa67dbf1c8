"""Places that are unusual for a manifold are lit, usual ones are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.document.pauses import finished
from engine.model import usual as module
from engine.model.manifold import Manifold
from engine.model.networks.critic import Critic
from engine.model.usual import Usual, usual


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A few samples, places of two pixels, and a cache of our own."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    for name, value in (("PATCH", 2), ("SAMPLES", 40), ("FURTHER", 10), ("COORDINATES", 4)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "_known", {})


@pytest.fixture
def known(tiny_manifold: Manifold) -> Usual:
    return finished(usual(tiny_manifold))


@torch.no_grad()
def fresh(manifold: Manifold, seed: int) -> torch.Tensor:
    return manifold.preview(manifold.sample(1, seed, module.TRUNCATION)).clamp(-1, 1)


def test_what_the_model_makes_is_usual(tiny_manifold: Manifold, known: Usual) -> None:
    strange = torch.stack([known.strangeness(fresh(tiny_manifold, seed)) for seed in range(500, 510)])
    assert strange.min() >= 0 and strange.max() <= 1
    assert strange.mean() < 0.15


def test_a_damaged_place_is_lit_and_the_others_are_not(tiny_manifold: Manifold, known: Usual) -> None:
    picture = fresh(tiny_manifold, 501)
    broken = picture.clone()
    broken[:, :, 8:, 8:] = torch.tensor([1.0, -1.0, 1.0]).view(1, 3, 1, 1)
    before, after = known.strangeness(picture), known.strangeness(broken)
    more = after - before
    side = len(more)
    there, elsewhere = more[side // 2 :, side // 2 :], more[: side // 2, : side // 2]
    assert there.mean() > 0.25 and elsewhere.abs().mean() < 0.2 * there.mean()


def test_it_is_measured_once(tiny_manifold: Manifold, known: Usual, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_known", {})
    assert sum(1 for _ in usual(tiny_manifold)) == 0  # no pause: it was read
    again = finished(usual(tiny_manifold)).clouds
    assert all(torch.equal(one.white, other.white) for one, other in zip(again, known.clouds, strict=True))


def test_a_manifold_with_a_critic_is_judged_by_its_votes(tiny_manifold: Manifold) -> None:
    critic = Critic(32).eval()
    manifold = Manifold(
        "own", tiny_manifold.layers, 16, 16, tiny_manifold.mean, tiny_manifold.basis, tiny_manifold.generator,
        tiny_manifold.light, tiny_manifold.draw, tiny_manifold.importance, critic=critic,
    )  # fmt: skip
    votes = module.sight_of(manifold)(torch.zeros(2, 3, 32, 32))
    assert votes.shape == (2, 3, 4, 4)


def test_a_manifold_of_one_grey_picture_has_a_map_too(tiny_manifold: Manifold) -> None:
    class Grey(torch.nn.Module):
        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            return torch.zeros(len(latents), 3, 16, 16)

    manifold = replace(tiny_manifold, generator=Grey(), light=Grey())
    known = finished(usual(manifold))
    plain, broken = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    broken[:, 0, 8:, 8:] = 1.0
    assert known.strangeness(plain).max() < 0.2
    there = known.strangeness(broken)
    assert there[-2:, -2:].mean() > 0.9 and torch.isfinite(there).all()
