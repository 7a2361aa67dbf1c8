"""The figures on a card mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.train.measure import described, diversity, frechet, judge, nearest
from engine.train.sheets import beside, sheet

random = np.random.default_rng(0)


def test_frechet_is_the_formula_s() -> None:
    points = random.normal(size=(4000, 3))
    assert frechet(points, points) == pytest.approx(0, abs=1e-9)
    assert frechet(points, points + [3, 0, 4]) == pytest.approx(25, abs=1e-9)
    assert frechet(points, 2 * points) == pytest.approx(3, abs=0.2)  # sum of (2 - 1)^2


def test_nearest_and_diversity() -> None:
    among = random.normal(size=(50, 5))
    places, apart = nearest(among[[7, 3]], among, 2)
    assert places[:, 0].tolist() == [7, 3] and apart[0, 0] < 1e-6 < apart[0, 1]
    assert diversity(np.zeros((8, 5))) == 0 and diversity(3 * among) == pytest.approx(3 * diversity(among))


def test_copies_and_sameness_show() -> None:
    features = Features(CompactVGG())
    real = random.integers(0, 256, (24, 16, 16, 3), np.uint8)
    copies, same = judge(real[:8], real[:16], real[16:], features), judge(real[[0] * 8], real[:16], real[16:], features)
    assert copies.nearest < 1e-6 < copies.nearest_real
    assert same.diversity < 1e-6 < copies.diversity


def test_sheets_show_each_picture_and_its_neighbours() -> None:
    pictures = random.integers(0, 256, (5, 16, 16, 3), np.uint8)
    whole = sheet(pictures, 3)
    assert whole.shape == (2 * 18 + 2, 3 * 18 + 2, 3)
    np.testing.assert_array_equal(whole[20:36, 20:36], pictures[4])
    rows = beside(pictures[[2]], pictures, Features(CompactVGG()))
    np.testing.assert_array_equal(rows[2:18, 2:18], pictures[2])
    np.testing.assert_array_equal(rows[2:18, 20:36], pictures[2])


def test_what_is_described_does_not_depend_on_the_batch() -> None:
    pictures = random.integers(0, 256, (20, 16, 16, 3), np.uint8)
    features = Features(CompactVGG())
    np.testing.assert_allclose(described(pictures, features)[17:], described(pictures[17:], features), rtol=1e-4)
