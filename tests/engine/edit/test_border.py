"""At the frame's border strong colour goes on outside and the rest fades out."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from engine.document.edit import Patch, compose
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import align, border, transfer

SIZE = 128
HAIR, WALL, COPPER = (0.35, 0.22, 0.14), (0.55, 0.6, 0.62), (0.66, 0.3, 0.12)
FRAME = Frame(200, 150, 128)


@cache
def photograph(dtype: type = np.uint8) -> Photo:
    """400 x 300: a band of hair from the middle of the frame to the bottom of the photo, before a wall; grain."""
    pixels = np.empty((300, 400, 3), np.float32)
    pixels[:] = WALL
    pixels[130:, 170:230] = HAIR
    pixels = cv2.GaussianBlur(pixels, (0, 0), 1.0) + np.random.default_rng(0).normal(0, 0.02, pixels.shape)
    white = np.iinfo(dtype).max
    return Photo(np.rint(np.clip(pixels, 0, 1) * white).astype(dtype))


def pictures(drift: float = 0.0, height: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """The model's: the photo, smoothed; and it with the hair in copper (its first `height` rows) and a darker wall."""
    before = cv2.GaussianBlur(align.crop(photograph(), FRAME, SIZE), (0, 0), 1.5)
    hair = np.zeros((SIZE, SIZE), np.float32)
    hair[44:height, 34:94] = 1
    hair = cv2.GaussianBlur(hair, (0, 0), 1.0)[..., None]
    after = before - drift + hair * (np.array(COPPER, np.float32) - np.array(HAIR, np.float32) + drift)
    return before, after.astype(np.float32)


def change(patch: Patch, photo: Photo) -> np.ndarray:
    """HxWx3 float: what the patch does to the photo, 0..1 units."""
    pixels = photo.pixels.copy()
    compose(pixels, patch, 1.0)
    return (pixels.astype(np.float32) - photo.pixels) / photo.white


def test_the_window_is_zero_at_the_border_and_one_inside() -> None:
    for size, width in ((64, border.EDGE), (192, 0.25)):
        window = border.window(size, width)
        assert not window[:2].any() and not window[:, -2:].any()
        inner = slice(int(width * size) + 2, -int(width * size) - 2)
        assert (window[inner, inner] == 1).all()


