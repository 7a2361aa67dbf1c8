"""Keeping the photo's colours: hue and chroma stay, the strokes' lightness comes, broad tones are the photo's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.paint.color import Palette, Tones, faded, kept, matched


def lab(pixels: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Dark red and blue strokes; a green and beige photo."""
    painted = np.full((96, 128, 3), (110, 30, 20), np.uint8)
    painted[::4] = (20, 40, 120)
    below = np.full((96, 128, 3), (90, 150, 80), np.uint8)
    below[:, 64:] = (190, 170, 140)
    return painted, below


def test_colours_and_broad_tones_are_the_photos_strokes_are_the_paintings(
    pictures: tuple[np.ndarray, np.ndarray],
) -> None:
    painted, below = pictures
    made = kept(painted, below, 1.0, Tones(painted, below), (96, 128), (0, 0, 96, 128))
    assert np.abs(lab(made)[..., 1:] - lab(below)[..., 1:]).mean() < 1.5
    assert np.abs(cv2.blur(lab(made)[..., 0] - lab(below)[..., 0], (31, 31))).mean() < 4
    assert np.corrcoef(np.diff(lab(made)[:, 5, 0]), np.diff(lab(painted)[:, 5, 0]))[0, 1] > 0.9


def test_a_share_lies_between_and_a_part_is_as_in_the_whole(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    painted, below = pictures
    tones = Tones(painted, below)
    full, half = (kept(painted, below, s, tones, (96, 128), (0, 0, 96, 128)).astype(int) for s in (1.0, 0.5))
    assert np.abs(half - (full + painted) / 2).max() <= 1
    box = (20, 30, 50, 70)
    area = (slice(20, 50), slice(30, 70))
    assert np.abs(kept(painted[area], below[area], 1.0, tones, (96, 128), box).astype(int) - full[area]).max() <= 1


def test_fading_ends_at_the_photo(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    painted, below = pictures
    assert np.array_equal(faded(painted, below, 0.0), below) and np.array_equal(faded(painted, below, 1.0), painted)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_palette_has_the_mean_and_covariance_of_the_photo(depth: type) -> None:
    random = np.random.default_rng(0)
    white = np.iinfo(depth).max
    mixing = np.array([[0.10, 0.02, 0], [0, 0.08, 0.03], [0.02, 0, 0.05]])
    painted, below = (
        ((0.5 + random.standard_normal((64, 96, 3)) @ turn) .clip(0, 1) * white).astype(depth)
        for turn in (mixing, mixing[::-1] * 0.8)
    )
    palette = Palette(painted, below)
    full, half = (matched(painted, share, palette).astype(float) / white for share in (1.0, 0.5))
    flat, own = full.reshape(-1, 3), below.reshape(-1, 3) / white
    assert np.abs(flat.mean(axis=0) - own.mean(axis=0)).max() < 0.01
    assert np.abs(np.cov(flat.T) - np.cov(own.T)).max() < 0.15 * np.cov(own.T).max()
    assert np.abs(half - (full + painted / white) / 2).max() < 0.01
    assert np.array_equal(matched(painted, 0.0, palette), painted)


def test_a_grey_painting_gets_no_colours_out_of_noise() -> None:
    grey = np.random.default_rng(0).integers(100, 104, (64, 64, 1)).repeat(3, axis=2).astype(np.uint8)
    below = np.random.default_rng(1).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    made = matched(grey, 1.0, Palette(grey, below)).astype(int)
    assert np.abs(made - made.mean(axis=(0, 1))).max() < 40
