"""Edits: the items of the stack above the photo, each with its rendered patch; and the picture they make.

The picture is the fold of the visible patches over the photo. It is defined here once, in numpy, and used by the
canvas, the export and the tests: outside every patch's support it is the photo, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.document.arrays import frozen
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.stroke import Stroke, new_id


@dataclass(frozen=True, eq=False)
class Patch:
    """A rectangle of new pixels. x, y: its top-left corner on the photo. pixels: hxwx3 in the photo's dtype.

    support: hxw uint8 coverage; where it is 0 the photo shows through untouched, where it is 255 the patch does.
    """

    x: int
    y: int
    pixels: np.ndarray
    support: np.ndarray

    def __post_init__(self) -> None:
        if self.pixels.shape[:2] != self.support.shape or self.support.dtype != np.uint8:
            raise ValueError(f"patch pixels {self.pixels.shape} and support {self.support.shape} do not agree")
        object.__setattr__(self, "pixels", frozen(self.pixels))
        object.__setattr__(self, "support", frozen(self.support))


@dataclass(frozen=True, eq=False)
class ManifoldEdit:
    """One region of the photo, found on a manifold and moved along it by strokes.

    base: the projection of the photo region. latent: where the strokes have taken it (equal to base before any).
    realism: 0..1, from pure photo-warp (0) to pure model picture (1), the transfer's dial. opacity: 0..1.
    patch: the change rendered at the photo's size, None while nothing has changed.
    """

    frame: Frame
    base: Latent
    latent: Latent
    strokes: tuple[Stroke, ...] = ()
    realism: float = 0.5
    opacity: float = 1.0
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)

    def moved(self) -> bool:
        """Whether the latent has left the projection."""
        return not np.array_equal(self.base.values, self.latent.values)


def compose(pixels: np.ndarray, patch: Patch, opacity: float) -> None:
    """Lay `patch` over `pixels` (HxWx3, written in place); pixels where its support is 0 are not written."""
    height, width = patch.support.shape
    y0, x0 = max(patch.y, 0), max(patch.x, 0)
    y1, x1 = min(patch.y + height, pixels.shape[0]), min(patch.x + width, pixels.shape[1])
    if y1 <= y0 or x1 <= x0 or opacity <= 0:
        return
    inside = (slice(y0 - patch.y, y1 - patch.y), slice(x0 - patch.x, x1 - patch.x))
    support, new, old = patch.support[inside], patch.pixels[inside], pixels[y0:y1, x0:x1]
    full = (support == 255) & (opacity >= 1)
    part = (support > 0) & ~full
    old[full] = new[full]
    weight = support[part].astype(np.float32)[:, None] * np.float32(min(opacity, 1) / 255)
    mixed = old[part].astype(np.float32) * (1 - weight) + new[part].astype(np.float32) * weight
    old[part] = np.rint(mixed).astype(pixels.dtype)


def picture(photo: Photo, edits: Iterable[ManifoldEdit]) -> np.ndarray:
    """HxWx3 in the photo's dtype: the visible patches over the photo; the photo's own array where there are none."""
    shown = [e for e in edits if e.visible and e.patch is not None and e.opacity > 0]
    if not shown:
        return photo.pixels
    pixels = photo.pixels.copy()
    for edit in shown:
        assert edit.patch is not None
        compose(pixels, edit.patch, edit.opacity)
    return frozen(pixels)
