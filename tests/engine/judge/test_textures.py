"""Judging texture networks: the race is to the same loss, and the plot shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.document.image_files import write_photo
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.texture import Texture
from engine.judge import texture_table
from engine.judge import textures as judging
from engine.judge.plot import HEIGHT, NETWORK, WIDTH, panel, plotted
from engine.judge.textures import Learned, Race, exemplar_of, goal, learned, raced, sheet, slope_by, slope_by_compact
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.vgg19 import compact
from engine.paint.optimise import Method
from engine.paint.tensors import to_tensor
from engine.train import texture as training
from tests.engine.model.textures import lively

CURVE = [(1.0, 0.5), (2.0, 0.2), (4.0, 0.05), (9.0, 0.01)]


@pytest.fixture
def features(monkeypatch: pytest.MonkeyPatch) -> CompactVGG:
    """A network that knows nothing, and small pictures for it."""
    torch.manual_seed(0)
    monkeypatch.setattr(judging, "SIDE", 64)
    monkeypatch.setattr(judging, "PASSES", 1)
    return CompactVGG().eval().requires_grad_(False)


def exemplar() -> np.ndarray:
    """Noise in two colours, 64x64x3."""
    spots = np.random.default_rng(0).random((64, 64, 1)) < 0.3
    return np.where(spots, (200, 40, 40), (40, 90, 160)).astype(np.uint8)


def test_a_race_is_to_the_network_s_own_loss(features: CompactVGG) -> None:
    texture = Texture("spots", exemplar(), lively().arrays())
    race = raced(texture, slope_by_compact(texture, features), (Method.ADAM,))
    seconds, loss = race.network
    curve = race.curves["Adam"]
    assert seconds > 0 and loss > 0
    assert curve[-1][1] <= loss or len(curve) <= judging.EVALUATIONS
    assert (np.diff([second for second, _ in curve]) > 0).all() and (np.diff([less for _, less in curve]) < 0).all()
    assert race.ratio is not None and race.ratio == pytest.approx(curve[-1][0] / seconds)


def test_a_race_on_another_network_is_to_gatys_loss_there(features: CompactVGG) -> None:
    texture = Texture("spots", exemplar(), lively().arrays())
    slope_at = slope_by(texture, compact(Features(features)))
    own = finished(slope_at(to_tensor(exemplar())))
    race = raced(texture, slope_at, (Method.LBFGS,))
    assert own.loss < 1e-6 < race.network[1]
    assert race.curves["L-BFGS"][-1][1] <= race.network[1]


def test_ratio_of_the_quicker() -> None:
    race = Race("r", (0.1, 0.06), {"L-BFGS": CURVE, "Adam": [(2 * s, loss) for s, loss in CURVE]})
    assert race.seconds("L-BFGS") == 4.0 and race.seconds("Adam") == 8.0
    assert race.ratio == pytest.approx(40)
    assert Race("r", (0.1, 0.001), {"Adam": CURVE}).ratio is None


def test_moments_are_looked_up_by_time() -> None:
    item = Learned(Texture("t", exemplar()), ((6.0, 0.4, 0.2), (10.4, 0.3, 0.1), (14.0, 0.2, 0.05)), exemplar())
    assert item.at(10)[0] == 10.4 and item.at(60)[0] == 14.0 and item.at(1)[0] == 6.0


def test_learning_is_measured(features: CompactVGG, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SIDE", 64)
    monkeypatch.setattr(training, "SWATCH", 32)
    item = learned(Texture("spots", exemplar()), 0.3, features)
    assert item.texture.network and item.picture.shape == (64, 64, 3)
    assert item.moments[-1][1] > 0 and len(goal(item.texture, features)) == 9
    assert sheet([item] * 5, across=3).shape == (128, 384, 3)


def test_the_plot_has_a_panel_for_each() -> None:
    race = Race("spots", (0.1, 0.06), {"L-BFGS": CURVE})
    picture = plotted([race] * 4)
    assert picture.shape == (2 * HEIGHT, 3 * WIDTH, 3)
    assert (panel(race) == NETWORK).all(axis=2).sum() > 40
    assert (picture[HEIGHT:, WIDTH:] == 255).all()


def test_pictures_are_exemplars(tmp_path: Path) -> None:
    write_photo(exemplar(), Photo(exemplar()), tmp_path / "spots.png")
    texture = exemplar_of(tmp_path / "spots.png")
    assert texture.name == "spots" and np.array_equal(texture.exemplar, exemplar())


def test_the_table_is_written(features: CompactVGG, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(training, "SIDE", 64)
    monkeypatch.setattr(training, "SWATCH", 32)
    monkeypatch.setattr(texture_table, "features_of", lambda: features)
    monkeypatch.setattr(judging, "EVALUATIONS", 2)
    write_photo(exemplar(), Photo(exemplar()), tmp_path / "spots.png")
    rows = list(texture_table.judge([tmp_path / "spots.png"], 0.2, tmp_path / "out"))
    assert rows[0]["name"] == "spots" and "ratio" in rows[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"sheet.png", "race.png", "table.json"}
