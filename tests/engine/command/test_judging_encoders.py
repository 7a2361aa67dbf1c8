"""`ganvas bench --encoders MANIFOLD --photos FOLDER`: the table as JSON, and what cannot be judged is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.command import main
from engine.judge import encoders
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG

Bench = Callable[..., int]


@pytest.fixture
def bench(tiny_manifold: Manifold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(encoders, "MADE", 2)

    def run(id: str, *words: object) -> int:
        given = ["bench", "--encoders", id, "--out", str(tmp_path / "out"), *map(str, words)]
        return main(given, open_manifold=lambda id: tiny_manifold)

    return run


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    random, folder = np.random.default_rng(0), tmp_path / "photos"
    folder.mkdir()
    for index in range(40):
        Image.fromarray(random.integers(0, 256, (16, 16, 3), np.uint8)).save(folder / f"{index}.png")
    return folder


def test_it_prints_a_table(bench: Bench, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("tiny", "--photos", photos, "--ways", "pairs", "--steps", 1, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["way"] for row in rows] == ["average", "pairs"]
    assert all(row["rmse"] > 0 and row["style"] > 0 for row in rows)
    assert (tmp_path / "out" / "encoders.png").exists()


@pytest.mark.parametrize("id, words, told", [
    ("tiny", (), "name --photos"), ("faces", ("--photos", "."), "of your own"),
    ("tiny", ("--photos", ".", "--steps", 0), "teach nothing"),
])
def test_what_cannot_be_judged_is_told(id: str, words: tuple[object, ...], told: str, bench: Bench,
                                       capsys: pytest.CaptureFixture[str]) -> None:
    assert bench(id, *words) == 2
    assert told in capsys.readouterr().err
