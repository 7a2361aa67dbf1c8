"""`ganvas bench --preview FOLDER` holds the preview to the full network."""

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
from engine.judge import lighter
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG


@pytest.fixture
def portraits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with one; features of random weights."""
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    y, x = np.mgrid[0:40, 0:40] / 40
    photo = Photo((255 * np.stack([x, y, 1 - x], axis=2)).astype(np.uint8))
    write_photo(photo.pixels, photo, tmp_path / "one.png")
    return tmp_path


def test_it_tells_both_kinds_of_latents_apart(portraits: Path, tiny_manifold: Manifold,
                                              monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lighter, "frames", lambda photo: (Frame(20, 20, 30),))
    given = ["bench", "--preview", str(portraits), "--repeats", "1"]
    assert main([*given, "--json"], open_manifold=lambda id: tiny_manifold) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["latents"] == 1 and facts["rows"][0]["away"] == {"drawn": 0, "found": 0}
    assert main(given, open_manifold=lambda id: tiny_manifold) == 0
    assert "0.000  0.000" in capsys.readouterr().out


def test_pictures_without_faces_are_named(portraits: Path, tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch,
                                          capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lighter, "frames", lambda photo: ())
    assert main(["bench", "--preview", str(portraits)], open_manifold=lambda id: tiny_manifold) == 2
    assert "no face" in capsys.readouterr().err
