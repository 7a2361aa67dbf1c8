"""What becomes of a change at the border of the model's frame: strong colour goes on outside, the rest fades out.

A model sees a square. Where hair runs out of it, recoloured hair would stop at a straight line; and a whole picture
that has drifted a little in light would show the square itself. So

- `strength` tells a change that was wanted (strong, against the strongest of the picture) from what came along with it;
- `faded` lets the latter go to nothing towards the border, each band over a way as wide as its waves;
- `extend` carries the former on: outside, the photo's own pixels that belong with what is changed inside (`affinity`)
  are recoloured as those were, less and less with the way from the border.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import cv2
import numpy as np

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import affinity, align, blend, flow
from engine.edit.fuse import ramp

EDGE = 1 / 28
"""Width, as a share of the frame, over which a change that is carried on is handed over to what carries it on."""
WIDE = 1 / 4
"""Width, as a share of the frame, over which the lowest bands fade."""
WANTED = (0.45, 0.8)
"""Shares of the strongest change up to which one is drift, and from which on it is wanted."""
LEAST = 0.03
"""Change (0..1) below which nothing is strong."""
CHANGED, KEPT = (0.4, 0.8), (0.1, 0.5)
"""Shares of a cell that are changed. CHANGED: between them it comes to belong with what is changed. KEPT: between them
it ceases to belong with what is known to stay.
"""
RUNS_OUT = (0.005, 0.02)
"""Shares of the rim that are changed: up to the first the change ends in the frame, from the second on it goes on."""
RIM = 1 / 16
"""Width, as a share of the frame, of the strip in which a strong change is one that runs out of the frame."""
MARGIN = 1 / 2
"""How far around the frame, as a share of it, a change may be carried on."""
SIDE = 192
"""Pixels, across the frame, at which that is found out."""
CELLS = 32
"""Cells of the affinity across the frame."""
DOUBT = 4.0
"""Difference of the ways to what is changed and to what is not, in cells, up to which a pixel is a bit of both."""


@dataclass(frozen=True, eq=False)
class Extension:
    """A change of colour around the frame. frame: the larger square it fills, with MARGIN on all sides.

    color: 3x4xNxN float32, the affine of each place. cover: NxN in 0..1, how far a pixel takes part in it.
    """

    frame: Frame
    color: np.ndarray
    cover: np.ndarray


@cache
def window(size: int, width: float = EDGE) -> np.ndarray:
    """size x size float32: 0 on the two outermost pixels, 1 from `width` (share of the side) inwards, round corners."""
    distance = np.minimum(np.arange(size), np.arange(size)[::-1])
    edge = ramp(distance.astype(np.float32), 1.0, 1.0 + width * size)
    return edge[:, None] * edge[None, :]


def strength(difference: np.ndarray, support: np.ndarray) -> np.ndarray:
    """NxN in 0..1, N at most SIDE: where the change (SxSx3, within `support`, SxS) is strong enough to be wanted."""
    side = min(SIDE, len(support) // 2) // 2 * 2
    support, change = flow.resized(support, side), flow.resized(difference, side)
    amount = np.abs(cv2.GaussianBlur(change, (0, 0), side / 64)).max(axis=2) * support
    top = float(np.percentile(amount, 98))
    low, high = (max(LEAST * share / WANTED[0], share * top) for share in WANTED)
    return ramp(cv2.GaussianBlur(ramp(amount, low, high), (0, 0), side / 96), 0.2, 0.8)


def faded(difference: np.ndarray, strong: np.ndarray) -> np.ndarray:
    """The change (SxSx3), going to zero towards the border, low bands over a wider way; not so where it is `strong`."""
    size = len(difference)
    levels = max(0, round(np.log2(size * WIDE / 4)))
    bands = blend.laplacian(difference, levels)
    for level, band in enumerate(bands):
        width = min(WIDE, 2 ** (level + 2) / size)
        if width > EDGE:
            spared = np.maximum(_seen_at(len(band), size, width), flow.resized(strong, len(band)))
            bands[level] = cv2.multiply(band, cv2.merge([spared] * 3))
    return cv2.multiply(blend.collapse(bands), cv2.merge([window(size)] * 3))


@cache
def _seen_at(side: int, size: int, width: float) -> np.ndarray:
    """The window of that size, averaged to side x side."""
    return flow.resized(window(size, width), side)


def around(frame: Frame) -> Frame:
    """The frame with MARGIN on all sides."""
    return replace(frame, size=frame.size * (1 + 2 * MARGIN))


def extend(photo: Photo, frame: Frame, crop: np.ndarray, fused: np.ndarray, strong: np.ndarray,
           protect: np.ndarray | None = None) -> Extension | None:
    """How the change from `crop` to `fused` (SxSx3 under `frame`) goes on around the frame; None where it does not.

    strong: where it is to be carried on, from `strength`. protect: NxN under `around(frame)`, 1 where the photo stays.
    """
    side = len(strong)
    margin = round(MARGIN * side)
    wide = around(frame)
    seen = _on_photo(photo, wide, side + 2 * margin)
    wanted = np.pad(strong, margin) * seen
    rim = np.pad(1 - window(side, RIM), margin)
    runs_out = float(ramp((rim * wanted).sum() / rim.sum(), *RUNS_OUT))
    if runs_out == 0:
        return None
    picture = align.crop(photo, wide, side + 2 * margin)
    known = np.pad(np.ones_like(strong), margin) * seen
    cover = runs_out * _cover(picture, wanted, known, max(1, round(side / CELLS)))
    if protect is not None:
        shield = flow.resized(protect, len(cover))
        cover = cover * (1 - np.maximum(shield, cv2.GaussianBlur(shield, (0, 0), side / 96)))
    source, goal = (np.pad(flow.resized(p, side), ((margin, margin), (margin, margin), (0, 0))) for p in (crop, fused))
    near = np.pad(np.exp(-8 * _depth(side)), margin) * wanted
    return Extension(wide, flow.extrapolated_affine(source, goal, near, max(1, 2 * side // CELLS)), cover)


def spared(strong: np.ndarray, beyond: Extension | None) -> np.ndarray:
    """Where the change is not to fade towards the border: where `strong`, unless it is cut there and not carried on."""
    side = len(strong)
    rim = 1 - window(side, RIM)
    carried = np.zeros_like(strong)
    if beyond is not None:
        margin = (len(beyond.cover) - side) // 2
        inner = slice(margin, margin + side)
        outside = np.pad(np.zeros_like(strong), margin, constant_values=1.0)
        cover, amount = (cv2.GaussianBlur(p * outside, (0, 0), side / 32) for p in (beyond.cover, outside))
        carried = (cover / (amount + 1e-6))[inner, inner]
    cut, amount = (cv2.GaussianBlur(p * rim, (0, 0), side / 16) for p in (strong * (1 - carried), np.ones_like(strong)))
    return strong * (1 - cut / (amount + 1e-6))


def _on_photo(photo: Photo, frame: Frame, size: int) -> np.ndarray:
    """size x size float32: 1 where the frame lies on the photo."""
    matrix = cv2.invertAffineTransform(frame.matrix(size))
    corners = np.array([[0, 0], [photo.width, 0], [photo.width, photo.height], [0, photo.height]]) @ matrix[:, :2].T
    mask = np.zeros((size, size), np.float32)
    cv2.fillConvexPoly(mask, np.rint(np.clip(corners + matrix[:, 2], -8 * size, 8 * size)).astype(np.int32), 1.0)
    return mask


def _depth(side: int) -> np.ndarray:
    """side x side: way to the nearest border, as a share of the side."""
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) / side
    return np.minimum(distance[:, None], distance[None, :]).astype(np.float32)


def _cover(picture: np.ndarray, wanted: np.ndarray, known: np.ndarray, place: int) -> np.ndarray:
    """How far each pixel belongs with what is wanted, and not with what is known to stay; less with the way there."""
    cells = affinity.grid(cv2.GaussianBlur(picture, (0, 0), 0.7), place)
    share = affinity.share(cells, wanted, known)
    furthest = MARGIN * CELLS
    # A cell is a source by degrees, so that a change that grows is carried on further and further, without a jump.
    changed = np.where(share >= 0, 2 * furthest * (1 - ramp(share, *CHANGED)), affinity.FAR)
    kept = np.where(share >= 0, 2 * furthest * ramp(share, *KEPT), affinity.FAR)
    to_changed, to_kept = (affinity.distance(cells, start, 2 * furthest) for start in (changed, kept))
    cover = ramp(to_kept - to_changed, -DOUBT, DOUBT) * (1 - ramp(to_changed, 0.0, furthest))
    return cv2.GaussianBlur(cover.astype(np.float32)[cells.cell], (0, 0), place / 3)