def test_what_is_wanted_is_told_from_what_came_along() -> None:
    difference = np.full((SIZE, SIZE, 3), 0.05, np.float32)
    difference[40:80, 40:80, 0] = 0.4
    strong = border.strength(difference, np.ones((SIZE, SIZE), np.float32))
    assert strong.shape == (SIZE // 2, SIZE // 2) and (strong[23:37, 23:37] == 1).all()
    strong[18:42, 18:42] = 0
    assert not strong.any()


def test_no_change_is_not_strong() -> None:
    nothing = np.zeros((SIZE, SIZE, 3), np.float32)
    assert not border.strength(nothing, np.ones((SIZE, SIZE), np.float32)).any()


def test_a_drift_fades_so_slowly_that_no_edge_is_seen() -> None:
    drift = np.full((SIZE, SIZE, 3), -0.08, np.float32)
    faded = border.faded(drift, np.zeros((SIZE, SIZE), np.float32))
    row = faded[SIZE // 2, :, 0]
    assert row[0] == row[-1] == 0 and np.isclose(row[SIZE // 2], -0.08, atol=1e-3)
    assert np.abs(np.diff(row)).max() < 0.08 * 3 / (border.WIDE * SIZE)


def test_what_is_spared_does_not_fade_but_at_the_very_border() -> None:
    change = np.full((SIZE, SIZE, 3), 0.3, np.float32)
    faded = border.faded(change, np.ones((SIZE, SIZE), np.float32))
    assert np.allclose(faded[8:-8, 8:-8], 0.3, atol=1e-5) and not faded[0].any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("realism", [0.0, 0.5, 1.0])
def test_hair_that_leaves_the_frame_takes_its_colour_along(dtype: type, realism: float) -> None:
    photo = photograph(dtype)
    patch = transfer.carry(photo, FRAME, *pictures(), realism)
    moved = change(patch, photo)
    inside, outside, later = (moved[rows, 185:215].mean(axis=(0, 1)) for rows in
                              (slice(190, 200), slice(216, 222), slice(262, 272)))  # fmt: skip
    wanted = np.array(COPPER) - np.array(HAIR)
    assert np.allclose(inside, wanted, atol=0.06)
    assert np.allclose(outside, inside, atol=0.05)
    assert 0 < later[0] < 0.5 * inside[0]
    rows = moved[180:280, 190:210, 0].mean(axis=1)
    assert np.abs(np.diff(cv2.blur(rows, (1, 5)).ravel())).max() < 0.03
    assert np.abs(moved[216:, :160]).max() == 0 and np.abs(moved[216:, 240:]).max() == 0


def test_outside_the_reported_support_the_photo_is_bit_identical() -> None:
    photo = photograph()
    for angle in (0.0, 0.3):
        patch = transfer.carry(photo, replace(FRAME, angle=angle), *pictures(), 0.5)
        whole = np.zeros((300, 400), np.uint8)
        height, width = patch.support.shape
        whole[patch.y:patch.y + height, patch.x:patch.x + width] = patch.support
        assert not change(patch, photo)[whole == 0].any()
        assert whole[216:].any() and not whole[:40].any()


def test_a_change_that_ends_in_the_frame_stays_in_it() -> None:
    photo = photograph()
    before, after = pictures(height=100)
    patch = transfer.carry(photo, FRAME, before, after, 0.5)
    assert patch.support.any() and patch.y + patch.support.shape[0] <= 150 + 64 + 1


def test_what_is_protected_beyond_the_frame_stays() -> None:
    photo = photograph()
    wide = border.around(FRAME)
    shield = np.zeros((256, 256), np.float32)
    top = round(wide.to_model(np.array([[200, 225]]), 256)[0, 1])
    shield[top:] = 1
    patch = transfer.carry(photo, FRAME, *pictures(), 0.5, protect_beyond=shield)
    moved = change(patch, photo)
    assert np.abs(moved[216:220, 190:210]).max() > 0.1
    assert not moved[227:].any()


def test_protection_in_the_frame_holds_at_its_border() -> None:
    photo = photograph()
    protect = np.zeros((SIZE, SIZE), np.float32)
    protect[:, :64] = 1
    patch = transfer.carry(photo, FRAME, *pictures(), 0.5, protect)
    moved = change(patch, photo)
    assert np.abs(moved[150:214, 205:215]).max() > 0.1
    assert not moved[86:214, 136:199].any()


def test_a_drift_of_the_whole_frame_is_not_carried_on() -> None:
    photo = photograph()
    patch = transfer.carry(photo, FRAME, *pictures(drift=0.06), 0.5)
    moved = np.abs(change(patch, photo))
    assert moved[120:180, 150:160].mean() > 0.02
    assert not moved[:, :130].any() and not moved[:, 270:].any()
    columns = moved[100:125, 136:200].mean(axis=(0, 2))
    assert columns[:6].max() < 0.01


def test_a_frame_larger_than_the_photo_needs_nothing_beyond() -> None:
    photo = Photo(photograph().pixels[100:200, 140:260])
    frame = Frame(60, 50, SIZE)
    patch = transfer.carry(photo, frame, *pictures(), 0.5)
    assert patch.x >= 0 and patch.y >= 0
    assert patch.x + patch.pixels.shape[1] <= 120 and patch.y + patch.pixels.shape[0] <= 100


def test_a_change_that_grows_is_carried_on_without_a_jump() -> None:
    """However little more of it there is at the border, what goes on outside grows as little."""
    photo = photograph()
    before, after = pictures()
    hair = np.zeros((SIZE // 2, SIZE // 2), np.float32)
    hair[22:, 17:47] = 1
    amounts = []
    for share in np.linspace(0, 1, 21, dtype=np.float32):
        beyond = border.extend(photo, FRAME, before, after, share * hair)
        amounts.append(0.0 if beyond is None else float(beyond.cover[96:].mean()))
    assert amounts[0] == 0 and amounts[-1] > 0.05
    assert max(np.diff(amounts)) < 0.5 * amounts[-1]
