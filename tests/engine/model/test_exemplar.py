"""Any picture is an exemplar: large ones are reduced, small ones mirrored on."""

from __future__ import annotations

import numpy as np
import pytest

from engine.document.errors import InputError
from engine.document.photo import Photo
from engine.model.exemplar import extended, texture_of


@pytest.mark.parametrize("shape", [(3, 3, 3), (1, 1, 3), (1, 200, 3), (64, 65, 3)])
def test_small_exemplars_are_mirrored_on(shape: tuple[int, int, int]) -> None:
    exemplar = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    large = extended(exemplar, 64)
    assert min(large.shape[:2]) >= 64 and np.array_equal(large[: shape[0], : shape[1]], exemplar)


def test_large_ones_stay() -> None:
    exemplar = np.zeros((70, 80, 3), np.uint8)
    assert extended(exemplar, 64) is exemplar


def test_any_photo_is_a_texture() -> None:
    random = np.random.default_rng(0)
    for shape, wanted in (((3, 3), (8, 8)), ((700, 1400), (256, 512)), ((5, 600), (8, 512))):
        pixels = random.integers(0, 65536, (*shape, 3)).astype(np.uint16)
        texture = texture_of(Photo(pixels), "t")
        assert texture.exemplar.shape == (*wanted, 3)
    assert np.array_equal(texture_of(Photo(np.full((9, 9, 3), 65535, np.uint16)), "t").exemplar.max(), 255)


def test_what_is_transparent_does_not_count() -> None:
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:, :10] = (200, 100, 50)
    alpha = np.zeros((20, 20), np.uint8)
    alpha[:, :10] = 255
    assert np.abs(texture_of(Photo(pixels, alpha), "t").exemplar.astype(int) - (200, 100, 50)).max() <= 1
    with pytest.raises(InputError, match="transparent"):
        texture_of(Photo(pixels, np.zeros_like(alpha)), "t")
