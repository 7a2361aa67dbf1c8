"""ganvas invert: writes a picture of the photo's size, says what is wrong in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.command import main
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.paint.invert import Inverter

Ganvas = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ganvas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ganvas:
    """Run `ganvas invert` with untrained networks."""
    torch.manual_seed(1)
    inverter = Inverter(Features(CompactVGG()), FeatureDecoder().requires_grad_(False))
    monkeypatch.setattr(Inverter, "load", lambda **given: inverter)

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["invert", *(str(word) for word in words)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    for seed, name in enumerate("ab"):
        pixels = np.random.default_rng(seed).integers(0, 255, (30 + 9 * seed, 40, 3)).astype(np.uint8)
        write_photo(pixels, Photo(pixels), tmp_path / f"{name}.png")
    return tmp_path / "a.png", tmp_path / "b.png"


def test_a_depth_and_a_blend_are_written_at_the_photos_size(
    ganvas: Ganvas, photos: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    for words in (("--depth", 3), ("--depth", 2.5, "--with", photos[1], "--amount", 0.7, "--detail", 0.5)):
        code, text, err = ganvas(photos[0], *words, "--out", out, "--json")
        assert (code, err) == (0, "") and json.loads(text)["mean_change"] > 0.01
        assert read_photo(out).pixels.shape == (30, 40, 3)
        out.unlink()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--depth", 5), "--depth 5 is out of range: choose from 0 to 4"),
        (("--depth", "nan"), "--depth nan is out of range"),
        (("--depth", 2, "--amount", 0.5), "name the other picture with --with"),
        (("--depth", 0.5, "--with", "B"), "choose from 1 to 4"),
        (("--depth", 2, "--with", "B", "--amount", 2), "--amount 2 is out of range"),
        (("--depth", 2, "--size", 9999), "--size 9999 is out of range"),
        (("--depth", 2, "--with", "nothing.png"), "nothing.png does not exist"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    ganvas: Ganvas, photos: tuple[Path, Path], tmp_path: Path, words: tuple[object, ...], why: str
) -> None:
    given = [photos[1] if word == "B" else word for word in words]
    code, _, err = ganvas(photos[0], *given, "--out", tmp_path / "out.png")
    assert code == 2 and why in err and len(err.strip().splitlines()) == 1 and not (tmp_path / "out.png").exists()
