"""What is meant of a change is carried over, as real as it has to be, and the ground keeps its light."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.document.direction import Direction, Slide
from engine.document.edit import ManifoldEdit
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.edit import transfer
from engine.edit.manner import SEEN_AT, Manner, manner, replaced, steadied
from engine.model.kinds import Kinds
from engine.model.manifold import Manifold

NEAR = np.zeros((SEEN_AT, SEEN_AT), np.float32)
GROUND = 0.9


def thing(shape: str, color: float = 0.2) -> np.ndarray:
    """A dark thing on a light ground: lying, standing, or lying a little to the right."""
    picture = np.full((SEEN_AT, SEEN_AT, 3), GROUND, np.float32)
    x, y, width, height = {"lying": (24, 52, 80, 24), "standing": (52, 16, 24, 96), "moved": (29, 52, 80, 24)}[shape]
    picture[y:y + height, x:x + width] = color
    return cv2.GaussianBlur(picture, (0, 0), 1.5)


@pytest.fixture
def told(tiny_manifold: Manifold) -> Manifold:
    """The tiny manifold, told of two kinds of things."""
    means = tiny_manifold.mean.new_ones(2, tiny_manifold.width)
    return replace(tiny_manifold, kinds=Kinds(("lying", "standing"), means, means.T, lambda kind, count, seed: means))


def slid(manifold: Manifold) -> ManifoldEdit:
    """An edit whose slider was moved."""
    base = Latent(np.zeros((manifold.layers, manifold.width), np.float32), manifold.id)
    edit = ManifoldEdit(Frame(0, 0, 100), base, base)
    return edit.slid((Slide(Direction("other", np.ones(base.values.shape), manifold.id), 1.0),))


def way(manifold: Manifold, after: np.ndarray, slides: bool = True, before: np.ndarray | None = None) -> Manner:
    edit = slid(manifold) if slides else replace(slid(manifold), slides=())
    return manner(edit, manifold, NEAR, None, thing("lying") if before is None else before, after)


def test_what_a_slider_barely_touches_stays(tiny_manifold: Manifold) -> None:
    """Beside the strongest change; and whatever the amount, the same part of the picture is changed."""
    base = np.zeros((16, 16, 3), np.float32)
    after = base.copy()
    after[:8, :8], after[8:, 8:] = 0.5, 0.02
    shield = way(tiny_manifold, after, before=base).shield
    assert shield[2, 2] == 0 and shield[13, 13] == 1
    np.testing.assert_allclose(way(tiny_manifold, 0.1 * after, before=base).shield, shield, atol=1e-4)


@pytest.mark.parametrize(("after", "other"), [
    (thing("standing"), 1.0), (thing("lying", 0.5), 0.0), (thing("moved"), 0.0),
])  # fmt: skip
def test_only_another_thing_replaces_one(after: np.ndarray, other: float) -> None:
    assert replaced(thing("lying"), after) == pytest.approx(other, abs=0.1)


def test_nothing_is_left_of_a_thing_that_another_has_replaced(told: Manifold) -> None:
    """Where the two cross nothing has changed, and yet it is the new one's."""
    made = way(told, thing("standing"))
    assert made.realism > 0.9
    assert made.shield[54:74, 26:102].max() < 0.1 and made.shield[:8, :8].min() > 0.9


def test_nor_half_way_of_a_morph(told: Manifold, tiny_manifold: Manifold) -> None:
    """The photo's lying thing has stripes, which stay where it is still the same one."""
    striped = thing("lying")
    striped[54:74:4, 26:102] += 0.3
    photo = Photo(np.rint(255 * striped).astype(np.uint8))
    edit = replace(slid(told), frame=Frame(SEEN_AT / 2, SEEN_AT / 2, SEEN_AT))
    contrasts = []
    for manifold in (told, tiny_manifold):
        patch = finished(transfer.passing(photo, edit, manifold, thing("lying"), thing("standing")))
        crossing = patch.pixels[58 - patch.y:70 - patch.y, 58 - patch.x:70 - patch.x]
        contrasts.append(float(crossing.std(axis=0).mean()))
    assert contrasts[0] < 3 < 20 < contrasts[1]


def test_a_manifold_without_kinds_keeps_the_photos_own_pixels(tiny_manifold: Manifold, told: Manifold) -> None:
    """A head that turns is still that head; and so does a stroke on a thing."""
    for made in (way(tiny_manifold, thing("standing")), way(told, thing("standing"), slides=False)):
        assert made.realism == 0.5 and made.shield[SEEN_AT // 2, SEEN_AT // 2] > 0.9


@pytest.mark.parametrize("slides", [True, False])
def test_the_ground_keeps_its_light_around_a_thing_that_changes(told: Manifold, slides: bool) -> None:
    after = thing("standing") + np.float32(0.04)
    steady = way(told, after, slides).after
    standing, halo = (slice(30, 44), slice(58, 70)), (slice(30, 44), slice(44, 48))
    assert np.abs(steady[halo] - GROUND).max() < 0.01 < np.abs(after[halo] - GROUND).max()
    assert steady[standing].mean() == pytest.approx(0.2, abs=0.02)


def test_where_all_is_meant_nothing_is_taken_back() -> None:
    before = thing("lying")
    np.testing.assert_allclose(steadied(before, before + 0.3, np.zeros_like(NEAR)), before + 0.3, atol=1e-6)
