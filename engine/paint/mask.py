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

from engine.document.stroke import Stroke, StrokeKind

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
    mask = np.full((height, width), 1.0 if whole else 0.0, np.float32)
    for stroke in strokes:
        if stroke.visible and stroke.kind in TAKES + GIVES:
            _apply(mask, stroke, scale, window, guide, snap)
    mask[mask < LEAST] = 0
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
) -> None:
    """Change `mask` by one stroke, within the stroke's rectangle."""
    left, top, right, bottom = _box(stroke, scale)
    x0, y0 = max(left - window.x, 0), max(top - window.y, 0)
    x1, y1 = min(right - window.x, window.width), min(bottom - window.y, window.height)
    if x1 <= x0 or y1 <= y0:
        return
    part = Window(x0 + window.x, y0 + window.y, x1 - x0, y1 - y0)
    drawn = touched(stroke, scale, part)
    if guide is not None and snap > 0:
        drawn = snapped(drawn, guide[y0:y1, x0:x1], stroke.radius * scale, snap)
    weight = np.float32(min(stroke.weight, 1.0))
    old = mask[y0:y1, x0:x1]
    if stroke.kind in TAKES:
        old *= 1 - weight * drawn
    else:
        old += drawn * np.maximum(weight - old, 0)


def touched(stroke: Stroke, scale: float, part: Window) -> np.ndarray:
    """hxw float32 0..1: pressure times the brush, the strongest touch of the stroke, over a part of the mask."""
    radius = max(stroke.radius * scale, 0.75)
    share = min(1.0, DRAWN / radius)
    if share == 1:
        return _drawn(_thinned(stroke, scale), radius * WITHIN, part)
    margin = 2
    small = Window(int(part.x * share) - margin, int(part.y * share) - margin,
                   int(part.width * share) + 2 * margin + 2, int(part.height * share) + 2 * margin + 2)  # fmt: skip
    drawn = _drawn(_thinned(stroke, scale * share), DRAWN * WITHIN, small)
    back = np.array([[share, 0, (part.x + 0.5) * share - 0.5 - small.x],
                     [0, share, (part.y + 0.5) * share - 0.5 - small.y]])  # fmt: skip
    return cv2.warpAffine(drawn, back, (part.width, part.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


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


def snapped(drawn: np.ndarray, guide: np.ndarray, radius: float, snap: float) -> np.ndarray:
    """The stroke kept to the guide's edges as far as `snap` says, never beyond where it was drawn.

    Both are filtered small, and the filter's linear map is then applied to the guide at its own size, so that a
    preview and the full size agree ("Fast Guided Filter", He and Sun 2015).
    """
    share = min(1.0, FILTERED / radius)
    size = max(1, round(drawn.shape[1] * share)), max(1, round(drawn.shape[0] * share))
    colors = guide.astype(np.float32) / np.float32(np.iinfo(guide.dtype).max)
    little = [cv2.resize(array, size, interpolation=cv2.INTER_AREA) for array in (drawn, colors)]
    reach = max(1, round(radius * share / 2))
    slope, offset = guided(little[0], little[1], reach)
    around = cv2.dilate(little[0], np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    slope, offset, around = (cv2.resize(array, drawn.shape[1::-1]) for array in (slope, offset, around))
    kept = ((slope * colors).sum(axis=2) + offset) / np.maximum(around, 1e-3)
    fall = np.clip((kept - KEPT[0]) / (KEPT[1] - KEPT[0]), 0, 1)
    return drawn * (1 - np.float32(snap) * (1 - fall * fall * (3 - 2 * fall)))


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
