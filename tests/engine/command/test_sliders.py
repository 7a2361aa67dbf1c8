"""Sliders on the command line: by name, beyond the limit refused, kept in the document, repeated on other photos."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.command import main
from engine.document.direction import Direction
from engine.document.direction_files import keep
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.document.store import load
from engine.document.stroke import Stroke, StrokeKind
from engine.document.stroke_files import write_strokes
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8
from engine.model.networks.compact_vgg import CompactVGG

Ganvas = Callable[..., tuple[int, Any, str]]
FRAME = ("--frame", "0.5,0.5,0.48", "--steps", "2")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder, with one slider of the tiny manifold."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    values = np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32)
    keep(Direction("Big Change", values, "tiny"), tmp_path / "home" / "sliders")
    return tmp_path / "home"


@pytest.fixture
def ganvas(tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ganvas:
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)

    def run(*words: object) -> tuple[int, Any, str]:
        code = main([str(word) for word in words], open_manifold=lambda id: tiny_manifold)
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return run


@pytest.fixture
def photo(tiny_manifold: Manifold, tmp_path: Path) -> Path:
    picture = to_uint8(tiny_manifold.picture(tiny_manifold.sample(1, 5)))
    pixels = np.full((100, 150, 3), 128, np.uint8)
    pixels[14:86, 39:111] = np.kron(picture, np.ones((5, 5, 1), np.uint8))[4:76, 4:76]
    write_photo(pixels, Photo(pixels), tmp_path / "photo.png")
    return tmp_path / "photo.png"


def edited(ganvas: Ganvas, photo: Path, out: Path, *words: object) -> tuple[int, Any, str]:
    return ganvas("edit", photo, "--out", out, *FRAME, "--json", *words)


def test_a_slider_moves_the_latent_by_its_value(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    document = tmp_path / "a.ganvas"
    code, facts, _ = edited(ganvas, photo, tmp_path / "a.png", "--slider", "big change=-1.5", "--save", document)
    assert code == 0 and facts["changed_inside"] > 500 and facts["changed_outside"] == 0
    (edit,) = load(document).manifold_edits
    (slide,) = edit.slides
    assert slide.amount == -1.5 and slide.direction.name == "Big Change"
    np.testing.assert_allclose(edit.latent.values, edit.base.values - 1.5 * slide.direction.values, atol=1e-5)


def test_within_a_mask_nothing_else_changes(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    mask = Stroke(StrokeKind.PROTECT, np.array([(75, 50, 1)], np.float32), 12)
    write_strokes([mask], tmp_path / "mask.json", 150, 100)
    words = ("--slider", "Big Change=2", "--strokes", tmp_path / "mask.json", "--inside")
    code, facts, _ = edited(ganvas, photo, tmp_path / "a.png", *words)
    assert code == 0 and facts["changed_inside"] > 100
    changed = (read_photo(tmp_path / "a.png").pixels != read_photo(photo).pixels).any(axis=2)
    rows, columns = np.mgrid[:100, :150] + 0.5
    assert not changed[np.hypot(columns - 75, rows - 50) > 12 + 2 * 72 / 16].any()


def test_replay_repeats_sliders_on_another_photo(
    ganvas: Ganvas, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.command import replay
    from engine.document.latent import Frame

    document = tmp_path / "a.ganvas"
    edited(ganvas, photo, tmp_path / "a.png", "--slider", "Big Change=1", "--save", document)
    monkeypatch.setattr(replay, "frames_for", lambda frames, found: [Frame(75, 50, 72)])
    monkeypatch.setattr("engine.edit.regions.find_regions", lambda job: iter([_no_regions(job)]))
    code, _, _ = ganvas("replay", document, photo, "--out", tmp_path / "out", "--documents", "--steps", 2)
    assert code == 0
    (edit,) = load(next((tmp_path / "out").glob("*.ganvas"))).manifold_edits
    assert edit.slides[0].amount == 1
    np.testing.assert_allclose(edit.latent.values, edit.origin().values, atol=1e-5)


def _no_regions(job: object) -> object:
    from engine.document.job import Step

    return Step(ticket=1, settled=True)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("Smirk=1", "no slider called 'Smirk'"),
        ("Big Change=9", "-3 to 3"),
        ("Big Change", "NAME=VALUE"),
        ("Big Change=nan", "NAME=VALUE"),
    ],
)
def test_what_is_no_slider_is_refused(ganvas: Ganvas, photo: Path, tmp_path: Path, word: str, says: str) -> None:
    code, _, err = edited(ganvas, photo, tmp_path / "a.png", "--slider", word)
    assert code == 2 and says in err and not (tmp_path / "a.png").exists()


def test_nothing_asked_is_refused(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    code, _, err = edited(ganvas, photo, tmp_path / "a.png")
    assert code == 2 and "--strokes" in err and "--slider" in err


def test_the_sliders_are_listed(ganvas: Ganvas) -> None:
    code, facts, _ = ganvas("models", "sliders", "tiny", "--json")
    names = [each["name"] for each in facts["sliders"]]
    assert code == 0 and names[0] == "Big Change" and "Principal axis 1, coarse" in names
