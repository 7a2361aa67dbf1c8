"""Sheet: the ground painted in one manner, at any size, in tiles that no one sees.

The network paints brush strokes of so many pixels. How large they are on the picture is decided at the first level,
where the network looks at the photo made small. Enlarging what it painted there would give blurred strokes; so each
level above, up to 2.8 times larger, shows the network the enlarged painting with some of the photo's finer detail, and
adds of its answer what is finer than the level below could hold: strokes keep their size and place on the picture, and
at every size there is grain.

Tiles: the moments by which a level is normalised are taken once, from a sample of windows all over it, and hold for all
its tiles; each tile is painted with a margin as wide as the network reaches, mirrored at the picture's border. Tiles
are painted when they are asked for and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.model.networks.style_transfer import Moments, StyleTransfer
from engine.paint.ground import Ground, resized
from engine.paint.network_pass import Pass
from engine.paint.pauses import Working

STEP = 2.8
"""A level is at most so many times as large as the one below."""
WHOLE = 1_200_000
"""Pixels up to which a level is painted in one piece."""
TILE = 768
MARGIN, EDGE = 96, 8
"""Pixels painted around a tile: as many as the network reaches, fewer are seen. And around a picture in one piece."""
NEAR = 1.25
"""What is no more than so many times as large as the first level is interpolated from it."""
FINEST = 1.5
"""The network looks at nothing more than so many times as large as what is wanted: strokes would be lost."""
FINE = np.float32(0.6)
"""Of what is finer than the level below, so much is added: shown a blurred picture, the network overdoes it."""
SEAM = 8
"""Pixels around a tile that what is finer than the level below is told by."""
WINDOW, WINDOWS = 256, (3, 4)
"""Side of a sampled window; rows and columns of them."""
DETAIL = 0.5
"""Of the photo's finer detail, so much is shown to the network where all of the style is asked for."""


Painter = Callable[[np.ndarray], Working[np.ndarray]]
"""Repaints HxWx3 uint8 or uint16."""
Box = tuple[int, int, int, int]
"""From (top, left) to before (bottom, right)."""


