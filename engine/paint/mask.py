"""Mask: where a layer's strokes put it, and how much of it.

A stroke is a soft round brush drawn along its points: full within the core, nothing from the radius on. Pressure is
strength. Within one stroke the strongest touch counts; strokes of their own build up towards what their weight allows;
erasing takes away, and where it is full nothing at all is left. A brush that keeps to the photo's edges is a guided
filter (He, Sun and Tang 2013) of the stroke on the photo: what the brush touches beyond an edge fades. It never reaches
outside the brush's own disc.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.pauses import finished
from engine.document.stroke import Stroke, StrokeKind
from engine.paint.pauses import Working

CORE = 0.5
"""Share of the radius within which the brush is full."""
DRAWN = 32.0
"""Radius in pixels at which a stroke is drawn at most: it is soft, so a large one is drawn small and enlarged."""
WITHIN = 1 - 1.6 / DRAWN
"""Enlarging spreads by a pixel and a half of what is drawn: every brush is drawn that much smaller."""
SPACING = 0.2
"""Points nearer to each other than this share of the radius are one."""
LEAST = 0.5 / 255
"""Less than this is nothing."""
BAND = 1 << 18
"""Pixels that are worked on between two pauses."""
FILTERED = 16.0
"""Radius in pixels at which a stroke is held against the photo."""
SMOOTH = 1e-3
"""Colour differences (0..1) are edges from about the root of this."""
KEPT = (0.3, 0.7)
"""Of the filtered stroke: from the first nothing is left, from the second all."""
TAKES = (StrokeKind.ERASE, StrokeKind.PROTECT)
GIVES = (StrokeKind.STYLE, StrokeKind.TEXTURE)


@dataclass(frozen=True)
class Window:
    """A rectangle of the photo at some scale: its pixel (0, 0) is pixel (x, y) of the whole at that scale."""

    x: int
    y: int
    width: int
    height: int


def coverage(
    strokes: Sequence[Stroke], height: int, width: int, *, scale: float, whole: bool, guide: np.ndarray | None = None,
    snap: float = 0.0, window: Window | None = None,
) -> np.ndarray:  # fmt: skip
    """HxW float32 in 0..1, exactly 0 where nothing is.

    scale: pixels of the mask per photo pixel. whole: the layer is everywhere but where it is erased. guide: HxWx3 uint8
    or uint16, the photo at the mask's size; snap: 0..1, how far strokes keep to its edges. window: the part of the mask
    that is wanted (`height` and `width` are then its own, and so are the guide's).
    """
    window = window or Window(0, 0, width, height)
    return finished(covering(strokes, window, scale=scale, whole=whole, guide=guide, snap=snap))


def covering(
    strokes: Sequence[Stroke], window: Window, *, scale: float, whole: bool, guide: np.ndarray | None, snap: float
) -> Working[np.ndarray]:
    """The same with pauses, over a part of the mask."""
    mask = np.full((window.height, window.width), 1.0 if whole else 0.0, np.float32)
    for stroke in strokes:
        if stroke.visible and stroke.kind in TAKES + GIVES:
            yield from _apply(mask, stroke, scale, window, guide, snap)
    return mask


def bounds(strokes: Sequence[Stroke], height: int, width: int, whole: bool) -> Window:
    """The rectangle of a photo of that size outside which the mask is 0, in photo pixels."""
    boxes = [_box(stroke, 1.0) for stroke in strokes if stroke.visible and stroke.kind in GIVES]
    if whole or not boxes:
        return Window(0, 0, width if whole else 0, height if whole else 0)
    left, top = (max(0, min(box[i] for box in boxes)) for i in (0, 1))
    right, bottom = (min(end, max(box[i] for box in boxes)) for i, end in ((2, width), (3, height)))
    return Window(left, top, max(0, right - left), max(0, bottom - top))


def _box(stroke: Stroke, scale: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in pixels at that scale."""
    low = np.floor((stroke.points[:, :2].min(axis=0) - stroke.radius) * scale).clip(-1e9, 1e9).astype(int)
    high = np.ceil((stroke.points[:, :2].max(axis=0) + stroke.radius) * scale).clip(-1e9, 1e9).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _apply(
    mask: np.ndarray, stroke: Stroke, scale: float, window: Window, guide: np.ndarray | None, snap: float
) -> Working[None]:
    """Change `mask` by one stroke, within the stroke's rectangle, band by band."""
    left, top, right, bottom = _box(stroke, scale)
    x0, y0 = max(left - window.x, 0), max(top - window.y, 0)
    x1, y1 = min(right - window.x, window.width), min(bottom - window.y, window.height)
    if x1 <= x0 or y1 <= y0:
        return
    part = Window(x0 + window.x, y0 + window.y, x1 - x0, y1 - y0)
    brush = Brush(stroke, scale, part)
    photo = None if guide is None else guide[y0:y1, x0:x1]
    edges = Edges(brush, photo) if photo is not None and snap > 0 else None
    weight = np.float32(min(stroke.weight, 1.0))
    rows = max(1, BAND // part.width)
    for start in range(0, part.height, rows):
        end = min(start + rows, part.height)
        drawn = brush.rows(start, end)
        if edges is not None and photo is not None:
            drawn *= 1 - np.float32(snap) * (1 - edges.kept(photo[start:end], start))
        old = mask[y0 + start : y0 + end, x0:x1]
        if stroke.kind in TAKES:
            old *= 1 - weight * drawn
        else:
            old += drawn * np.maximum(weight - old, 0)
        old[old < LEAST] = 0
        yield


class Brush:
    """What a stroke touches of a part of the mask: pressure times the brush, the strongest touch at each pixel."""

    def __init__(self, stroke: Stroke, scale: float, part: Window) -> None:
        self.part, self.radius = part, max(stroke.radius * scale, 0.75)
        self._share = share = min(1.0, DRAWN / self.radius)
        self._small = small = part if share == 1 else Window(
            int(part.x * share) - 2, int(part.y * share) - 2, int(part.width * share) + 6, int(part.height * share) + 6
        )  # fmt: skip
        self._drawn = _drawn(_thinned(stroke, scale * share), self.radius * share * WITHIN, small)

    def rows(self, start: int, end: int) -> np.ndarray:
        """Of the part, hxw float32 in 0..1."""
        if self._share == 1:
            return self._drawn[start:end].copy()
        return self._at(self._share, self.part.y + start, (self.part.width, end - start))

    def reduced(self, share: float, size: tuple[int, int]) -> np.ndarray:
        """All of the part at so much of its size, width and height given."""
        if self._share == 1:
            return np.asarray(cv2.resize(self._drawn, size, interpolation=cv2.INTER_AREA))
        return self._at(self._share / share, self.part.y * share, size, self.part.x * share)

    def _at(self, share: float, y: float, size: tuple[int, int], x: float | None = None) -> np.ndarray:
        left = self.part.x if x is None else x
        back = np.array([[share, 0, (left + 0.5) * share - 0.5 - self._small.x],
                         [0, share, (y + 0.5) * share - 0.5 - self._small.y]])  # fmt: skip
        return np.asarray(cv2.warpAffine(self._drawn, back, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


class Edges:
    """How far a brush stays within the edges of the photo around where it was drawn.

    The stroke and the photo are filtered small, and the filter's linear map is applied to the photo at its own size, so
    that a preview and the full size agree ("Fast Guided Filter", He and Sun 2015).
    """

    def __init__(self, brush: Brush, photo: np.ndarray) -> None:
        share = min(1.0, FILTERED / brush.radius)
        height, width = photo.shape[:2]
        size = max(1, round(width * share)), max(1, round(height * share))
        self._step = size[0] / width, size[1] / height
        mask = brush.reduced(share, size)
        reach = max(1, round(brush.radius * share / 2))
        slope, offset = guided(mask, _share(cv2.resize(photo, size, interpolation=cv2.INTER_AREA)), reach)
        self._map = np.dstack([slope, offset])
        self._around = cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))

    def kept(self, photo: np.ndarray, start: int) -> np.ndarray:
        """hxw float32 in 0..1 for the rows from `start`, whose photo is given: 0 is beyond an edge."""
        x, y = self._step
        back = np.array([[x, 0, 0.5 * x - 0.5], [0, y, (start + 0.5) * y - 0.5]])
        mapped, around = (
            cv2.warpAffine(small, back, photo.shape[1::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                           borderMode=cv2.BORDER_REPLICATE)
            for small in (self._map, self._around)
        )  # fmt: skip
        filtered = np.einsum("ijk,ijk->ij", mapped[..., :3], _share(photo)) + mapped[..., 3]
        fall = np.clip((filtered / np.maximum(around, 1e-3) - KEPT[0]) / (KEPT[1] - KEPT[0]), 0, 1)
        return np.asarray(fall * fall * (3 - 2 * fall))


def _share(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)


def _thinned(stroke: Stroke, scale: float) -> np.ndarray:
    """Nx3: the stroke's points in pixels, those left out that are close to the one before (its pressure stays)."""
    points = stroke.points.astype(np.float64) * (scale, scale, 1)
    kept = [points[0]]
    for point in points[1:]:
        if np.hypot(*(point[:2] - kept[-1][:2])) >= SPACING * stroke.radius * scale:
            kept.append(point)
        elif point[2] > kept[-1][2]:
            kept[-1] = np.array([*kept[-1][:2], point[2]])
    return np.array([*kept, points[-1]])


def _drawn(points: np.ndarray, radius: float, part: Window) -> np.ndarray:
    """hxw float32 0..1 of a polyline with a pressure at each point, in pixels."""
    canvas = np.zeros((part.height, part.width), np.float32)
    for start, end in zip(points[:-1], points[1:], strict=True):
        low = np.floor(np.minimum(start, end)[:2] - radius).astype(int) - (part.x, part.y)
        high = np.ceil(np.maximum(start, end)[:2] + radius).astype(int) - (part.x, part.y)
        x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], part.width), min(high[1], part.height)
        if x1 > x0 and y1 > y0:
            box = canvas[y0:y1, x0:x1]
            np.maximum(box, _segment(start, end, radius, Window(part.x + x0, part.y + y0, x1 - x0, y1 - y0)), out=box)
    return canvas


def _segment(start: np.ndarray, end: np.ndarray, radius: float, part: Window) -> np.ndarray:
    """hxw float32: the brush dragged straight from one point to the next, pressure changing evenly."""
    x = np.arange(part.width, dtype=np.float32)[None] + np.float32(part.x + 0.5 - start[0])
    y = np.arange(part.height, dtype=np.float32)[:, None] + np.float32(part.y + 0.5 - start[1])
    way = (end - start).astype(np.float32)
    length = float(way[0] ** 2 + way[1] ** 2)
    along = np.clip((x * way[0] + y * way[1]) / length, 0, 1) if length > 0 else np.float32(0) * (x + y)
    distance = np.sqrt((x - along * way[0]) ** 2 + (y - along * way[1]) ** 2)
    fall = np.clip((np.float32(radius) - distance) / np.float32(radius * (1 - CORE)), 0, 1)
    return fall * fall * (3 - 2 * fall) * (np.float32(start[2]) + along * way[2]).clip(0, 1)


def guided(mask: np.ndarray, guide: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The map of colour to mask around each pixel: slopes HxWx3, offsets HxW; mask ~ slope . guide + offset.

    mask: HxW float32. guide: HxWx3 float32 0..1. reach: half the side of the square around, in pixels.
    """

    def mean(array: np.ndarray) -> np.ndarray:
        return cv2.blur(array, (2 * reach + 1, 2 * reach + 1), borderType=cv2.BORDER_REFLECT)

    colors, masks = mean(guide), mean(mask)
    pairs = mean((guide[..., :, None] * guide[..., None, :]).reshape(*mask.shape, 9)[..., (0, 1, 2, 4, 5, 8)])
    spread = pairs[..., (0, 1, 2, 1, 3, 4, 2, 4, 5)].reshape(*mask.shape, 3, 3)
    spread = spread - colors[..., :, None] * colors[..., None, :] + SMOOTH * np.eye(3, dtype=np.float32)
    shared = mean(guide * mask[..., None]) - colors * masks[..., None]
    slope = np.linalg.solve(spread, shared[..., None])[..., 0]
    offset = masks - (slope * colors).sum(axis=2)
    return mean(slope.astype(np.float32)), mean(offset.astype(np.float32))
