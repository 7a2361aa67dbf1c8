"""Sliders survive a round trip; what is no slider is refused in one line or passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from engine.document.direction import Direction
from engine.document.direction_files import keep, own, read
from engine.document.errors import InputError

VALUES = np.arange(6, dtype=np.float32).reshape(2, 3)
WORDS = {"format": "ganvas slider", "version": "1", "id": "a1", "name": "Smile", "manifold": "faces", "limit": "3.000"}


def file(path: Path, words: dict[str, str] | None = None, values: np.ndarray = VALUES, name: str = "values") -> Path:
    path.write_bytes(safetensors.numpy.save({name: values}, WORDS if words is None else words))
    return path


def test_round_trip(tmp_path: Path) -> None:
    direction = Direction("  Big\nsmile ", VALUES, "faces", 2.5)
    found = read(keep(direction, tmp_path / "sliders"))
    assert (found.name, found.manifold, found.limit, found.id) == ("Big smile", "faces", 2.5, direction.id)
    np.testing.assert_array_equal(found.values, VALUES)


def test_the_library_is_sorted_and_passes_over_what_is_none(tmp_path: Path) -> None:
    for name in ("wink", "Age"):
        keep(Direction(name, VALUES, "faces"), tmp_path)
    (tmp_path / "odd.safetensors").write_bytes(b"x" * 100)
    assert [d.name for d in own(tmp_path)] == ["Age", "wink"]
    assert list(own(tmp_path / "none")) == []


@pytest.mark.parametrize("words", [{}, WORDS | {"format": "other"}, WORDS | {"id": "../up"}, WORDS | {"limit": "nan"},
                                   WORDS | {"limit": "999"}, WORDS | {"extra": "1"}])  # fmt: skip
def test_wrong_words_are_refused(tmp_path: Path, words: dict[str, str]) -> None:
    with pytest.raises(InputError, match="no slider of Ganvas"):
        read(file(tmp_path / "a.safetensors", words))


@pytest.mark.parametrize(("values", "name"), [(VALUES[0], "values"), (VALUES.astype(np.float64), "values"),
                                              (VALUES * np.nan, "values"), (VALUES, "other")])  # fmt: skip
def test_wrong_arrays_are_refused(tmp_path: Path, values: np.ndarray, name: str) -> None:
    with pytest.raises(InputError, match="no slider of Ganvas"):
        read(file(tmp_path / "a.safetensors", None, values, name))


def test_every_cut_is_refused(tmp_path: Path) -> None:
    whole = file(tmp_path / "a.safetensors").read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "b.safetensors").write_bytes(whole[:length])
        with pytest.raises(InputError):
            read(tmp_path / "b.safetensors")
