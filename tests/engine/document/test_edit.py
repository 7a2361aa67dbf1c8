"""The picture: outside every patch's support it is the photo, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch, compose, picture
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from tests.engine.document.picture_bytes import gradient, noise
from tests.engine.document.values import edits, patches

QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOWHERE = Latent(np.zeros((1, 2)), "faces")


def an_edit(patch: Patch | None, **parts: object) -> ManifoldEdit:
    """An edit with that patch."""
    return replace(ManifoldEdit(Frame(9, 9, 9), NOWHERE, NOWHERE, patch=patch), **parts)


def coverage(patch: Patch, height: int, width: int) -> np.ndarray:
    """HxW: the support of a patch where it lies on the photo, pixel by pixel."""
    whole = np.zeros((height, width), np.uint8)
    for y, row in enumerate(patch.support):
        for x, value in enumerate(row):
            if 0 <= patch.y + y < height and 0 <= patch.x + x < width:
                whole[patch.y + y, patch.x + x] = value
    return whole


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@QUICK
@given(data=st.data(), opacity=st.floats(0, 1))
def test_outside_the_support_the_photo_is_untouched_and_inside_it_is_between(dtype, data, opacity):
    patch, photo = data.draw(patches(dtype)), noise(dtype=dtype)
    pixels = photo.copy()
    compose(pixels, patch, opacity)
    support = coverage(patch, *photo.shape[:2])
    assert np.array_equal(pixels[support == 0], photo[support == 0])
    for y, x in np.argwhere(support > 0):
        old, new = photo[y, x].astype(float), patch.pixels[y - patch.y, x - patch.x].astype(float)
        expected = old + (new - old) * opacity * support[y, x] / 255
        assert np.abs(pixels[y, x] - expected).max() <= 0.51


@QUICK
@given(patches())
def test_full_support_is_the_patch_itself(patch):
    pixels = noise()
    compose(pixels, patch, 1.0)
    for y, x in np.argwhere(coverage(patch, *pixels.shape[:2]) == 255):
        assert np.array_equal(pixels[y, x], patch.pixels[y - patch.y, x - patch.x])


@QUICK
@given(st.lists(edits(), max_size=4))
def test_a_stack_changes_nothing_outside_its_supports(stack):
    photo = Photo(noise())
    shown = picture(photo, stack)
    untouched = np.ones(photo.pixels.shape[:2], bool)
    for edit in stack:
        if edit.patch is not None and edit.visible:
            untouched &= coverage(edit.patch, photo.height, photo.width) == 0
    assert np.array_equal(shown[untouched], photo.pixels[untouched]) and not shown.flags.writeable


@pytest.mark.parametrize("hidden", [{"visible": False}, {"opacity": 0.0}, {"patch": None}])
def test_with_nothing_shown_the_picture_is_the_photos_own_array(hidden):
    photo = Photo(gradient())
    patch = Patch(0, 0, noise(9, 9), np.full((9, 9), 255, np.uint8))
    assert picture(photo, [replace(an_edit(patch), **hidden)]) is photo.pixels


def test_the_upper_edit_covers_the_lower():
    photo, full = Photo(gradient()), np.full((5, 5), 255, np.uint8)
    lower = an_edit(Patch(2, 3, np.full((5, 5, 3), 10, np.uint8), full))
    upper = an_edit(Patch(2, 3, np.full((5, 5, 3), 20, np.uint8), full))
    assert (Document(photo, (lower, upper)).picture()[3:8, 2:7] == 20).all()
    assert (Document(photo, (upper, lower)).picture()[3:8, 2:7] == 10).all()


def test_half_opacity_lies_in_the_middle():
    pixels = np.zeros((1, 1, 3), np.uint16)
    compose(pixels, Patch(0, 0, np.full((1, 1, 3), 60_000, np.uint16), np.full((1, 1), 255, np.uint8)), 0.5)
    assert (pixels == 30_000).all()


def test_a_patch_keeps_what_it_was_given():
    mine = noise(4, 5)
    patch = Patch(0, 0, mine, np.zeros((4, 5), np.uint8))
    mine[:] = 0
    assert np.array_equal(patch.pixels, noise(4, 5)) and not patch.pixels.flags.writeable


@pytest.mark.parametrize("support", [np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.float32)])
def test_a_patch_and_its_support_agree(support):
    with pytest.raises(ValueError, match="do not agree"):
        Patch(0, 0, noise(4, 5), support)


def test_an_edit_has_moved_once_its_latent_left_the_base():
    edit = an_edit(None)
    assert not edit.moved() and not replace(edit, latent=Latent(np.zeros((1, 2)), "faces")).moved()
    assert replace(edit, latent=Latent(np.ones((1, 2)), "faces")).moved()


def test_an_edit_takes_the_place_of_its_elder():
    first, second = an_edit(None), an_edit(None)
    document = Document(Photo(gradient())).with_edit(first).with_edit(second)
    changed = document.with_edit(replace(first, opacity=0.5))
    assert [e.id for e in changed.edits] == [first.id, second.id]
    assert changed.edit(first.id).opacity == 0.5 and changed.edits[1] is second
    assert document.edit(first.id) is first
    with pytest.raises(KeyError):
        document.edit("nobody")
