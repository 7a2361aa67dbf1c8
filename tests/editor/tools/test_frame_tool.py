"""The frame tool: corners scale, the knob turns, the inside moves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.tools.frame import FRAME, SMALLEST, Handle, follow, handle_at, inside, knob
from editor.tools.tool import Hand, PointerEvent
from engine.document.latent import Frame

FRAME_AT = Frame(200, 150, 100, 0.3)
frames = st.builds(Frame, st.floats(-500, 500), st.floats(-500, 500), st.floats(40, 400), st.floats(-3.1, 3.1))


def at(x: float, y: float, **more: bool) -> PointerEvent:
    return PointerEvent(x, y, **more)


@given(frames, st.integers(0, 3), st.floats(0.1, 10))
def test_handles_are_found_where_they_are_drawn(frame: Frame, index: int, pixel: float) -> None:
    corner = frame.corners()[index]
    assert handle_at(frame, *corner, min(pixel, 0.5)) is Handle(index)
    assert handle_at(frame, *knob(frame, pixel), pixel) is Handle.KNOB
    assert handle_at(frame, frame.x, frame.y, 0.5) is Handle.INSIDE


def test_nothing_is_found_away_from_the_frame() -> None:
    assert handle_at(FRAME_AT, 400, 150, 1.0) is None
    assert not inside(FRAME_AT, 400, 150) and inside(FRAME_AT, 210, 160)


def test_the_knob_lies_above_the_top_edge() -> None:
    assert knob(Frame(0, 0, 100), 1.0) == pytest.approx((0, -78))
    assert knob(Frame(0, 0, 100, math.pi / 2), 1.0) == pytest.approx((78, 0))


@given(frames, st.floats(-300, 300), st.floats(-300, 300))
def test_the_inside_moves(frame: Frame, dx: float, dy: float) -> None:
    moved = follow(frame, Handle.INSIDE, at(frame.x, frame.y), at(frame.x + dx, frame.y + dy))
    assert (moved.x, moved.y) == pytest.approx((frame.x + dx, frame.y + dy), abs=1e-6)
    assert (moved.size, moved.angle) == (frame.size, frame.angle)


@given(frames, st.integers(0, 3), st.floats(0.5, 3))
def test_a_corner_scales_about_the_opposite_one(frame: Frame, index: int, factor: float) -> None:
    corners = frame.corners()
    opposite = corners[(index + 2) % 4]
    goal = opposite + factor * (corners[index] - opposite)
    scaled = follow(frame, Handle(index), at(*corners[index]), at(*goal))
    assert scaled.size == pytest.approx(frame.size * factor)
    assert scaled.corners()[index] == pytest.approx(goal, abs=1e-6)
    assert scaled.corners()[(index + 2) % 4] == pytest.approx(opposite, abs=1e-6)


def test_with_shift_a_corner_scales_about_the_centre() -> None:
    corner = FRAME_AT.corners()[0]
    goal = 2 * corner - (FRAME_AT.x, FRAME_AT.y)
    scaled = follow(FRAME_AT, Handle.TOP_LEFT, at(*corner), at(*goal, shift=True))
    assert (scaled.x, scaled.y, scaled.size) == pytest.approx((200, 150, 200))


def test_a_frame_never_turns_inside_out() -> None:
    corner, away = FRAME_AT.corners()[0], FRAME_AT.corners()[2] + 500
    assert follow(FRAME_AT, Handle.TOP_LEFT, at(*corner), at(*away)).size == pytest.approx(SMALLEST)


@given(frames, st.floats(-1.5, 1.5))
def test_the_knob_turns_about_the_centre(frame: Frame, turn: float) -> None:
    start = np.array(knob(frame, 1.0)) - (frame.x, frame.y)
    cos, sin = math.cos(turn), math.sin(turn)
    goal = (frame.x + cos * start[0] - sin * start[1], frame.y + sin * start[0] + cos * start[1])
    turned = follow(frame, Handle.KNOB, at(*knob(frame, 1.0)), at(*goal))
    assert math.remainder(turned.angle - frame.angle - turn, 2 * math.pi) == pytest.approx(0, abs=1e-6)
    assert -math.pi <= turned.angle <= math.pi and (turned.x, turned.y, turned.size) == (frame.x, frame.y, frame.size)


def test_with_shift_the_knob_stops_every_15_degrees() -> None:
    goal = at(FRAME_AT.x + 80, FRAME_AT.y + 3, shift=True)
    turned = follow(replace(FRAME_AT, angle=0.0), Handle.KNOB, at(FRAME_AT.x, FRAME_AT.y - 80), goal)
    assert math.degrees(turned.angle) == pytest.approx(90)


def test_the_drag_yields_frames_and_ends_with_the_last() -> None:
    run = FRAME.drag(at(200, 150), Hand(frame=FRAME_AT))
    assert next(run) == FRAME_AT
    assert run.send(at(210, 150)) == replace(FRAME_AT, x=210)
    with pytest.raises(StopIteration) as end:
        run.send(at(220, 140, last=True))
    assert end.value.value == replace(FRAME_AT, x=220, y=140)


@pytest.mark.parametrize("hand", [Hand(), Hand(frame=Frame(1000, 1000, 10))])
def test_a_press_beside_the_frame_does_nothing(hand: Hand) -> None:
    with pytest.raises(StopIteration) as end:
        next(FRAME.drag(at(0, 0), hand))
    assert end.value.value is None
