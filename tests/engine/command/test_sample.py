"""`ganvas models sample`: of any class or of one, cut out or not, or a word why not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.command import main
from engine.command.project import class_name
from engine.document.image_files import read_photo
from engine.model import own_manifold
from engine.model.manifold import Manifold
from engine.model.networks.conditional import ConditionalGenerator
from engine.run.steps import Steps


@pytest.fixture
def things() -> Manifold:
    torch.manual_seed(0)
    generator = ConditionalGenerator(16, (0.5, 0.5))
    kinds = own_manifold.kinds_of(generator, ("cup", "pear"))
    return own_manifold.manifold_of("things", generator, *own_manifold.cloud(generator), kinds=kinds)


def sampled(manifold: Manifold, out: Path, *words: str) -> int:
    return main(["models", "sample", manifold.id, "--out", str(out), "--json", *words],
                open_manifold=lambda id: manifold)


def test_a_sheet_of_one_class_cut_out(things: Manifold, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "cups.png"
    assert sampled(things, out, "--class", "cup", "--count", "3", "--cut") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 3
    sheet = read_photo(out)
    assert sheet.pixels.shape == (20, 56, 3) and sheet.alpha is not None and sheet.alpha[0].max() == 0
    latents = things.sample(3, 0, kind="cup")
    mask = things.cut(latents[:1])
    assert mask is not None
    np.testing.assert_allclose(sheet.alpha[2:18, 2:18], 255 * mask[0, 0].detach().numpy(), atol=1)


@pytest.mark.parametrize("words, why", [
    (["--class", "plum"], "no class called 'plum'; there is: cup, pear"), (["--count", "0"], "draw 1 to"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_said(
    words: list[str], why: str, things: Manifold, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sampled(things, tmp_path / "s.png", *words) == 2 and why in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_manifold_of_neither_says_so(
    tiny_manifold: Manifold, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = replace(tiny_manifold, kinds=None)
    assert sampled(plain, tmp_path / "s.png") == 0
    assert sampled(plain, tmp_path / "t.png", "--cut") == 2 and "leave out --cut" in capsys.readouterr().err
    assert sampled(plain, tmp_path / "t.png", "--class", "cup") == 2 and "no classes" in capsys.readouterr().err


def test_a_projection_names_its_class(things: Manifold) -> None:
    steps = Steps(lambda id: things)
    for name in ("cup", "pear"):
        assert class_name(things.latent(things.sample(1, 2, 0.3, name)), steps) == name
