"""Strokes -> constraints: what each stroke asks, as target and mask at model size.

Constraints are made anew from the strokes for every solve and never stored: hiding, erasing or reordering strokes needs
no other bookkeeping. An ERASE stroke takes its area out of every stroke before it; what is painted after it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.latent import Frame
from engine.document.stroke import Stroke, StrokeKind

FINE = 4
"""Masks are drawn this many times larger and area-averaged: strokes at model size are only a few pixels wide."""

FEATHER = 0.75
"""Smallest radius of a drawn stroke in model pixels, so that the thinnest stroke still covers a pixel."""

_NOT_ASKED_OF_THE_MODEL = (StrokeKind.PROTECT, StrokeKind.STYLE, StrokeKind.TEXTURE)


@dataclass(frozen=True, eq=False)
class Constraint:
    """kind: COLOR, SKETCH or WARP. mask: PxP float32 0..1. weight: the stroke's.

    target: PxPx3 float32 0..1: the colour everywhere (COLOR), white lines on black (SKETCH, three equal channels). For
    WARP it is None and `flow` (PxPx2 float32, model pixels) says where each pixel comes from, relative to itself.
    """

    kind: StrokeKind
    mask: np.ndarray
    weight: float
    target: np.ndarray | None = None
    flow: np.ndarray | None = None


def rasterize(strokes: Sequence[Stroke], frame: Frame, side: int) -> tuple[Constraint, ...]:
    """The visible strokes' constraints at `side` x `side` model pixels, oldest first; empty ones are left out."""
    made: list[Constraint] = []
    for stroke in strokes:
        if not stroke.visible or stroke.kind in _NOT_ASKED_OF_THE_MODEL:
            continue
        if stroke.kind is StrokeKind.ERASE:
            kept = 1 - coverage(stroke, frame, side)
            made = [Constraint(c.kind, c.mask * kept, c.weight, c.target, c.flow) for c in made]
        else:
            made.append(_constraint(stroke, frame, side))
    return tuple(c for c in _newest_colour_wins(made) if c.mask.max() > 1e-3)


def protection(strokes: Sequence[Stroke], frame: Frame, side: int, inside: bool = False) -> np.ndarray | None:
    """side x side float32 0..1, 1 where the photo must stay; None where nothing is protected.

    inside: the PROTECT strokes mark where the change may show instead; without any it may show everywhere.
    """
    mask: np.ndarray | None = None
    for stroke in strokes:
        if stroke.visible and stroke.kind is StrokeKind.PROTECT:
            drawn = coverage(stroke, frame, side)
            mask = drawn if mask is None else np.maximum(mask, drawn)
        elif stroke.visible and stroke.kind is StrokeKind.ERASE and mask is not None:
            mask = mask * (1 - coverage(stroke, frame, side))
    return 1 - mask if inside and mask is not None else mask


def reach(constraints: Sequence[Constraint], side: int) -> np.ndarray:
    """side x side float32 0..1: 1 where strokes welcome change, falling off over a twelfth of the frame around them."""
    area = np.zeros((side, side), np.uint8)  # of bytes: OpenCV dilates those ten times as fast
    for constraint in constraints:
        area = np.maximum(area, cv2.convertScaleAbs(constraint.mask, alpha=255))
    width = max(1, side // 12)
    grown = cv2.dilate(area, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1)))
    return cv2.GaussianBlur(grown.astype(np.float32) / 255, (0, 0), width / 2)


def coverage(stroke: Stroke, frame: Frame, side: int, pressure: bool = True) -> np.ndarray:
    """side x side float32 0..1: the stroke's area, round brush, its radius scaled by pressure."""
    scale = side / frame.size
    points = frame.to_model(stroke.points[:, :2], side)
    strength = stroke.points[:, 2] if pressure else np.ones(len(points))
    radii = np.maximum(stroke.radius * scale * strength, FEATHER)
    return _capsules(points, radii, side)


