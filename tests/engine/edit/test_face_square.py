"""A portrait becomes the square of its largest face; what shows none is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.document.errors import InputError
from engine.document.latent import Frame
from engine.edit import face_square


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Frame]:
    """The frames of what the search is made to find."""
    frames: list[Frame] = []

    def search(*_: object) -> Iterator[float]:
        yield 0.5
        return tuple(frames)

    monkeypatch.setattr(face_square, "networks", lambda: None)
    monkeypatch.setattr(face_square, "search", search)
    monkeypatch.setattr(face_square, "frame_of", lambda face: face)
    return frames


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    """Black, but for a grey square at (20..52, 10..42)."""
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[10:42, 20:52] = 200
    Image.fromarray(pixels).save(tmp_path / "portrait.png")
    return tmp_path / "portrait.png"


def test_the_largest_face_is_cut_out(found: list[Frame], portrait: Path) -> None:
    found += [Frame(80, 50, 20), Frame(36, 26, 32)]
    square = face_square.face_square(portrait, 16)
    assert square.shape == (16, 16, 3) and square.dtype == np.uint8
    np.testing.assert_allclose(square, 200, atol=3)


def test_no_face_and_a_tiny_one_are_refused(found: list[Frame], portrait: Path) -> None:
    with pytest.raises(InputError, match="shows no face"):
        face_square.face_square(portrait, 16)
    found.append(Frame(36, 26, 6))
    with pytest.raises(InputError, match="of only 6 px"):
        face_square.face_square(portrait, 16)
