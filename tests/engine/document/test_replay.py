"""Strokes of one photo on another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.replay import frames_for, on_frame, on_photo
from engine.document.stroke import Stroke, StrokeKind

STROKE = Stroke(StrokeKind.STYLE, np.array([[10, 20, 0.5], [40, 10, 1]], np.float32), 5.0)


def photo(width: int, height: int) -> Photo:
    return Photo(np.zeros((height, width, 3), np.uint8))


def test_on_a_photo_strokes_keep_their_shares() -> None:
    (moved,) = on_photo([STROKE], photo(100, 50), photo(200, 300))
    assert np.allclose(moved.points, [[20, 120, 0.5], [80, 60, 1]])
    assert moved.radius == 15 and moved.id == STROKE.id


def test_on_a_face_strokes_turn_and_grow_with_it() -> None:
    (moved,) = on_frame([STROKE], Frame(10, 20, 40), Frame(100, 100, 80, math.pi / 2))
    assert np.allclose(moved.points, [[100, 100, 0.5], [120, 160, 1]], atol=1e-4)
    assert moved.radius == 10


def test_the_same_frame_changes_nothing() -> None:
    frame = Frame(33, 12, 50, 0.3)
    (moved,) = on_frame([STROKE], frame, frame)
    assert np.allclose(moved.points, STROKE.points, atol=1e-4) and moved.radius == pytest.approx(STROKE.radius)


def test_edits_of_one_face_meet_on_one_face_and_others_on_others() -> None:
    first, again, second = Frame(50, 50, 40), Frame(52, 51, 42), Frame(200, 50, 40)
    there = (Frame(1, 1, 9), Frame(99, 1, 9))
    assert frames_for([first, again, second], there) == [there[0], there[0], there[1]]
    assert frames_for([first, second], there[:1]) == [there[0], None]
    assert frames_for([first], ()) == [None]
