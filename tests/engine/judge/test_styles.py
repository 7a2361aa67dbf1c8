"""Judging styles: errors mean what they say, and the comparison runs with any peer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine.document.errors import InputError
from engine.judge import styles
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import style_fit


class Peer:
    """Gives every photo the mean colour of the style picture: much style, little photo."""

    def __init__(self, threads: int) -> None:
        assert threads >= 1

    def stylize_with(self, photo: Image.Image, painting: str) -> Image.Image:
        with Image.open(painting) as opened:
            color = np.asarray(opened.convert("RGB")).mean(axis=(0, 1))
        return Image.new("RGB", photo.size, tuple(int(v) for v in color))


class Teacher(torch.nn.Module):
    """Stands for VGG16: any network of four taps."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.network = CompactVGG().requires_grad_(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        return [tap.relu() + 0.01 for tap in self.network(pictures)]


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    random = np.random.default_rng(0)
    found = []
    for name in ("photo", "painting"):
        pixels = Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8))
        pixels.resize((64, 48), Image.Resampling.BICUBIC).save(tmp_path / f"{name}.png")
        found.append(tmp_path / f"{name}.png")
    return found[0], found[1]


def test_a_row_a_sheet_and_a_table(
    pictures: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(styles, "peer", Peer)
    monkeypatch.setattr(styles, "SIDE", 64)
    monkeypatch.setattr(style_fit, "SIDE", 32)
    (row,) = styles.judge([pictures[0]], [pictures[1]], Teacher(), tmp_path / "out")  # type: ignore[arg-type]
    assert (row.photo, row.style) == ("photo", "painting")
    assert row.style_ours > 0 and row.style_ours != row.style_first
    assert row.fit_seconds > 0
    assert row.content_ours > 0
    assert row.style_equal == row.style_ours or row.content_ours > row.content_peer
    table = json.loads((tmp_path / "out" / "table.json").read_text())
    assert table[0]["content_peer"] == pytest.approx(row.content_peer)
    with Image.open(tmp_path / "out" / "sheet.png") as sheet:
        assert sheet.size == (3 * 224, 2 * 224)


def test_the_style_itself_has_no_style_error() -> None:
    taps = Teacher()(torch.rand(1, 3, 16, 16))
    assert styles.style_error(taps, taps) == 0
    assert styles.style_error([2 * tap for tap in taps], taps) == pytest.approx(9, rel=1e-4)  # (4 - 1)^2


def test_without_the_peer_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(styles, "PEER", "no_such_package_at_all")
    with pytest.raises(InputError, match="not installed"):
        styles.peer(1)
