"""Edit transfer: carry the change between two model pictures onto the photo, at the photo's own resolution.

Flow (`carrying`, which pauses between its steps, and `carry`, which does not):
1. The photo under the frame is brought to model coordinates, no larger than it is.
2. `flow` finds how before became after; `fuse` makes the changed picture at model size.
3. `region` says which part of the frame has changed at all; `blend` joins it to the photo, band by band.
4. At the frame's `border` the change fades out; where it is strong it is carried on by the photo's own pixels outside.
5. Only now the photo's size matters: `tiles`.

Outside the support the patch is the photo.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.edit import ManifoldEdit, Patch
from engine.document.latent import Frame
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.edit import align, blend, border, flow, tiles
from engine.edit.flow import Change
from engine.edit.fuse import fuse, ramp
from engine.edit.manner import SEEN_AT, manner
from engine.model.manifold import Manifold

SEEN = 0.02
"""Difference between two model pictures (0..1) from which on it is a change; three times this is one without doubt."""
GROW = 1 / 64
"""How far, as a share of the frame, the changed region is widened: photo and projection do not agree to the pixel."""
HOLE = 1 / 24
"""Unchanged holes narrower than twice this share of the frame are taken as changed, lest the picture be patchy."""
FEATHER = 1 / 24
"""Width, as a share of the frame, over which the patch fades into the photo."""


def carry(photo: Photo, frame: Frame, before: np.ndarray, after: np.ndarray, realism: float,
          protect: np.ndarray | None = None, protect_beyond: np.ndarray | None = None) -> Patch:
    """`carrying`, without a pause."""
    return finished(carrying(photo, frame, before, after, realism, protect, protect_beyond))


def carrying(photo: Photo, frame: Frame, before: np.ndarray, after: np.ndarray, realism: float,
             protect: np.ndarray | None = None, protect_beyond: np.ndarray | None = None,
             ) -> Generator[None, None, Patch]:
    """The change from `before` to `after` as a patch on `photo`.

    before, after: SxSx3 float32 model pictures in 0..1 under `frame`. realism: 0 moves and recolours the photo's own
    pixels, 1 takes the model's picture, between them both. protect: SxS in 0..1; the support is 0 where it is 1.
    protect_beyond: the same, NxN under `border.around(frame)`, for what goes on outside of the frame.
    """
    size = int(np.clip(round(frame.size), 32, before.shape[0]))
    before, after = flow.resized(before, size), flow.resized(after, size)
    support = region(before, after, realism, None if protect is None else flow.resized(protect, size))
    if tiles.box(photo, frame, support) is None:
        return empty(photo)
    crop = align.crop(photo, frame, size)
    yield
    fit = flow.registration(before, crop) if realism < 1 else None
    yield
    made = yield from changed(crop, before, after, support, realism, fit, flow.FULL)
    yield
    beyond = border.extend(photo, frame, crop, made.fused, made.strong, protect_beyond)
    joined = border.faded(made.joined, border.spared(made.strong, beyond))
    yield
    return (yield from tiles.render(photo, frame, tiles.Layers(joined, crop, made.change, made.drawn, support, beyond)))


def passing(photo: Photo, edit: ManifoldEdit, manifold: Manifold, before: np.ndarray, after: np.ndarray,
            ) -> Generator[None, None, Patch]:
    """`carrying` of a moment between two states of an edit: its strokes are those of neither, and spare nothing."""
    way = manner(edit, manifold, np.zeros((SEEN_AT, SEEN_AT), np.float32), None, before, after)
    yield
    return (yield from carrying(photo, edit.frame, before, way.after, way.realism))


@dataclass(frozen=True, eq=False)
class Made:
    """A change in model coordinates. joined: what it adds to the crop. fused: the changed picture, before it is joined.

    drawn: how far the finest band is the model's drawing. strong: where the change is wanted, small (`border`).
    """

    joined: np.ndarray
    fused: np.ndarray
    change: Change
    drawn: np.ndarray
    strong: np.ndarray


def changed(crop: np.ndarray, before: np.ndarray, after: np.ndarray, support: np.ndarray, realism: float,
            fit: np.ndarray | None, effort: flow.Effort) -> Generator[None, None, Made]:
    """The changed picture, and what joins it to the crop; all SxS, `support` too.

    fit: SxSx2, `flow.registration` of the projection with the photo; not looked at where realism is 1.
    """
    if realism < 1 and fit is not None:
        # The projection is a little beside the photo. Moving it into place saves contours from being seen twice.
        fit = fit * np.float32(min(1, 2 - 2 * realism))
        before, after = (flow.warp(picture, fit, effort.interpolation) for picture in (before, after))
        yield
    change = flow.estimate(before, after, effort)
    yield
    # Motion fades out with the support, so that the warped photo meets the unwarped one.
    change = Change(change.flow * (support * border.window(len(support)))[..., None], change.color)
    fused, drawn = fuse(crop, before, after, change, realism)
    yield
    joined = blend.blend(crop, fused, ramp(support, 0.0, 0.7), seam(crop.shape[0], realism)) - crop
    return Made(joined, fused, change, drawn, border.strength(joined, support))


def seam(size: int, realism: float) -> int:
    """Levels of the blend, so that its widest seam is the feather: deeper ones would dilute small changes.

    Towards full realism two more, because then the pictures joined differ in light.
    """
    return max(1, round(np.log2(max(1.0, FEATHER * size / 4)) + max(0.0, 4 * realism - 2)))


def empty(photo: Photo) -> Patch:
    """The patch that changes nothing."""
    return Patch(0, 0, photo.pixels[:1, :1], np.zeros((1, 1), np.uint8))


def region(before: np.ndarray, after: np.ndarray, realism: float = 0.5,
           protect: np.ndarray | None = None) -> np.ndarray:
    """SxS float32: 1 where the pictures differ visibly, 0 further away and where protected. The border is not its care.

    The more realism the wider the holes that are closed, and the wider it is: islands of photo within the model's
    picture look patchy, and so does what stands out from under it.
    """
    size = before.shape[0]
    small = min(size, 256)
    red, green, blue = cv2.split(flow.resized(cv2.absdiff(before, after), small))
    difference = cv2.blur(np.maximum(np.maximum(red, green), blue), (3, 3))
    changed = ramp(difference, SEEN, 3 * SEEN)
    more = 1 + 2 * max(0.0, 2 * realism - 1)
    wide, narrow = (2 * round(share * more * small) + 1 for share in (GROW + HOLE, HOLE))
    changed = cv2.erode(cv2.dilate(changed, np.ones((wide, wide))), np.ones((narrow, narrow)))
    support = ramp(cv2.GaussianBlur(changed, (0, 0), FEATHER * small / 3), 0.05, 0.5)
    support = flow.resized(support, size)
    if protect is not None:
        shield = np.maximum(protect, cv2.GaussianBlur(protect, (0, 0), FEATHER * size / 4))
        support = support * (1 - np.clip(shield, 0, 1))
    return support.astype(np.float32)
