"""Edits: the items of the stack above the photo, each with its rendered patch; and the picture they make.

Manifold edits change what is in the photo and lie lowest; style and texture layers paint over what they leave. The
picture is the fold of the visible patches over the photo. It is defined here once, in numpy, and used by the
canvas, the export and the tests: outside every patch's support it is the photo, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.document.arrays import frozen
from engine.document.blending import Blend, blended
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.stroke import Stroke, new_id
from engine.document.style import Style
from engine.document.texture import Texture


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


@dataclass(frozen=True, eq=False)
class StyleEdit:
    """A layer that repaints what lies below it in the manner of one style, or of two mixed.

    whole: whether it covers the photo but for what is erased, or only what STYLE strokes paint. strength: 0..1.
    crossfade: 0..1, the second style's share. octaves: 0..1 each, grain, stroke, pattern, composition. scale: 0.25..4,
    the size of brush strokes. keep_color: 0..1, how far the photo's own colours stay. snap: 0..1, how far the mask
    keeps to the photo's edges. refine: whether Gatys' optimisation finishes the picture. seed: of a style's own
    network, whose variants it chooses.
    """

    styles: tuple[Style, ...]
    strokes: tuple[Stroke, ...] = ()
    whole: bool = True
    strength: float = 1.0
    crossfade: float = 0.0
    octaves: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    scale: float = 1.0
    keep_color: float = 0.0
    snap: float = 0.5
    refine: bool = False
    seed: int = 0
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if not 1 <= len(self.styles) <= 2:
            raise ValueError(f"a style layer mixes one or two styles, not {len(self.styles)}")


@dataclass(frozen=True, eq=False)
class TextureEdit:
    """A layer of texture, where TEXTURE strokes paint it or (whole) everywhere but where it is erased.

    scale: 0.25..4, against the exemplar's own pixels times the photo's size over 1024. angle: radians, clockwise.
    follow: the texture runs along each stroke. match_color: 0..1, how far it takes the colours it covers. snap: 0..1,
    how far the mask keeps to the photo's edges. refine: whether Gatys' optimisation finishes it. seed: which of its
    endless pictures.
    """

    texture: Texture
    strokes: tuple[Stroke, ...] = ()
    whole: bool = False
    scale: float = 1.0
    angle: float = 0.0
    follow: bool = False
    match_color: float = 0.0
    snap: float = 0.0
    refine: bool = False
    seed: int = 0
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)


Layer = StyleEdit | TextureEdit
"""What is painted over the photo, in any order."""

Edit = ManifoldEdit | StyleEdit | TextureEdit


def compose(pixels: np.ndarray, patch: Patch, opacity: float, blend: Blend = Blend.NORMAL) -> None:
    """Lay `patch` over `pixels` (HxWx3, written in place); pixels where its support is 0 are not written."""
    height, width = patch.support.shape
    y0, x0 = max(patch.y, 0), max(patch.x, 0)
    y1, x1 = min(patch.y + height, pixels.shape[0]), min(patch.x + width, pixels.shape[1])
    if y1 <= y0 or x1 <= x0 or opacity <= 0:
        return
    for top in range(y0, y1, _BAND):  # in bands: what is in between is float, and stays in the cache
        bottom = min(top + _BAND, y1)
        inside = (slice(top - patch.y, bottom - patch.y), slice(x0 - patch.x, x1 - patch.x))
        _lay(pixels[top:bottom, x0:x1], patch.pixels[inside], patch.support[inside], opacity, blend)


_BAND = 32


def _lay(old: np.ndarray, new: np.ndarray, support: np.ndarray, opacity: float, blend: Blend) -> None:
    """hxwx3 `new` over `old`, written in place."""
    import cv2  # here, because the window is up before a picture is laid

    full = (support == 255) & (opacity >= 1) & (blend is Blend.NORMAL)
    cv2.copyTo(new, full.view(np.uint8), old)
    part = (support > 0) & ~full
    if part.any():
        mixed = _mixed(old, new, support, opacity, blend)
        cv2.copyTo(mixed, part.view(np.uint8), old)


def _mixed(old: np.ndarray, new: np.ndarray, support: np.ndarray, opacity: float, blend: Blend) -> np.ndarray:
    """Of all pixels, wanted or not: to pick them out one by one would take longer."""
    weight = support.astype(np.float32)[..., None] * np.float32(min(opacity, 1) / 255)
    below, above = old.astype(np.float32), new.astype(np.float32)
    if blend is not Blend.NORMAL:
        white = np.float32(np.iinfo(old.dtype).max)
        above = blended(below / white, above / white, blend) * white
    return np.asarray(np.rint(below * (1 - weight) + above * weight).astype(old.dtype))


def picture(photo: Photo, edits: Iterable[Edit]) -> np.ndarray:
    """HxWx3 in the photo's dtype: the visible patches over the photo; the photo's own array where there are none."""
    shown = [e for e in edits if e.visible and e.patch is not None and e.opacity > 0]
    if not shown:
        return photo.pixels
    pixels = photo.pixels.copy()
    for edit in shown:
        assert edit.patch is not None
        compose(pixels, edit.patch, edit.opacity, blend_of(edit))
    return frozen(pixels)


def blend_of(edit: Edit) -> Blend:
    """How the edit's patch meets what lies below; a manifold edit's is always laid over it."""
    return Blend.NORMAL if isinstance(edit, ManifoldEdit) else edit.blend
