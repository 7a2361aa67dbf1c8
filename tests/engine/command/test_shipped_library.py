"""The command that makes the built-in styles: by the same functions as the user's own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.command import shipped_library
from engine.document.errors import InputError
from engine.document.library import SWATCH, Library
from engine.model.features import Features
from engine.model.networks.style_transfer import StyleTransfer
from engine.paint.describe import style_of
from engine.paint.studio import Studio
from engine.train import library as recipe


def test_a_built_in_style_is_what_describing_its_painting_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe, "PAINTINGS", {"waves": recipe.Painting("Waves", "Somebody", "1900")})
    monkeypatch.setattr(recipe, "scene", lambda: np.full((64, 64, 3), 120, np.uint8))
    painting = cv2.resize(np.random.default_rng(0).integers(0, 256, (24, 36, 3), np.uint8), (360, 240))
    cv2.imwrite(str(tmp_path / "waves.png"), painting[..., ::-1])
    torch.manual_seed(0)
    studio = Studio(Features.load(), StyleTransfer())
    assert len(list(shipped_library.styles((tmp_path,), tmp_path / "out", studio))) == 1
    library = Library(tmp_path / "own", tmp_path / "out")
    found, wanted = library.style("waves"), style_of(painting, "Waves", studio.features)
    for mine, direct in zip((*found.means, *found.grams), (*wanted.means, *wanted.grams), strict=True):
        assert np.abs(mine - direct).max() < 2e-3 * np.abs(direct).max()
    assert library.swatch("waves").shape == (SWATCH, SWATCH, 3)


def test_the_folder_of_paintings_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--data FOLDER"):
        list(shipped_library.styles((), tmp_path))
