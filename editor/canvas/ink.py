"""Ink: painted regions of strokes as small images at screen resolution, with a soft edge and a thin outline.

A stroke is drawn into a mask; the distance of each covered pixel to the edge chooses its colour from a table of 256,
so a stroke that crosses itself does not grow darker, and outline, soft edge and filling cost one pass. Coordinates are
"ink pixels": device pixels of the turned and scaled photo whose corner is at (0, 0); panning leaves them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from PySide6.QtGui import QImage

SHIFT = 4  # cv2 draws with 1/16 pixel
FAT_LINE, FAT_DISC = 1.5, 0.6  # by how much cv2's antialiased lines (width) and discs (radius) come out too large
WIDEST = 32767  # the widest line that cv2 draws
EDGE = 15  # entries of the table spent on the antialiased edge
DEEP = 10_000.0  # ink pixels; where all is covered cv2 measures a distance to the edge that overflows the table
GAP = (0, 0, 0, 150)  # between light dashes, so that they are seen on white too
Window = tuple[int, int, int, int]  # x, y, width, height in ink pixels


@dataclass(frozen=True)
class Look:
    """fill, edge: RGBA 0..255. softness: ink pixels over which the filling fades in. line: width of the outline.

    pattern: "" plain, "hatch" (filling in stripes), "dash" (outline in dashes). unit: ink pixels per view pixel.
    rim: ink pixels inwards of the outline after which the filling ends, so that the picture is seen; None where it
    goes on to the middle.
    """

    fill: tuple[int, int, int, int]
    edge: tuple[int, int, int, int]
    softness: float
    line: float = 1.25
    pattern: str = ""
    unit: float = 1.0
    rim: float | None = None


def bounds(path: np.ndarray) -> Window:
    """The window around `path` (Nx3: x, y, radius in ink pixels)."""
    low = np.floor((path[:, :2] - path[:, 2:]).min(0)).astype(int) - 2
    high = np.ceil((path[:, :2] + path[:, 2:]).max(0)).astype(int) + 2
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def overlap(first: Window, second: Window) -> Window:
    """The window common to both; its width or height is 0 where there is none."""
    x, y = max(first[0], second[0]), max(first[1], second[1])
    right = min(first[0] + first[2], second[0] + second[2])
    bottom = min(first[1] + first[3], second[1] + second[3])
    return x, y, max(right - x, 0), max(bottom - y, 0)


def ink(path: np.ndarray, look: Look, window: Window) -> QImage:
    """The part of the stroke along `path` (Nx3: x, y, radius) inside `window`, as a premultiplied image."""
    x, y, width, height = window
    pad = int(look.softness) + 2  # the edge may lie just outside of the window
    mask = cover(path - np.array([x - pad, y - pad, 0]), (height + 2 * pad, width + 2 * pad))
    depth = cv2.distanceTransform((mask > 127).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    steps = (255 - EDGE) / (max(look.softness, look.rim or 0) + look.line + 1)
    index = cv2.add(mask >> 4, cv2.convertScaleAbs(np.clip(depth - 1, 0, DEEP), alpha=steps))[pad:-pad, pad:-pad]
    plain, other = tables(look, steps)
    words = np.where(stripes(look, window), plain[index], other[index]) if look.pattern else plain[index]
    return _image(words, window)


def dotted(path: np.ndarray, unit: float, window: Window, width: float = 3.0) -> QImage:
    """A dotted light line on a dark one along `path`, inside `window`.

    unit: ink pixels per view pixel. width: view pixels.
    """
    x, y, columns, rows = window
    path = path - np.array([x, y, 0])
    line, dots = np.zeros((2, rows, columns), np.uint8)
    cv2.polylines(line, [_fixed(path)], False, 255, max(round(width * unit), 1), cv2.LINE_AA, SHIFT)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path[:, :2], axis=0).T))])
    stops = np.arange(0, along[-1] + 1e-6, 5 * unit)
    spots = np.column_stack([np.interp(stops, along, path[:, c]) for c in (0, 1)])
    near = (spots > -2 * unit).all(1) & (spots < np.array([columns, rows]) + 2 * unit).all(1)
    for spot in _fixed(spots[near]).tolist():
        cv2.circle(dots, spot, round(0.37 * width * unit * (1 << SHIFT)), 255, -1, cv2.LINE_AA, SHIFT)
    words = _words(Look((0, 0, 0, 170), (255, 255, 255, 245), 0), dots / 255, np.maximum(line, dots) / 255)
    return _image(words, window)


def cover(path: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Antialiased coverage 0..255 (uint8, `shape`) of round-ended lines along `path` (Nx3: x, y, radius)."""
    mask = np.zeros(shape, np.uint8)
    points = _fixed(path)
    radii = np.maximum(path[:, 2], 1)
    if np.ptp(radii) < 0.5:
        widths = [_width(2 * float(radii[0]))]
        runs = [points]
    else:
        widths = [_width(float(a + b)) for a, b in zip(radii, radii[1:], strict=False)]
        runs = [points[i : i + 2] for i in range(len(widths))]
    for run, width in zip(runs, widths, strict=True):
        if len(run) > 1:
            cv2.polylines(mask, [run], False, 255, width, cv2.LINE_AA, SHIFT)
    for index in {0, len(points) - 1}:
        spot = (int(points[index, 0]), int(points[index, 1]))
        cv2.circle(mask, spot, round((float(radii[index]) - FAT_DISC) * (1 << SHIFT)), 255, -1, cv2.LINE_AA, SHIFT)
    return mask