def _capsules(points: np.ndarray, radii: np.ndarray, side: int) -> np.ndarray:
    fixed = 4  # bits of sub-pixel position that OpenCV draws with
    # Far outside the picture nothing is seen, and OpenCV's fixed point would overflow.
    inside = np.clip(points, -side, 2 * side)
    left, top = _within(np.floor((inside - radii[:, None]).min(0)) - 1, side)
    right, bottom = _within(np.ceil((inside + radii[:, None]).max(0)) + 1, side)
    mask = np.zeros((side, side), np.float32)
    if right <= left or bottom <= top:
        return mask
    canvas = np.zeros(((bottom - top) * FINE, (right - left) * FINE), np.uint8)  # no more than the stroke covers
    centres = np.rint(((inside - (left, top)) * FINE - 0.5) * (1 << fixed)).astype(int)
    for index, (x, y) in enumerate(centres):
        radius = min(float(radii[index]), 2 * side) * FINE
        cv2.circle(canvas, (int(x), int(y)), int(radius * (1 << fixed)), 255, -1, cv2.LINE_AA, fixed)
        if index:
            before = (int(centres[index - 1, 0]), int(centres[index - 1, 1]))
            cv2.line(canvas, before, (int(x), int(y)), 255, max(1, round(2 * radius)), cv2.LINE_AA, fixed)
    drawn = cv2.resize(canvas, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    mask[top:bottom, left:right] = drawn.astype(np.float32) / 255
    return mask


def _within(corner: np.ndarray, side: int) -> tuple[int, int]:
    x, y = np.clip(corner, 0, side)
    return int(x), int(y)


def _constraint(stroke: Stroke, frame: Frame, side: int) -> Constraint:
    if stroke.kind is StrokeKind.WARP:
        flow = _pull(stroke, frame, side)
        moved = np.hypot(flow[..., 0], flow[..., 1])
        mask = np.clip(moved / max(1.0, 0.25 * float(moved.max())), 0, 1) if moved.max() > 0 else moved
        return Constraint(stroke.kind, mask.astype(np.float32), stroke.weight, flow=flow)
    if stroke.kind is StrokeKind.SKETCH:
        line = _line(stroke, frame, side)
        near = np.minimum(cv2.GaussianBlur(line, (0, 0), 3) * 6, 1)
        return Constraint(stroke.kind, near, stroke.weight, np.repeat(line[..., None], 3, axis=2))
    assert stroke.color is not None
    target = np.broadcast_to(np.asarray(stroke.color, np.float32) / 255, (side, side, 3))
    return Constraint(stroke.kind, coverage(stroke, frame, side), stroke.weight, target)


def _line(stroke: Stroke, frame: Frame, side: int) -> np.ndarray:
    """The sketched line, about two pixels wide whatever the size of the photo."""
    points = frame.to_model(stroke.points[:, :2], side)
    return _capsules(points, np.full(len(points), 1.0), side)


def _pull(stroke: Stroke, frame: Frame, side: int) -> np.ndarray:
    """Forward warp as in a liquify tool: what lies under the first point goes to the last.

    The displacement is full within the radius of the goal and falls to nothing smoothly, so that what is vacated is
    filled by its stretched surroundings: that, too, is asked of the model. Far pulls widen the fall, which keeps the
    map free of folds.
    """
    start, goal = frame.to_model(stroke.points[[0, -1], :2], side)
    dx, dy = goal - start
    radius = max(stroke.radius * side / frame.size, 1.5)
    reach = radius + 2.0 * float(np.hypot(dx, dy)) + 0.5 * radius
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) + np.float32(0.5)
    # Distance to the path from start to goal, with the weight greatest at the goal.
    distance = np.hypot(x - goal[0], y - goal[1])
    fall = np.clip((reach - distance) / (reach - 0.5 * radius), 0, 1)
    weight = fall * fall * (3 - 2 * fall)
    return np.stack([-dx * weight, -dy * weight], axis=-1).astype(np.float32)


def _newest_colour_wins(made: list[Constraint]) -> list[Constraint]:
    """Where colour strokes overlap, the later one alone is asked for."""
    free: np.ndarray | None = None
    kept: list[Constraint] = []
    for constraint in reversed(made):
        if constraint.kind is StrokeKind.COLOR:
            mask = constraint.mask if free is None else constraint.mask * free
            free = 1 - constraint.mask if free is None else free * (1 - constraint.mask)
            constraint = Constraint(constraint.kind, mask, constraint.weight, constraint.target)
        kept.append(constraint)
    return kept[::-1]
