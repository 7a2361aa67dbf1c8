"""Ink: strokes as small images."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from editor.canvas.ink import Look, Window, bounds, cover, dotted, ink, overlap

LOOK = Look((200, 60, 20, 180), (255, 255, 255, 200), 6.0)
HATCHED = Look((9, 9, 9, 99), (1, 1, 1, 255), 0, 1.5, "hatch")
DASHED = Look((9, 9, 9, 99), (1, 1, 1, 255), 0, 1.5, "dash", 2)
PATH = np.array([[40, 30, 12], [90, 44, 9], [120, 100, 15]], np.float64)


def rgba(image: QImage) -> np.ndarray:
    """HxWx4 int, premultiplied."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., [2, 1, 0, 3]].astype(int)


@given(st.floats(4, 60), st.floats(0, 1), st.floats(0, 1))
def test_a_spot_covers_the_area_of_its_disc(radius: float, dx: float, dy: float) -> None:
    mask = cover(np.array([[80 + dx, 80 + dy, radius]]), (160, 160))
    assert mask.sum() / 255 == pytest.approx(math.pi * radius**2, rel=0.12)
    rows, columns = np.nonzero(mask > 127)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((80 + dy, 80 + dx), abs=0.6)


@given(st.integers(4, 40))
def test_a_line_is_as_wide_as_its_brush(radius: int) -> None:
    mask = cover(np.array([[10, 60, radius], [150, 60, radius]], np.float64), (120, 160))
    assert mask[:, 80].sum() / 255 == pytest.approx(2 * radius, abs=1.2)


def test_pressure_is_seen() -> None:
    mask = cover(np.array([[20, 60, 5], [140, 60, 30]], np.float64), (120, 160))
    widths = mask.sum(0) / 255
    assert widths[20] < widths[139] and widths[139] == pytest.approx(60, abs=6)


@pytest.mark.parametrize("look", [LOOK, HATCHED, DASHED], ids=["plain", "hatch", "dash"])
def test_a_window_shows_its_part_of_the_whole(look: Look) -> None:
    x, y, width, height = whole = bounds(PATH)
    image = rgba(ink(PATH, look, whole))
    part: Window = (x + 31, y + 17, 40, 50)
    assert np.abs(rgba(ink(PATH, look, part)) - image[17:67, 31:71]).max() <= 1
    assert image.shape[:2] == (height, width)


def test_ink_is_strongest_in_the_middle_and_nothing_outside() -> None:
    image = rgba(ink(np.array([[50.0, 50.0, 30.0]]), Look((200, 60, 20, 180), (0, 0, 0, 0), 15.0), (0, 0, 100, 100)))
    alpha = image[50, :, 3]
    assert alpha[50] == 180 and not alpha[:18].any() and not alpha[82:].any()
    assert (np.diff(alpha[20:50]) >= 0).all() and 0 < alpha[24] < 100
    assert image[50, 50, :3].tolist() == [round(c * 180 / 255) for c in (200, 60, 20)]


def test_the_outline_runs_along_the_rim() -> None:
    image = rgba(ink(np.array([[50.0, 50.0, 30.0]]), Look((0, 0, 0, 0), (255, 255, 255, 255), 0.0), (0, 0, 100, 100)))
    rows, columns = np.nonzero(image[..., 3] > 60)
    distance = np.hypot(rows + 0.5 - 50, columns + 0.5 - 50)
    assert distance.min() > 27.5 and distance.max() < 31.5
    assert image[..., 3].sum() / 255 == pytest.approx(2 * math.pi * 29.5 * 1.25, rel=0.35)


def test_a_rim_leaves_the_middle_free() -> None:
    look = Look((200, 60, 20, 255), (0, 0, 0, 0), 0.0, 1.0, rim=3.0)
    image = rgba(ink(np.array([[50.0, 50.0, 30.0]]), look, (0, 0, 100, 100)))
    rows, columns = np.nonzero(image[..., 3])
    distance = np.hypot(rows + 0.5 - 50, columns + 0.5 - 50)
    assert distance.min() > 24 and distance.max() < 31.5
    assert image[50, 22].tolist() == [200, 60, 20, 255]


def test_a_narrower_dotted_line_hides_less() -> None:
    path = np.array([[10, 20, 2], [110, 20, 2]], np.float64)
    full, thin = (rgba(dotted(path, 1.0, (0, 0, 120, 40), width))[..., 3].sum() for width in (3.0, 2.0))
    assert 0.4 * full < thin < 0.8 * full


def test_dots_follow_the_line_evenly() -> None:
    path = np.array([[10, 20, 2], [110, 20, 2]], np.float64)
    image = rgba(dotted(path, 1.0, (0, 0, 120, 40)))
    light = image[20, :, 0] > 128
    starts = np.flatnonzero(np.diff(light.astype(int)) == 1)
    assert len(starts) == pytest.approx(21, abs=1) and np.ptp(np.diff(starts)) <= 1
    assert image[20, 10:110, 3].min() > 100  # the dark line between the dots
    assert not image[:15].any() and not image[26:].any()


def test_a_sketch_of_one_point_is_a_dot() -> None:
    image = rgba(dotted(np.array([[20.0, 20.0, 2.0]]), 1.0, (0, 0, 40, 40)))
    assert 2 <= (image[..., 3] > 100).sum() <= 16


def test_windows() -> None:
    assert overlap((0, 0, 10, 10), (5, -3, 10, 6)) == (5, 0, 5, 3)
    assert overlap((0, 0, 10, 10), (20, 0, 5, 5))[2] == 0
    x, y, width, height = bounds(PATH)
    assert x <= 28 and y <= 18 and x + width >= 135 and y + height >= 115
