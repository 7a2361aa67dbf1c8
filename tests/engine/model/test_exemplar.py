"""Small exemplars are mirrored on."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.exemplar import extended


@pytest.mark.parametrize("shape", [(3, 3, 3), (1, 1, 3), (1, 200, 3), (64, 65, 3)])
def test_small_exemplars_are_mirrored_on(shape: tuple[int, int, int]) -> None:
    exemplar = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    large = extended(exemplar, 64)
    assert min(large.shape[:2]) >= 64 and np.array_equal(large[: shape[0], : shape[1]], exemplar)


def test_large_ones_stay() -> None:
    exemplar = np.zeros((70, 80, 3), np.uint8)
    assert extended(exemplar, 64) is exemplar
