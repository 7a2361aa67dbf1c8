"""The judge of projections compares ways that took the same steps, by an error that is zero where nothing differs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit.align import crop
from engine.judge.portraits import BOXES, error, ways
from engine.model.features import Features
from engine.model.manifold import Manifold, to_array
from engine.model.networks.compact_vgg import CompactVGG


@pytest.fixture
def features() -> Features:
    torch.manual_seed(0)
    return Features(CompactVGG())


def test_every_way_ends_nearer_than_the_guess(tiny_manifold: Manifold, features: Features) -> None:
    y, x = np.mgrid[0:40, 0:40] / 40
    photo, frame = Photo((255 * np.stack([x, y, 1 - x], axis=2)).astype(np.uint8)), Frame(20, 20, 30)
    found = {name: (end, seconds) for name, end, seconds in ways(tiny_manifold, features, photo, frame, 10)}
    assert list(found) == ["encoder", "optimisation", "plain", "hybrid", "quality"]
    assert [found[name][0].step for name in found] == [0, 10, 8, 10, 10]
    assert all(seconds > 0 for _, seconds in found.values())
    guess = found.pop("encoder")[0].cost
    assert all(end.cost < guess for end, _ in found.values())
    end = found["hybrid"][0]
    wanted = crop(photo, end.frame, tiny_manifold.preview_size)
    seen = error(tiny_manifold, features, to_array(end.picture), wanted)
    assert seen == pytest.approx(end.cost, rel=0.05)


def test_equal_pictures_have_no_error_in_any_region(tiny_manifold: Manifold, features: Features) -> None:
    picture = np.random.default_rng(0).random((16, 16, 3)).astype(np.float32)
    assert error(tiny_manifold, features, picture, picture) == pytest.approx(0, abs=1e-6)
    assert error(tiny_manifold, features, picture, 1 - picture) > 0.1
    assert BOXES["face"] is None and len(BOXES) == 3
