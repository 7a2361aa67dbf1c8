"""A folder of little pictures that anybody can make: a coloured disc somewhere over a slope of two colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.train import folder as folder_training

COUNT, SIDE = 60, 24


def picture(random: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """side x side x 3 uint8."""
    y, x = np.mgrid[0:side, 0:side] / side
    ends = random.integers(0, 256, (2, 3))
    slope = (np.cos(random.uniform(0, 7)) * x + np.sin(random.uniform(0, 7)) * y).clip(0, 1)[..., None]
    pixels = ends[0] * slope + ends[1] * (1 - slope)
    centre, radius = random.uniform(0.2, 0.8, 2), random.uniform(0.1, 0.4)
    pixels[(x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2] = random.integers(0, 256, 3)
    return pixels.astype(np.uint8)


@pytest.fixture(autouse=True)
def few_descents(monkeypatch: pytest.MonkeyPatch) -> None:
    """The axes of slopes need be no good ones."""
    monkeypatch.setattr(folder_training, "DESCENTS", 1)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 of them, in two folders below it."""
    folder, random = tmp_path_factory.mktemp("pictures"), np.random.default_rng(3)
    for index in range(COUNT):
        place = folder / ("even", "odd")[index % 2]
        place.mkdir(exist_ok=True)
        Image.fromarray(picture(random)).save(place / f"{index:03}.png")
    return folder
