"""The command line on the tiny manifold: what it writes, what it says, how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.command import bench, main
from engine.command import entry as entry_module
from engine.command.frames import parsed, written
from engine.document.document import Document
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.document.stroke import Stroke, StrokeKind
from engine.document.stroke_files import write_strokes
from engine.model import usual
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8
from engine.model.networks.compact_vgg import CompactVGG

Ganvas = Callable[..., tuple[int, Any, str]]
WIDTH, HEIGHT = 150, 100
FRAME = "0.5,0.5,0.48"


@pytest.fixture
def ganvas(tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ganvas:
    """Run a command in this process: its exit code, its JSON (or text), its standard error."""
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)

    def run(*words: object) -> tuple[int, Any, str]:
        code = main([str(word) for word in words], open_manifold=lambda id: tiny_manifold)
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words and out else out, err

    return run


@pytest.fixture
def photo(tiny_manifold: Manifold, tmp_path: Path) -> Path:
    """A picture of the manifold, four times as large, in the middle of a grey photo."""
    picture = to_uint8(tiny_manifold.picture(tiny_manifold.sample(1, 5)))
    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    pixels[14:86, 39:111] = np.kron(picture, np.ones((5, 5, 1), np.uint8))[4:76, 4:76]
    write_photo(pixels, Photo(pixels), tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def strokes(tmp_path: Path) -> Path:
    points = np.array([(65, 50, 1), (85, 50, 1)], np.float32)
    red = Stroke(StrokeKind.COLOR, points, 12, color=(255, 30, 30), weight=4)
    write_strokes([red], tmp_path / "strokes.json", WIDTH, HEIGHT)
    return tmp_path / "strokes.json"


def test_project_writes_the_models_picture_and_says_where_it_was(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "found.png"
    code, facts, _ = ganvas("project", photo, "--out", out, "--frame", FRAME, "--steps", 6, "--json")
    assert code == 0 and read_photo(out).pixels.shape == (16, 16, 3)
    assert (facts["out"], facts["width"], facts["height"]) == (str(out), 16, 16)
    assert facts["cost"] > 0 and facts["seconds"] > 0 and facts["peak_memory_bytes"] > 1e6
    assert facts["frame"]["x"] == pytest.approx(0.5, abs=0.05) and facts["frame"]["size"] == pytest.approx(
        0.48, abs=0.1
    )


@pytest.mark.parametrize(("quality", "code"), [("fine", 0), ("3", 0), ("best", 2), ("-1", 2), ("1001", 2)])
def test_quality_is_a_name_or_a_number_of_steps(
    ganvas: Ganvas, photo: Path, tmp_path: Path, quality: str, code: int
) -> None:
    words = ("--frame", FRAME, "--steps", 1, f"--quality={quality}")
    answer, _, error = ganvas("project", photo, "--out", tmp_path / "found.png", *words)
    assert answer == code and ("finest" in error) == (code == 2)


def test_project_draws_what_a_document_holds(
    ganvas: Ganvas, photo: Path, strokes: Path, tmp_path: Path, tiny_manifold: Manifold
) -> None:
    document, out = tmp_path / "doc.ganvas", tmp_path / "found.png"
    words = ("--frame", FRAME, "--steps", 3, "--save", document)
    assert ganvas("edit", photo, "--strokes", strokes, "--out", tmp_path / "out.png", *words)[0] == 0
    code, facts, _ = ganvas("project", document, "--out", out, "--json")
    assert code == 0 and (facts["width"], facts["height"]) == (16, 16)
    base = load(document).edits[0].base
    assert np.array_equal(read_photo(out).pixels, to_uint8(tiny_manifold.picture(tiny_manifold.tensor(base))))


def test_project_writes_what_the_lenses_see(
    ganvas: Ganvas, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    for name, value in (("SAMPLES", 12), ("FURTHER", 4), ("COORDINATES", 4)):
        monkeypatch.setattr(usual, name, value)
    monkeypatch.setattr(usual, "_known", {})
    out, lens = tmp_path / "found.png", tmp_path / "lens.png"
    words = ("--frame", FRAME, "--steps", 3, "--json", "--lens", lens)
    code, facts, _ = ganvas("project", photo, "--out", out, *words)
    assert code == 0 and read_photo(lens).pixels.shape == (16, 64, 3)
    assert 0 <= facts["plausible"] <= 1 and 0 <= facts["residual"] <= 1


def test_project_refuses_a_document_without_a_face(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    document = tmp_path / "doc.ganvas"
    save(Document(read_photo(photo)), document)
    code, _, err = ganvas("project", document, "--out", tmp_path / "found.png")
    assert code == 2 and "no face that was found" in err and not (tmp_path / "found.png").exists()


def test_edit_changes_the_photo_within_its_support_only(
    ganvas: Ganvas, photo: Path, strokes: Path, tmp_path: Path
) -> None:
    out, document, movie = tmp_path / "out.png", tmp_path / "doc.ganvas", tmp_path / "morph.gif"
    code, facts, _ = ganvas(
        "edit", photo, "--strokes", strokes, "--out", out, "--frame", FRAME, "--steps", 8, "--realism", 0.7,
        "--save", document, "--morph", movie, "--json",
    )  # fmt: skip
    assert code == 0
    before, after = read_photo(photo).pixels, read_photo(out).pixels
    changed = (before != after).any(axis=2)
    x, y, width, height = facts["support"]
    assert changed.sum() == facts["changed_inside"] > 100 and facts["changed_outside"] == 0
    changed[y : y + height, x : x + width] = False
    assert not changed.any()
    kept = load(document)
    assert np.array_equal(kept.picture(), after) and kept.edits[0].realism == 0.7
    assert len(kept.edits[0].strokes) == 1 and len(kept.sequence.keyframes) == 2
    assert facts["document"] == str(document) and facts["morph"]["frames"] == 37 and movie.stat().st_size > 0


def test_the_same_seed_makes_the_same_picture(ganvas: Ganvas, photo: Path, strokes: Path, tmp_path: Path) -> None:
    made = []
    for seed in (3, 3, 4):
        words = ("edit", photo, "--strokes", strokes, "--out", tmp_path / "out.png", "--frame", FRAME, "--steps", 4)
        assert ganvas(*words, "--seed", seed)[0] == 0
        made.append(read_photo(tmp_path / "out.png").pixels)
    assert np.array_equal(made[0], made[1]) and not np.array_equal(made[0], made[2])


def test_morph_writes_the_documents_movie(ganvas: Ganvas, photo: Path, strokes: Path, tmp_path: Path) -> None:
    document = tmp_path / "doc.ganvas"
    words = ("--frame", FRAME, "--steps", 3, "--save", document)
    assert ganvas("edit", photo, "--strokes", strokes, "--out", tmp_path / "out.png", *words)[0] == 0
    folder = tmp_path / "frames"
    code, facts, _ = ganvas("morph", document, "--out", folder, "--fps", 4, "--size", 75, "--ping-pong", "--json")
    assert code == 0 and facts["frames"] == len(list(folder.iterdir())) == 11
    assert read_photo(folder / "frame.0001.png").pixels.shape == (50, 75, 3)


def test_words_in_place_of_json(ganvas: Ganvas, photo: Path, tmp_path: Path) -> None:
    code, text, _ = ganvas("project", photo, "--out", tmp_path / "found.png", "--frame", FRAME, "--steps", 1)
    assert code == 0 and "16 x 16, cost" in text and "MB at most" in text


def test_models_are_listed(ganvas: Ganvas, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    code, facts, _ = ganvas("models", "--json")
    (faces,) = [pack for pack in facts["packs"] if pack["name"] == "faces"]
    assert code == 0 and not faces["installed"] and faces["path"].startswith(str(tmp_path))
    assert "faces" in ganvas("models", "list")[1]


def test_bench_measures_each_part(ganvas: Ganvas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "igan_ratio", dict)  # half a minute
    code, facts, _ = ganvas("bench", "--repeats", 1, "--megapixels", 0.01, "--json")
    assert code == 0
    assert {"picture, full", "project, first step", "stroke, a step", "transfer"} <= set(facts["parts"])
    assert all(0 < part["median_ms"] <= part["p95_ms"] for name, part in facts["parts"].items() if "open" not in name)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["edit"], "required"),
        (["project", "PHOTO"], "--out"),
        (["project", "no.jpg", "--out", "x.png"], "no.jpg"),
        (["project", "PHOTO", "--out", "x.png", "--frame", "1,2"], "no frame"),
        (["project", "PHOTO", "--out", "x.png", "--frame", "0.5,0.5,-1"], "no frame"),
        (["project", "PHOTO", "--out", "x.png", "--frame", "0.5,0.5,nan"], "no frame"),
        (["edit", "PHOTO", "--strokes", "PHOTO", "--out", "x.png"], "stroke file"),
        (["edit", "PHOTO", "--strokes", "PHOTO", "--out", "x.png", "--realism", "2"], "from 0 to 1"),
        (["morph", "PHOTO", "--out", "x.mp4"], "not a Ganvas document"),
        (["morph", "PHOTO", "--out", "x.mp4", "--size", "0"], "from 1 to"),
        (["models", "get"], "which pack"),
        (["models", "get", "shoes"], "no pack"),
        (["projetc"], "the commands are"),
        (["PHOTO", "PHOTO"], "one file"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(ganvas: Ganvas, photo: Path, words: list[str], said: str) -> None:
    code, out, err = ganvas(*(str(photo) if word == "PHOTO" else word for word in words))
    assert code == 2 and out == ""
    assert err.startswith("ganvas: ") and err.count("\n") == 1 and said in err


def test_a_picture_that_cannot_be_written_is_refused_before_the_work(
    ganvas: Ganvas, photo: Path, strokes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Features, "load", lambda: pytest.fail("the work has begun"))
    for out in (tmp_path / "out.xyz", tmp_path / "nowhere" / "out.png"):
        for words in (("project", photo), ("edit", photo, "--strokes", strokes)):
            code, _, err = ganvas(*words, "--out", out, "--frame", FRAME)
            assert code == 2 and out.name in err
    more = ("--out", tmp_path / "out.png", "--frame", FRAME, "--morph", tmp_path / "morph.avi")
    code, _, err = ganvas("edit", photo, "--strokes", strokes, *more)
    assert code == 2 and "morph.avi" in err and not (tmp_path / "out.png").exists()


def test_a_fault_of_the_program_is_exit_code_1_with_a_trace(
    ganvas: Ganvas, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Features, "load", lambda: 1 / 0)
    code, out, err = ganvas("project", photo, "--out", tmp_path / "out.png", "--frame", FRAME)
    assert code == 1 and out == "" and "ZeroDivisionError" in err


def test_ctrl_c_ends_without_a_trace(
    ganvas: Ganvas, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> Features:
        raise KeyboardInterrupt

    monkeypatch.setattr(Features, "load", interrupt)
    code, _, err = ganvas("project", photo, "--out", tmp_path / "out.png", "--frame", FRAME)
    assert code == 1 and err == "ganvas: stopped\n"


@pytest.mark.parametrize("words", [[], ["PHOTO"]])
def test_without_a_command_the_editor_opens(
    ganvas: Ganvas, photo: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(entry_module.runpy, "run_module", lambda name, **_: ran.append((name, sys.argv[1:])))
    given = [str(photo) if word == "PHOTO" else word for word in words]
    assert ganvas(*given)[0] == 0
    assert ran == [("editor", given)]


def test_frames_go_there_and_back() -> None:
    photo = Photo(np.zeros((200, 300, 3), np.uint8))
    frame = parsed("0.5,0.25,0.5,90", photo)
    assert (frame.x, frame.y, frame.size, frame.angle) == pytest.approx((150, 50, 150, np.pi / 2))
    assert written(frame, photo) == pytest.approx({"x": 0.5, "y": 0.25, "size": 0.5, "angle": 90})
    assert parsed("0.5,0.25,0.5", photo) == Frame(150, 50, 150)
    with pytest.raises(InputError):
        parsed("0.5,0.25,0.5,1,2", photo)


def test_the_help_needs_no_torch() -> None:
    code = "import sys; from engine.command import parser; sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
