"""Describing: any picture gives a style, of the manner that is in it, and nothing holds the engine up."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from engine.document.image_files import read_photo, write_photo
from engine.document.job import Describe
from engine.document.opaque import opaque
from engine.document.photo import Photo
from engine.paint.describe import describe, measured, style_of
from engine.paint.studio import Studio, code
from tests.engine.paint.pictures import checks


@pytest.mark.parametrize("shape", [(3, 3), (1, 1), (1, 900), (40, 60), (300, 2000)])
def test_any_shape_is_described(studio: Studio, shape: tuple[int, int]) -> None:
    style = style_of(checks(*shape), "x", studio.features)
    assert style.exemplar is not None and max(style.exemplar.shape) <= 512
    assert all(np.isfinite(gram).all() for gram in style.grams)


def test_what_is_measured_has_the_size_that_was_learned() -> None:
    assert measured(checks(512, 512)).shape == (224, 224, 3)
    assert measured(checks(400, 512)).shape == (224, 287, 3)
    assert measured(checks(3, 3)).shape == (224, 224, 3)
    assert np.abs(np.diff(measured(np.full((3, 3, 3), 90, np.uint8)).astype(int))).max() <= 1


def test_depth_makes_no_difference(studio: Studio) -> None:
    pixels = checks(80, 90)
    shallow, deep = (style_of(p, "x", studio.features) for p in (pixels, pixels.astype(np.uint16) * 257))
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(shallow.means, deep.means, strict=True))


def test_a_copy_of_a_picture_has_its_manner_and_another_has_not(studio: Studio) -> None:
    pixels = checks(256, 320)
    large = np.kron(pixels, np.ones((3, 3, 1), np.uint8))
    one, same, other = (style_of(p, "x", studio.features) for p in (pixels, large, pixels // 4))
    for a, b, c in zip(code(one), code(same), code(other), strict=True):
        assert (a - b).norm() < 0.25 * (a - c).norm()


def test_a_huge_picture_is_described_in_short_steps(studio: Studio) -> None:
    pixels = np.broadcast_to(checks(1, 10_000), (10_000, 10_000, 3))
    longest, began = 0.0, time.thread_time()
    steps = []
    for step in describe(Describe(ticket=3, pixels=pixels, name="huge"), studio):
        longest, began = max(longest, time.thread_time() - began), time.thread_time()
        steps.append(step)
    assert steps[-1].settled and steps[-1].style is not None and steps[-1].style.name == "huge"
    assert longest < 0.4  # of one core's own time, which here is shared


def test_the_job_tells_what_style_of_tells(studio: Studio) -> None:
    pixels = checks(200, 700)
    *_, last = describe(Describe(ticket=3, pixels=pixels, name="x"), studio)
    wanted = style_of(pixels, "x", studio.features)
    assert last.style is not None
    assert all(np.array_equal(a, b) for a, b in zip(last.style.grams, wanted.grams, strict=True))


def test_what_is_transparent_does_not_count(tmp_path: Path) -> None:
    pixels, alpha = checks(40, 60), np.full((40, 60), 255, np.uint8)
    pixels[:, 30:], alpha[:, 30:] = 0, 0
    write_photo(pixels, Photo(pixels, alpha), tmp_path / "half.png")
    seen = opaque(read_photo(tmp_path / "half.png"))
    assert np.array_equal(seen[:, :30], pixels[:, :30])
    assert np.abs(seen[:, 30:].mean(axis=(0, 1)) - pixels[:, :30].mean(axis=(0, 1))).max() < 1
    assert np.array_equal(opaque(Photo(pixels)), pixels)
