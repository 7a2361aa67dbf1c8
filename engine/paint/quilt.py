"""Image quilting: a texture of any size sewn from pieces of its exemplar. Nothing is learned, so it is there at once.

"Image quilting for texture synthesis and transfer" (Efros and Freeman 2001): blocks are laid row by row, each chosen
among those that agree with what is already there where they overlap, and joined to it along the path of least error.
The search looks at the exemplar everywhere, at a reduced size where it is large. As a tile, the last blocks of a row
and of a column also agree with the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engine.model.endless import Window
from engine.model.exemplar import extended
from engine.paint.pauses import Working

LEAST = 24
"""Pixels of an exemplar's shorter side; what is smaller is mirrored on."""

SEARCHED = 128
"""Pixels of the shorter side that are searched."""

OVERLAP = 0.25
"""Share of a block."""

TOLERANCE = 1.1
"""A block may be chosen whose error is the least but for this factor."""

NOVELTY = 0.5
"""Share of the blocks that may not simply go on with the one beside them."""

LARGEST, EXTENT = 512, 3
"""The tile that an endless quilt repeats: so many pixels at most, so many exemplars wide at most."""

Place = tuple[int, int]
"""Row and column of a piece's upper left corner in the exemplar."""


@dataclass(frozen=True)
class _Grid:
    """Where the blocks begin along one side. side: of the result, or, where that does not repeat, of what is sewn."""

    starts: tuple[int, ...]
    side: int


