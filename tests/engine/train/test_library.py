"""The built-in styles: what is made of a folder of paintings, and the drawing they are shown on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.document.errors import InputError
from engine.document.job import LearnTexture, Step
from engine.document.library import SHIPPED, SWATCH, Library
from engine.document.library_files import CHANNELS
from engine.document.style import Style
from engine.model.networks.compact_vgg import WIDTHS
from engine.train import library as recipe
from engine.train.library import CARD, PAINTINGS, card, make, make_textures
from engine.train.scene import scene
from engine.train.surfaces import SURFACES, drawn


def grey(pixels: np.ndarray, name: str) -> Style:
    """A style that knows of the picture only how light it is."""
    light = float(pixels.mean() / 255)
    means = tuple(np.full(channels, light, np.float32) for channels in CHANNELS)
    return Style(name, means, tuple(np.outer(m, m) + np.eye(len(m), dtype=np.float32) for m in means), exemplar=pixels)


def tinted(pixels: np.ndarray, style: Style) -> np.ndarray:
    """The picture as light as the style."""
    return (pixels * style.means[0][0]).astype(np.uint8)


@pytest.fixture
def paintings(tmp_path: Path) -> Path:
    """A folder with a picture by every name, each lighter than the one before."""
    for number, id in enumerate(PAINTINGS):
        cv2.imwrite(str(tmp_path / f"{id}.png"), np.full((20, 30, 3), 10 * number + 5, np.uint8))
    return tmp_path


def test_every_painting_becomes_a_style_without_its_picture(paintings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    steps = list(make(paintings, out, grey, tinted))
    assert [step.step for step in steps] == list(range(1, len(PAINTINGS) + 1)) and steps[-1].fraction == 1
    library = Library(tmp_path / "own", out)
    assert {entry.id for entry in library.entries()} == set(PAINTINGS) and not library.warnings
    for number, (id, painting) in enumerate(PAINTINGS.items()):
        style = library.style(id)
        assert (style.name, style.artist, style.year) == (painting.title, painting.artist, painting.year)
        assert style.exemplar is None
        assert style.means[3][0] == pytest.approx((10 * number + 5) / 255, rel=1e-3)
        assert library.swatch(id).shape == (SWATCH, SWATCH, 3)
    assert json.loads((out / CARD).read_text("utf-8")) == card()
    light = [library.swatch(id).mean() for id in PAINTINGS]
    assert light == sorted(light), "a swatch is not in its style's manner"


def test_a_missing_painting_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"delaunay-portrait\.jpg"):
        list(make(tmp_path, tmp_path / "out", grey, tinted))


def test_the_drawing_is_always_the_same_and_has_contrast() -> None:
    drawn = scene(64)
    assert drawn.shape == (64, 64, 3) and np.array_equal(drawn, scene(64))
    assert drawn.std(axis=(0, 1)).min() > 30


def test_the_channels_of_a_file_are_those_of_the_network() -> None:
    assert CHANNELS == WIDTHS


def test_what_is_shipped_is_what_the_card_says() -> None:
    library = Library(SHIPPED / "none")
    assert {entry.id for entry in library.entries(kind="style")} == set(PAINTINGS)
    assert json.loads((SHIPPED / CARD).read_text("utf-8")) == card()
    assert {entry.id for entry in library.entries(kind="texture")} == set(SURFACES)
    for entry in library.entries():
        assert entry.path.stat().st_size < 100_000
    for entry in library.entries(kind="style"):
        assert (entry.name, entry.artist) == (PAINTINGS[entry.id].title, PAINTINGS[entry.id].artist)
        assert library.swatch(entry.id).std() > 10


@pytest.mark.parametrize("id", sorted(SURFACES))
def test_a_surface_is_always_the_same_and_shows_something(id: str) -> None:
    picture = drawn(id, 48)
    assert picture.shape == (48, 48, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, drawn(id, 48)) and picture.std() > 8


def test_every_surface_becomes_a_texture_with_its_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "SURFACES", {"paper": SURFACES["paper"]})
    monkeypatch.setattr(recipe, "drawn", lambda id: drawn(id, 64))
    monkeypatch.setattr(recipe, "learn_texture", learned)
    assert [step.fraction for step in make_textures(tmp_path, 8.0)] == [0.5, 1.0, 1.0]
    texture = Library(tmp_path / "own", tmp_path).texture("paper")
    assert (texture.name, texture.seconds) == ("Watercolour Paper", 8.0)
    assert np.array_equal(texture.exemplar, drawn("paper", 64))
    assert texture.network["weight"].dtype == np.float16 and (texture.network["weight"] == 1).all()


def test_without_time_to_learn_a_texture_has_its_exemplar_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "SURFACES", {"paper": SURFACES["paper"]})
    assert [step.fraction for step in make_textures(tmp_path, 0.0)] == [1.0]
    assert Library(tmp_path / "own", tmp_path).texture("paper").network == {}


def learned(job: LearnTexture) -> Iterator[Step]:
    """Two steps; the second has a network."""
    yield Step(ticket=0, fraction=0.5)
    texture = replace(job.texture, network={"weight": np.ones(3, np.float32)}, seconds=job.seconds)
    yield Step(ticket=0, settled=True, texture=texture, fraction=1.0)
