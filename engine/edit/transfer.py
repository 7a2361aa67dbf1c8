"""Edit transfer: carry the change between two model pictures onto the photo, at the photo's own resolution.

Flow (`carry`):
1. The photo under the frame is brought to model coordinates, no larger than it is.
2. `flow` finds how before became after; `fuse` makes the changed picture at model size.
3. `region` says which part of the frame has changed at all; `blend` joins it to the photo, band by band.
4. Only now the photo's size matters. Each tile of the photo gets the joined difference, enlarged, and in the octaves
   finer than the model's pixels its own detail, moved and recoloured; where the model draws, just the grain of it.

Nothing the size of the photo is ever held in floating point. Outside the support the patch is the photo.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from engine.document.edit import Patch
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import align, blend, flow
from engine.edit.flow import Change
from engine.edit.fuse import fuse, ramp

TILE = 1024
SEEN = 0.02
"""Difference between two model pictures (0..1) from which on it is a change; three times this is one without doubt."""
GROW = 1 / 64
"""How far, as a share of the frame, the changed region is widened: photo and projection do not agree to the pixel."""
HOLE = 1 / 24
"""Unchanged holes narrower than twice this share of the frame are taken as changed, lest the picture be patchy."""
BORDER = 1 / 28
"""Width, as a share of the frame, over which a change that reaches the frame's border fades out."""
FEATHER = 1 / 24
"""Width, as a share of the frame, over which the patch fades into the photo."""


def carry(photo: Photo, frame: Frame, before: np.ndarray, after: np.ndarray, realism: float,
          protect: np.ndarray | None = None) -> Patch:
    """The change from `before` to `after` as a patch on `photo`.

    before, after: SxSx3 float32 model pictures in 0..1 under `frame`. realism: 0 moves and recolours the photo's own
    pixels, 1 takes the model's picture, between them both. protect: SxS in 0..1; the support is 0 where it is 1.
    """
    size = int(np.clip(round(frame.size), 32, before.shape[0]))
    before, after = flow.resized(before, size), flow.resized(after, size)
    support = region(before, after, realism, None if protect is None else flow.resized(protect, size))
    box = _box(photo, frame, support)
    if box is None:
        return empty(photo)
    crop = align.crop(photo, frame, size)
    shown, change, drawn = _changed(crop, before, after, support, realism, flow.REGISTRATION, flow.FULL)
    return _render(photo, frame, box, _Layers(shown - crop, crop, change, drawn, support))


def overlay(crop: np.ndarray, before: np.ndarray, after: np.ndarray, realism: float,
            protect: np.ndarray | None = None) -> np.ndarray:
    """The quick version of `carry` in model coordinates: SxSx4 uint8 RGBA to lay over the photo at the frame.

    crop: the photo under the frame, SxSx3 float32 in 0..1; the rest as for `carry`.
    """
    support = region(before, after, realism, protect)
    shown, _, _ = _changed(crop, before, after, support, realism, flow.QUICK_REGISTRATION, flow.QUICK)
    return cv2.merge([cv2.convertScaleAbs(plane, alpha=255) for plane in (*cv2.split(np.maximum(shown, 0)), support)])


