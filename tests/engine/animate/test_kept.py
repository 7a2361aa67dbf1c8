"""Small copies of kept patches, wherever they lie."""

from __future__ import annotations

import numpy as np
import pytest

from engine.animate.kept import KeptPatches
from engine.document.edit import Patch
from engine.document.pauses import finished
from engine.document.photo import Photo

GREY = Photo(np.full((60, 80, 3), 100, np.uint8))


@pytest.mark.parametrize(("x", "y"), [(10, 20), (-8, -6), (70, 50), (500, 9), (9, -500), (-4, 40)])
def test_a_patch_lies_on_the_frame_as_on_the_photo(x: int, y: int) -> None:
    random = np.random.default_rng(0)
    support = random.choice(np.uint8([0, 90, 255]), (16, 24))
    patch = Patch(x, y, np.full((16, 24, 3), 200, np.uint8), support)
    whole = np.zeros((1200, 1200), np.uint8)
    whole[500 + y : 516 + y, 500 + x : 524 + x] = support
    expected = whole[500:560, 500:580]
    kept = KeptPatches(GREY, 400)
    assert np.array_equal(kept.support(patch), expected)
    assert np.array_equal(finished(kept.pixels(patch))[..., 0], np.where(expected > 0, 200, 100))


def test_a_small_frame_has_the_means_and_each_is_made_once() -> None:
    patch = Patch(0, 0, np.full((60, 40, 3), 200, np.uint8), np.full((60, 40), 255, np.uint8))
    kept = KeptPatches(Photo(GREY.pixels.astype(np.uint16) * 257), 8)
    deep = Patch(0, 0, patch.pixels.astype(np.uint16) * 257, patch.support)
    pixels = finished(kept.pixels(deep))
    assert pixels.shape == (6, 8, 3) and pixels.dtype == np.uint8
    assert (pixels[:, :4] == 200).all() and (pixels[:, 4:] == 100).all()
    assert finished(kept.pixels(deep)) is pixels and kept.support(deep) is kept.support(deep)
