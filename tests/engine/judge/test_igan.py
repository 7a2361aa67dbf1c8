"""The race against a generator of iGAN's size."""

from __future__ import annotations

import pytest
import torch

from engine.judge import igan
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG


def test_the_published_generator_has_its_size() -> None:
    with torch.device("meta"):
        network = igan.Published()
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(18.9e6, rel=0.01)
    assert igan.Published(4).eval()(torch.zeros(2, 100)).shape == (2, 3, 64, 64)


def test_both_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(igan, "descend", lambda *_: iter([type("End", (), {"full": 1})]))
    race = igan.race(starts=2, base=4)
    assert race.theirs > 0 and race.ours > 0 and race.ratio == race.theirs / race.ours
