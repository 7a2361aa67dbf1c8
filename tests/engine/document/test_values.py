"""Photo, latent, frame, stroke and sequence: what they refuse, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.arrays import frozen
from engine.document.document import Document
from engine.document.errors import InputError
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.stroke import Stroke, StrokeKind, new_id
from tests.engine.document.picture_bytes import gradient
from tests.engine.document.values import frames, strokes

QUICK = settings(max_examples=50, deadline=None)
points = st.lists(st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000)), min_size=1, max_size=5).map(np.array)


@QUICK
@given(frames.filter(lambda f: f.size > 1), points, st.sampled_from([1, 16, 256, 1024]))
def test_to_model_and_to_photo_undo_one_another(frame, photo_points, model_size):
    there = frame.to_model(photo_points, model_size)
    assert np.allclose(frame.to_photo(there, model_size), photo_points, atol=1e-6)


@QUICK
@given(frames, st.sampled_from([16, 1024]))
def test_a_frame_is_a_similarity_about_its_centre(frame, model_size):
    matrix = frame.matrix(model_size)
    turn = matrix[:, :2] / (frame.size / model_size)
    assert np.allclose(turn @ turn.T, np.eye(2), atol=1e-9) and np.linalg.det(turn) > 0
    assert np.allclose(frame.to_photo([[model_size / 2, model_size / 2]], model_size), [[frame.x, frame.y]])


def test_corners_run_clockwise_from_the_top_left():
    assert np.allclose(Frame(10, 20, 4).corners(), [[8, 18], [12, 18], [12, 22], [8, 22]])


def test_a_positive_angle_turns_clockwise_on_the_screen():
    right_of_the_centre = Frame(0, 0, 2, math.pi / 2).to_photo([[2, 1]], 2)
    assert np.allclose(right_of_the_centre, [[0, 1]])  # below it, as y grows downwards


@pytest.mark.parametrize("values", [(0, 0, 0), (0, 0, -1), (math.nan, 0, 1), (0, math.inf, 1), (0, 0, 1, math.nan)])
def test_what_is_no_frame(values):
    with pytest.raises(ValueError, match="not a frame"):
        Frame(*values)


def test_a_latent_is_float32_and_its_own():
    mine = np.ones((2, 3))
    latent = Latent(mine, "faces")
    mine[:] = 0
    assert latent.values.dtype == np.float32 and (latent.values == 1).all() and not latent.values.flags.writeable
    with pytest.raises(ValueError, match="layers x width"):
        Latent(np.ones(3), "faces")


def test_frozen_shares_what_is_frozen():
    array = frozen(np.arange(6).reshape(2, 3))
    assert frozen(array) is array and frozen(array, array.dtype) is array
    assert frozen(array.T).flags.c_contiguous and not frozen(array.T).flags.writeable
    assert frozen(array, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    "pixels", [np.zeros((2, 3), np.uint8), np.zeros((2, 3, 4), np.uint8), np.zeros((2, 3, 3), np.float32)]
)
def test_what_are_no_pixels(pixels):
    with pytest.raises(ValueError, match="HxWx3"):
        Photo(pixels)


def test_a_photo_knows_its_size_and_its_white():
    photo = Photo(gradient(4, 6, np.uint16), alpha=np.zeros((4, 6), np.uint16))
    assert (photo.width, photo.height, photo.white) == (6, 4, 65535)
    assert photo.alpha is not None and not photo.alpha.flags.writeable


@QUICK
@given(strokes())
def test_a_stroke_has_a_colour_if_it_is_one_of_colour(stroke):
    assert (stroke.color is not None) == (stroke.kind is StrokeKind.COLOR)
    assert stroke.points.dtype == np.float32 and not stroke.points.flags.writeable


@pytest.mark.parametrize(
    ("kind", "drawn", "radius", "color", "weight"),
    [
        (StrokeKind.COLOR, [[0, 0, 1]], 1, None, 1),
        (StrokeKind.WARP, [[0, 0, 1]], 1, (1, 2, 3), 1),
        (StrokeKind.WARP, [[0, math.nan, 1]], 1, None, 1),
        (StrokeKind.WARP, [[0, 0]], 1, None, 1),
        (StrokeKind.WARP, np.zeros((0, 3)), 1, None, 1),
        (StrokeKind.WARP, [[0, 0, 1]], 0, None, 1),
        (StrokeKind.WARP, [[0, 0, 1]], math.nan, None, 1),
        (StrokeKind.WARP, [[0, 0, 1]], 1, None, 4.1),
        (StrokeKind.WARP, [[0, 0, 1]], 1, None, -1),
    ],
)
def test_what_is_no_stroke(kind, drawn, radius, color, weight):
    with pytest.raises(ValueError, match="stroke|points"):
        Stroke(kind, np.array(drawn, np.float64), radius, color, weight)


def test_ids_are_unlike():
    assert len({new_id() for _ in range(1000)}) == 1000


def test_the_length_of_a_sequence():
    def keyframe(seconds: float, hold: float) -> Keyframe:
        return Keyframe((), seconds=seconds, hold=hold)

    assert EditSequence().duration() == EditSequence((keyframe(5, 5),)).duration() == 0
    assert EditSequence((keyframe(1, 0.5), keyframe(2, 0.25), keyframe(9, 0.125))).duration() == 3.875


def test_a_keyframe_comes_last_and_the_elder_document_is_as_it_was():
    document = Document(Photo(gradient()))
    longer = document.with_keyframe(Keyframe((), "one")).with_keyframe(Keyframe((), "two"))
    assert [k.caption for k in longer.sequence.keyframes] == ["one", "two"]
    assert document.sequence.keyframes == () and longer.photo is document.photo


def test_an_error_for_the_user_is_one_line():
    assert str(InputError("a\nb \t\u2028 c\x1b[0m\n")) == "a b c [0m"
