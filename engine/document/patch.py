"""Patch: new pixels for a rectangle of the photo, held in tiles; and how a patch is laid over pixels.

A stroke on a layer that covers the photo makes a new patch of the whole photo, most of whose pixels are those of the
patch before. So a patch is cut into tiles along one grid that belongs to the photo, and `sharing` lets it hold the very
tiles of another wherever they are equal: the undo history then costs what a stroke changes and not what a photo has,
and a canvas that compares tiles by identity paints no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import ReferenceType, ref

import numpy as np

from engine.document.blending import Blend, blended

TILE = 256
"""Photo pixels: sides of the grid along which patches are cut; its first tile begins at the photo's corner."""
PIECE = 1 << 15
"""Pixels laid at a time: what is in between is float, and stays in the cache."""

Area = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, eq=False)
class Tile:
    """pixels: hxwx3. support: hxw uint8. empty: it covers nothing. full: it covers all."""

    pixels: np.ndarray
    support: np.ndarray
    empty: bool
    full: bool


@dataclass(frozen=True, eq=False, init=False)
class Patch:
    """A rectangle of new pixels. x, y: its top-left corner on the photo. width, height: of the rectangle.

    tiles: by row and column of the photo's grid, row by row.
    """

    x: int
    y: int
    width: int
    height: int
    tiles: Mapping[tuple[int, int], Tile]

    def __init__(self, x: int, y: int, pixels: np.ndarray, support: np.ndarray) -> None:
        """pixels: hxwx3 in the photo's dtype. support: hxw uint8 coverage; where it is 0 the photo shows through
        untouched, where it is 255 the patch does. Both are copied. ValueError where they do not agree or are empty.
        """
        if pixels.shape[:2] != support.shape or support.dtype != np.uint8:
            raise ValueError(f"patch pixels {pixels.shape} and support {support.shape} do not agree")
        if support.size == 0:
            raise ValueError("a patch has at least one pixel")
        height, width = support.shape
        tiles = {}
        for place, (left, top, right, bottom) in _cells((x, y, x + width, y + height)):
            inside = slice(top - y, bottom - y), slice(left - x, right - x)
            tiles[place] = _tile(pixels[inside].copy(), support[inside].copy())
        self._hold(x, y, width, height, tiles)

    def _hold(self, x: int, y: int, width: int, height: int, tiles: Mapping[tuple[int, int], Tile]) -> None:
        for name, value in (("x", x), ("y", y), ("width", width), ("height", height), ("tiles", tiles)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_joined", {})

    @property
    def pixels(self) -> np.ndarray:
        """hxwx3, read-only; put together from the tiles, and kept for as long as somebody else holds it."""
        return self._whole("pixels")

    @property
    def support(self) -> np.ndarray:
        """hxw uint8, read-only; in the same way."""
        return self._whole("support")

    def rectangle(self) -> Area:
        """Where on the photo it lies."""
        return self.x, self.y, self.x + self.width, self.y + self.height

    def area(self, place: tuple[int, int]) -> Area:
        """Where on the photo the tile of that row and column lies."""
        row, column = place
        left, top = max(column * TILE, self.x), max(row * TILE, self.y)
        return left, top, min((column + 1) * TILE, self.x + self.width), min((row + 1) * TILE, self.y + self.height)

    def within(self, area: Area) -> Iterator[tuple[Area, Tile]]:
        """The tiles that reach into the area and cover something, each with its own area."""
        for place, _ in _cells(area):
            tile = self.tiles.get(place)
            if tile is not None and not tile.empty:
                yield self.area(place), tile

    def sharing(self, other: Patch | None) -> Patch:
        """The same patch, holding the tiles of the other, or their pixels, wherever they are equal."""
        if other is None:
            return self
        tiles = {place: _shared(tile, other.tiles.get(place)) for place, tile in self.tiles.items()}
        made = object.__new__(Patch)
        made._hold(self.x, self.y, self.width, self.height, tiles)
        return made

    def _whole(self, name: str) -> np.ndarray:
        joined: dict[str, ReferenceType[np.ndarray]] = self._joined  # type: ignore[attr-defined]
        whole = joined[name]() if name in joined else None
        if whole is None:
            first: np.ndarray = getattr(next(iter(self.tiles.values())), name)
            whole = np.empty((self.height, self.width, *first.shape[2:]), first.dtype)
            for place, tile in self.tiles.items():
                left, top, right, bottom = self.area(place)
                whole[top - self.y : bottom - self.y, left - self.x : right - self.x] = getattr(tile, name)
            whole.flags.writeable = False
            joined[name] = ref(whole)
        return whole


def compose(
    pixels: np.ndarray, patch: Patch, opacity: float, blend: Blend = Blend.NORMAL, corner: tuple[int, int] = (0, 0)
) -> None:
    """Lay `patch` over `pixels` (hxwx3, written in place); pixels where its support is 0 are not written.

    corner: x and y of the pixels' first on the photo.
    """
    x, y = corner
    height, width = pixels.shape[:2]
    if opacity <= 0:
        return
    for (left, top, right, bottom), tile in patch.within((x, y, x + width, y + height)):
        x0, y0, x1, y1 = max(left, x), max(top, y), min(right, x + width), min(bottom, y + height)
        if x1 > x0 and y1 > y0:
            inside = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
            old = pixels[y0 - y : y1 - y, x0 - x : x1 - x]
            if tile.full and opacity >= 1 and blend is Blend.NORMAL:
                old[:] = tile.pixels[inside]
            else:
                lay(old, tile.pixels[inside], tile.support[inside], opacity, blend)


def lay(old: np.ndarray, new: np.ndarray, support: np.ndarray, opacity: float, blend: Blend) -> None:
    """hxwx3 `new` over `old`, written in place, as far as its support (hxw uint8) goes."""
    rows = max(PIECE // max(support.shape[1], 1), 1)
    for top in range(0, len(support), rows):
        part = slice(top, top + rows)
        _lay(old[part], new[part], support[part], opacity, blend)


def _lay(old: np.ndarray, new: np.ndarray, support: np.ndarray, opacity: float, blend: Blend) -> None:
    import cv2  # here, because the window is up before a picture is laid

    full = (support == 255) & (opacity >= 1) & (blend is Blend.NORMAL)
    cv2.copyTo(new, full.view(np.uint8), old)
    part = (support > 0) & ~full
    if part.any():
        mixed = _mixed(old, new, support, opacity, blend)
        cv2.copyTo(mixed, part.view(np.uint8), old)


def _mixed(old: np.ndarray, new: np.ndarray, support: np.ndarray, opacity: float, blend: Blend) -> np.ndarray:
    """Of all pixels, wanted or not: to pick them out one by one would take longer."""
    weight = support.astype(np.float32)[..., None] * np.float32(min(opacity, 1) / 255)
    below, above = old.astype(np.float32), new.astype(np.float32)
    if blend is not Blend.NORMAL:
        white = np.float32(np.iinfo(old.dtype).max)
        above = blended(below / white, above / white, blend) * white
    return np.asarray(np.rint(below * (1 - weight) + above * weight).astype(old.dtype))


def _cells(area: Area) -> Iterator[tuple[tuple[int, int], Area]]:
    """Rows and columns of the grid that the area reaches into, and the part of it in each."""
    left, top, right, bottom = area
    for row in range(top // TILE, -(-bottom // TILE) if bottom > top else top // TILE):
        for column in range(left // TILE, -(-right // TILE) if right > left else left // TILE):
            x0, y0 = max(column * TILE, left), max(row * TILE, top)
            yield (row, column), (x0, y0, min((column + 1) * TILE, right), min((row + 1) * TILE, bottom))


def _tile(pixels: np.ndarray, support: np.ndarray) -> Tile:
    pixels.flags.writeable = support.flags.writeable = False
    return Tile(pixels, support, not support.any(), bool(support.min(initial=255) == 255))


def _shared(tile: Tile, other: Tile | None) -> Tile:
    """The other where it is equal; else the tile with the other's pixels, where at least those are."""
    if other is None or other.pixels.dtype != tile.pixels.dtype or not np.array_equal(tile.pixels, other.pixels):
        return tile
    if np.array_equal(tile.support, other.support):
        return other
    return Tile(other.pixels, tile.support, tile.empty, tile.full)
