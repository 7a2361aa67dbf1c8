"""One at a time works in a folder; who was killed is not at work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.document.errors import InputError
from engine.document.locks import LOCK, alone, busy

HOLD = """
import sys, time
from pathlib import Path
from engine.document.locks import alone
with alone(Path(sys.argv[1]), "no"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_only_one_is_at_work_and_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "runs" / "mine"
    with alone(place, "taken"):
        assert busy(place) and not busy(tmp_path)
        with pytest.raises(InputError, match="taken"), alone(place, "taken"):
            raise AssertionError("two were at work")
        assert busy(place)
    assert not busy(place) and not place.exists()
    with alone(place, "taken"):
        (place / "made").touch()
    assert [path.name for path in place.iterdir()] == ["made"]


def test_what_another_program_holds_is_free_once_it_is_killed(tmp_path: Path) -> None:
    held = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert held.stdout is not None and held.stdout.readline().strip() == b"held"
        assert busy(tmp_path)
        with pytest.raises(InputError, match="another"), alone(tmp_path, "another"):
            raise AssertionError("two were at work")
    finally:
        held.kill()
        held.communicate()
    assert (tmp_path / LOCK).exists() and not busy(tmp_path)
    with alone(tmp_path, "another"):
        assert busy(tmp_path)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written to"), alone(tmp_path / "file" / "run", "taken"):
        raise AssertionError("it was made")
