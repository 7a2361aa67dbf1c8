"""Strokes become masks and targets where the artist put them, and nowhere else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.latent import Frame
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.rasterize import coverage, protection, rasterize

FRAME = Frame(100, 100, 128)
SIDE = 64


def stroke(kind: StrokeKind, points: list[tuple[float, float]], radius: float = 8.0, **more: object) -> Stroke:
    array = np.array([(x, y, 1.0) for x, y in points], np.float32)
    color = (255, 0, 0) if kind is StrokeKind.COLOR else None
    return Stroke(kind, array, radius, **{"color": color, **more})  # type: ignore[arg-type]


@settings(max_examples=30, deadline=None)
@given(x=st.floats(40, 160), y=st.floats(40, 160), radius=st.floats(2, 30), angle=st.floats(-3, 3))
def test_mask_is_zero_beyond_the_radius_and_one_well_within(x: float, y: float, radius: float, angle: float) -> None:
    frame = Frame(100, 100, 128, angle)
    mask = coverage(stroke(StrokeKind.COLOR, [(x, y)], radius), frame, SIDE)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    photo = frame.to_photo(np.stack([columns.ravel(), rows.ravel()], axis=1), SIDE)
    distance = np.hypot(photo[:, 0] - x, photo[:, 1] - y).reshape(SIDE, SIDE)
    pixel = frame.size / SIDE
    assert mask[distance > radius + 1.6 * pixel].max(initial=0) == 0
    assert mask[distance < radius - 1.6 * pixel].min(initial=1) == 1


def test_pressure_narrows_the_stroke() -> None:
    points = np.array([(100, 100, 0.25)], np.float32)
    light = Stroke(StrokeKind.COLOR, points, 20, color=(0, 0, 0))
    assert coverage(light, FRAME, SIDE).sum() < 0.12 * coverage(light, FRAME, SIDE, pressure=False).sum()


def test_eraser_takes_back_what_was_before_it_only() -> None:
    red = stroke(StrokeKind.COLOR, [(80, 100), (120, 100)])
    eraser = stroke(StrokeKind.ERASE, [(80, 100), (120, 100)], 14)
    assert rasterize([red, eraser], FRAME, SIDE) == ()
    (left,) = rasterize([eraser, red], FRAME, SIDE)
    assert left.mask.max() == 1


def test_hidden_strokes_ask_nothing() -> None:
    assert rasterize([stroke(StrokeKind.COLOR, [(100, 100)], visible=False)], FRAME, SIDE) == ()
    assert protection([stroke(StrokeKind.PROTECT, [(100, 100)], visible=False)], FRAME, SIDE) is None


def test_newest_colour_wins() -> None:
    red = stroke(StrokeKind.COLOR, [(100, 100)], 20)
    blue = stroke(StrokeKind.COLOR, [(100, 100)], 10, color=(0, 0, 255))
    old, new = rasterize([red, blue], FRAME, SIDE)
    assert (old.mask + new.mask).max() <= 1 + 1e-6
    assert new.mask[32, 32] == 1 and old.mask[32, 32] == 0 and old.mask[32, 39] > 0.9


def test_warp_moves_the_first_point_to_the_last_and_leaves_the_far_field() -> None:
    (warp,) = rasterize([stroke(StrokeKind.WARP, [(100, 100), (112, 100)], 10)], FRAME, SIDE)
    assert warp.flow is not None
    goal = FRAME.to_model(np.array([[112, 100]]), SIDE)[0].astype(int)
    np.testing.assert_allclose(warp.flow[goal[1], goal[0]], [-6, 0], atol=0.3)
    assert np.abs(warp.flow[:, :5]).max() == 0 and warp.mask[:, :5].max() == 0
    # No folds: the map x + flow(x) keeps its order along the pull.
    assert (1 + np.diff(warp.flow[32, :, 0])).min() > 0


def test_protection_is_the_union_less_what_is_erased_after() -> None:
    guard = stroke(StrokeKind.PROTECT, [(80, 80), (120, 80)])
    eraser = stroke(StrokeKind.ERASE, [(120, 80)], 10)
    kept = protection([guard, eraser], FRAME, SIDE)
    assert kept is not None
    at = FRAME.to_model(np.array([[80, 80], [120, 80]]), SIDE).astype(int)
    assert kept[at[0, 1], at[0, 0]] == 1 and kept[at[1, 1], at[1, 0]] == 0


def test_points_far_outside_do_not_crash() -> None:
    assert rasterize([stroke(StrokeKind.COLOR, [(-1e7, 1e7), (1e7, 1e7)])], FRAME, SIDE) == ()
