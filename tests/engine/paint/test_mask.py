"""The mask: soft, bounded by the brush, erased to nothing, kept to edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.stroke import Stroke, StrokeKind
from engine.paint.mask import Window, bounds, coverage


def stroke(points: list[tuple[float, float, float]], radius: float, weight: float = 1.0,
           kind: StrokeKind = StrokeKind.STYLE) -> Stroke:  # fmt: skip
    return Stroke(kind, np.array(points, np.float32), radius, weight=weight)


def away(height: int, width: int, points: np.ndarray) -> np.ndarray:
    """HxW: each pixel centre's distance to a polyline."""
    y, x = np.mgrid[:height, :width] + 0.5
    place, nearest = np.stack([x, y], axis=-1), np.full((height, width), np.inf)
    for start, end in zip(points[:-1], points[1:], strict=True):
        way = end - start
        along = np.clip(((place - start) @ way) / max(float(way @ way), 1e-9), 0, 1)
        nearest = np.minimum(nearest, np.hypot(*np.moveaxis(place - start - along[..., None] * way, -1, 0)))
    return nearest


@settings(max_examples=25, deadline=None)
@given(
    points=st.lists(st.tuples(st.floats(-20, 120), st.floats(-20, 90), st.floats(0, 1)), min_size=2, max_size=6),
    radius=st.floats(1, 60), scale=st.sampled_from([0.5, 1.0, 2.0]), snap=st.sampled_from([0.0, 1.0]),
)  # fmt: skip
def test_nothing_is_outside_the_brush(
    points: list[tuple[float, float, float]], radius: float, scale: float, snap: float
) -> None:
    height, width = round(70 * scale), round(100 * scale)
    guide = np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)
    drawn = stroke(points, radius)
    mask = coverage([drawn], height, width, scale=scale, whole=False, guide=guide, snap=snap)
    # Points close together become one, which moves the line by no more than a fraction of the brush.
    distance = away(height, width, drawn.points[:, :2].astype(float) * scale)
    assert mask.dtype == np.float32 and mask.min() >= 0 and mask.max() <= 1
    assert not mask[distance >= max(radius * scale, 0.75) * 1.001 + 1e-3].any()


def test_full_in_the_core_and_soft_at_the_rim() -> None:
    mask = coverage([stroke([(50, 50, 1), (90, 50, 1)], 20)], 100, 140, scale=1, whole=False)
    assert (mask[45:55, 45:95] > 0.999).all() and 0.05 < mask[34, 70] < 0.95


@pytest.mark.parametrize("radius", [9.0, 300.0])
def test_a_full_eraser_leaves_exactly_nothing(radius: float) -> None:
    size = int(4 * radius)
    eraser = stroke([(2 * radius, 2 * radius, 1)], radius, kind=StrokeKind.ERASE)
    mask = coverage([eraser], size, size, scale=1, whole=True)
    near = away(size, size, np.full((2, 2), 2 * radius))
    assert (mask[near < 0.4 * radius] == 0).all() and (mask[near >= radius] == 1).all()


def test_pressure_is_strength_and_weight_the_most() -> None:
    def middle(*strokes: Stroke) -> float:
        return float(coverage(strokes, 40, 40, scale=1, whole=False)[20, 20])

    light, capped = stroke([(20, 20, 0.3)], 10), stroke([(20, 20, 1)], 10, weight=0.5)
    assert middle(light) == pytest.approx(0.3) and middle(capped) == pytest.approx(0.5)
    assert middle(light, light) == pytest.approx(0.51) and middle(capped, capped) == pytest.approx(0.5)
    assert middle(stroke([(20, 20, 1)], 10), capped) == 1


def test_a_window_is_a_part_of_the_whole() -> None:
    strokes = [stroke([(30, 30, 1), (160, 90, 0.5)], 50), stroke([(90, 60, 1)], 8, kind=StrokeKind.ERASE)]
    whole = coverage(strokes, 120, 200, scale=1, whole=False)
    part = coverage(strokes, 50, 60, scale=1, whole=False, window=Window(70, 40, 60, 50))
    assert np.abs(part - whole[40:90, 70:130]).max() < 1e-5
    box = bounds(strokes, 120, 200, False)
    outside = whole.copy()
    outside[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    assert not outside.any() and (box.x, box.y) == (0, 0)


def test_small_and_large_masks_agree() -> None:
    strokes = [stroke([(30, 30, 1), (160, 90, 0.4)], 40)]
    small = coverage(strokes, 60, 100, scale=0.5, whole=False)
    large = coverage(strokes, 240, 400, scale=2, whole=False)
    assert np.abs(large.reshape(60, 4, 100, 4).mean(axis=(1, 3)) - small).max() < 0.06


def test_the_brush_keeps_to_edges_as_far_as_asked() -> None:
    guide = np.full((100, 100, 3), 60, np.uint8)
    guide[:, 56:] = (220, 200, 90)
    drawn = [stroke([(44, 20, 1), (44, 80, 1)], 20)]
    free, half, kept = (
        coverage(drawn, 100, 100, scale=1, whole=False, guide=guide, snap=snap) for snap in (0.0, 0.5, 1.0)
    )
    beyond, within = (slice(30, 70), slice(57, 62)), (slice(30, 70), slice(40, 52))
    assert kept[within].min() > 0.95 and free[beyond].mean() > 0.1
    assert kept[beyond].mean() < 0.2 * free[beyond].mean() < half[beyond].mean() < free[beyond].mean()
    assert (kept <= free + 1e-6).all()
