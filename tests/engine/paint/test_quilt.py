"""Quilts: any size from any exemplar, out of the exemplar's own colours, the same for the same seed, seamless."""

from __future__ import annotations

import time

import numpy as np
import pytest

from engine.document.pauses import finished
from engine.model.endless import Window
from engine.paint.quilt import Repeated, _seam, quilted


def checks(height: int = 96, width: int = 96) -> np.ndarray:
    """A smooth pattern with a period of 16 pixels, HxWx3."""
    wave = np.sin(np.arange(width) * np.pi / 8)[None] * np.sin(np.arange(height) * np.pi / 8)[:, None]
    return (127 + 100 * np.stack([wave, -wave, 0.5 * wave], axis=2)).astype(np.uint8)


@pytest.mark.parametrize("shape", [(3, 3, 3), (1, 1, 3), (2, 90, 3), (60, 40, 3)])
@pytest.mark.parametrize("wraps", [False, True])
def test_any_exemplar_makes_any_size(shape: tuple[int, int, int], wraps: bool) -> None:
    exemplar = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    made = finished(quilted(exemplar, 45, 70, seed=2, wraps=wraps))
    assert made.shape == (45, 70, 3) and made.dtype == np.uint8
    assert np.array_equal(made, finished(quilted(exemplar, 45, 70, seed=2, wraps=wraps)))
    assert made.min() >= exemplar.min() and made.max() <= exemplar.max()


def test_seeds_differ() -> None:
    first, second = (finished(quilted(checks(), 90, 90, seed)) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_a_pattern_goes_on_without_a_break() -> None:
    made = finished(quilted(checks(), 160, 160, seed=3)).astype(int)
    shift = min(((y, x) for y in range(16) for x in range(16)),
                key=lambda s: np.abs(made - checks(192, 192)[s[0] : s[0] + 160, s[1] : s[1] + 160]).mean())
    wanted = checks(192, 192)[shift[0] : shift[0] + 160, shift[1] : shift[1] + 160]
    assert np.abs(made - wanted).mean() < 12


def test_a_tile_fits_to_itself() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (128, 128, 3))
    smooth = np.real(np.fft.ifft2(np.fft.fft2(noise, axes=(0, 1)) * _low(128)[..., None], axes=(0, 1)))
    exemplar = (127 + 50 * smooth / smooth.std()).clip(0, 255).astype(np.uint8)
    tile = finished(quilted(exemplar, 130, 110, seed=1, wraps=True)).astype(float)
    inner = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.8 * inner
    assert np.abs(tile[0] - tile[-1]).mean() < 1.8 * np.abs(np.diff(tile, axis=0)).mean()


def _low(side: int) -> np.ndarray:
    frequency = np.fft.fftfreq(side)
    return np.exp(-(np.hypot(frequency[:, None], frequency) / 0.06) ** 2)


def test_the_seam_takes_the_cheapest_path() -> None:
    errors = np.full((6, 5), 9.0)
    path = [3, 2, 2, 1, 2, 3]
    errors[np.arange(6), path] = 0
    assert np.array_equal(_seam(errors).argmax(axis=1), path)


def test_half_a_thousand_pixels_take_less_than_a_second() -> None:
    began = time.thread_time()
    finished(quilted(checks(256, 256), 512, 512, seed=1))
    assert time.thread_time() - began < 1.0


def test_repeated() -> None:
    tile = np.random.default_rng(0).integers(0, 256, (5, 7, 3)).astype(np.uint8)
    seen = finished(Repeated(tile).window(Window(-8, 4, 16, 12)))
    assert seen.dtype == np.uint16 and seen.shape == (12, 16, 3)
    assert np.array_equal(seen[1, 8] // 257, tile[0, 0]) and np.array_equal(seen[0, 0] // 257, tile[4, 6])
