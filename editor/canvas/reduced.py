"""Reduced: the picture composed from a photo and patches that have been made small first.

At a quarter of the size a picture is composed in a sixteenth of the time. It is not the composed picture made small,
for blending is not linear; but nearly so, and soon enough to follow a hand. Tiles of photos and patches are averaged
when they are first needed, and kept for as long as they themselves are; from the level WHOLE on a photo and a patch are
kept in one piece as well, since putting hundreds of tiles together takes longer than to compose them.

A level is a number of halvings, as in `picture`: at level 2 a photo's tile of 256 pixels a side has 64.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from weakref import WeakKeyDictionary

import cv2
import numpy as np

from engine.document.edit import Edit, blend_of
from engine.document.patch import TILE, Area, Patch, Tile, lay
from engine.document.photo import Photo

COARSEST = 8  # a tile is then one pixel
WHOLE = 2
EVERYTHING = 0, 0, 1 << 30, 1 << 30
Block = tuple[int, int, int, int]  # of tiles: first row, first column, the row and the column after the last
Arrays = tuple[np.ndarray, ...]

_tiles: WeakKeyDictionary[Tile, dict[int, Arrays]] = WeakKeyDictionary()
_photos: WeakKeyDictionary[Photo, dict[tuple[int, int, int], Arrays]] = WeakKeyDictionary()
_whole_photos: WeakKeyDictionary[Photo, dict[int, Arrays]] = WeakKeyDictionary()
_whole_patches: WeakKeyDictionary[Patch, dict[int, Arrays]] = WeakKeyDictionary()


def shown(edits: Iterable[Edit]) -> list[Edit]:
    """Those of a stack that are seen, from the lowest up."""
    return [edit for edit in edits if edit.visible and edit.patch is not None and edit.opacity > 0]


def composed(photo: Photo, edits: Iterable[Edit], block: Block, level: int) -> tuple[np.ndarray, np.ndarray | None]:
    """A block of the photo's tiles at that level: hxwx3 in the photo's dtype, and its alpha (hxw) if it has any."""
    pixels, *alpha = _ground(photo, block, level)
    for edit in shown(edits):
        assert edit.patch is not None
        inside = _common(block, edit.patch)
        if inside is not None:
            part = _inside(pixels, block, inside, level)
            new, support = _cut(edit.patch, inside, part.shape[:2], level)
            lay(part, new, support, edit.opacity, blend_of(edit))
    return pixels, alpha[0] if alpha else None


def whole(photo: Photo) -> Block:
    """All tiles of the photo."""
    return 0, 0, -(-photo.height // TILE), -(-photo.width // TILE)


def level_for(size: float, wanted: float) -> int:
    """The coarsest level at which something of `size` photo pixels still has as many as are wanted."""
    return min(max(math.floor(math.log2(max(size / wanted, 1))), 0), COARSEST)


def patch_at(photo: Photo, patch: Patch, level: int) -> tuple[np.ndarray, np.ndarray]:
    """A patch's pixels (HxWx3) and support (HxW) at that level, on the whole photo."""
    size = _ends(whole(photo)[2], photo.height, level), _ends(whole(photo)[3], photo.width, level)
    return _laid(patch, whole(photo), size, level)