def _changed(crop: np.ndarray, before: np.ndarray, after: np.ndarray, support: np.ndarray, realism: float,
             registration: flow.Effort, effort: flow.Effort) -> tuple[np.ndarray, Change, np.ndarray]:
    """The changed picture joined to the crop; the change; and how far the finest band is the model's drawing."""
    if realism < 1:
        # The projection is a little beside the photo. Moving it into place saves contours from being seen twice.
        fit = flow.registration(before, crop, registration) * np.float32(min(1, 2 - 2 * realism))
        before, after = (flow.warp(picture, fit, effort.interpolation) for picture in (before, after))
    change = flow.estimate(before, after, effort)
    # Motion fades out with the support, so that the warped photo meets the unwarped one.
    change = Change(change.flow * support[..., None], change.color)
    fused, drawn = fuse(crop, before, after, change, realism)
    return blend.blend(crop, fused, ramp(support, 0.0, 0.7), seam(crop.shape[0], realism)), change, drawn


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
    """SxS float32: 1 where the pictures differ visibly, 0 further away, at the frame's border and where protected.

    The more realism the wider the holes that are closed: islands of photo within the model's picture look patchy.
    """
    size = before.shape[0]
    small = min(size, 256)
    red, green, blue = cv2.split(flow.resized(cv2.absdiff(before, after), small))
    difference = cv2.blur(np.maximum(np.maximum(red, green), blue), (3, 3))
    changed = ramp(difference, SEEN, 3 * SEEN)
    hole = HOLE * (1 + 2 * max(0.0, 2 * realism - 1))
    wide, narrow = (2 * round(share * small) + 1 for share in (GROW + hole, hole))
    changed = cv2.erode(cv2.dilate(changed, np.ones((wide, wide))), np.ones((narrow, narrow)))
    support = ramp(cv2.GaussianBlur(changed, (0, 0), FEATHER * small / 3), 0.05, 0.5)
    support = flow.resized(support * _inside(small), size)
    if protect is not None:
        shield = np.maximum(protect, cv2.GaussianBlur(protect, (0, 0), FEATHER * size / 4))
        support = support * (1 - np.clip(shield, 0, 1))
    return support.astype(np.float32)


@cache
def _inside(size: int) -> np.ndarray:
    """size x size window: 0 on the two outermost pixels, 1 from BORDER inwards, corners rounded."""
    distance = np.minimum(np.arange(size), np.arange(size)[::-1])
    edge = ramp(distance.astype(np.float32), 1.0, 1.0 + BORDER * size)
    return edge[:, None] * edge[None, :]


@dataclass(frozen=True, eq=False)
class _Layers:
    """All that a tile is made of, in model coordinates."""

    joined: np.ndarray
    crop: np.ndarray
    change: Change
    drawn: np.ndarray
    support: np.ndarray


def _box(photo: Photo, frame: Frame, support: np.ndarray) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1: the smallest rectangle of photo pixels that holds the support; None when there is none."""
    size = support.shape[0]
    seen = support >= 0.5 / 255
    if not seen.any():
        return None
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    corners = np.array([[x, y] for x in (columns[0] - 1, columns[-1] + 2) for y in (rows[0] - 1, rows[-1] + 2)])
    points = frame.to_photo(corners, size)
    x0, y0 = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0)).astype(int), (photo.width, photo.height))
    return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None


def _sampled(picture: np.ndarray, matrix: np.ndarray, box: tuple[int, int, int, int],
             interpolation: int = cv2.INTER_LINEAR, border: int = cv2.BORDER_REPLICATE) -> np.ndarray:
    """`picture` at matrix (x, y, 1) for the pixel centres of `box` (x0, y0, x1, y1); up to 4 channels at a time."""
    x0, y0, x1, y1 = box
    shift = matrix[:, :2] @ (x0 + 0.5, y0 + 0.5) + matrix[:, 2] - 0.5
    inverse_map = np.column_stack([matrix[:, :2], shift])
    return cv2.warpAffine(picture, inverse_map, (x1 - x0, y1 - y0), flags=interpolation | cv2.WARP_INVERSE_MAP,
                          borderMode=border)


def _render(photo: Photo, frame: Frame, box: tuple[int, int, int, int], layers: _Layers) -> Patch:
    """Make the patch, tile by tile."""
    x0, y0, x1, y1 = box
    pixels = photo.pixels[y0:y1, x0:x1].copy()
    support = np.zeros(pixels.shape[:2], np.uint8)
    coarse = flow.warp(layers.crop, layers.change.flow)
    grain = _grain(photo, frame, layers.crop)
    to_model = _to_model(frame, layers.support.shape[0])
    for tile in _tiles(box):
        cover = np.rint(_sampled(layers.support, to_model, tile, border=cv2.BORDER_CONSTANT) * 255).astype(np.uint8)
        if not cover.any():
            continue
        at = (slice(tile[1] - y0, tile[3] - y0), slice(tile[0] - x0, tile[2] - x0))
        made = _tile(photo, frame, tile, layers, coarse, grain)
        pixels[at] = np.where(cover[..., None] > 0, made, pixels[at])
        support[at] = cover
    return Patch(x0, y0, pixels, support)


def _tile(photo: Photo, frame: Frame, tile: tuple[int, int, int, int], layers: _Layers, coarse: np.ndarray,
          grain: float) -> np.ndarray:
    """The changed photo in one tile, in the photo's dtype."""
    to_model = _to_model(frame, layers.support.shape[0])
    x0, y0, x1, y1 = tile
    here = photo.pixels[y0:y1, x0:x1].astype(np.float32) / photo.white
    moved = _moved(photo, frame, tile, layers.change.flow, to_model)
    fine = moved - _sampled(coarse, to_model, tile, cv2.INTER_CUBIC)
    color = [[_sampled(plane, to_model, tile) for plane in row[:3]] for row in layers.change.color]
    red, green, blue = cv2.split(fine)
    fine = cv2.merge([row[0] * red + row[1] * green + row[2] * blue for row in color])
    drawn = _sampled(layers.drawn, to_model, tile)[..., None]
    fine += drawn * (np.clip(fine, -grain, grain) - fine)
    fine -= here - _sampled(layers.crop, to_model, tile, cv2.INTER_CUBIC)
    fine *= ramp(_sampled(layers.support, to_model, tile, border=cv2.BORDER_CONSTANT), 0.0, 0.7)[..., None]
    made = here + fine + _sampled(layers.joined, to_model, tile, cv2.INTER_CUBIC)
    return np.rint(np.clip(made, 0, 1) * photo.white).astype(photo.pixels.dtype)