@dataclass(eq=False)
class Level:
    """The painting at one size. below: the level it is made from. tiles: those that are painted, by row and column."""

    height: int
    width: int
    below: Level | None
    pixels: np.ndarray
    tiles: set[tuple[int, int]] = field(default_factory=set)
    moments: Sequence[Moments] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is painted in one piece, and so by its own moments."""
        return self.height * self.width <= WHOLE


class Sheet:
    """ground: what is painted over. manner: what the network is told, 1xN, when it is first needed.

    strength: 0..1, how much of the style that is. first: longer side in pixels at which the network first looks.
    painter: makes the first level in place of the network.
    """

    def __init__(
        self, ground: Ground, network: StyleTransfer, manner: Callable[[], Working[Tensor]], strength: float,
        first: float, painter: Painter | None = None,
    ) -> None:  # fmt: skip
        self._ground, self._network, self._manner = ground, network, manner
        self._detail = np.float32(1 - (1 - DETAIL) * strength)
        self._first, self._painter = first, painter
        self._style: Tensor | None = None
        self._levels: dict[tuple[int, int, int], Level] = {}

    def part(self, height: int, width: int, box: Box) -> Working[np.ndarray]:
        """A rectangle of the painted picture of that height and width, hxwx3 in the ground's depth."""
        root = self._root(height, width)
        if NEAR * max(root.height, root.width) >= max(height, width):
            pixels = yield from self._region(root, (0, 0, root.height, root.width))
            small = yield from resized(pixels, height, width)
            return small[box[0] : box[2], box[1] : box[3]]
        top = root
        for size in self._sizes(max(root.height, root.width), height, width):
            top = self._level(*size, top)
        return (yield from self._region(top, box))

    def first(self, height: int, width: int) -> Working[np.ndarray]:
        """The first level of the painted picture of that height and width, all of it."""
        root = self._root(height, width)
        return (yield from self._region(root, (0, 0, root.height, root.width)))

    def _root(self, height: int, width: int) -> Level:
        return self._level(*self._ground.size(min(self._first, FINEST * max(height, width))), None)

    def _sizes(self, first: float, height: int, width: int) -> list[tuple[int, int]]:
        """Height and width of the levels above the first, up to that one."""
        ratio = max(height, width) / first
        count = max(1, int(np.ceil(np.log(ratio) / np.log(STEP) - 1e-6)))
        return [*(self._ground.size(first * ratio ** (i / count)) for i in range(1, count)), (height, width)]

    def _level(self, height: int, width: int, below: Level | None) -> Level:
        key = (height, width, id(below))
        if key not in self._levels:
            pixels = np.empty((height, width, 3), self._ground.pixels.dtype)
            self._levels[key] = Level(height, width, below, pixels)
        return self._levels[key]

    def _region(self, level: Level, box: Box) -> Working[np.ndarray]:
        """The level's pixels within the box; what is missing is painted first."""
        if level.below is None and self._painter is not None:
            if not level.tiles:
                level.pixels[:] = yield from self._painter((yield from self._ground.at(level.height, level.width)))
                level.tiles.add((0, 0))
            return level.pixels[box[0] : box[2], box[1] : box[3]]
        side = max(level.height, level.width) if level.whole else TILE
        rows, columns = (range(box[i] // side, (box[i + 2] - 1) // side + 1) for i in (0, 1))
        for tile in ((row, column) for row in rows for column in columns):
            if tile not in level.tiles:
                top, left = tile[0] * side, tile[1] * side
                core = (top, left, min(top + side, level.height), min(left + side, level.width))
                yield from self._tile(level, core)
                level.tiles.add(tile)
        return level.pixels[box[0] : box[2], box[1] : box[3]]

    def _tile(self, level: Level, core: Box) -> Working[None]:
        """Paint that part of the level."""
        margin = EDGE if level.whole else MARGIN
        window = (core[0] - margin, core[1] - margin, _whole(core[2] + margin, core[0] - margin),
                  _whole(core[3] + margin, core[1] - margin))  # fmt: skip
        if level.moments is None and not level.whole:
            level.moments = yield from self._sampled(level)
        shown = yield from self._shown(level, level.below, window)
        painted, _ = yield from self._repainted(shown, level.moments)
        rows, columns = (slice(margin - SEAM, margin + core[i + 2] - core[i] + SEAM) for i in (0, 1))
        painted = painted[rows, columns]
        yield
        if level.below is not None:
            area = (core[0] - SEAM, core[1] - SEAM, core[2] + SEAM, core[3] + SEAM)
            grown = yield from self._grown(level, level.below, area)
            yield
            painted = grown + FINE * (painted - _blurred(painted, level.height / level.below.height))
        stored = _stored(painted[SEAM:-SEAM, SEAM:-SEAM], level.pixels.dtype)
        level.pixels[core[0] : core[2], core[1] : core[3]] = stored
        yield

    def _repainted(
        self, shown: np.ndarray, kept: Sequence[Moments] | None
    ) -> Working[tuple[np.ndarray, Sequence[Moments]]]:
        """What the network makes of HxWx3 float32 in 0..1, and the moments it went by."""
        if self._style is None:
            self._style = yield from self._manner()
        work = Pass(self._network, self._style, kept)
        told = torch.from_numpy(shown * 2 - 1).to(self._style.device).permute(2, 0, 1)[None]
        yield
        made = yield from work.of(told)
        return (made[0].permute(1, 2, 0).cpu().numpy() + 1) / 2, work.taken

    def _shown(self, level: Level, below: Level | None, window: Box) -> Working[np.ndarray]:
        """What the network is shown of a level made from `below`: hxwx3 float32 in 0..1, mirrored outside."""
        ground = yield from self._ground.at(level.height, level.width)
        picture = _window(ground, window)
        if below is None:
            return picture
        coarse = yield from self._ground.at(below.height, below.width)
        grown = yield from self._grown(level, below, window)
        yield
        return grown + self._detail * (picture - _enlarged(coarse, level, window))

    def _grown(self, level: Level, below: Level, window: Box) -> Working[np.ndarray]:
        """The window of `level` as the painting of `below` has it, hxwx3 float32 in 0..1."""
        area = _reach(level, below.height, below.width, window)
        yield from self._region(below, area)
        return _enlarged(below.pixels, level, window)

    def _sampled(self, level: Level) -> Working[Sequence[Moments]]:
        """The moments of windows spread over the level.

        They are made from the first level: it is there in full, while of those between only what is asked for is.
        """
        first = level.below
        while first is not None and first.below is not None:
            first = first.below
        rows = []
        for row in range(WINDOWS[0]):
            cells = []
            for column in range(WINDOWS[1]):
                top = round((level.height - WINDOW) * (row + 0.5) / WINDOWS[0])
                left = round((level.width - WINDOW) * (column + 0.5) / WINDOWS[1])
                cells.append((yield from self._shown(level, first, (top, left, top + WINDOW, left + WINDOW))))
                yield
            rows.append(np.concatenate(cells, axis=1))
        _, taken = yield from self._repainted(np.concatenate(rows), None)
        return taken


def _whole(end: int, start: int) -> int:
    """The least end such that the length is a multiple of what the network asks for."""
    return end + (start - end) % StyleTransfer.MULTIPLE


def _mirrored(start: int, end: int, length: int) -> np.ndarray:
    """Where the positions from `start` to before `end` are in a row of that length that goes on mirrored."""
    period = max(2 * (length - 1), 1)
    places = np.arange(start, end) % period
    return np.minimum(places, period - places) if length > 1 else np.zeros(end - start, np.int64)


def _window(pixels: np.ndarray, window: Box) -> np.ndarray:
    """hxwx3 float32 in 0..1 of a picture that goes on mirrored outside."""
    height, width = pixels.shape[:2]
    top, left, bottom, right = window
    outside = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    if max(outside) < min(height, width):
        part = pixels[max(top, 0) : bottom, max(left, 0) : right]
        part = cv2.copyMakeBorder(part, *outside, cv2.BORDER_REFLECT_101) if any(outside) else part
    else:  # further than one mirror image reaches
        part = pixels[np.ix_(_mirrored(top, bottom, height), _mirrored(left, right, width))]
    return part.astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)


def _reach(level: Level, height: int, width: int, window: Box) -> Box:
    """The rectangle of a picture of that size that a window of `level` is interpolated from."""
    ends = []
    for start, end, large, small in ((window[0], window[2], level.height, height),
                                     (window[1], window[3], level.width, width)):  # fmt: skip
        places = _mirrored(start, end, large) * (small / large)
        ends.append((max(int(places.min()) - 3, 0), min(int(places.max()) + 4, small)))
    return ends[0][0], ends[1][0], ends[0][1], ends[1][1]


def _enlarged(pixels: np.ndarray, level: Level, window: Box) -> np.ndarray:
    """The same window of a smaller picture of the level, interpolated."""
    height, width = pixels.shape[:2]
    area = _reach(level, height, width, window)
    rows = (_mirrored(window[0], window[2], level.height) + 0.5) * (height / level.height) - 0.5 - area[0]
    columns = (_mirrored(window[1], window[3], level.width) + 0.5) * (width / level.width) - 0.5 - area[1]
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    part = pixels[area[0] : area[2], area[1] : area[3]].astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)
    return cv2.remap(part, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _blurred(picture: np.ndarray, ratio: float) -> np.ndarray:
    """What a picture so many times smaller could hold of it."""
    return cv2.GaussianBlur(picture, (0, 0), 0.5 * ratio)


def _stored(picture: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """float32 in 0..1 -> uint8 or uint16."""
    white = np.iinfo(dtype).max
    return np.rint(picture.clip(0, 1) * np.float32(white)).astype(dtype)
