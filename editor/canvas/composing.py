"""Composing: keeps the picture on the screen in step with the stack of edits, without ever holding up the window.

A photo of 24 megapixels under three layers takes seconds to compose, and a dial under the hand changes it fifty times a
second. So nothing is composed when the stack changes: its tiles are only noted as old. What a paint event then asks for
is drafted at once, at the finest of the picture's levels for which the time of a frame suffices. When the hand rests,
pieces of a few milliseconds sharpen what is seen to the level it is seen at, and then compose every tile at its full
size, what is seen first. In the end the picture is the document's own, bit for bit.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QRectF

from editor.canvas.picture import Picture, Rect, join, screen_pixels
from editor.canvas.reduced import COARSEST, Block, composed, shown, whole
from engine.document.edit import Edit, blend_of, part
from engine.document.patch import TILE, Area, Patch
from engine.document.photo import Photo

FRAME = 0.010  # seconds that a draft may take
PIECE = 0.005  # seconds of work at a time
PACE = 4e-8  # seconds for a pixel of a layer, before any has been timed
OLD = 255  # in the place of a level: the stack as it was before


class Composing:
    """One photo's picture."""

    def __init__(self, photo: Photo, picture: Picture) -> None:
        self._photo, self._picture = photo, picture
        self._edits: tuple[Edit, ...] = ()
        grid = whole(photo)[2:]
        self._level = np.zeros(grid, np.uint8)  # at which each tile has been composed; 0 is its full size
        self._reach = np.zeros(grid, np.uint8)  # down to which level of the picture that is shown
        self._seen: tuple[Block, int] = (0, 0, 0, 0), 0  # what was last asked for, and at which level
        self._pace = PACE

    @property
    def settled(self) -> bool:
        """Whether the picture is the document's own everywhere, bit for bit."""
        return not self._level.any()

    def show(self, edits: tuple[Edit, ...]) -> Rect | None:
        """Another stack from now on. The rectangle of the photo in which it looks different, None where nowhere."""
        places = changed(self._edits, edits)
        self._edits = edits
        if not places:
            return None
        rows, columns = np.array(list(places)).T
        size = self._photo.width, self._photo.height
        left, top, right, bottom = np.clip(np.array(list(places.values())), 0, size * 2).T
        seen = (right > left) & (bottom > top)
        if not seen.any():
            return None
        self._level[rows[seen], columns[seen]] = self._reach[rows[seen], columns[seen]] = OLD
        x, y = int(left[seen].min()), int(top[seen].min())
        return x, y, int(right[seen].max()) - x, int(bottom[seen].max()) - y

    def prepare(self, area: QRectF, level: int) -> None:
        """Have at least a draft of what is about to be painted: that area of the photo, at that level."""
        block = self._block(area)
        self._seen = block, level
        behind = _cut(self._reach, block) > level
        if behind.any():
            rows, columns = np.flatnonzero(behind.any(1)), np.flatnonzero(behind.any(0))
            top, left = block[0] + int(rows[0]), block[1] + int(columns[0])
            self._draft((top, left, block[0] + int(rows[-1]) + 1, block[1] + int(columns[-1]) + 1), level)

    def finish(self, area: QRectF | None = None) -> None:
        """Compose the tiles of an area, or all, at their full size at once."""
        self._finish(whole(self._photo) if area is None else self._block(area))

    def _block(self, area: QRectF) -> Block:
        """The tiles in which the area lies."""
        rows, columns = self._level.shape
        top, left = max(int(area.top() - 2) // TILE, 0), max(int(area.left() - 2) // TILE, 0)
        bottom, right = int(area.bottom() + 2) // TILE + 1, int(area.right() + 2) // TILE + 1
        return min(top, rows), min(left, columns), max(min(bottom, rows), 0), max(min(right, columns), 0)

    # At once

    def _draft(self, block: Block, level: int) -> None:
        """Compose a block as finely as the time of a frame allows, to be seen at that level."""
        tiles = (block[2] - block[0]) * (block[3] - block[1])
        pixels, affordable = tiles * TILE * TILE, self._affordable(FRAME)
        coarsest = min(COARSEST, self._picture.coarsest)
        if pixels <= affordable or not coarsest:  # a picture so small has no levels to draft at
            self._finish(block)
            return
        made = max(level, 1)
        while pixels >> 2 * made > affordable and made < coarsest:
            made += 1
        self._reduce(block, made, level)

    def _finish(self, block: Block) -> None:
        for row, column in np.argwhere(_cut(self._level, block)).tolist():
            self._compose((block[0] + row, block[1] + column))

    def _reduce(self, block: Block, level: int, reach: int) -> None:
        """Compose the old tiles of a block at that level; levels below it are filled from it down to `reach`."""
        begun = time.perf_counter()
        pixels, alpha = composed(self._photo, self._edits, block, level)
        screen = screen_pixels(pixels, alpha, self._picture.transform)
        levels, reaches = _cut(self._level, block), _cut(self._reach, block)
        old = (levels > level) | (reaches > reach)
        if old.all():
            self._picture.put(screen, block[1] * TILE >> level, block[0] * TILE >> level, level, reach)
        else:
            side = TILE >> level
            for row, column in np.argwhere(old).tolist():
                tile = screen[row * side : (row + 1) * side, column * side : (column + 1) * side]
                self._picture.put(tile, (block[1] + column) * side, (block[0] + row) * side, level, reach)
        levels[old], reaches[old] = level, reach
        self._time(begun, pixels.shape[0] * pixels.shape[1])

    def _affordable(self, seconds: float) -> float:
        """Pixels that can be composed in that time."""
        return seconds / (self._pace * (len(shown(self._edits)) + 1))

    def _time(self, begun: float, pixels: int) -> None:
        """Learn how fast this machine is now: it may be busy with something else."""
        taken = (time.perf_counter() - begun) / (max(pixels, 1) * (len(shown(self._edits)) + 1))
        self._pace += 0.3 * (min(max(taken, PACE / 8), 8 * PACE) - self._pace)

    # When the hand rests

    def step(self) -> Rect | None:
        """A piece of the work that is left: first what is seen, at the level it is seen at; then all, exactly.

        The rectangle of the photo, in sight, that is finer than it was.
        """
        until, better = time.perf_counter() + PIECE, None
        while time.perf_counter() < until and not self.settled:
            block, level = self._seen
            seen = _cut(self._level, block)
            rough = seen > level
            if level and rough.any():
                better = join(better, self._sharpen(rough, block, level))
            elif seen.any():
                row, column = np.argwhere(seen)[0].tolist()
                better = join(better, self._compose((block[0] + row, block[1] + column)))
            else:
                row, column = np.argwhere(self._level)[0].tolist()
                self._compose((row, column))
        return better

    def _sharpen(self, rough: np.ndarray, block: Block, level: int) -> Rect:
        """Compose the next few of the rough tiles, side by side, at the level at which they are seen."""
        row, column = np.argwhere(rough)[0].tolist()
        most = max(int(self._affordable(PIECE)) * 4**level // TILE**2, 1)
        line = rough[row, column : column + most]
        count = len(line) if line.all() else int(np.argmin(line))
        top, left = block[0] + row, block[1] + column
        self._reduce((top, left, top + 1, left + count), level, level)
        return left * TILE, top * TILE, count * TILE, TILE

    def _compose(self, place: tuple[int, int]) -> Rect:
        """Compose one tile at its full size."""
        begun = time.perf_counter()
        x, y = place[1] * TILE, place[0] * TILE
        right, bottom = min(x + TILE, self._photo.width), min(y + TILE, self._photo.height)
        self._picture.write(part(self._photo, self._edits, (x, y, right, bottom)), (x, y))
        self._level[place] = self._reach[place] = 0
        self._time(begun, (right - x) * (bottom - y))
        return x, y, right - x, bottom - y


def changed(before: tuple[Edit, ...], after: tuple[Edit, ...]) -> dict[tuple[int, int], Area]:
    """Rows and columns of the tiles that look different in the two stacks, and where on the photo that is."""
    were, are = ({edit.id: edit for edit in shown(edits)} for edits in (before, after))
    moved = [id for id in were if id in are] != [id for id in are if id in were]
    places: dict[tuple[int, int], Area] = {}
    for id in were | are:
        old, new = were.get(id), are.get(id)
        patches = [edit.patch for edit in (old, new) if edit is not None and edit.patch is not None]
        alike = old is not None and new is not None and not moved and _mixed_alike(old, new)
        if alike and patches[0] is patches[-1]:
            continue
        for patch in patches[:1] if patches[0] is patches[-1] else patches:
            other = patches[-1] if patch is patches[0] else patches[0]
            for place, area in _covered(patch).items():
                if not (alike and other.tiles.get(place) is patch.tiles[place]):
                    places[place] = _around(places.get(place), area)
    return places


_areas: WeakKeyDictionary[Patch, dict[tuple[int, int], Area]] = WeakKeyDictionary()


def _covered(patch: Patch) -> dict[tuple[int, int], Area]:
    """Rows and columns of the patch's tiles that cover something and lie on the photo, and where each is."""
    if patch not in _areas:
        places = (place for place, tile in patch.tiles.items() if not tile.empty and min(place) >= 0)
        _areas[patch] = {place: patch.area(place) for place in places}
    return _areas[patch]


def _mixed_alike(old: Edit, new: Edit) -> bool:
    return old.opacity == new.opacity and blend_of(old) is blend_of(new)


def _around(first: Area | None, second: Area) -> Area:
    if first is None:
        return second
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def _cut(grid: np.ndarray, block: Block) -> np.ndarray:
    """The grid's part in the block; a view."""
    return grid[block[0] : block[2], block[1] : block[3]]
