"""A style is fitted: the loss falls, the network's weights stay as they are, and the style says which they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.document.job import FitStyle
from engine.document.photo import Photo
from engine.document.style import Style
from engine.model import gram
from engine.model.features import Features
from engine.model.networks.style_transfer import StyleTransfer, fingerprint
from engine.paint.studio import Studio
from engine.run.steps import Steps
from engine.train import style_fit
from engine.train.crops import Crops
from engine.train.style_fit import Judge, fit_style, fitting, loss_of
from engine.train.style_single import wanted


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style_fit, "SIDE", 64)


@pytest.fixture(scope="module")
def studio() -> Studio:
    torch.manual_seed(0)
    return Studio(Features.load(), StyleTransfer())


@pytest.fixture(scope="module")
def style(studio: Studio) -> Style:
    noise = torch.from_numpy(np.random.default_rng(0).random((1, 3, 64, 64), np.float32)) * 2 - 1
    with torch.no_grad():
        taps = studio.features.network(noise)
    return Style("noise", tuple(tap.mean(dim=(0, 2, 3)).numpy() for tap in taps),
                 tuple(gram.gram_per_position(tap)[0].numpy() for tap in taps))


def photo() -> Photo:
    wave = 127 + 120 * np.sin(np.linspace(0, 40, 96))[:, None, None] * np.ones((1, 80, 3))
    return Photo(wave.astype(np.uint8))


def last_of(steps: Iterator[object]) -> object:
    *_, last = steps
    return last


def test_what_is_found_paints_nearer_to_the_style(studio: Studio, style: Style) -> None:
    features, network = studio.features.network, studio.network
    crops = Crops(photo().pixels, 64, np.random.default_rng(1))
    start = studio.embedding(style)
    work = fitting(network, Judge(features, wanted(style)), start, crops.next, 12)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found = end.value
            break

    def loss(told: Tensor) -> float:
        shown = Crops(photo().pixels, 64, np.random.default_rng(5)).next()
        with torch.no_grad():
            return float(loss_of(features(network(shown, told.reshape(1, -1))), features(shown), wanted(style)))

    assert found.shape == (4, 48)
    assert loss(found) < 0.9 * loss(torch.cat(start))


def test_the_job_ends_with_the_fitted_style_and_leaves_the_network_alone(studio: Studio, style: Style) -> None:
    before = fingerprint(studio.network)
    job = FitStyle(ticket=3, style=style, photo=photo(), steps=2)
    steps = list(fit_style(job, studio.network, studio.features.network, studio.embedding(style), before))
    last = steps[-1]
    assert last.settled and last.style is not None and last.style.id == style.id
    assert last.style.fitted is not None and last.style.fitted_to == before == fingerprint(studio.network)
    assert len(steps) >= 9  # four pauses a step: a stroke does not wait
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    told = torch.stack([octave[0] for octave in studio.embedding(last.style)])
    assert np.array_equal(told.numpy(), last.style.fitted)


def test_a_fit_for_another_network_is_not_used(studio: Studio, style: Style) -> None:
    other = style_fit.fitted(style, torch.full((4, 48), 9.0), "0123456789abcdef")
    assert not studio.is_fitted(other)
    assert all(torch.equal(a, b) for a, b in zip(studio.embedding(other), studio.embedding(style), strict=True))
    narrow = style_fit.fitted(style, torch.ones(4, 3), studio.fingerprint)  # what a file may say
    assert not studio.is_fitted(narrow)


def test_a_fitted_style_is_not_fitted_again(style: Style) -> None:
    steps = Steps()
    known = style_fit.fitted(style, torch.zeros(4, 48), steps.studio.fingerprint)
    (step,) = steps.begin(FitStyle(ticket=1, style=known, photo=photo()))
    assert step.settled and step.style is known
