"""`ganvas train`: a part's name is a part, anything else a folder; and manifolds other than faces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.command import main
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import folder, shipped
from engine.train.folder import FolderRequest, FolderStep, Made
from engine.train.trainer import TrainingStep

asked: list[object] = []


@pytest.fixture(autouse=True)
def trained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training that only notes what was asked for."""
    asked.clear()

    def train_folder(request: FolderRequest) -> Iterator[FolderStep]:
        asked.append(request)
        made = Made(Path("pack"), 7, {"frechet": 1.5}, 200, [("a.jpg", "broken")], [], Path("s.png"), Path("n.png"))
        yield FolderStep(7, 0.1, 1.0, "Done", made)

    def train(request: shipped.Request) -> Iterator[TrainingStep]:
        asked.append(request)
        yield TrainingStep(3, 0.5, 1.0)

    monkeypatch.setattr(folder, "train_folder", train_folder)
    monkeypatch.setattr(shipped, "train", train)


def test_a_folder_is_trained_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", str(tmp_path), "--name", "sea", "--size", "128", "--minutes", "5", "--resume", "--json"]
    assert main(words) == 0
    (request,) = asked
    assert isinstance(request, FolderRequest)
    assert (request.folder, request.name, request.size, request.minutes) == (tmp_path.resolve(), "sea", 128, 5.0)
    assert request.resume and request.family == "style" and request.least == 200
    told = json.loads(capsys.readouterr().out)
    assert told["quality"] == {"frechet": 1.5} and told["refused"] == [["a.jpg", "broken"]] and told["path"] == "pack"


def test_a_known_part_stays_a_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "preview", "--minutes", "2", "--out", str(tmp_path), "--json"]) == 0
    (request,) = asked
    assert isinstance(request, shipped.Request) and (request.part, request.minutes) == ("preview", 2.0)
    assert request.work == Path("training-work") and json.loads(capsys.readouterr().out)["steps"] == 3


@pytest.mark.parametrize("words", [["train", "."], ["train", ".", "--name", "x", "--size", "100"], ["train"]])
def test_what_is_missing_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2 and not asked
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_manifold_without_faces_looks_at_the_middle(
    tiny_manifold: Manifold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    picture = to_uint8(tiny_manifold.picture(tiny_manifold.sample(1, 5)))
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:, 32:96] = np.kron(picture, np.ones((4, 4, 1), np.uint8))
    write_photo(pixels, Photo(pixels), tmp_path / "photo.png")
    opened: list[str] = []

    def open_manifold(id: str) -> Manifold:
        opened.append(id)
        return tiny_manifold

    words = ["project", str(tmp_path / "photo.png"), "--manifold", "tiny", "--steps", "30", "--json",
             "--out", str(tmp_path / "found.png")]  # fmt: skip
    assert main(words, open_manifold=open_manifold) == 0
    frame = json.loads(capsys.readouterr().out)["frame"]
    assert set(opened) == {"tiny"}
    assert frame["x"] == pytest.approx(0.5, abs=0.05) and frame["size"] == pytest.approx(0.5, rel=0.15)
    found = read_photo(tmp_path / "found.png").pixels
    assert found.shape == picture.shape
    assert np.abs(found.astype(int) - picture).mean() < np.abs(picture.astype(int) - picture.mean((0, 1))).mean()