class _Search:
    """The exemplar, and a reduced one in which blocks are looked for."""

    def __init__(self, exemplar: np.ndarray, seed: int) -> None:
        self.exemplar = extended(exemplar, LEAST)
        least = min(self.exemplar.shape[:2])
        self.factor = max(1, round(least / SEARCHED))
        self.block = max(8, least // 4 // self.factor * self.factor)
        self._small = self._reduced(self.exemplar.astype(np.float32))
        self._random = np.random.default_rng(seed)

    def chosen(self, there: np.ndarray, known: np.ndarray, continued: Sequence[Place]) -> Place:
        """Where in the exemplar a block agrees with `there` (BxBx3 float32) where `known` (BxB float32) is 1.

        continued: where the pieces beside it would go on. Taken always, they would copy the exemplar.
        """
        height, width = (side - self.block for side in self.exemplar.shape[:2])
        if not known.any():
            return int(self._random.integers(height + 1)), int(self._random.integers(width + 1))
        mask = cv2.merge([self._reduced(known)] * 3)
        errors = np.maximum(cv2.matchTemplate(self._small, self._reduced(there), cv2.TM_SQDIFF, mask=mask), 0)
        if self._random.random() < NOVELTY:
            for y, x in (tuple(edge // self.factor for edge in place) for place in continued):
                errors[max(y - 1, 0) : max(y + 2, 0), max(x - 1, 0) : max(x + 2, 0)] = np.inf
        if not np.isfinite(errors).any():
            errors = np.zeros_like(errors)
        rows, columns = np.nonzero(errors <= errors.min() * TOLERANCE + 1e-3)
        pick = int(self._random.integers(len(rows)))
        return min(int(rows[pick]) * self.factor, height), min(int(columns[pick]) * self.factor, width)

    def piece(self, place: Place) -> np.ndarray:
        """BxBx3 float32."""
        y, x = place
        return self.exemplar[y : y + self.block, x : x + self.block].astype(np.float32)

    def _reduced(self, pixels: np.ndarray) -> np.ndarray:
        size = pixels.shape[1] // self.factor, pixels.shape[0] // self.factor
        return pixels if self.factor == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def quilted(exemplar: np.ndarray, height: int, width: int, seed: int = 0, wraps: bool = False) -> Working[np.ndarray]:
    """HxWx3 uint8 from an exemplar hxwx3 uint8 of any size; the same for the same seed; pauses after every block.

    wraps: whether it repeats as a tile.
    """
    search = _Search(exemplar, seed)
    rows, columns = (_grid(side, search.block, wraps) for side in (height, width))
    canvas = np.zeros((rows.side, columns.side, 3), np.float32)
    known = np.zeros((rows.side, columns.side), np.float32)
    used: dict[tuple[int, int], Place] = {}
    for top in rows.starts:
        for left in columns.starts:
            lines = (top + np.arange(search.block)) % rows.side
            places = (left + np.arange(search.block)) % columns.side
            area = np.ix_(lines, places)
            there, filled = canvas[area], known[area]
            used[top, left] = search.chosen(there, filled, _continued(used, top, left))
            piece = search.piece(used[top, left])
            share = _cut(np.square(piece - there).sum(axis=2), filled)[..., None]
            canvas[area] = there + share * (piece - there)
            known[area] = 1
            yield
    return np.ascontiguousarray(np.rint(canvas[:height, :width]).astype(np.uint8))


def _continued(used: dict[tuple[int, int], Place], top: int, left: int) -> list[Place]:
    """Where the pieces before it and above it have in the exemplar what lies here."""
    before = [place for place in used if place[0] == top][-1:] + [place for place in used if place[1] == left][-1:]
    return [(used[place][0] + top - place[0], used[place][1] + left - place[1]) for place in before]


def _grid(side: int, block: int, wraps: bool) -> _Grid:
    step = max(1, round(block * (1 - OVERLAP)))
    if wraps and side > block:
        count = -(-side // step)
        return _Grid(tuple(side * i // count for i in range(count)), side)
    count = max(1, -(-(side - block) // step) + 1)
    return _Grid(tuple(step * i for i in range(count)), step * (count - 1) + block)


def _cut(errors: np.ndarray, known: np.ndarray) -> np.ndarray:
    """BxB float32: the new block's share, 1 where nothing is known, divided elsewhere along paths of least error."""
    share = np.ones_like(known)
    middle = len(known) // 2
    for turns in range(4):  # the overlap is brought to the left, then left is right, and so on
        turned = np.rot90(known, turns)
        depth = int(turned[middle].argmin()) if turned[middle].min() == 0 else int(turned[middle, :middle].sum())
        if turns in _covered(known) and depth > 1:
            side = _seam(np.rot90(errors, turns)[:, :depth])
            np.rot90(share, turns)[:, :depth] *= side
    return cv2.blur(share, (3, 3)) * known + (1 - known)


def _covered(known: np.ndarray) -> tuple[int, ...]:
    """The quarter turns that bring a wholly known border to the left."""
    return tuple(turns for turns in range(4) if np.rot90(known, turns)[:, 0].all())


def _seam(errors: np.ndarray) -> np.ndarray:
    """hxw errors -> hxw, 0 left of the path from top to bottom along which they are least, 1 right of it."""
    height, width = errors.shape
    total = errors.copy()
    for row in range(1, height):
        above = total[row - 1]
        best = above.copy()
        best[1:] = np.minimum(best[1:], above[:-1])
        best[:-1] = np.minimum(best[:-1], above[1:])
        total[row] += best
    path = np.empty(height, int)
    path[-1] = int(total[-1].argmin())
    for row in range(height - 2, -1, -1):
        low = max(path[row + 1] - 1, 0)
        path[row] = low + int(total[row, low : path[row + 1] + 2].argmin())
    return (np.arange(width) >= path[:, None]).astype(np.float32)


def endless_side(exemplar: np.ndarray) -> int:
    """The side of the tile that an endless quilt repeats."""
    return min(LARGEST, EXTENT * max(LEAST, *exemplar.shape[:2]))


class Repeated:
    """An endless picture that repeats one tile. tile: HxWx3 uint8, which fits to itself."""

    def __init__(self, tile: np.ndarray) -> None:
        self._tile = tile.astype(np.uint16) * 257

    def window(self, window: Window) -> Working[np.ndarray]:
        """HxWx3 uint16."""
        height, width = self._tile.shape[:2]
        rows, columns = np.arange(window.y, window.y + window.height), np.arange(window.x, window.x + window.width)
        yield
        return self._tile[np.ix_(rows % height, columns % width)]
