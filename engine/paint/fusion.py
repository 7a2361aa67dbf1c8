"""Fusion: a semantic blend of the photo with another picture, the motif, at the photo's full size.

Whose each place becomes, and what the mixed features add, is found on a small picture (`meeting`). Both are smooth, so
they are enlarged; the photo, and the motif at its own size, are mixed at the size that is asked for. So what the
decoder of features cannot draw is nowhere missing, and where nothing of the motif comes the photo stays, bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from engine.document.edit import FusionEdit
from engine.document.motif import Motif
from engine.paint.ground import Ground, eight_bit
from engine.paint.invert import MULTIPLE
from engine.paint.meeting import Meeting, Outcome, Shift
from engine.paint.pauses import Working
from engine.paint.studio import Studio

WORKING = 512
"""Longer side in pixels at which the pictures meet."""
QUICK: tuple[Shift, ...] = ((0, 0),)
CAREFUL: tuple[Shift, ...] = ((0, 0), (4, 4))
"""How often the features are looked at, and how far their grid of 8 pixels is moved: while a hand waits, and not."""
SOFT = 0.16
"""Of a motif's side: so far it fades in, where its border lies within the photo."""
BAND = 1 << 18
"""Pixels that are mixed without a pause."""

Box = tuple[int, int, int, int]
"""From (top, left) to before (bottom, right)."""


def painted(
    edit: FusionEdit, ground: Ground, studio: Studio, size: tuple[int, int], box: Box, patient: bool = True,
    working: int = WORKING,
) -> Working[np.ndarray]:  # fmt: skip
    """The layer's pixels in a rectangle of the ground at that height and width.

    patient: look more than once, for the last word. working: longer side at which the pictures meet.
    """
    below = (yield from ground.at(*size))[box[0] : box[2], box[1] : box[3]]
    if edit.amount <= 0:
        return below
    meeting = yield from met(edit, ground, studio, working)
    outcome = yield from meeting.outcome(edit.amount, edit.depth, CAREFUL if patient else QUICK)
    return (yield from _carried(edit, below, outcome, size, box))


def met(edit: FusionEdit, ground: Ground, studio: Studio, working: int) -> Working[Meeting]:
    """The motif and the ground, small; the same as long as the motif stays in its place."""
    key = (id(ground), id(edit.motif), edit.scale, edit.x, edit.y, working)
    share = min(1.0, working / max(ground.height, ground.width))
    size = max(MULTIPLE, round(ground.height * share)), max(MULTIPLE, round(ground.width * share))
    first = eight_bit((yield from ground.at(*size)))

    def make() -> Meeting:
        presence = present(edit, size)
        motif = laid(edit.motif, edit, size, (0, 0, *size))
        second = first + presence[..., None] * (motif - first)
        return Meeting(first, np.rint(second).clip(0, 255).astype(np.uint8), presence, studio.inverter)

    return studio.kept("meeting", key, (ground, edit.motif), make)


def density(motif: Motif, edit: FusionEdit, size: Sequence[int]) -> float:
    """Pixels of a photo of that height and width for one of the motif."""
    height, width = motif.pixels.shape[:2]
    return max(size[0] / height, size[1] / width) * edit.scale


def corner(motif: Motif, edit: FusionEdit, size: Sequence[int]) -> tuple[float, float]:
    """Where the motif's upper left corner lies on a photo of that height and width: rows down, columns to the right."""
    dense = density(motif, edit, size)
    top, left = (
        (0.5 + moved) * side - dense * own / 2
        for moved, side, own in zip((edit.y, edit.x), size, motif.pixels.shape[:2], strict=True)
    )
    return top, left


def laid(motif: Motif, edit: FusionEdit, size: tuple[int, int], box: Box) -> np.ndarray:
    """hxwx3 float32 in 0..255: the motif as it lies on the rectangle of a photo of that size; its rim outside it."""
    dense, (top, left) = density(motif, edit, size), corner(motif, edit, size)
    pixels = motif.pixels
    if dense < 0.75:  # each pixel the mean of those it covers
        reduced = tuple(max(1, round(side * dense)) for side in pixels.shape[1::-1])
        pixels = cv2.resize(pixels, reduced, interpolation=cv2.INTER_AREA)
    down, across = (of / (whole * dense) for of, whole in zip(pixels.shape[:2], motif.pixels.shape[:2], strict=True))
    back = np.array([[across, 0, (box[1] + 0.5 - left) * across - 0.5], [0, down, (box[0] + 0.5 - top) * down - 0.5]])
    return _warped(pixels.astype(np.float32), back, box, cv2.INTER_CUBIC).clip(0, 255)


def present(edit: FusionEdit, size: tuple[int, int]) -> np.ndarray:
    """hxw float32 in 0..1: where the motif lies on a photo of that size; soft where its border is within the photo."""
    dense, corners = density(edit.motif, edit, size), corner(edit.motif, edit, size)
    rim = SOFT * dense * min(edit.motif.pixels.shape[:2])
    sides = []
    for start, length, own in zip(corners, size, edit.motif.pixels.shape[:2], strict=True):
        end, places = start + dense * own, np.arange(length) + 0.5
        near = (places - start) / rim if start > 0.5 else np.ones(length)
        far = (end - places) / rim if end < length - 0.5 else np.ones(length)
        rise = np.minimum(near, far).clip(0, 1)
        sides.append((rise * rise * (3 - 2 * rise)).astype(np.float32))
    return sides[0][:, None] * sides[1]


def _carried(
    edit: FusionEdit, below: np.ndarray, outcome: Outcome, size: tuple[int, int], box: Box
) -> Working[np.ndarray]:
    """What has become of the small picture brought to `below`, the rectangle of a photo of that size."""
    white = np.float32(np.iinfo(below.dtype).max)
    changes = np.dstack([outcome.surplus, outcome.share])
    down, across = (small / whole for small, whole in zip(outcome.share.shape, size, strict=True))
    made = np.empty_like(below)
    rows = max(1, BAND // below.shape[1])
    for top in range(0, below.shape[0], rows):
        first = below[top : top + rows].astype(np.float32)
        part = (box[0] + top, box[1], box[0] + top + len(first), box[3])
        back = np.array([[across, 0, (part[1] + 0.5) * across - 0.5], [0, down, (part[0] + 0.5) * down - 0.5]])
        change = _warped(changes, back, part, cv2.INTER_LINEAR)
        share = change[..., 3:]
        blend = first + share * (laid(edit.motif, edit, size, part) * (white / 255) - first) + white * change[..., :3]
        if edit.detail > 0:
            lost = _warped(outcome.lost, back, part, cv2.INTER_LINEAR)
            blend += np.float32(edit.detail) * share * (first - blend - white * lost)
        made[top : top + rows] = np.rint(blend).clip(0, white)
        yield
    return made


def _warped(picture: np.ndarray, back: np.ndarray, box: Box, method: int) -> np.ndarray:
    """What of `picture` lies on the box, by the way back from the box's pixels to its own."""
    size = box[3] - box[1], box[2] - box[0]
    flags = method | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))
