"""The sheet on which textures by VGG and by the compact features lie side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.command import judging_features
from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.vgg19 import Extractor, compact
from engine.paint import reference


def test_each_exemplar_has_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def texture(exemplar: np.ndarray, height: int, width: int, extractor: Extractor) -> Iterator[None]:
        yield
        return np.full((height, width, 3), 50 if extractor.name == "compact" else 100, np.uint8)

    monkeypatch.setattr(reference, "texture", texture)
    exemplars = tmp_path / "exemplars"
    exemplars.mkdir()
    for shade in (20, 30):
        Image.new("RGB", (40, 30), (shade,) * 3).save(exemplars / f"{shade}.png")
    own = compact(Features.load())
    teacher = Extractor("VGG-16", own.segments, own.style, own.content)
    path = judging_features._textures(exemplars, tmp_path / "out", teacher, own)
    sheet, side = np.asarray(Image.open(path)), judging_features.SHOWN
    assert sheet.shape[0] == pytest.approx(2 * side, abs=10) and sheet.shape[1] == pytest.approx(3 * side, abs=10)
    rows = [[int(sheet[int((r + 0.5) * side), int((c + 0.5) * side), 0]) for c in range(3)] for r in range(2)]
    assert rows == [[20, 100, 50], [30, 100, 50]]


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    own = compact(Features.load())
    with pytest.raises(InputError, match="no picture"):
        judging_features._textures(tmp_path, tmp_path / "out", own, own)