def _common(block: Block, patch: Patch) -> Block | None:
    """The part of the block in which the patch has tiles."""
    top, left = max(block[0], patch.y // TILE), max(block[1], patch.x // TILE)
    bottom = min(block[2], -(-(patch.y + patch.height) // TILE))
    right = min(block[3], -(-(patch.x + patch.width) // TILE))
    return (top, left, bottom, right) if bottom > top and right > left else None


def _inside(pixels: np.ndarray, block: Block, inside: Block, level: int) -> np.ndarray:
    """Of the block's pixels those of the block within it."""
    side = TILE >> level
    top, left = (inside[0] - block[0]) * side, (inside[1] - block[1]) * side
    return pixels[top : top + (inside[2] - inside[0]) * side, left : left + (inside[3] - inside[1]) * side]


def _ground(photo: Photo, block: Block, level: int) -> list[np.ndarray]:
    """The photo's pixels, and its alpha if it has any, in that block; the caller's own."""
    if level < WHOLE:
        return _joined(photo, block, level)
    kept = _whole_photos.setdefault(photo, {})
    if level not in kept:
        kept[level] = tuple(_joined(photo, whole(photo), level))
    rows, columns = (slice(block[i] * TILE >> level, block[i + 2] * TILE >> level) for i in (0, 1))
    return [layer[rows, columns].copy() for layer in kept[level]]


def _joined(photo: Photo, block: Block, level: int) -> list[np.ndarray]:
    kept = _photos.setdefault(photo, {})
    size = (_ends(block[2], photo.height, level) - (block[0] * TILE >> level),
            _ends(block[3], photo.width, level) - (block[1] * TILE >> level))  # fmt: skip
    layers = [photo.pixels] if photo.alpha is None else [photo.pixels, photo.alpha]
    made = [np.empty((*size, *layer.shape[2:]), layer.dtype) for layer in layers]
    for row in range(block[0], block[2]):
        for column in range(block[1], block[3]):
            key = level, row, column
            if key not in kept:
                y, x = row * TILE, column * TILE
                area = x, y, min(x + TILE, photo.width), min(y + TILE, photo.height)
                kept[key] = tuple(_small(layer[y : y + TILE, x : x + TILE], area, level) for layer in layers)
            for target, small in zip(made, kept[key], strict=True):
                _put(target, small, (row - block[0]) * TILE >> level, (column - block[1]) * TILE >> level)
    return made


def _ends(last: int, size: int, level: int) -> int:
    """Pixels of that level up to the end of the tile before `last`, or of the photo."""
    return -(-min(last * TILE, size) >> level)


def _cut(patch: Patch, block: Block, size: tuple[int, ...], level: int) -> tuple[np.ndarray, np.ndarray]:
    """The patch's pixels and support within a block of that size, where it has tiles throughout. Not to be changed."""
    if level < WHOLE:
        return _laid(patch, block, size, level)
    kept, side = _whole_patches.setdefault(patch, {}), TILE >> level
    own = _common(EVERYTHING, patch)
    assert own is not None
    if level not in kept:
        kept[level] = _laid(patch, own, ((own[2] - own[0]) * side, (own[3] - own[1]) * side), level)
    top, left = (block[0] - own[0]) * side, (block[1] - own[1]) * side
    pixels, support = kept[level]
    return pixels[top : top + size[0], left : left + size[1]], support[top : top + size[0], left : left + size[1]]


def _laid(patch: Patch, block: Block, size: tuple[int, ...], level: int) -> tuple[np.ndarray, np.ndarray]:
    """The patch's pixels and support within a block of that size."""
    first = next(iter(patch.tiles.values()))
    pixels, support = np.zeros((*size, 3), first.pixels.dtype), np.zeros(size, np.uint8)
    for row in range(block[0], block[2]):
        for column in range(block[1], block[3]):
            tile = patch.tiles.get((row, column))
            if tile is None:
                continue
            left, top, right, bottom = area = patch.area((row, column))
            kept = _tiles.setdefault(tile, {})
            if level not in kept:
                kept[level] = _small(tile.pixels, area, level), _small(tile.support, area, level)
            y, x = (top >> level) - (block[0] * TILE >> level), (left >> level) - (block[1] * TILE >> level)
            _put(pixels, kept[level][0], y, x)
            _put(support, kept[level][1], y, x)
    return pixels, support


def _put(target: np.ndarray, small: np.ndarray, y: int, x: int) -> None:
    """Write as much of it as there is room for."""
    room = target[y : y + small.shape[0], x : x + small.shape[1]]
    room[:] = small[: room.shape[0], : room.shape[1]]


def _small(array: np.ndarray, area: Area, level: int) -> np.ndarray:
    """The means of an array that lies there on the photo, over the squares that make one pixel of the level."""
    if level == 0:
        return array
    step = 1 << level
    left, top, right, bottom = area
    edges = top % step, -bottom % step, left % step, -right % step
    if any(edges):
        array = cv2.copyMakeBorder(array, *edges, cv2.BORDER_REPLICATE)
    size = array.shape[1] >> level, array.shape[0] >> level
    small: np.ndarray = cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    return small
