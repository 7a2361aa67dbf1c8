"""Ways to teach the encoder: each asks for its own lessons, of the same pictures; adversaries stay beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import guess
from engine.train.guess import Lessons, Term, way_of
from engine.train.trainer import Budget

PICTURES = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), np.uint8)
BUDGET = Budget(minutes=0.0, checkpoint_minutes=1e9, steps=2)
ADAPTED = frozenset({Term.PAIRS, Term.REVERSAL, Term.JOINT})


@pytest.fixture(autouse=True)
def features(monkeypatch: pytest.MonkeyPatch) -> None:
    """Features that know nothing, small ones; one picture a part."""
    torch.manual_seed(0)
    network = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: network)
    monkeypatch.setattr(guess, "HALF", 2)
    monkeypatch.setattr(guess, "PARTS", (slice(0, 1), slice(1, 2)))


def lessons(manifold: Manifold, way: guess.Way) -> Lessons:
    torch.manual_seed(1)
    return Lessons(manifold, guess.new_encoder(manifold), PICTURES, np.arange(6), 3, way)


@pytest.mark.parametrize("way, parts", [("pairs", 2), ("again", 2), ("pairs+again", 4), ("again+reversal", 4),
                                        ("pairs+joint", 4)])
def test_each_way_asks_for_its_own_lessons(way: str, parts: int, tiny_manifold: Manifold) -> None:
    one = lessons(tiny_manifold, way_of(way))
    losses = list(one.parts(0, 0.5))
    assert len(losses) == parts and all(loss.requires_grad and torch.isfinite(loss) for loss in losses)
    torch.stack(losses).sum().backward()
    taught = [p for p in (*one.encoder.parameters(), *one.adversaries.parameters()) if p.requires_grad]
    assert all(p.grad is not None for p in taught)
    assert set(one.adversaries) == set(way.split("+")) & {"reversal", "joint"} == set(one.right())


def test_what_is_shown_does_not_depend_on_the_way(tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Tensor] = []

    def seen(self: Lessons, pictures: Tensor, *rest: object) -> Tensor:
        shown.append(pictures)
        return torch.zeros(())

    monkeypatch.setattr(Lessons, "generated", lambda self, latents, *rest, **more: seen(self, latents))
    monkeypatch.setattr(Lessons, "real", seen)
    for way in (ADAPTED, guess.USUAL, frozenset({Term.AGAIN})):
        list(lessons(tiny_manifold, way).parts(7))
    torch.testing.assert_close(shown[:4], shown[4:8])
    torch.testing.assert_close(shown[2:4], shown[8:])


def test_reversal_teaches_the_classifier_before_the_encoder_obeys(tiny_manifold: Manifold) -> None:
    slopes = []
    for progress in (0.0, 1.0):
        one = lessons(tiny_manifold, frozenset({Term.AGAIN, Term.REVERSAL}))
        one.generated(tiny_manifold.sample(1, 0), torch.zeros(2, 1, 1, 1, 1), progress).backward()
        slopes.append([network.hidden.weight.grad.norm() for network in (one.encoder, one.adversaries["reversal"])])
    (unmoved, first), (moved, second) = slopes
    assert unmoved == 0 < moved
    torch.testing.assert_close(first, second)


def test_only_the_encoder_is_handed_over_and_a_run_goes_on(tiny_manifold: Manifold, tmp_path: Path) -> None:
    one = lessons(tiny_manifold, ADAPTED)
    before = one.adversaries["joint"].latent.weight.detach().clone()
    training, pieces = guess.teach(one, BUDGET, tmp_path / "e.pt", resume=False)
    steps = [step for step in pieces if step is not None]
    assert [step.fraction for step in steps] == [0.5, 1.0]
    assert not torch.equal(before, one.adversaries["joint"].latent.weight)
    assert set(training.averaged()) == set(one.encoder.state_dict())
    again = lessons(tiny_manifold, ADAPTED)
    resumed, rest = guess.teach(again, BUDGET, tmp_path / "e.pt", resume=True)
    assert resumed.step == 2 and not list(rest)
    torch.testing.assert_close(again.adversaries.state_dict(), one.adversaries.state_dict())


def test_a_run_of_another_way_is_not_gone_on_with(tiny_manifold: Manifold, tmp_path: Path) -> None:
    _, pieces = guess.teach(lessons(tiny_manifold, guess.USUAL), BUDGET, tmp_path / "e.pt", resume=False)
    next(pieces)
    pieces.close()
    with pytest.raises(InputError, match="does not fit"):
        guess.teach(lessons(tiny_manifold, ADAPTED), BUDGET, tmp_path / "e.pt", resume=True)


def test_ways_are_read_and_nonsense_is_told() -> None:
    assert way_of("pairs+again") == {Term.PAIRS, Term.AGAIN}
    with pytest.raises(InputError, match="pairs, again, reversal, joint"):
        way_of("pairs+luck")
    with pytest.raises(InputError, match="reversal alone"):
        way_of("reversal")
