"""`ganvas stylize`: what it writes, what it keeps, how it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.command import main, stylize
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.job import FitStyle
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.stroke_files import write_strokes
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_transfer import StyleTransfer
from engine.paint import studio
from engine.train import style_fit
from tests.engine.paint.pictures import checks

Ganvas = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def ganvas(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ganvas:
    """Run a command in this process: its exit code, its JSON (or text), its standard error."""
    torch.manual_seed(0)
    features, network = Features(CompactVGG()), StyleTransfer()
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(studio, "_shipped", lambda: network)
    monkeypatch.setattr(style_fit, "SIDE", 32)
    monkeypatch.setattr(stylize, "FitStyle", partial(FitStyle, steps=2))
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_photo(checks(60, 80), Photo(checks(60, 80)), tmp_path / "photo.png")
    write_photo(checks(40, 40, 9), Photo(checks(40, 40, 9)), tmp_path / "style.png")
    (tmp_path / "notes.txt").write_text("not a picture")

    def run(*words: object) -> tuple[int, Any, str]:
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return run


def test_a_style_is_put_on_the_photo(ganvas: Ganvas) -> None:
    code, facts, err = ganvas("stylize", "photo.png", "--style", "style.png", "--out", "out.png", "--json")
    assert code == 0, err
    assert (facts["styles"], facts["support"]) == (["style"], [0, 0, 80, 60])
    assert facts["changed_inside"] > 4000 and facts["changed_outside"] == 0
    assert (read_photo("out.png").pixels != checks(60, 80)).any(axis=2).sum() == facts["changed_inside"]


def test_a_picture_is_fitted_on_the_photo_unless_it_must_be_quick(ganvas: Ganvas) -> None:
    for out, more in (("fitted.png", []), ("quick.png", ["--quick"])):
        assert ganvas("stylize", "photo.png", "--style", "style.png", *more, "--out", out)[0] == 0
    first, second = (read_photo(out).pixels.astype(int) for out in ("fitted.png", "quick.png"))
    assert np.abs(first - second).max() > 0


def test_depth_alpha_and_profile_are_kept(ganvas: Ganvas) -> None:
    pixels, alpha = checks(40, 50, dtype=np.uint16), np.full((40, 50), 30000, np.uint16)
    write_photo(pixels, Photo(pixels, alpha), "deep.png")
    code, _, err = ganvas("stylize", "deep.png", "--style", "style.png", "--out", "out.png")
    after = read_photo("out.png")
    assert code == 0, err
    assert after.pixels.dtype == np.uint16 and after.alpha is not None and (after.alpha == 30000).all()
    assert (after.pixels % 257 != 0).any()


def test_only_what_the_strokes_mask_is_painted(ganvas: Ganvas) -> None:
    stroke = Stroke(StrokeKind.STYLE, np.array([(30, 30, 1), (50, 30, 1)], np.float32), 8)
    write_strokes([stroke], Path("strokes.json"), 80, 60)
    words = ("--style", "style.png", "--mask", "strokes.json", "--out", "out.png", "--json")
    code, facts, err = ganvas("stylize", "photo.png", *words)
    assert code == 0, err
    x, y, width, height = facts["support"]
    assert x >= 22 and x + width <= 58 and y >= 22 and y + height <= 38
    assert facts["changed_inside"] > 50 and facts["changed_outside"] == 0


def test_only_what_a_picture_masks_is_painted(ganvas: Ganvas) -> None:
    mask = np.zeros((30, 40, 3), np.uint8)
    mask[:, 20:] = 255
    write_photo(mask, Photo(mask), "mask.png")
    words = ("--style", "style.png", "--style2", "photo.png", "--mask", "mask.png", "--keep-color", "--out", "out.png")
    assert ganvas("stylize", "photo.png", *words)[0] == 0
    changed = (read_photo("out.png").pixels != checks(60, 80)).any(axis=2)
    assert not changed[:, :38].any() and changed[:, 44:].mean() > 0.8


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--style", "notes.txt"], "text, not a picture"),
        (["--style", "gone.png"], "does not exist"),
        (["--style", "no such style"], "no such style"),
        (["--style", "style.png", "--strength", "2"], "from 0 to 1"),
        (["--style", "style.png", "--scale", "9"], "from 0.25 to 4"),
        (["--style", "style.png", "--strength", "nan"], "from 0 to 1"),
        (["--style", "style.png", "--octaves", "1,2"], "--octaves"),
        (["--style", "style.png", "--crossfade", "1"], "--style2"),
        (["--style", "style.png", "--mask", "notes.txt"], "text, not a picture"),
        (["--style", "style.png", "--mask", "style.png"], "another shape"),
        ([], "--style"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(ganvas: Ganvas, words: list[str], said: str) -> None:
    code, out, err = ganvas("stylize", "photo.png", *words, "--out", "out.png")
    assert code == 2 and out == "" and not Path("out.png").exists()
    assert err.startswith("ganvas: ") and err.count("\n") == 1 and said in err


def test_a_transparent_style_counts_where_it_is_seen(ganvas: Ganvas) -> None:
    alpha = np.zeros((40, 40), np.uint8)
    write_photo(checks(40, 40), Photo(checks(40, 40), alpha), "clear.png")
    code, _, err = ganvas("stylize", "photo.png", "--style", "clear.png", "--out", "out.png")
    assert code == 2 and "transparent" in err
    alpha[:20] = 255
    write_photo(checks(40, 40), Photo(checks(40, 40), alpha), "half.png")
    assert ganvas("stylize", "photo.png", "--style", "half.png", "--out", "out.png")[0] == 0


def test_missing_weights_are_said_in_one_line(ganvas: Ganvas, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(*parts: str) -> Path:
        raise FileNotFoundError

    monkeypatch.undo()
    monkeypatch.setattr(studio, "path", lacking)
    with pytest.raises(InputError, match="style weights are missing"):
        _ = studio.Studio().network
