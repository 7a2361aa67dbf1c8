"""What a texture layer lays under its mask: the texture's endless picture, brought to the photo.

The network's picture is a fixed function of texture coordinates, and those of photo coordinates, so a part of the
photo gets the same texture whatever is painted beside it and at whatever size it is looked at. Before the network has
learned anything the exemplar is quilted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from engine.document.edit import TextureEdit
from engine.document.stroke import StrokeKind
from engine.model.endless import Window
from engine.paint import mask
from engine.paint.ground import eight_bit
from engine.paint.pauses import Working
from engine.paint.quilt import Repeated
from engine.paint.refining import Refining
from engine.paint.source import Plain, Source, refined_tile
from engine.paint.stroke_frame import frame_at, path_of
from engine.paint.studio import Studio

BLOCK = 192
"""Side in pixels of what is filled without a pause."""

REFERENCE = 1024
"""Long side of a photo on which a texture at scale one has the exemplar's own pixels."""

APART = 4096
"""Pixels of the texture between the strokes of a layer that follows them."""

GAIN = (0.5, 1.5)
"""How far matching may lower and raise the deviation of a texture's colours."""

SMALL = 256
"""Long side at which the covered colours are measured."""


@dataclass(frozen=True)
class Lay:
    """How texture and photo lie on one another. density: photo pixels per pixel of the texture. angle: radians."""

    density: float
    angle: float

    def texels(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Photo coordinates -> the texture's."""
        cos, sin = math.cos(self.angle) / self.density, math.sin(self.angle) / self.density
        return cos * x + sin * y, cos * y - sin * x


def filled(edit: TextureEdit, base: np.ndarray, x: float, y: float, scale: float, studio: Studio,
           long_side: float | None = None) -> Working[np.ndarray]:
    """Texture for the rectangle of the photo where `base` (HxWx3 uint8 or uint16) lies; in its shape and dtype.

    x, y: the rectangle's corner in photo pixels. scale: pixels of `base` per photo pixel. long_side: the photo's, in
    photo pixels; base's own where it is the whole photo. Pauses every some tens of milliseconds.
    """
    long_side = long_side or max(base.shape[:2]) / scale
    lay = Lay(max(long_side / REFERENCE * edit.scale, 1e-3), edit.angle)
    source = source_of(edit, studio)
    columns = x + (np.arange(base.shape[1]) + 0.5) / scale
    rows = y + (np.arange(base.shape[0]) + 0.5) / scale
    made = np.empty(base.shape, np.uint16)
    for top in range(0, len(rows), BLOCK):
        for left in range(0, len(columns), BLOCK):
            area = slice(top, top + BLOCK), slice(left, left + BLOCK)
            made[area] = yield from _block(edit, source, lay, columns[area[1]], rows[area[0]])
            yield
    made = made if base.dtype == np.uint16 else eight_bit(made)
    if edit.match_color > 0:
        made = yield from matched(made, edit, base, x, y, scale)
    return made


def source_of(edit: TextureEdit, studio: Studio) -> Source:
    """The endless picture of the edit's texture: by its network if it has one, refined as far as it has been so far."""
    texture, key = edit.texture, (id(edit.texture), edit.seed)
    tile = refining(edit, studio).picture() if edit.refine > 0 else None
    if tile is not None:
        return studio.kept("texture", (*key, id(tile)), (texture, tile), lambda: Repeated(tile))
    return studio.kept("texture", key, texture, lambda: Plain(texture, edit.seed, studio.device))


def refining(edit: TextureEdit, studio: Studio) -> Refining:
    """Gatys' descent on a tile of that endless picture, with what it has reached so far."""
    texture, seed, extractor = edit.texture, edit.seed, studio.extractor
    work = partial(refined_tile, texture, seed, extractor)
    key = (id(extractor), id(texture), seed)
    return studio.kept("refining", key, (extractor, texture), lambda: Refining(work, extractor.name))


def _block(edit: TextureEdit, source: Source, lay: Lay, x: np.ndarray, y: np.ndarray) -> Working[np.ndarray]:
    """HxWx3 uint16 at the photo coordinates of W columns and H rows."""
    made = np.zeros((len(y), len(x), 3), np.float32)
    covered = np.zeros((len(y), len(x)), np.float32)
    for number, stroke in enumerate(edit.strokes if edit.follow else ()):
        if not stroke.visible or stroke.kind is not StrokeKind.TEXTURE:
            continue
        path = path_of(stroke)
        left, top, right, bottom = path.box
        if left > x[-1] or right < x[0] or top > y[-1] or bottom < y[0]:
            continue
        frame = frame_at(path, x, y)
        fresh = _falling(frame.distance)
        if fresh.any():
            u, v = lay.texels(frame.along, frame.aside)
            colour = yield from looked_up(source, u + APART * (number + 1), v, fresh > 0)
            made, covered = _over(made, covered, colour, fresh)
    if covered.min() < 1:
        plain = yield from looked_up(source, *lay.texels(x[None], y[:, None]), covered < 1)
        made += (1 - covered[..., None]) * (plain - made)
    return np.rint(made).astype(np.uint16)


def _falling(distance: np.ndarray) -> np.ndarray:
    """1 in the stroke's middle half, 0 from its border on."""
    fall = np.clip(2 - 2 * distance, 0, 1)
    return fall * fall * (3 - 2 * fall)


def _over(below: np.ndarray, covered: np.ndarray, above: np.ndarray, fresh: np.ndarray,
          ) -> tuple[np.ndarray, np.ndarray]:
    """Colours and how far they cover (HxW), with others laid over them."""
    total = fresh + covered * (1 - fresh)
    share = np.divide(fresh, total, out=np.zeros_like(total), where=total > 0)[..., None]
    return below + share * (above - below), total


def looked_up(source: Source, u: np.ndarray, v: np.ndarray, where: np.ndarray) -> Working[np.ndarray]:
    """HxWx3 float32 in 0..65535: the source at texture coordinates (HxW once broadcast), right where `where` is true.

    Where pixels are further apart than the texture's own, means of several of those are taken.
    """
    u, v = np.broadcast_arrays(u, v)
    step = max(_spacing(u), _spacing(v), 1e-6)
    merged = 1 << max(0, round(math.log2(step)))
    inside = [u[where], v[where]]
    low = [int(math.floor(values.min() / merged)) - 2 for values in inside]
    high = [int(math.ceil(values.max() / merged)) + 2 for values in inside]
    window = Window(*(edge * merged for edge in low), *((b - a) * merged for a, b in zip(low, high, strict=True)))
    seen = yield from source.window(window)
    if merged > 1:
        seen = cv2.resize(seen, (window.width // merged, window.height // merged), interpolation=cv2.INTER_AREA)
    x, y = (u / merged - low[0] - 0.5).astype(np.float32), (v / merged - low[1] - 0.5).astype(np.float32)
    method = cv2.INTER_CUBIC if step < 0.99 else cv2.INTER_LINEAR
    found = cv2.remap(seen.astype(np.float32), x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(found, 0, 65535)


def _spacing(values: np.ndarray) -> float:
    """The median step from pixel to pixel, along rows or columns, whichever is larger."""
    steps = [np.abs(np.diff(values, axis=axis)) for axis in (0, 1)]
    return max((float(np.median(step)) for step in steps if step.size), default=0.0)


def matched(made: np.ndarray, edit: TextureEdit, base: np.ndarray, x: float, y: float, scale: float,
            ) -> Working[np.ndarray]:
    """`made` with its colours' mean and deviation moved towards those that the layer covers of `base`.

    In the CIELAB space, as in "Color transfer between images" (Reinhard et al. 2001), by the edit's `match_color`.
    The texture's own are those of its exemplar, so that all parts of a photo change alike.
    """
    wanted = covered_colours(edit, base, x, y, scale)
    if wanted is None:
        return made
    own = _colours(_lab(edit.texture.exemplar).reshape(-1, 3), None)
    gain = np.clip(wanted[1] / np.maximum(own[1], 1.0), *GAIN)  # no further: noise would become confetti
    answer = np.empty_like(made)
    rows = max(1, (BLOCK * BLOCK * 2) // made.shape[1])
    for top in range(0, len(made), rows):
        lab = _lab(made[top : top + rows])
        moved = (lab - own[0]) * gain + wanted[0]
        answer[top : top + rows] = _rgb(lab + np.float32(edit.match_color) * (moved - lab), made.dtype)
        yield
    return answer


def covered_colours(edit: TextureEdit, base: np.ndarray, x: float, y: float, scale: float,
                    ) -> tuple[np.ndarray, np.ndarray] | None:
    """CIELAB mean and deviation, 3 each, of what the layer covers; None where that is nothing."""
    share = min(1.0, SMALL / max(base.shape[:2]))
    height, width = (max(1, round(side * share)) for side in base.shape[:2])
    small = cv2.resize(base, (width, height), interpolation=cv2.INTER_AREA)
    part = mask.Window(round(x * scale * share), round(y * scale * share), width, height)
    weights = mask.coverage(edit.strokes, height, width, scale=scale * share, whole=edit.whole, window=part)
    if not weights.any():
        return None
    return _colours(_lab(small).reshape(-1, 3), weights.reshape(-1))


def _colours(lab: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    mean = np.average(lab, axis=0, weights=weights)
    deviation = np.sqrt(np.average(np.square(lab - mean), axis=0, weights=weights))
    return mean.astype(np.float32), deviation.astype(np.float32)


def _lab(pixels: np.ndarray) -> np.ndarray:
    """HxWx3 uint8 or uint16 -> float32 CIELAB."""
    return cv2.cvtColor(pixels.astype(np.float32) / np.float32(np.iinfo(pixels.dtype).max), cv2.COLOR_RGB2LAB)


def _rgb(lab: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The way back, clipped."""
    white = np.float32(np.iinfo(dtype).max)
    return np.rint(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * white).astype(dtype)
