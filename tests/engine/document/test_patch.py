"""Patches in tiles: what goes in comes out, parts agree with the whole, and what is equal is held once."""

from __future__ import annotations

import numpy as np
import pytest

from engine.document.blending import Blend
from engine.document.edit import Patch, TextureEdit, part, picture
from engine.document.patch import TILE
from engine.document.photo import Photo
from engine.document.texture import Texture
from tests.engine.document.picture_bytes import noise

HIGH, WIDE = 2 * TILE + 40, 3 * TILE - 17


def support(seed: int = 0) -> np.ndarray:
    """Some tiles full, some empty, some in between."""
    made = np.random.default_rng(seed).integers(0, 256, (HIGH, WIDE), np.uint8)
    made[: TILE + 60] = 255
    made[:, : TILE - 30] = 0
    return made


@pytest.mark.parametrize("corner", [(0, 0), (5, 250), (-30, -300), (256, 512)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_goes_in_comes_out(corner: tuple[int, int], dtype: type) -> None:
    pixels = noise(HIGH, WIDE, dtype=dtype)
    patch = Patch(*corner, pixels, support())
    assert np.array_equal(patch.pixels, pixels) and patch.pixels.dtype == dtype and not patch.pixels.flags.writeable
    assert np.array_equal(patch.support, support()) and not patch.support.flags.writeable
    assert len(patch.tiles) > 4
    for tile in patch.tiles.values():
        assert tile.empty == (not tile.support.any()) and tile.full == bool((tile.support == 255).all())


@pytest.mark.parametrize("blend", [Blend.NORMAL, Blend.COLOR])
def test_a_part_is_that_part_of_the_whole(blend: Blend) -> None:
    photo = Photo(noise(HIGH, WIDE))
    exemplar = Texture("t", noise(8, 8))
    edits = tuple(
        TextureEdit(exemplar, patch=Patch(x, y, noise(HIGH, WIDE), support(x)), opacity=opacity, blend=blend)
        for x, y, opacity in ((0, 0, 1.0), (40, -90, 0.6))
    )
    whole = picture(photo, edits)
    for left, top, right, bottom in ((0, 0, WIDE, HIGH), (250, 260, 260, 300), (100, 5, 600, 530)):
        assert np.array_equal(part(photo, edits, (left, top, right, bottom)), whole[top:bottom, left:right])


def test_equal_tiles_are_held_once() -> None:
    before = Patch(7, 9, noise(HIGH, WIDE), support())
    pixels, cover = noise(HIGH, WIDE).copy(), support()
    cover[300:310, 300:310] ^= 1  # in one tile the support differs, in another the pixels
    pixels[10, 700] ^= 1
    alone = Patch(7, 9, pixels, cover)
    after = alone.sharing(before)
    assert np.array_equal(after.pixels, pixels) and np.array_equal(after.support, cover)
    own = [place for place, tile in after.tiles.items() if tile is not before.tiles[place]]
    assert own == [(0, 2), (1, 1)]
    assert after.tiles[1, 1].pixels is before.tiles[1, 1].pixels and after.tiles[0, 2] is alone.tiles[0, 2]


def test_patches_of_other_rectangles_share_what_lies_at_the_same_place() -> None:
    pixels, cover = noise(HIGH, WIDE), support()
    large, small = Patch(0, 0, pixels, cover), Patch(100, 0, pixels[:, 100:], cover[:, 100:])
    shared = small.sharing(large)
    assert all((shared.tiles[place] is large.tiles[place]) == (place[1] > 0) for place in shared.tiles)


def test_patches_of_another_depth_share_nothing() -> None:
    eight, sixteen = (Patch(0, 0, noise(9, 9, dtype=dtype), support()[:9, :9]) for dtype in (np.uint8, np.uint16))
    assert sixteen.sharing(eight).tiles == sixteen.tiles


def test_a_patch_without_pixels_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Patch(0, 0, np.zeros((0, 4, 3), np.uint8), np.zeros((0, 4), np.uint8))
