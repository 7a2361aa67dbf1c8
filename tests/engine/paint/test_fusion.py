"""Semantic blends: the photo where nothing comes, the motif where all does, the same at any size and in parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.edit import FusionEdit, picture
from engine.document.job import Paint
from engine.document.motif import Motif
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.paint.fusion import CAREFUL, laid, painted, present
from engine.paint.ground import Ground
from engine.paint.invert import Inverter
from engine.paint.meeting import Meeting, chosen, mixed
from engine.paint.render import paint
from engine.paint.studio import Studio


@pytest.fixture(scope="module")
def inverter() -> Inverter:
    """Untrained networks."""
    torch.manual_seed(5)
    return Inverter(Features(CompactVGG()), FeatureDecoder().eval().requires_grad_(False))


@pytest.fixture
def studio(inverter: Inverter) -> Studio:
    made = Studio(features=inverter.features)
    made.__dict__["inverter"] = inverter
    return made


def soft(height: int, width: int, seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """A picture with something of every size in it."""
    random = np.random.default_rng(seed)
    waves = random.uniform(0, 1, (3, 6))
    y, x = np.mgrid[:height, :width] / max(height, width)
    bands = [np.sin(40 * (a * x + b * y) + 6 * c) + np.sin(9 * (d * x - e * y) + 6 * f) for a, b, c, d, e, f in waves]
    noise = random.normal(0, 0.1, (height, width, 3))
    share = (np.dstack(bands) / 5 + 0.5 + noise).clip(0, 1)
    return np.rint(share * np.iinfo(dtype).max).astype(dtype)


def whole(edit: FusionEdit, photo: np.ndarray, studio: Studio, **given: object) -> np.ndarray:
    """The layer over all of a photo."""
    size = photo.shape[:2]
    return finished(painted(edit, Ground(photo), studio, size, (0, 0, *size), **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_with_nothing_of_the_motif_it_is_the_photo(studio: Studio, dtype: type) -> None:
    photo, edit = soft(50, 70, dtype=dtype), FusionEdit(Motif("m", soft(20, 20, 1)), amount=0.0)
    assert np.array_equal(whole(edit, photo, studio), photo)
    nearly = whole(replace(edit, amount=1e-6), photo, studio)
    assert nearly.dtype == dtype and np.abs(nearly.astype(int) - photo).max() <= np.iinfo(dtype).max // 200


@pytest.mark.parametrize("depth", [1, 2.5, 4])
def test_with_all_of_it_it_is_the_motif(studio: Studio, depth: float) -> None:
    photo, other = soft(48, 64), soft(48, 64, 1)
    made = whole(FusionEdit(Motif("m", other), amount=1.0, depth=depth), photo, studio)
    assert np.abs(made.astype(int) - other).max() <= 2


def test_the_photos_fine_detail_stays_where_it_is_wanted(studio: Studio) -> None:
    chequers = np.where(np.indices((96, 96)).sum(axis=0) % 2 == 0, 90, 160).astype(np.uint8)
    photo, grey = np.repeat(chequers[..., None], 3, axis=2), np.full((64, 64, 3), 125, np.uint8)
    edits = (FusionEdit(Motif("m", grey), amount=1.0, detail=detail) for detail in (1.0, 0.0))
    stays, goes = (np.abs(np.diff(whole(edit, photo, studio).astype(int), axis=1)).mean() for edit in edits)
    assert stays > 50 and goes < 5


def test_outside_the_motif_the_photo_is_bit_for_bit(studio: Studio) -> None:
    photo = soft(60, 80, dtype=np.uint16)
    edit = FusionEdit(Motif("m", soft(30, 30, 1)), amount=1.0, scale=0.4, x=0.3, y=-0.2)
    made, where = whole(edit, photo, studio), present(edit, photo.shape[:2])
    assert where.max() == 1 and 0.05 < (where > 0).mean() < 0.4
    assert np.array_equal(made[where == 0], photo[where == 0]) and not np.array_equal(made, photo)


def test_outside_the_mask_the_patch_covers_nothing(studio: Studio) -> None:
    photo = Photo(soft(64, 90))
    stroke = Stroke(StrokeKind.STYLE, np.array([[30, 30, 1], [50, 34, 0.5]]), 12)
    layer = FusionEdit(Motif("m", soft(64, 90, 1)), (stroke,), whole=False, amount=1.0)
    steps = [*paint(Paint(ticket=1, photo=photo, below=(), edit=layer), studio)]
    patch = steps[-1].patch
    assert patch is not None and steps[-1].settled and any(step.overlay is not None for step in steps)
    document = picture(photo, (replace(layer, patch=patch),))
    y, x = np.mgrid[:64, :90] + 0.5
    far = np.hypot(x - np.clip(x, 30, 50), y - 32) > 16
    assert np.array_equal(document[far], photo.pixels[far]) and (document[30, 30] != photo.pixels[30, 30]).any()


def test_a_part_is_the_same_as_the_whole(studio: Studio) -> None:
    photo, edit = soft(90, 120), FusionEdit(Motif("m", soft(40, 50, 1)), scale=0.7, x=0.1, detail=0.5)
    ground = Ground(photo)
    all_of_it = finished(painted(edit, ground, studio, (90, 120), (0, 0, 90, 120)))
    part = finished(painted(edit, ground, studio, (90, 120), (21, 33, 80, 101)))
    assert np.abs(part.astype(int) - all_of_it[21:80, 33:101]).max() <= 1


def test_a_large_photo_gets_what_a_small_one_gets(studio: Studio) -> None:
    photo = soft(360, 480)
    edit, ground = FusionEdit(Motif("m", soft(90, 120, 1)), depth=3), Ground(photo)
    large = finished(painted(edit, ground, studio, (360, 480), (0, 0, 360, 480), working=96))
    small = finished(painted(edit, ground, studio, (90, 120), (0, 0, 90, 120), working=96))
    reduced = large.reshape(90, 4, 120, 4, 3).mean(axis=(1, 3))
    original = photo.reshape(90, 4, 120, 4, 3).mean(axis=(1, 3))
    assert np.abs(reduced - small).mean() < 5 and np.abs(reduced - original).mean() > 20


def test_the_amount_is_the_share_of_the_picture(inverter: Inverter) -> None:
    first, second = soft(64, 96), soft(64, 96, 1)
    meeting = Meeting(first, second, np.ones((64, 96), np.float32), inverter)
    for depth in (1, 2.3, 4):
        for amount in (0.2, 0.5, 0.8):
            share = finished(meeting.share(amount, depth))
            assert abs(share.mean() - amount) < 0.05
    even, sure = (finished(meeting.share(0.5, depth)).std() for depth in (1, 4))
    assert even < 0.01 < 0.1 < sure


def test_who_has_more_to_tell_wins(inverter: Inverter) -> None:
    """A picture with something only in its left half meets one with something only in its right half."""
    left, right = np.full((96, 96, 3), 128, np.uint8), np.full((96, 96, 3), 128, np.uint8)
    left[:, :40], right[:, 56:] = soft(96, 40), soft(96, 40, 1)
    share = finished(Meeting(left, right, np.ones((96, 96), np.float32), inverter).share(0.5, 4))
    assert share[:, :30].mean() < 0.4 and share[:, -30:].mean() > 0.6


def test_shares_hold_their_mean_and_their_order() -> None:
    more = np.random.default_rng(0).normal(0, 3, (20, 30)).astype(np.float32)
    part = chosen(more, np.ones_like(more), 0.3)
    assert abs(part.mean() - 0.3) < 1e-3
    assert np.array_equal(np.argsort(part, axis=None)[::50], np.argsort(more, axis=None)[::50])


def test_mixed_features_are_not_paler_than_either() -> None:
    one, other = torch.randn(1, 8, 20, 20), torch.randn(1, 8, 20, 20)
    half = mixed(one, other, torch.full((1, 1, 20, 20), 0.5))
    assert half.std() > 0.95 and (one + other).div(2).std() < 0.75
    assert torch.allclose(mixed(one, other, torch.zeros(1, 1, 20, 20)), one, atol=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (500, 9)])
def test_a_motif_may_have_any_shape(studio: Studio, shape: tuple[int, int]) -> None:
    photo = soft(40, 60)
    edit = FusionEdit(Motif("m", soft(*shape, 1)), amount=0.7, depth=4)
    assert whole(edit, photo, studio, working=48).shape == photo.shape
    assert whole(edit, photo[:1, :5], studio).shape == (1, 5, 3)


def test_the_motif_just_covers_the_photo_and_goes_where_it_is_put() -> None:
    motif = Motif("m", soft(40, 40, 1))
    edit = FusionEdit(motif)
    assert np.abs(laid(motif, edit, (40, 80), (0, 0, 40, 80))[::1, ::2].mean() - motif.pixels[10:30].mean()) < 3
    assert present(edit, (40, 80)).min() == 1
    moved = replace(edit, scale=0.5, x=0.25)
    assert np.allclose(laid(motif, moved, (80, 80), (20, 40, 60, 80)), motif.pixels, atol=1e-3)
    assert present(moved, (80, 80))[40, 60] == 1 and present(moved, (80, 80))[:, :39].max() == 0


def test_dials_that_do_not_change_look_at_nothing_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, edit = Ground(soft(40, 60)), FusionEdit(Motif("m", soft(40, 60, 1)))
    finished(painted(edit, photo, studio, (40, 60), (0, 0, 40, 60)))
    monkeypatch.setattr(Inverter, "taps", None)
    finished(painted(replace(edit, amount=0.3), photo, studio, (40, 60), (0, 0, 40, 60)))
    monkeypatch.setattr(Inverter, "decoded", None)
    finished(painted(edit, photo, studio, (40, 60), (0, 0, 20, 60)))
    assert len(CAREFUL) > 1
