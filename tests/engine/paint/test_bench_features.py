"""The measures of agreement: a network agrees with itself and less with another; times are taken."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.vgg19 import Extractor, compact
from engine.paint.bench_features import agreement, speed


def extractor(seed: int) -> Extractor:
    torch.manual_seed(seed)
    return compact(Features(CompactVGG((4, 6, 8, 8))))


def test_a_network_agrees_with_itself_and_less_with_another() -> None:
    pictures = [np.random.default_rng(n).integers(20 * n, 255, (32, 32, 3), np.uint8) for n in range(4)]
    same, other = (agreement(pictures, extractor(0), extractor(seed)) for seed in (0, 1))
    assert (same.losses, same.ranks, same.gradients) == pytest.approx((1, 1, 1), abs=1e-5)
    assert other.gradients < 0.9


def test_times_are_taken() -> None:
    assert all(seconds > 0 for seconds in speed(32, extractor(0), extractor(1), repeats=1))
