"""One style learned: the loss falls, steps pause, the style carries the network and goes on from it."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from engine.document.job import LearnStyle
from engine.document.photo import Photo
from engine.document.style import Style
from engine.model import gram
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_single import StyleSingle
from engine.train import style_single
from engine.train.style_single import Learning, learn_style


@pytest.fixture
def features() -> CompactVGG:
    torch.manual_seed(0)
    return CompactVGG((4, 6, 8, 8)).eval().requires_grad_(False)


def job(features: CompactVGG, seconds: float = 1.0) -> LearnStyle:
    random = np.random.default_rng(0)
    with torch.no_grad():
        taps = features(torch.from_numpy(random.random((1, 3, 48, 48), np.float32)) * 2 - 1)
    style = Style("noise", tuple(tap.mean(dim=(0, 2, 3)).numpy() for tap in taps),
                  tuple(gram.gram_per_position(tap)[0].numpy() for tap in taps))
    wave = np.linspace(0, 255, 72)[:, None, None] * np.ones((1, 60, 3))
    return LearnStyle(ticket=4, style=style, photo=Photo(wave.astype(np.uint8)), seconds=seconds)


def test_loss_falls(features: CompactVGG) -> None:
    learning = Learning(job(features), features, side=32)
    work, losses = learning.run(), []
    for _ in work:
        if learning.steps > len(losses):
            losses.append(learning.loss)
        if learning.steps == 24:
            break
    assert losses[-1] < 0.9 * losses[0]


def test_a_step_is_done_in_pieces(features: CompactVGG) -> None:
    learning = Learning(job(features), features, side=32)
    assert [learning.steps for _ in islice(learning.run(), 8)] == [0, 0, 0, 1, 1, 1, 1, 2]


def test_steps_carry_the_network_and_the_last_is_settled(features: CompactVGG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_single, "FIRST", 0.0)
    monkeypatch.setattr(style_single.Features, "load", lambda: type("Loaded", (), {"network": features}))
    steps = list(learn_style(job(features, seconds=0.3)))
    assert steps[0].style is None
    assert steps[-1].settled
    assert steps[-1].fraction == 1
    assert steps[-1].style is not None
    StyleSingle.of(steps[-1].style.network)
    assert any(a is b for a, b in zip(steps, steps[1:], strict=False)), "no pauses"


def test_learning_goes_on_from_the_network_kept(features: CompactVGG) -> None:
    first = job(features)
    torch.manual_seed(3)
    arrays = StyleSingle().arrays()
    learning = Learning(replace(first, style=replace(first.style, network=arrays)), features, side=32)
    for name, value in learning.network.arrays().items():
        assert np.array_equal(value, arrays[name])
