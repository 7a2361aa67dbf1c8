"""Frames from faces, and the photo's pixels under them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit.align import crop, frame_of
from engine.model.landmarks import Face

# An upright face in the layout, in the coordinates of a square of side 1: eyes a quarter apart at 47 % of the height.
EYES = np.array([[0.375, 0.47], [0.625, 0.47]])
MOUTH = np.array([[0.43, 0.745], [0.57, 0.745]])  # so far down that the distance between the eyes decides the size
PAINTED = np.array([[0.5, 0.002, -0.001], [0.3, -0.0015, 0.002], [0.6, -0.001, -0.0012]])


def face_under(frame: Frame, eyes: np.ndarray = EYES, mouth: np.ndarray = MOUTH) -> Face:
    points = frame.to_photo(np.vstack([eyes, [[0.5, 0.6]], mouth]), 1)
    return Face(points, points[2], frame.size * 0.6, 1.0)


def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """...x3: a picture known everywhere, in 0..1."""
    return PAINTED[:, 0] + PAINTED[:, 1] * x[..., None] + PAINTED[:, 2] * y[..., None]


def photo_of_plane(width: int, height: int, white: int) -> Photo:
    y, x = np.mgrid[:height, :width] + 0.5
    dtype = np.uint8 if white == 255 else np.uint16
    return Photo(np.rint(plane(x, y) * white).astype(dtype))


frames = st.builds(Frame, st.floats(-500, 5000), st.floats(-500, 5000), st.floats(20, 4000), st.floats(-3.1, 3.1))


@settings(deadline=None)
@given(frames)
def test_the_frame_of_a_face_puts_its_eyes_into_the_layout(frame: Frame) -> None:
    face = face_under(frame)
    found = frame_of(face)
    np.testing.assert_allclose(found.to_model(face.eyes, 1), EYES, atol=0.01)
    assert math.dist((found.x, found.y), (frame.x, frame.y)) < 0.01 * frame.size
    assert found.size == pytest.approx(frame.size, rel=0.03)
    assert math.cos(found.angle - frame.angle) == pytest.approx(1)


@settings(deadline=None)
@given(frames)
def test_frames_move_turn_and_grow_with_the_face(frame: Frame) -> None:
    """The frame of the face under a frame, seen from that frame, is the same for all."""
    found, alone = frame_of(face_under(frame)), frame_of(face_under(Frame(0.5, 0.5, 1)))
    np.testing.assert_allclose(frame.to_model(found.corners(), 1), alone.corners(), atol=1e-9)


@settings(deadline=None)
@given(frames)
def test_a_face_seen_from_the_side_keeps_its_size(frame: Frame) -> None:
    narrow = face_under(frame, eyes=np.array([[0.45, 0.47], [0.55, 0.47]]))
    assert frame_of(narrow).size == pytest.approx(frame.size * 3.6 * 0.275, rel=0.03)


@settings(deadline=None, max_examples=25)
@given(st.floats(35, 65), st.floats(35, 65), st.floats(15, 45), st.floats(-3.1, 3.1), st.sampled_from([255, 65535]),
       st.integers(7, 90))
def test_a_crop_is_the_picture_under_the_frame(x: float, y: float, side: float, angle: float, white: int,
                                               size: int) -> None:
    """Turned, enlarged, reduced: every pixel of the crop is the picture's value at the middle of what it covers."""
    frame = Frame(x, y, side, angle)
    row, column = np.mgrid[:size, :size] + 0.5
    places = frame.to_photo(np.stack([column.ravel(), row.ravel()], 1), size)
    expected = plane(*places.T).reshape(size, size, 3)
    found = crop(photo_of_plane(100, 100, white), frame, size)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=0.004 if white == 255 else 0.0005)


def test_a_crop_of_a_larger_photo_is_the_mean_of_what_each_pixel_covers() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (96, 96, 3), np.uint8)
    blocks = pixels.reshape(16, 6, 16, 6, 3).mean((1, 3)) / 255
    np.testing.assert_allclose(crop(Photo(pixels), Frame(48, 48, 96), 16), blocks, atol=0.006)


def test_a_fine_pattern_does_not_alias() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    reduced = crop(Photo(stripes), Frame(200, 200, 360, 0.4), 50)
    assert np.abs(reduced - 0.5).max() < 0.06


def test_the_same_size_is_the_photo_itself() -> None:
    pixels = np.random.default_rng(2).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    part = crop(Photo(pixels), Frame(12, 9, 8), 8)
    np.testing.assert_allclose(part * 65535, pixels[5:13, 8:16], atol=0.02)


@pytest.mark.parametrize("frame", [Frame(0, 10, 40), Frame(30, 20, 40), Frame(-35, 5, 20), Frame(50, 70, 20)])
def test_beyond_the_borders_the_photo_is_mirrored(frame: Frame) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (20, 30, 3), np.uint8)
    mirrored = np.pad(pixels, ((60, 60), (60, 60), (0, 0)), "symmetric")
    left, top, side = round(frame.x - frame.size / 2) + 60, round(frame.y - frame.size / 2) + 60, round(frame.size)
    expected = mirrored[top:top + side, left:left + side] / 255
    np.testing.assert_allclose(crop(Photo(pixels), frame, side), expected, atol=1e-5)


@pytest.mark.parametrize("frame", [Frame(0.5, 0.5, 1), Frame(7, -3, 0.01, 1.0), Frame(0, 0, 1e6, 2.0)])
def test_a_photo_of_one_pixel_has_but_one_colour(frame: Frame) -> None:
    photo = Photo(np.array([[[255, 0, 51]]], np.uint8))
    found = crop(photo, frame, 64)
    np.testing.assert_allclose(found, np.broadcast_to([1, 0, 0.2], (64, 64, 3)), atol=1e-6)
