"""What a slider changes is shown at once, rendered at the end, and stays within its mask."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.document.direction import Direction, Slide
from engine.document.document import Document
from engine.document.edit import ManifoldEdit
from engine.document.job import Solve, Step, Transfer
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.render import render
from engine.edit.solve import solve
from engine.model.manifold import Manifold

SIDE = 256


@pytest.fixture
def photo() -> Photo:
    return Photo(np.random.default_rng(0).integers(60, 200, (SIDE, SIDE + 40, 3), dtype=np.uint8))


@pytest.fixture
def edit(tiny_manifold: Manifold) -> ManifoldEdit:
    """All of the picture changes, strongly."""
    base = Latent(np.zeros((tiny_manifold.layers, tiny_manifold.width), np.float32), "tiny")
    way = Direction("all", np.random.default_rng(1).standard_normal(base.values.shape), "tiny")
    return ManifoldEdit(Frame(148, 128, 240), base, base, realism=1.0).slid((Slide(way, 2.0),))


def dab(x: float, y: float, radius: float) -> Stroke:
    return Stroke(StrokeKind.PROTECT, np.array([(x, y, 1)], np.float32), radius)


def last(photo: Photo, edit: ManifoldEdit, manifold: Manifold, settle: bool = True) -> Step:
    return list(render(Transfer(ticket=1, photo=photo, edit=edit, settle=settle), manifold))[-1]


def changed(photo: Photo, edit: ManifoldEdit, manifold: Manifold) -> np.ndarray:
    """HxW: which of the photo's pixels are others, with the edit rendered."""
    edit = replace(edit, patch=last(photo, edit, manifold).patch)
    return np.asarray((Document(photo, (edit,)).picture() != photo.pixels).any(axis=2))


def distance(photo: Photo, x: float, y: float) -> np.ndarray:
    rows, columns = np.mgrid[: photo.height, : photo.width] + 0.5
    return np.asarray(np.hypot(columns - x, rows - y))


def test_a_drag_is_followed_by_an_overlay_and_no_patch(
    photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold
) -> None:
    step = last(photo, edit, tiny_manifold, settle=False)
    assert step.settled and step.patch is None and step.frame == edit.frame
    assert step.overlay is not None and step.overlay.shape == (16, 16, 4) and step.overlay[..., 3].max() == 255


def test_with_a_mask_nothing_outside_it_changes(photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold) -> None:
    pixel = edit.frame.size / tiny_manifold.size
    everywhere = changed(photo, edit, tiny_manifold)
    within = changed(photo, replace(edit, strokes=(dab(150, 130, 40),), inside=True), tiny_manifold)
    far = distance(photo, 150, 130) > 40 + 2 * pixel
    assert everywhere[far].mean() > 0.5
    assert not within[far].any()
    assert within[distance(photo, 150, 130) < 20].mean() > 0.9


def test_protected_pixels_stay(photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold) -> None:
    kept = changed(photo, replace(edit, strokes=(dab(150, 130, 60),)), tiny_manifold)
    assert not kept[distance(photo, 150, 130) < 30].any()
    assert kept[distance(photo, 150, 130) > 110].any()


def test_a_mask_without_strokes_hides_nothing(photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold) -> None:
    np.testing.assert_array_equal(
        changed(photo, replace(edit, inside=True), tiny_manifold), changed(photo, edit, tiny_manifold)
    )


def test_a_slight_slide_is_no_drift(photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold) -> None:
    """Away from strokes a slight change is taken for drift and left out; what a slider does is meant."""
    slight = edit.slid((replace(edit.slides[0], amount=0.12),))
    assert changed(photo, slight, tiny_manifold).mean() > 0.1
    drifted = replace(slight, slides=())
    assert changed(photo, drifted, tiny_manifold).mean() < 0.5 * changed(photo, slight, tiny_manifold).mean()


def test_strokes_begin_where_the_slides_have_come(
    photo: Photo, edit: ManifoldEdit, tiny_manifold: Manifold
) -> None:
    """Without a stroke that asks anything a solve ends at the slides' own latent."""
    edit = replace(edit, strokes=(dab(150, 130, 20),))
    end = list(solve(Solve(ticket=2, photo=photo, edit=edit, starts=(edit.base,), settle=True), tiny_manifold))[-1]
    np.testing.assert_allclose(end.candidates[0].latent.values, edit.origin().values, atol=1e-6)
