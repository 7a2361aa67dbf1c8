"""ganvas replay: one document's edits on other photos, one line for each that cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.command import main
from engine.document.document import Document
from engine.document.edit import FusionEdit, ManifoldEdit, StyleEdit
from engine.document.image_files import read_photo, write_photo
from engine.document.job import FindRegions, Step
from engine.document.latent import Frame
from engine.document.motif import Motif
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import Style
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG
from engine.paint import render
from engine.run import steps as steps_module

Ganvas = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ganvas(tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ganvas:
    """Run a command; a face is found in every photo that is wider than tall. Layers are painted plain red."""
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)

    def found(job: FindRegions, steps: object) -> Iterator[Step]:
        frame = Frame(job.photo.width / 2, job.photo.height / 2, job.photo.height / 2)
        wide = job.photo.width > job.photo.height
        yield Step(ticket=job.ticket, settled=True, frames=(frame,) if wide else (), fraction=1.0)

    def put(
        ground: Any, edit: Any, box: Any, scale: float, below: np.ndarray, studio: object, patient: bool = True
    ) -> Iterator[None]:
        yield
        return np.full_like(below, (255, 0, 0))  # type: ignore[return-value]

    monkeypatch.setitem(steps_module.TABLE, FindRegions, found)
    monkeypatch.setattr(render, "_put", put)

    def run(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words], open_manifold=lambda id: tiny_manifold)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def document(tmp_path: Path, tiny_manifold: Manifold) -> Path:
    """A face moved without strokes, and a style painted on the left half."""
    base, there = (tiny_manifold.latent(tiny_manifold.sample(1, seed)) for seed in (1, 2))
    face = ManifoldEdit(Frame(60, 40, 40), base, there, realism=1.0)
    statistics = tuple(np.zeros(n, np.float32) for n in (1, 1, 1, 1))
    style = Style("Red", statistics, tuple(np.eye(1, dtype=np.float32) for _ in range(4)))
    left = Stroke(StrokeKind.STYLE, np.array([[0, 0, 1], [0, 80, 1]], np.float32), 12.0)
    layer = StyleEdit((style,), (left,), whole=False, snap=0.0)
    save(Document(Photo(np.full((80, 120, 3), 90, np.uint8)), (face, layer)), tmp_path / "doc.ganvas")
    return tmp_path / "doc.ganvas"


def written(path: Path, width: int, height: int) -> Path:
    pixels = np.random.default_rng(width).integers(0, 255, (height, width, 3)).astype(np.uint8)
    write_photo(pixels, Photo(pixels), path)
    return path


def test_edits_come_to_another_photo(ganvas: Ganvas, document: Path, tmp_path: Path) -> None:
    photo = written(tmp_path / "wide.png", 240, 160)
    code, out, err = ganvas(
        "replay", document, photo, "--out", tmp_path / "made", "--steps", 2, "--documents", "--json"
    )
    assert (code, err) == (0, "") and json.loads(out)["failed"] == []
    before, after = read_photo(photo).pixels, read_photo(tmp_path / "made" / "wide.png").pixels
    assert (after[10:150, 0] == (255, 0, 0)).all(), "the stroke runs down the left border, twice as large"
    assert np.array_equal(after[:, 225:], before[:, 225:]), "nothing was asked for there"
    assert not np.array_equal(after[60:100, 100:140], before[60:100, 100:140]), "the face moved"
    made = load(tmp_path / "made" / "wide.ganvas")
    old = load(document).edits[0]
    face = made.edits[0]
    assert np.allclose(face.latent.values - face.base.values, old.latent.values - old.base.values, atol=1e-5)
    assert np.array_equal(made.picture(), after)


def test_a_blend_comes_with_its_motif(ganvas: Ganvas, tmp_path: Path) -> None:
    line = Stroke(StrokeKind.STYLE, np.array([[10, 10, 1], [10, 60, 1]], np.float32), 8.0)
    motif = Motif("Sea", np.full((20, 30, 3), 70, np.uint8))
    layer = FusionEdit(motif, (line,), whole=False, amount=0.8, depth=3.5, x=0.25, snap=0.0)
    save(Document(Photo(np.full((80, 120, 3), 90, np.uint8)), (layer,)), tmp_path / "doc.ganvas")
    photo = written(tmp_path / "wide.png", 240, 160)
    code, _, err = ganvas("replay", tmp_path / "doc.ganvas", photo, "--out", tmp_path / "made", "--documents")
    made = load(tmp_path / "made" / "wide.ganvas")
    (edit,) = made.edits
    assert (code, err) == (0, "") and isinstance(edit, FusionEdit)
    assert np.array_equal(edit.motif.pixels, motif.pixels) and (edit.amount, edit.depth, edit.x) == (0.8, 3.5, 0.25)
    assert np.array_equal(edit.strokes[0].points, line.points * (2, 2, 1)) and edit.strokes[0].radius == 16
    before, after = read_photo(photo).pixels, made.picture()
    assert (after[60:80, 18:22] == (255, 0, 0)).all() and np.array_equal(after[:, 60:], before[:, 60:])


def test_a_photo_that_cannot_be_done_is_told_and_the_others_go_on(
    ganvas: Ganvas, document: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    written(folder / "a-tall.png", 40, 90)
    (folder / "b-broken.png").write_bytes(b"\x89PNG\r\n nonsense")
    written(folder / "c-wide.png", 90, 40)
    code, out, err = ganvas("replay", document, folder, "--out", tmp_path / "made", "--steps", 1)
    lines = err.strip().splitlines()
    assert code == 2 and len(lines) == 3 and "1 of 3 photos done" in out
    assert "left out: a-tall.png: no face was found in it" in lines[0] and "left out: b-broken.png is" in lines[1]
    assert "2 of 3 photos could not be done" in lines[2]
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["c-wide.png"]


def test_no_photo_is_overwritten_and_no_name_used_twice(ganvas: Ganvas, document: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, two = written(tmp_path / "a.png", 90, 40), written(tmp_path / "other" / "a.png", 92, 40)
    before = one.read_bytes()
    code, _, _ = ganvas("replay", document, one, two, "--out", tmp_path, "--steps", 1)
    assert code == 0 and one.read_bytes() == before
    assert read_photo(tmp_path / "a-2.png").width == 90 and read_photo(tmp_path / "a-3.png").width == 92


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("empty document", "shows no edit"),
        ("empty folder", "holds no picture"),
        ("file for a folder", "cannot be made"),
    ],
)
def test_what_cannot_be_begun_is_one_line(
    ganvas: Ganvas, document: Path, tmp_path: Path, kind: str, reason: str
) -> None:
    photo, out = written(tmp_path / "wide.png", 90, 40), tmp_path / "made"
    if kind == "empty document":
        save(Document(Photo(np.zeros((4, 4, 3), np.uint8))), document)
    elif kind == "empty folder":
        photo = tmp_path / "none"
        photo.mkdir()
    else:
        out.write_bytes(b"")
    code, _, err = ganvas("replay", document, photo, "--out", out)
    assert code == 2 and reason in err and len(err.strip().splitlines()) == 1
