"""`ganvas texture`: pictures of the size asked for, tiles that fit, brushes that are kept, one line for mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.command import main
from engine.document import library_files
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.document.texture import Texture
from engine.train import texture as training


@pytest.fixture
def exemplar(tmp_path: Path) -> Path:
    """A picture of 48x40 with stripes."""
    line = 127 + 100 * np.sin(np.arange(48) * np.pi / 4)
    pixels = np.broadcast_to(line[None, :, None], (40, 48, 3)).astype(np.uint8)
    write_photo(pixels, Photo(pixels), tmp_path / "stripes.png")
    return tmp_path / "stripes.png"


def test_patches(exemplar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.png"
    words = ["texture", exemplar, "--size", "70x50", "--patches", "--seed", "3", "--seamless", "--out", out, "--json"]
    assert main([str(word) for word in words]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["width"], facts["height"], facts["seamless"]) == (70, 50, True)
    made = read_photo(out).pixels
    assert made.shape == (50, 70, 3) and made.std() > 40


def test_learning_saving_and_painting_again(
    exemplar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SIDE", 64)
    out, brush = tmp_path / "out.png", tmp_path / f"brush{library_files.SUFFIX}"
    words = ["texture", exemplar, "--size", "60x40", "--seconds", "0.2", "--save", brush, "--out", out]
    assert main([str(word) for word in words]) == 0
    item = library_files.read(brush)
    assert isinstance(item, Texture) and item.network and item.seconds > 0 and item.name == "stripes"
    again = tmp_path / "again.png"
    assert main(["texture", str(brush), "--size", "60x40", "--out", str(again)]) == 0
    assert np.array_equal(read_photo(out).pixels, read_photo(again).pixels)
    capsys.readouterr()


@pytest.mark.parametrize(("words", "line"), [
    (["--size", "70"], "no size"), (["--size", "0x50"], "from 1 to"), (["--size", "70000x50"], "from 1 to"),
    (["--size", "2000x50", "--refine"], "with --refine"), (["--size", "70x50", "--seconds", "-1"], "no time to learn"),
    (["--size", "70x50", "--save", "brush.txt"], "end its name"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(
    words: list[str], line: str, exemplar: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["texture", str(exemplar), "--patches", *words, "--out", str(tmp_path / "out.png")]) == 2
    told = capsys.readouterr().err
    assert line in told and told.count("\n") == 1


def test_a_tiny_exemplar_makes_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 3)).astype(np.uint8)
    write_photo(pixels, Photo(pixels), tmp_path / "tiny.png")
    words = ["texture", str(tmp_path / "tiny.png"), "--size", "64x64", "--patches", "--out", str(tmp_path / "out.png")]
    assert main(words) == 0
    assert read_photo(tmp_path / "out.png").pixels.shape == (64, 64, 3)
    capsys.readouterr()
