"""Pyramids come apart and go together again; a blend leaves no seam and touches nothing it should not."""

import numpy as np
import pytest

from engine.edit import blend


@pytest.mark.parametrize("shape", [(64, 64, 3), (37, 53, 3), (5, 90), (1, 1, 3)])
def test_a_pyramid_gives_its_picture_back(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(0).random(shape, np.float32)
    pyramid = blend.laplacian(picture, 3)
    assert len(pyramid) == 4
    np.testing.assert_allclose(blend.collapse(pyramid), picture, atol=1e-6)


def test_a_full_mask_shows_the_front_and_an_empty_one_the_back() -> None:
    rng = np.random.default_rng(1)
    back, front = rng.random((40, 40, 3), np.float32), rng.random((40, 40, 3), np.float32)
    np.testing.assert_allclose(blend.blend(back, front, np.ones((40, 40), np.float32)), front, atol=1e-5)
    assert np.array_equal(blend.blend(back, front, np.zeros((40, 40), np.float32)), back)


def test_equal_pictures_are_not_touched_by_any_mask() -> None:
    rng = np.random.default_rng(2)
    picture, mask = rng.random((64, 48, 3), np.float32), rng.random((64, 48), np.float32)
    assert np.array_equal(blend.blend(picture, picture.copy(), mask), picture)


def test_a_hard_mask_makes_a_soft_seam() -> None:
    back, front = np.zeros((128, 128, 3), np.float32), np.ones((128, 128, 3), np.float32)
    mask = np.zeros((128, 128), np.float32)
    mask[:, 64:] = 1
    row = blend.blend(back, front, mask)[64, :, 0]
    assert np.abs(np.diff(row)).max() < 0.1
    assert row[2] < 0.1
    assert row[-3] > 0.9


def test_fine_detail_is_joined_over_a_short_distance() -> None:
    checks = (np.indices((128, 128)).sum(axis=0) % 2).astype(np.float32)
    front = np.repeat((0.4 + 0.2 * checks)[..., None], 3, axis=2)
    back = np.full_like(front, 0.5)
    mask = np.zeros((128, 128), np.float32)
    mask[:, 64:] = 1
    mixed = blend.blend(back, front, mask)
    np.testing.assert_allclose(mixed[:, :56], 0.5, atol=0.01)
    np.testing.assert_allclose(mixed[8:-8, 72:-8], front[8:-8, 72:-8], atol=0.01)


def test_fill_keeps_what_is_trusted_and_carries_it_to_the_rest() -> None:
    values = np.zeros((64, 64, 2), np.float32)
    weight = np.zeros((64, 64), np.float32)
    values[:, :20], weight[:, :20] = (3, -1), 1
    values[:, 40:] = 99  # not trusted: must not be seen
    filled = blend.fill(values, weight, 5)
    np.testing.assert_allclose(filled[20:44, 2:14], np.broadcast_to((3, -1), (24, 12, 2)), rtol=0.1)
    assert filled[..., 0].max() < 3.1
    assert filled[32, 30, 0] > 1
    assert not blend.fill(values, np.zeros_like(weight), 5).any()
