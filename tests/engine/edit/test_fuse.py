"""The dial from own pixels to the model's picture, and no thing seen twice on the way."""

import cv2
import numpy as np
import pytest

from engine.edit import flow
from engine.edit.fuse import fuse

SIZE = 128


def wall(color: float = 0.6) -> np.ndarray:
    """A flat grey picture."""
    return np.full((SIZE, SIZE, 3), color, np.float32)


def ring(picture: np.ndarray, x: int, color: float = 0.1) -> np.ndarray:
    """The picture with a dark ring around (x, 64), like one glass of a pair of spectacles."""
    drawn = cv2.circle(picture.copy(), (x, 64), 22, (color, color, color), 3, cv2.LINE_AA)
    return cv2.GaussianBlur(drawn, (0, 0), 0.8)


def grain(seed: int, amount: float, coarseness: float = 0.7) -> np.ndarray:
    """Noise of the given standard deviation."""
    noise = np.random.default_rng(seed).standard_normal((SIZE, SIZE, 3), np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), coarseness)
    return noise * np.float32(amount / noise.std())


def still() -> flow.Change:
    """No motion and no change of colour."""
    color = np.zeros((3, 4, SIZE, SIZE), np.float32)
    for i in range(3):
        color[i, i] = 1
    return flow.Change(np.zeros((SIZE, SIZE, 2), np.float32), color)


def test_the_ends_of_the_dial() -> None:
    crop, before = wall(0.5) + grain(0, 0.05), wall(0.6) + grain(1, 0.05)
    after = before.copy()
    after[40:90, 40:90] = 0.2
    own, drawn = fuse(crop, before, after, still(), 0.0)
    np.testing.assert_allclose(own, crop, atol=1e-5)
    assert not drawn.any()
    model, drawn = fuse(crop, before, after, still(), 1.0)
    np.testing.assert_allclose(model, after, atol=1e-5)
    assert drawn.min() == 1


@pytest.mark.parametrize("aside", [0, 4])
def test_what_the_model_takes_away_leaves_no_ghost(aside: int) -> None:
    """The projection has the ring `aside` pixels beside the photo's; subtracting it there would draw a light one."""
    before, after = ring(wall(), 64), wall()
    result, _ = fuse(ring(wall(), 64 + aside), before, after, still(), 0.5)
    ghost = np.abs(cv2.GaussianBlur(result, (0, 0), 1) - after)
    assert ghost.max() < 0.1
    assert ghost[36:92, 32:100].mean() < 0.02


def test_what_the_model_adds_is_there() -> None:
    result, _ = fuse(wall() + grain(0, 0.02), wall(), ring(wall(), 64), still(), 0.5)
    assert result[64, 42].mean() < 0.3
    np.testing.assert_allclose(result[64, 60:68].mean(), 0.6, atol=0.03)


def test_a_small_change_keeps_the_photos_detail() -> None:
    detail = grain(0, 0.05)
    result, _ = fuse(wall() + detail, wall(), wall(0.62), still(), 0.5)
    np.testing.assert_allclose(result, wall(0.62) + detail, atol=0.01)


def test_texture_drawn_anew_is_not_laid_over_the_photos() -> None:
    """Three textures that have nothing in common: the sum of all would have three times the variance of one."""
    crop, before, after = (wall() + grain(seed, 0.06) for seed in (0, 1, 2))
    result, _ = fuse(crop, before, after, still(), 0.5)
    assert 0.8 < result.std() / crop.std() < 1.25
    assert np.corrcoef(result.ravel(), crop.ravel())[0, 1] > 0.7


def test_new_things_stand_in_the_photos_light() -> None:
    before = wall(0.6)
    after = cv2.GaussianBlur(cv2.circle(before.copy(), (64, 64), 24, (0.8, 0.8, 0.8), -1), (0, 0), 1)
    result, _ = fuse(before - 0.15, before, after, still(), 0.5)
    np.testing.assert_allclose(result[56:72, 56:72], 0.65, atol=0.03)
    np.testing.assert_allclose(result[4:12, 4:12], 0.45, atol=0.02)


def test_the_model_is_no_crisper_than_a_soft_photo() -> None:
    crop, before = wall() + grain(0, 0.05, 3), wall() + grain(1, 0.05)
    after = before.copy()
    after[32:96, 32:96] = (wall(0.3) + grain(2, 0.05))[32:96, 32:96]
    result, drawn = fuse(crop, before, after, still(), 0.5)
    assert drawn[56:72, 56:72].mean() > 0.5
    fine = (result - cv2.GaussianBlur(result, (0, 0), 1))[48:80, 48:80].std()
    assert fine < 0.6 * (after - cv2.GaussianBlur(after, (0, 0), 1))[48:80, 48:80].std()
