"""Crops of one photo: any size and depth, inside the photo, in range."""

from __future__ import annotations

import numpy as np

from engine.train.crops import Crops, reduced


def test_a_photo_of_any_size_and_depth_is_brought_to_size() -> None:
    assert reduced(np.zeros((2048, 100, 3), np.uint16), 128).shape == (2621, 128, 3)
    assert reduced(np.zeros((600, 3000, 3), np.uint8), 128).shape == (205, 1024, 3)
    assert reduced(np.full((9, 9, 3), 65535, np.uint16), 128).max() == 255


def test_crops_show_the_photo() -> None:
    ramp = np.linspace(0, 255, 300)[None, :, None] * np.ones((200, 1, 3))
    crops = Crops(ramp.astype(np.uint8), 64, np.random.default_rng(0))
    found = [crops.next() for _ in range(12)]
    assert all(crop.shape == (1, 3, 64, 64) and crop.abs().max() <= 1 for crop in found)
    slopes = [float(crop[0, 0, 0, -1] - crop[0, 0, 0, 0]) for crop in found]
    assert min(slopes) < 0 < max(slopes), "never mirrored"
    assert 0.4 < min(map(abs, slopes)) < 0.6 < max(map(abs, slopes)), "always of one size"
