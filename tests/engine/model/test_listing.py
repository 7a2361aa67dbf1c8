"""What is installed is listed with a swatch that is drawn once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.document.errors import InputError
from engine.document.job import ListManifolds
from engine.document.pauses import finished
from engine.model import listing, own_manifold, packs
from engine.model.card import Card
from engine.model.catalog import open_manifold
from engine.model.manifold import Manifold
from engine.model.networks.critic import Critic
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.style_generator import StyleGenerator
from engine.train.folder_request import FolderRequest, check


@pytest.fixture
def hills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A manifold of 16 px that knows nothing, installed in a folder of the test."""
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    torch.manual_seed(0)
    generator = StyleGenerator(16)
    mean, basis = own_manifold.cloud(generator)
    manifold = own_manifold.manifold_of("hills", generator, mean, basis, PictureEncoder(generator.layers, len(basis)))
    card = Card(id="hills", title="Hills, 16 px", network=own_manifold.PREFIX + "style", weights=packs.WEIGHTS,
                sha256="", size=0, resolution=16, layers=manifold.layers, width=manifold.width, licence="", lineage="",
                source="")  # fmt: skip
    return own_manifold.save_own(card, manifold, generator, Critic(16))


def test_a_manifold_is_listed_with_its_pictures(hills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def opening(id: str) -> Manifold:
        opened.append(id)
        return open_manifold(id)

    *_, last = listing.list_manifolds(ListManifolds(ticket=1), opening)
    (entry,) = last.manifolds
    assert (entry.id, entry.title, entry.side) == ("hills", "Hills, 16 px", 16)
    assert entry.swatch.shape == (listing.SIDE, listing.SIDE, 3) and entry.swatch.std() > 1
    *_, again = listing.list_manifolds(ListManifolds(ticket=2), opening)
    np.testing.assert_array_equal(again.manifolds[0].swatch, entry.swatch)
    assert opened == ["hills"], "the swatch was kept"


def test_what_is_damaged_is_left_out(hills: Path) -> None:
    (hills / packs.WEIGHTS).write_bytes(b"nothing")
    *_, last = listing.list_manifolds(ListManifolds(ticket=1), open_manifold)
    assert last.settled and last.manifolds == ()


def test_what_comes_with_the_program_is_opened_where_it_lies(hills: Path, monkeypatch: pytest.MonkeyPatch,
                                                             tmp_path: Path) -> None:
    shipped = tmp_path / "resources"
    shipped.mkdir()
    hills.rename(shipped / "hills")
    assert packs.trained() == []
    monkeypatch.setattr(packs, "SHIPPED", shipped)
    assert packs.trained() == ["hills"] == list(listing.installed()) and packs.own() == []
    assert open_manifold("hills").size == 16 and packs.states()[-1].path == shipped / "hills"
    with pytest.raises(InputError, match="already"):
        finished(check(FolderRequest(tmp_path, "hills", 64, 1.0)))
    (shipped / "hills" / packs.WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(InputError, match="install Ganvas again"):
        packs.load("hills")
