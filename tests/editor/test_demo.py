"""The demo's script, on the synchronous engine: what it does by hand and what it leaves behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from editor import demo
from engine.document.image_files import read_photo, write_photo
from engine.document.job import Export, Project
from engine.document.photo import Photo
from engine.document.store import load
from tests.editor.synchronous_engine import SynchronousEngine

WRITTEN = {
    "photo.png", "projection.png", "window.png", "edited.png", "document.ganvas", "morph.mp4", "morph.gif",
}  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path, engine: SynchronousEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo without the real engine; the portrait it opens."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(demo, "EngineThread", lambda: engine)
    monkeypatch.setattr(demo.messages, "sort_out", lambda: None)  # the tests have their own
    monkeypatch.setattr(demo, "draw_projection", draw_projection)
    path = tmp_path / "portrait.png"
    pixels = np.random.default_rng(0).integers(0, 255, (200, 260, 3), np.uint8)
    write_photo(pixels, Photo(pixels), path)
    return path


def draw_projection(document: Path, out: Path) -> subprocess.Popen[bytes]:
    """A quick stand-in: needs the document that the real one needs, and no model."""
    pixels = np.full((16, 16, 3), len(load(document).edits), np.uint8)
    write_photo(pixels, Photo(pixels), out)
    return subprocess.Popen([sys.executable, "-c", ""])


def test_it_leaves_everything_behind(stage: Path, tmp_path: Path, engine: SynchronousEngine) -> None:
    """The files, a document with the strokes that were drawn by mouse, and a picture that is changed."""
    out = tmp_path / "out"
    assert demo.run(stage, out, 60) == ""
    assert {p.name for p in out.iterdir()} == WRITTEN
    assert (read_photo(out / "projection.png").pixels == 1).all()
    document = load(out / "document.ganvas")
    drawn = [s.kind.value for s in document.edits[0].strokes]
    assert drawn == ["color", "warp", "warp"] and len(document.sequence.keyframes) == 3
    assert len(document.edits[0].strokes[0].points) > 20
    edited, photo = read_photo(out / "edited.png").pixels, read_photo(out / "photo.png").pixels
    assert np.array_equal(edited, document.picture()) and not np.array_equal(edited, photo)
    assert engine.kinds().count("Export") == 2 and isinstance(engine.submitted[-1], Export)


def test_a_failure_ends_it_with_its_line(stage: Path, tmp_path: Path, engine: SynchronousEngine) -> None:
    """What the engine says is what the demo says."""
    engine.failing[Project] = "the model is broken."
    assert "model is broken" in demo.run(stage, tmp_path / "out", 60)


def test_a_projection_that_cannot_be_drawn_ends_it(
    stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture that is missing is named."""
    failing = [sys.executable, "-c", "raise SystemExit(1)"]
    monkeypatch.setattr(demo, "draw_projection", lambda document, out: subprocess.Popen(failing))
    assert "projection.png was not written" in demo.run(stage, tmp_path / "out", 60)


def test_nothing_is_left_running(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws for longer than anybody waits is ended with the demo."""
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(demo, "draw_projection", lambda document, out: running)
    assert "the projection at full size" in demo.run(stage, tmp_path / "out", 2)
    assert running.poll() is not None


def test_it_never_hangs(stage: Path, tmp_path: Path, engine: SynchronousEngine) -> None:
    """An engine that does not answer is given up after the limit, and the line says on what it waited."""
    engine.hold = True
    assert "the face to be found" in demo.run(stage, tmp_path / "out", 0.5)


def test_the_exit_code_tells(stage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero when all went well, else not, with one line."""
    assert demo.main([str(stage), "--out", str(tmp_path / "out")]) == 0
    assert demo.main([str(tmp_path / "missing.png"), "--out", str(tmp_path / "out")]) == 1
    assert "demo failed: missing.png does not exist" in capsys.readouterr().out
