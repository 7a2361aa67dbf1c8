"""The manifolds that come with the program: sound, told of on their cards, and good for a projection."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.model import packs
from engine.model.catalog import open_manifold
from engine.model.manifold import Manifold
from resources import ROOT

PLACE = ROOT / "manifolds"
NAMES = sorted(path.parent.name for path in PLACE.glob("*/card.json"))
BASELINE = "frechet of the DCGAN baseline"


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of each, where nothing else is installed."""
    monkeypatch.setattr(packs, "SHIPPED", PLACE)
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    return str(request.param)


@pytest.fixture
def manifold(name: str) -> Manifold:
    return open_manifold(name)


def test_they_are_all_there() -> None:
    assert NAMES == ["landscapes", "products", "scroll-faces"]


def test_the_card_says_what_it_was_made_of_and_how_good_it_is(name: str) -> None:
    card, _ = packs.load(name)
    assert card.id == name and card.size < 40e6 and card.licence and card.trained is not None
    assert card.trained.data and card.trained.command.startswith("ganvas train ") and card.trained.minutes > 0
    quality = card.trained.quality
    assert quality["floor"] < quality["frechet"] and quality["nearest"] > 0
    assert quality["frechet"] < quality[BASELINE]


def test_pictures_are_various_and_within_range(manifold: Manifold) -> None:
    with torch.no_grad():
        pictures = manifold.picture(manifold.sample(8, 1, 0.9))
    assert pictures.shape == (8, 3, manifold.size, manifold.size) and pictures.abs().max() < 1.5
    assert (pictures[:4] - pictures[4:]).abs().mean() > 0.05


def test_what_it_shows_is_read_again(manifold: Manifold) -> None:
    with torch.no_grad():
        pictures = manifold.picture(manifold.sample(8, 2, 0.9))
        again = manifold.picture(manifold.latents(*manifold.guess(pictures)))
        average = manifold.picture(manifold.average())
    assert (again - pictures).square().mean() < 0.5 * (average - pictures).square().mean()
