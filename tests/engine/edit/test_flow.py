"""Known motions and known changes of colour are found again."""

import cv2
import numpy as np
import pytest

from engine.edit import flow


def scene(size: int = 256, seed: int = 0, grain: float = 3.0) -> np.ndarray:
    """A smooth random picture with edges at many scales: size x size x 3 float32 in 0.1..0.9."""
    rng = np.random.default_rng(seed)
    picture = sum(cv2.GaussianBlur(rng.standard_normal((size, size, 3), np.float32), (0, 0), s) * s
                  for s in (grain, 3 * grain, 9 * grain))
    low, high = np.percentile(picture, (1, 99))
    return np.clip(0.1 + 0.8 * (picture - low) / (high - low), 0.1, 0.9).astype(np.float32)


def shifted(picture: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The picture whose pixel x is the given one's at x + (dx, dy)."""
    return flow.warp(picture, np.broadcast_to(np.float32((dx, dy)), (*picture.shape[:2], 2)), cv2.INTER_CUBIC)


@pytest.mark.parametrize(("dx", "dy"), [(4.0, 0.0), (-2.5, 3.5)])
def test_a_translation_is_recovered(dx: float, dy: float) -> None:
    before = scene()
    change = flow.estimate(before, shifted(before, dx, dy))
    inner = change.flow[32:-32, 32:-32]
    assert np.abs(inner - (dx, dy)).mean() < 0.25
    assert np.abs(flow.warp(before, change.flow) - shifted(before, dx, dy))[32:-32, 32:-32].mean() < 0.01


def test_a_translation_is_recovered_under_a_change_of_colour() -> None:
    before = scene()
    after = shifted(before, 3, -2) @ np.float32([[0.5, 0.1, 0], [0.1, 0.8, 0], [0, 0.2, 0.7]]) + np.float32(0.1)
    inner = flow.estimate(before, after).flow[32:-32, 32:-32]
    assert np.abs(inner - (3, -2)).mean() < 0.35


def test_a_change_of_colour_is_recovered_without_motion() -> None:
    before = scene(seed=3)
    after = before @ np.float32([[0.6, 0, 0.2], [0, 0.9, 0], [0.1, 0, 0.7]]) + np.float32([0.1, -0.05, 0.02])
    change = flow.estimate(before, after)
    assert np.abs(change.flow).mean() < 0.1
    assert np.abs(flow.recolor(before, change.color) - after).mean() < 0.006


def test_no_change_is_the_identity() -> None:
    before = scene(seed=4)
    change = flow.estimate(before, before)
    assert np.abs(change.flow).max() < 0.05
    np.testing.assert_allclose(flow.recolor(before, change.color), before, atol=1e-3)


def test_what_is_new_is_not_explained_and_what_stayed_is() -> None:
    before = scene(seed=5)
    after = before.copy()
    after[96:160, 96:160] = scene(seed=9)[96:160, 96:160]
    share = flow.explained(before, after)
    assert share[112:144, 112:144].mean() < 0.3
    assert share[:64].mean() > 0.99


def test_untrusted_flow_is_replaced_by_what_is_around() -> None:
    motion = np.full((64, 64, 2), 3, np.float32)
    weight = np.ones((64, 64), np.float32)
    motion[28:36, 28:36], weight[28:36, 28:36] = -50, 0
    smooth = flow.trusted(motion, weight, 64)
    np.testing.assert_allclose(smooth[31:33, 31:33], 3, atol=0.5)


def test_joining_two_shifts_adds_them() -> None:
    one = np.broadcast_to(np.float32((2, 1)), (32, 32, 2))
    two = np.broadcast_to(np.float32((-1, 3)), (32, 32, 2))
    np.testing.assert_allclose(flow.joined(one, two), np.broadcast_to((1, 4), (32, 32, 2)), atol=1e-5)


def test_inverse_inverts() -> None:
    rng = np.random.default_rng(0)
    matrices = rng.random((3, 3, 5, 4), np.float32) + 3 * np.eye(3, dtype=np.float32)[..., None, None]
    product = np.einsum("ijhw,jkhw->hwik", matrices, flow.inverse(matrices))
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(3), (5, 4, 3, 3)), atol=1e-5)
