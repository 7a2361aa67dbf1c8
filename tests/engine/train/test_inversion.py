"""Teaching the decoder: the linear answer at once, less loss by descent, honest figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.train import inversion, shipped
from engine.train.style import Pictures
from engine.train.trainer import Budget


@pytest.fixture
def network() -> CompactVGG:
    torch.manual_seed(3)
    return Features(CompactVGG()).network


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pictures:
    """Smooth random pictures, and crops of 32 pixels."""
    monkeypatch.setattr(inversion, "SIDE", 32)
    random = np.random.default_rng(0)
    for number in range(24):
        small = Image.fromarray(random.integers(0, 255, (6, 6, 3)).astype(np.uint8))
        small.resize((48, 48), Image.Resampling.BICUBIC).save(tmp_path / f"{number:02}.png")
    return Pictures([tmp_path], np.random.default_rng(1))


def solved(network: CompactVGG, photos: Pictures) -> FeatureDecoder:
    decoder = FeatureDecoder()
    assert list(inversion.solve_linear(decoder, network, photos, 12))[-1] == 12
    return decoder


def errors(decoder: FeatureDecoder, network: CompactVGG, pictures: Tensor) -> Sequence[float]:
    return inversion.evaluate(decoder, network, pictures)["mean absolute error per depth, range -1..1"]


def test_the_linear_map_is_right_where_features_are_nearly_linear(network: CompactVGG, photos: Pictures) -> None:
    pictures = photos.batch(4, 32)
    before = errors(FeatureDecoder(), network, pictures)
    after = errors(solved(network, photos), network, pictures)
    assert after[0] < 0.6 * before[0], "even of an untrained network's features"
    assert after[1] < before[1]
    assert after[0] < after[1] < after[3], "the deeper, the less survives"


def test_the_least_squares_answer_cannot_be_bettered_nearby(network: CompactVGG, photos: Pictures) -> None:
    inputs, wanted = torch.randn(40, 5), torch.randn(40, 2)
    with_one = torch.cat([inputs, torch.ones(40, 1)], dim=1)
    weights, offsets = inversion._ridge((with_one.T @ with_one).double(), (with_one.T @ wanted).double())
    best = float((inputs @ weights.T + offsets - wanted).square().sum())
    for change in (0.05, -0.05):
        worse = float((inputs @ (weights + change).T + offsets - wanted).square().sum())
        assert worse > best


def test_descent_lowers_the_loss(network: CompactVGG, photos: Pictures, tmp_path: Path) -> None:
    decoder = solved(network, photos)
    pictures = photos.batch(6, 32)
    before = [float(inversion.loss(decoder, network, pictures, depth).detach()) for depth in (3, 4)]
    training, steps = inversion.teach(decoder, network, photos, Budget(1, 2e-3, warm_up=2), tmp_path / "d.pt", False,
                                      np.random.default_rng(2), batch=2)  # fmt: skip
    for step in steps:
        if step.step == 25:
            break
    steps.close()  # type: ignore[attr-defined]
    after = [float(inversion.loss(decoder, network, pictures, depth).detach()) for depth in (3, 4)]
    assert sum(after) < sum(before) and (tmp_path / "d.pt").exists() and training.step == 25


def test_without_pictures_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name --data FOLDER"):
        list(shipped.train(shipped.Request("decoder", tmp_path, tmp_path)))