def _moved(photo: Photo, frame: Frame, tile: tuple[int, int, int, int], motion: np.ndarray,
           to_model: np.ndarray) -> np.ndarray:
    """The photo's pixels that the motion brings to `tile`: float32 0..1. Reads no more of the photo than it needs."""
    x0, y0, x1, y1 = tile
    turn = frame.matrix(motion.shape[0])[:, :2].astype(np.float32)
    shift = cv2.transform(_sampled(motion, to_model, tile, border=cv2.BORDER_CONSTANT), turn)
    if np.abs(shift).max() < 1 / 64:
        return photo.pixels[y0:y1, x0:x1].astype(np.float32) / photo.white
    rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    columns, rows = columns + shift[..., 0], rows + shift[..., 1]
    left, top = max(0, int(columns.min()) - 4), max(0, int(rows.min()) - 4)
    left, top = min(left, photo.width - 1), min(top, photo.height - 1)
    part = photo.pixels[top:max(top + 1, int(rows.max()) + 6), left:max(left + 1, int(columns.max()) + 6)]
    moved = cv2.remap(part, columns - left, rows - top, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    return moved.astype(np.float32) / photo.white


def _grain(photo: Photo, frame: Frame, crop: np.ndarray) -> float:
    """Twice the standard deviation (robust, 0..1 units) of what the photo has beyond the model's pixels."""
    to_model = _to_model(frame, crop.shape[0])
    x, y = (int(np.clip(v, 0, limit - 1)) for v, limit in ((frame.x, photo.width), (frame.y, photo.height)))
    reach = int(min(512, frame.size / 3)) + 1
    box = (max(0, x - reach), max(0, y - reach), min(photo.width, x + reach), min(photo.height, y + reach))
    here = photo.pixels[box[1]:box[3], box[0]:box[2]].astype(np.float32) / photo.white
    fine = here - _sampled(crop, to_model, box, cv2.INTER_CUBIC)
    return float(2 * 1.4826 * np.median(np.abs(fine)))


def _to_model(frame: Frame, size: int) -> np.ndarray:
    """2x3 affine from photo to model coordinates."""
    return cv2.invertAffineTransform(frame.matrix(size))


def _tiles(box: tuple[int, int, int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The box in tiles of at most TILE pixels a side."""
    x0, y0, x1, y1 = box
    for top in range(y0, y1, TILE):
        for left in range(x0, x1, TILE):
            yield left, top, min(left + TILE, x1), min(top + TILE, y1)
