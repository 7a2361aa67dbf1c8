"""`ganvas bench --portraits FOLDER --plain-steps N` says how soon our descent is as near."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.command import main
from engine.document.image_files import write_photo
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.judge import plain
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A portrait whose face is known, and features of random weights."""
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(plain, "frames", lambda photo: (Frame(20, 20, 30),))
    y, x = np.mgrid[0:40, 0:40] / 40
    photo = Photo((255 * np.stack([x, y, 1 - x], axis=2)).astype(np.uint8))
    (tmp_path / "in").mkdir()
    write_photo(photo.pixels, photo, tmp_path / "in" / "one.png")


def bench(tmp_path: Path, manifold: Manifold, *words: str) -> int:
    given = ["bench", "--portraits", str(tmp_path / "in"), "--out", str(tmp_path / "out"), *words]
    return main(given, open_manifold=lambda id: manifold)


def test_it_says_when_ours_is_as_near(
    tiny_manifold: Manifold, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(tmp_path, tiny_manifold, "--plain-steps", "2", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["guess_seconds"] > 0 and facts["reached one style"][0] > 0
    assert bench(tmp_path, tiny_manifold, "--plain-steps", "2") == 0
    said = capsys.readouterr().out
    assert "one: ours" in said and "reached by ours in" in said


def test_no_steps_are_refused(tiny_manifold: Manifold, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(tmp_path, tiny_manifold, "--plain-steps", "0") == 2
    assert "name how many" in capsys.readouterr().err
