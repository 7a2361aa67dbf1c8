"""A folder is looked at before anything is trained on it: what is in it, what cannot be used, what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.document.errors import InputError
from engine.document.job import Step
from engine.document.training import Crop
from engine.document.training_jobs import LookAtFolder
from engine.model import packs
from engine.train import looking


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path / "home"))


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


def test_a_folder_is_looked_at_before_anything_is_trained(pictures: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    for path in sorted((pictures / "even").iterdir())[:5]:
        (mine / path.name).write_bytes(path.read_bytes())
    (mine / "again.png").write_bytes((mine / "000.png").read_bytes())
    (mine / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    steps = list(looking.look_at_folder(LookAtFolder(ticket=1, folder=mine, size=16, least=20)))
    first = next(step for step in steps if step.look is not None)
    assert first.look is not None and first.look.preview.shape == (1, 16, 16, 3)
    look = steps[-1].look
    assert steps[-1].settled and look is not None and look.pictures == 5 and look.preview.shape == (5, 16, 16, 3)
    assert [name for name, _ in look.refused] == ["broken.jpg"] and "cannot be read" in look.refused[0][1]
    assert [set(pair) for pair in look.repeated] == [{"000.png", "again.png"}]
    assert not look.enough() and "too few" in look.verdict()


def test_kinds_and_things_are_seen(pictures: Path, tmp_path: Path) -> None:
    look = last(looking.look_at_folder(LookAtFolder(ticket=1, folder=pictures, size=16))).look
    assert look is not None and look.whole and look.classes == ("even", "odd") and not look.things
    random = np.random.default_rng(0)
    for number in range(6):
        square = np.full((24, 24, 3), 255, np.uint8)
        square[6:18, 6 + number:18] = random.integers(0, 200, 3)
        Image.fromarray(square).save(tmp_path / f"{number}.png")
    look = last(looking.look_at_folder(LookAtFolder(ticket=1, folder=tmp_path, size=16))).look
    assert look is not None and look.things and look.classes == ()


def test_an_empty_folder_is_looked_at_too_and_a_missing_one_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    look = last(looking.look_at_folder(LookAtFolder(ticket=1, folder=tmp_path / "empty", size=16))).look
    assert look is not None and look.pictures == 0 and not look.enough()
    with pytest.raises(InputError, match="is no folder"):
        last(looking.look_at_folder(LookAtFolder(ticket=1, folder=tmp_path / "nowhere", size=16)))


def test_all_of_a_picture_or_its_middle(pictures: Path) -> None:
    first = {crop: last(looking.look_at_folder(LookAtFolder(ticket=1, folder=pictures, size=16, crop=crop))).look
             for crop in (Crop.CENTRE, Crop.SCENE, Crop.WHOLE)}  # fmt: skip
    assert all(look is not None and look.pictures == 60 for look in first.values())
