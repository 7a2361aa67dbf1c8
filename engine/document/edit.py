"""Edits: the items of the stack above the photo, each with its rendered patch; and the picture they make.

Manifold edits change what is in the photo and lie lowest; style, texture and fusion layers paint over what they leave.
The picture is the fold of the visible patches over the photo. It is defined here once, in numpy, and used by the
canvas, the export and the tests: outside every patch's support it is the photo, bit for bit.

Every edit has a name: what the artist calls it, empty where it goes by what it paints with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from engine.document.blending import Blend
from engine.document.direction import Slides, moved_along
from engine.document.latent import Frame, Latent
from engine.document.motif import Motif
from engine.document.patch import Area, Patch, compose
from engine.document.photo import Photo
from engine.document.stroke import Stroke, new_id
from engine.document.style import ColorsBy, Style
from engine.document.texture import Texture


@dataclass(frozen=True, eq=False)
class ManifoldEdit:
    """One region of the photo, found on a manifold and moved along it by strokes.

    base: the projection of the photo region. latent: where slides and strokes have taken it (equal to base before any).
    realism: 0..1, from pure photo-warp (0) to pure model picture (1), the transfer's dial. opacity: 0..1.
    patch: the change rendered at the photo's size, None while nothing has changed.
    slides: how far its sliders were moved; strokes ask their own of the picture that the slides have made. inside:
    PROTECT strokes mark where the change may show, and not where it may not.
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
    slides: Slides = ()
    inside: bool = False
    name: str = ""

    def moved(self) -> bool:
        """Whether the latent has left the projection."""
        return not np.array_equal(self.base.values, self.latent.values)

    def origin(self) -> Latent:
        """Where the slides alone take the projection: what strokes begin at and are held near to."""
        return moved_along(self.base, self.slides)

    def slid(self, slides: Slides) -> ManifoldEdit:
        """The edit with these slides instead, its latent moved by as much as they differ; the patch is still the old.

        Where nothing but slides had moved it, it is at its new origin to the last bit.
        """
        old, new = self.origin().values, moved_along(self.base, slides)
        if np.array_equal(self.latent.values, old):
            return replace(self, slides=slides, latent=new)
        return replace(self, slides=slides, latent=self.latent.at(self.latent.values + (new.values - old)))


@dataclass(frozen=True, eq=False)
class StyleEdit:
    """A layer that repaints what lies below it in the manner of one style, or of two mixed.

    whole: whether it covers the photo but for what is erased, or only what STYLE strokes paint. strength: 0..1.
    crossfade: 0..1, the second style's share. octaves: 0..1 each, grain, stroke, pattern, composition. scale: 0.25..4,
    the size of brush strokes. keep_color: 0..1, how far the photo's own colours stay. snap: 0..1, how far the mask
    keeps to the photo's edges. refine: 0..1, how far Gatys' optimisation finishes the picture. seed: of a style's own
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
    keep_color_by: ColorsBy = ColorsBy.LUMINANCE
    snap: float = 0.5
    refine: float = 0.0
    seed: int = 0
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)
    name: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.styles) <= 2:
            raise ValueError(f"a style layer mixes one or two styles, not {len(self.styles)}")


@dataclass(frozen=True, eq=False)
class TextureEdit:
    """A layer of texture, where TEXTURE strokes paint it or (whole) everywhere but where it is erased.

    scale: 0.25..4, against the exemplar's own pixels times the photo's size over 1024. angle: radians, clockwise.
    follow: the texture runs along each stroke. match_color: 0..1, how far it takes the colours it covers. snap: 0..1,
    how far the mask keeps to the photo's edges. refine: 0..1, how far Gatys' optimisation finishes it. seed: which of
    its endless pictures.
    """

    texture: Texture
    strokes: tuple[Stroke, ...] = ()
    whole: bool = False
    scale: float = 1.0
    angle: float = 0.0
    follow: bool = False
    match_color: float = 0.0
    snap: float = 0.0
    refine: float = 0.0
    seed: int = 0
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)
    name: str = ""


@dataclass(frozen=True, eq=False)
class FusionEdit:
    """A layer that blends another picture into what lies below it, by what their features say: a semantic blend.

    amount: 0..1, the share of the picture that becomes the motif's. depth: 1..4, the depth of the features that decide:
    at 1 the two dissolve into each other evenly, at 4 each thing is either the one's or the other's. detail: 0..1, how
    much of the fine detail of what lies below stays on what becomes the motif's. scale: 0.25..4, 1 where the motif
    just covers the photo. x, y: -1..1, how far its middle lies from the photo's, in shares of the photo's sides.
    whole, snap: as of a style layer; STYLE strokes paint it.
    """

    motif: Motif
    strokes: tuple[Stroke, ...] = ()
    whole: bool = True
    amount: float = 0.5
    depth: float = 2.5
    detail: float = 0.0
    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0
    snap: float = 0.5
    opacity: float = 1.0
    blend: Blend = Blend.NORMAL
    visible: bool = True
    patch: Patch | None = None
    id: str = field(default_factory=new_id)
    name: str = ""


Layer = StyleEdit | TextureEdit | FusionEdit
"""What is painted over the photo, in any order."""

Edit = ManifoldEdit | StyleEdit | TextureEdit | FusionEdit


def picture(photo: Photo, edits: Iterable[Edit]) -> np.ndarray:
    """HxWx3 in the photo's dtype: the visible patches over the photo; the photo's own array where there are none."""
    shown = [e for e in edits if e.visible and e.patch is not None and e.opacity > 0]
    return part(photo, shown, (0, 0, photo.width, photo.height)) if shown else photo.pixels


def part(photo: Photo, edits: Iterable[Edit], area: Area) -> np.ndarray:
    """The picture within the area (left, top, right, bottom) alone: equal, bit for bit, to that part of the whole."""
    left, top, right, bottom = area
    pixels = photo.pixels[top:bottom, left:right].copy()
    for edit in edits:
        if edit.visible and edit.patch is not None:
            compose(pixels, edit.patch, edit.opacity, blend_of(edit), (left, top))
    pixels.flags.writeable = False
    return pixels


def blend_of(edit: Edit) -> Blend:
    """How the edit's patch meets what lies below; a manifold edit's is always laid over it."""
    return Blend.NORMAL if isinstance(edit, ManifoldEdit) else edit.blend