def tables(look: Look, steps: float) -> tuple[np.ndarray, np.ndarray]:
    """Two tables of 256 ARGB words by edge distance: the one with filling (or dash), and the one in its gaps."""
    index = np.arange(256, dtype=np.float32)
    edge = np.clip(index / EDGE, 0, 1)  # antialiasing of the outer edge
    depth = np.maximum(index - EDGE, 0) / steps  # ink pixels from the edge inwards
    line = edge * np.clip(look.line - depth, 0, 1)
    fade = np.clip(depth / max(look.softness, 1e-3), 0, 1)
    fill = edge * (0.3 + 0.7 * fade * fade * (3 - 2 * fade))
    if look.rim is not None:
        fill = edge * np.clip(look.line + look.rim - depth, 0, 1)
    if look.pattern == "hatch":
        return _words(look, line, fill), _words(look, line, 0.4 * fill)
    if look.pattern == "dash":
        return _words(look, line, fill), _words(replace(look, edge=GAP), line, fill)
    return _words(look, line, fill), _words(look, line, fill)


def stripes(look: Look, window: Window) -> np.ndarray:
    """height x width bool: diagonal stripes that lie still on the photo, whatever the window."""
    x, y, width, height = window
    period, share = (9, 0.33) if look.pattern == "hatch" else (8, 0.5)
    diagonal = np.add.outer(np.arange(y, y + height), np.arange(x, x + width)) / look.unit
    return np.asarray(diagonal % period < share * period)


def _words(look: Look, line: np.ndarray, fill: np.ndarray) -> np.ndarray:
    """Premultiplied ARGB words of the outline laid over the filling; coverages are 0..1."""
    over, under = line * look.edge[3] / 255, fill * look.fill[3] / 255
    alpha = over + under * (1 - over)
    red, green, blue = (over * look.edge[c] + (1 - over) * under * look.fill[c] for c in range(3))
    channels = [np.round(v).astype(np.uint32) for v in (alpha * 255, red, green, blue)]
    return channels[0] << 24 | channels[1] << 16 | channels[2] << 8 | channels[3]


def _fixed(path: np.ndarray) -> np.ndarray:
    """x, y in cv2's fixed point, in which pixel centres are whole."""
    return np.round((path[:, :2] - 0.5) * (1 << SHIFT)).astype(np.int32)


def _width(exact: float) -> int:
    return min(max(round(exact - FAT_LINE), 1), WIDEST)


def _image(words: np.ndarray, window: Window) -> QImage:
    data = np.ascontiguousarray(words).data
    return QImage(data, window[2], window[3], window[2] * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()
