"""The frame tool: move, scale and rotate the square in which the model works.

Corners scale with the opposite corner held (Shift: with the centre held), the knob above the top edge rotates
(Shift: in steps of 15 degrees), the inside moves. Sizes that only matter to the hand are in screen pixels.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import IntEnum

import numpy as np

from editor.tools.tool import Cursor, Drag, Hand, PointerEvent, Tool
from engine.document.latent import Frame

REACH = 11.0  # screen pixels from a handle within which it is taken
KNOB = 28.0  # screen pixels from the top edge to the knob
SMALLEST = 16.0  # photo pixels: the least side of a frame
SNAP = math.radians(15)


class Handle(IntEnum):
    """What of a frame is under the pointer. The first four are its corners, in the order of Frame.corners."""

    TOP_LEFT = 0
    TOP_RIGHT = 1
    BOTTOM_RIGHT = 2
    BOTTOM_LEFT = 3
    KNOB = 4
    INSIDE = 5


def knob(frame: Frame, view_pixel: float) -> tuple[float, float]:
    """Photo coordinates of the knob that rotates the frame."""
    distance = frame.size / 2 + KNOB * view_pixel
    return frame.x + math.sin(frame.angle) * distance, frame.y - math.cos(frame.angle) * distance


def inside(frame: Frame, x: float, y: float) -> bool:
    """Whether the photo point lies in the frame."""
    (u, v) = frame.to_model(np.array([[x, y]]), 1)[0]
    return bool(0 <= u <= 1 and 0 <= v <= 1)


def handle_at(frame: Frame, x: float, y: float, view_pixel: float) -> Handle | None:
    """The handle of `frame` at the photo point, the nearest first; None where there is none."""
    spots = [*map(tuple, frame.corners()), knob(frame, view_pixel)]
    distances = [math.hypot(x - a, y - b) for a, b in spots]
    nearest = int(np.argmin(distances))
    if distances[nearest] <= REACH * view_pixel:
        return Handle(nearest)
    return Handle.INSIDE if inside(frame, x, y) else None


def drag(press: PointerEvent, hand: Hand) -> Drag:
    """The frame of the hand, following the pointer by the handle that was pressed; None where none was."""
    start = hand.frame
    handle = None if start is None else handle_at(start, press.x, press.y, press.view_pixel)
    if start is None or handle is None:
        return None
    event = press
    while not event.last:
        event = yield follow(start, handle, press, event)
    return follow(start, handle, press, event)


def follow(start: Frame, handle: Handle, press: PointerEvent, event: PointerEvent) -> Frame:
    """`start` as it is when `handle`, pressed at `press`, has come to `event`."""
    if handle is Handle.INSIDE:
        return replace(start, x=start.x + event.x - press.x, y=start.y + event.y - press.y)
    if handle is Handle.KNOB:
        return replace(start, angle=_turned(start, press, event))
    return _scaled(start, handle, press, event)


def _turned(start: Frame, press: PointerEvent, event: PointerEvent) -> float:
    before = math.atan2(press.y - start.y, press.x - start.x)
    angle = start.angle + math.atan2(event.y - start.y, event.x - start.x) - before
    if event.shift:
        angle = round(angle / SNAP) * SNAP
    return math.remainder(angle, 2 * math.pi)


def _scaled(start: Frame, handle: Handle, press: PointerEvent, event: PointerEvent) -> Frame:
    corners = start.corners()
    anchor = np.array([start.x, start.y]) if event.shift else corners[(handle + 2) % 4]
    arm = corners[handle] - anchor
    # The pointer keeps its distance to the corner it took; only its way along the diagonal counts.
    moved = corners[handle] + np.array([event.x - press.x, event.y - press.y])
    factor = max(float((moved - anchor) @ arm / (arm @ arm)), SMALLEST / start.size)
    x, y = anchor + factor * (np.array([start.x, start.y]) - anchor)
    return replace(start, x=float(x), y=float(y), size=start.size * factor)


FRAME = Tool(
    id="frame",
    text="Frame",
    tip="Place the frame on a face or thing: drag inside to move, a corner to scale, the knob to turn",
    shortcut="F",
    icon="frame",
    kind=None,
    cursor=Cursor.ARROW,
    drag=drag,
)
