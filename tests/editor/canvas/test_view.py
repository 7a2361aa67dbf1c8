"""View: photo <-> view coordinates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from editor.canvas.view import CLOSEST, FARTHEST, View, extent, fitted, reachable

points = st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000))
angles = st.sampled_from([0.0, 90.0, 180.0, -90.0]) | st.floats(-180, 180)
views = st.builds(View, st.floats(0.02, 60), angles, st.floats(-3000, 3000), st.floats(-3000, 3000))


@given(views, points)
def test_there_and_back(view: View, point: tuple[float, float]) -> None:
    assert view.to_photo(*view.to_view(*point)) == pytest.approx(point, abs=1e-5)


@given(views, points)
def test_the_painters_transform_is_the_same(view: View, point: tuple[float, float]) -> None:
    mapped = view.transform().map(QPointF(*point))
    assert (mapped.x(), mapped.y()) == pytest.approx(view.to_view(*point), abs=1e-4)


@given(views, points, st.floats(0.1, 10))
def test_zooming_holds_the_point_under_the_pointer(view: View, at: tuple[float, float], factor: float) -> None:
    zoomed = view.zoomed(factor, *at)
    assert zoomed.to_view(*view.to_photo(*at)) == pytest.approx(at, abs=1e-3)
    assert zoomed.zoom == pytest.approx(min(max(view.zoom * factor, FARTHEST), CLOSEST))


@given(views, points, st.floats(-720, 720))
def test_turning_holds_the_point_it_turns_about(view: View, at: tuple[float, float], degrees: float) -> None:
    turned = view.rotated(degrees, *at)
    assert turned.to_view(*view.to_photo(*at)) == pytest.approx(at, abs=1e-3)
    assert -180 <= turned.angle <= 180


def test_four_quarter_turns_are_none() -> None:
    view = View(0.37, 0.0, 11.0, 5.0)
    for _ in range(4):
        view = view.rotated(90, 100, 80)
    assert (view.zoom, view.angle % 360) == (0.37, 0) and (view.x, view.y) == pytest.approx((11, 5))


def test_positive_angles_turn_clockwise_on_the_screen() -> None:
    assert View(1, 90).to_view(1, 0) == pytest.approx((0, 1))


@given(st.integers(1, 9000), st.integers(1, 9000), angles)
def test_a_fitted_photo_is_wholly_seen_and_in_the_middle(width: int, height: int, angle: float) -> None:
    view = fitted(width, height, (900, 640), angle)
    left, top, right, bottom = extent(view, width, height)
    assert (left + right, top + bottom) == pytest.approx((900, 640))
    if view.zoom > FARTHEST:
        assert left >= 15.9 and top >= 15.9 and right <= 884.1 and bottom <= 624.1
    if FARTHEST < view.zoom < CLOSEST / 2:
        assert left == pytest.approx(16) or top == pytest.approx(16)


@given(views, st.integers(1, 6000), st.integers(1, 6000))
def test_the_photo_cannot_be_lost(view: View, width: int, height: int) -> None:
    left, top, right, bottom = extent(reachable(view, width, height, (900, 640)), width, height)
    assert right >= 47.9 and left <= 852.1 and bottom >= 47.9 and top <= 592.1


@given(st.floats(0.02, 60), st.sampled_from([1.0, 1.5, 2.0]), points)
def test_snapping_puts_the_corner_on_a_device_pixel(zoom: float, ratio: float, at: tuple[float, float]) -> None:
    view = View(zoom, 0, *at)
    snapped = view.snapped(ratio)
    assert snapped.x * ratio == pytest.approx(round(snapped.x * ratio), abs=1e-6)
    assert abs(snapped.x - view.x) <= 0.5001 / ratio and abs(snapped.y - view.y) <= 0.5001 / ratio
