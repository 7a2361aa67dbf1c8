"""Layers between two keyframes: their dials, materials and masks. Numbers only, no model.

Dials move on a straight line (a blend's amount and depth too), sizes in equal ratios, angles the short way round.
Styles that are at most two together are mixed by the style network's own crossfade; other materials are painted both,
one dissolving into the other. A mask grows as it was painted: a stroke that only the later keyframe has runs along its
length, one that only the earlier has runs back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import numpy as np

from engine.document.blending import Blend
from engine.document.edit import FusionEdit, Layer, StyleEdit, TextureEdit
from engine.document.stroke import Stroke
from engine.document.style import Style

_DIALS: dict[type, tuple[str, ...]] = {
    StyleEdit: ("strength", "keep_color", "snap"),
    TextureEdit: ("match_color", "snap"),
    FusionEdit: ("amount", "depth", "detail", "x", "y", "snap"),
}


class _Named(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """Unique within a document."""


Item = TypeVar("Item", bound=_Named)
Part = tuple[Layer, float]
"""A layer without a patch, and its share in what is painted."""


@dataclass(frozen=True, eq=False)
class LayerPassage:
    """One layer on its way; `start` and `end` are what the two keyframes show of it. Their blend modes are the same."""

    start: Layer
    end: Layer

    @property
    def blend(self) -> Blend:
        """How it meets what lies below."""
        return self.start.blend

    def opacity(self, share: float) -> float:
        """Its opacity `share` (0..1) of the way."""
        return _mixed(self.start.opacity, self.end.opacity, share)

    def parts(self, share: float) -> tuple[Part, ...]:
        """What is to be painted and mixed `share` (0..1) of the way; the shares add up to one."""
        a, b = self.start, self.end
        dials = {"strokes": mixed_strokes(a.strokes, b.strokes, share), **_dials(a, b, share)}
        edits: list[Part] = [(replace(edit, **dials), weight) for edit, weight in _materials(a, b, share)]
        if a.whole != b.whole:
            edits = [(replace(e, whole=whole), w * part) for e, w in edits
                     for whole, part in ((a.whole, 1 - share), (b.whole, share))]  # fmt: skip
        return tuple((edit, weight) for edit, weight in edits if weight > 0)

    def keeps_its_pixels(self) -> bool:
        """Whether only the mask and the opacity change: over the same ground it paints the same pixels all the way."""
        a, b = self.start, self.end
        if isinstance(a, StyleEdit) and isinstance(b, StyleEdit):
            same = a.octaves == b.octaves and _weights(a) == _weights(b) and a.strength == b.strength
            colors = (a.keep_color, a.keep_color_by) == (b.keep_color, b.keep_color_by)
            return same and colors and (a.scale, a.seed, a.refine) == (b.scale, b.seed, b.refine)
        if isinstance(a, TextureEdit) and isinstance(b, TextureEdit) and _same_texture(a, b):
            same = (a.scale, a.angle, a.match_color, a.refine) == (b.scale, b.angle, b.match_color, b.refine)
            return same and not (a.follow and a.strokes != b.strokes)
        if isinstance(a, FusionEdit) and isinstance(b, FusionEdit) and a.motif is b.motif:
            return (a.amount, a.depth, a.detail) == (b.amount, b.depth, b.detail) and _place(a) == _place(b)
        return False

    def travels(self) -> bool:
        """Whether its pixels go to other places on the way, as those of a texture that turns or grows do."""
        a, b = self.start, self.end
        if isinstance(a, FusionEdit) and isinstance(b, FusionEdit):
            return _place(a) != _place(b)
        return isinstance(a, TextureEdit) and isinstance(b, TextureEdit) and (a.scale, a.angle) != (b.scale, b.angle)

    def is_still(self) -> bool:
        """Whether nothing at all changes on the way."""
        return self.keeps_its_pixels() and self.keeps_its_mask() and self.start.opacity == self.end.opacity

    def keeps_its_mask(self) -> bool:
        """Whether it covers the same pixels all the way."""
        a, b = self.start, self.end
        return a.strokes == b.strokes and a.whole == b.whole and a.snap == b.snap


def layer_passages(a: Layer | None, b: Layer | None) -> list[LayerPassage]:
    """The way of one layer. One that is missing at an end grows; one of another kind or blend mode there is two."""
    a, b = a and _shown(a), b and _shown(b)
    if a is None or b is None:
        only = a or b
        assert only is not None
        return [LayerPassage(a or _ungrown(only), b or _ungrown(only))]
    if type(a) is type(b) and a.blend is b.blend:
        return [LayerPassage(a, b)]
    return [LayerPassage(a, replace(a, opacity=0.0)), LayerPassage(replace(b, opacity=0.0), b)]


def paired(start: Sequence[Item], end: Sequence[Item]) -> list[tuple[Item | None, Item | None]]:
    """Items of one id side by side: those of `end` in its order, each one it lacks where it lay in `start`."""
    old = {item.id: item for item in start}
    new = {item.id for item in end}
    pairs: list[tuple[Item | None, Item | None]] = [(old.get(item.id), item) for item in end]
    for place, item in enumerate(start):
        if item.id not in new:
            pairs.insert(min(place, len(pairs)), (item, None))
    return pairs


def mixed_strokes(start: tuple[Stroke, ...], end: tuple[Stroke, ...], share: float) -> tuple[Stroke, ...]:
    """The strokes `share` (0..1) of the way, those that cover nothing left out."""
    if start == end:
        return end
    found = [stroke for a, b in paired(start, end) for stroke in _strokes(a, b, share)]
    return tuple(stroke for stroke in found if stroke is not None)


def grown(stroke: Stroke, share: float) -> Stroke | None:
    """The first `share` (0..1) of a stroke's length; of a dot, the dot that much smaller; None of nothing."""
    if share >= 1:
        return stroke
    if share <= 0:
        return None
    points = stroke.points.astype(np.float64)
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[:, :2], axis=0).T))])
    if lengths[-1] == 0:
        return replace(stroke, radius=stroke.radius * share)
    reached = share * lengths[-1]
    kept = int(np.searchsorted(lengths, reached, side="right"))
    tip = np.array([np.interp(reached, lengths, column) for column in points.T])
    return replace(stroke, points=np.vstack([points[:kept], tip]))


def _strokes(a: Stroke | None, b: Stroke | None, share: float) -> list[Stroke | None]:
    """What becomes of one stroke."""
    a, b = a if a and a.visible else None, b if b and b.visible else None
    if a is b:
        return [b]
    if a is None or b is None or a.kind is not b.kind or a.points.shape != b.points.shape:
        return [a and grown(a, 1 - share), b and grown(b, share)]
    radius, weight = _ratio(a.radius, b.radius, share), _mixed(a.weight, b.weight, share)
    return [replace(b, points=a.points + np.float32(share) * (b.points - a.points), radius=radius, weight=weight)]


def _dials(a: Layer, b: Layer, share: float) -> dict[str, Any]:
    """What both materials of a passage have in common; no frame is refined, which would take minutes."""
    mixed: dict[str, Any] = {name: _mixed(getattr(a, name), getattr(b, name), share) for name in _DIALS[type(a)]}
    if isinstance(a, StyleEdit) and isinstance(b, StyleEdit):
        mixed["octaves"] = tuple(_mixed(x, y, share) for x, y in zip(a.octaves, b.octaves, strict=True))
    if isinstance(a, TextureEdit) and isinstance(b, TextureEdit):
        mixed["angle"] = a.angle + share * math.remainder(b.angle - a.angle, math.tau)
    scale, opacity = _ratio(a.scale, b.scale, share), _mixed(a.opacity, b.opacity, share)
    mixed |= {} if isinstance(a, FusionEdit) else {"refine": 0.0}
    return {**mixed, "scale": scale, "opacity": opacity, "visible": True, "patch": None}


def _materials(a: Layer, b: Layer, share: float) -> list[Part]:
    """What is painted with: one layer where the materials can be mixed, else both."""
    if isinstance(a, StyleEdit) and isinstance(b, StyleEdit) and _same_ways(a, b):
        weights = dict.fromkeys([*_weights(a), *_weights(b)], 0.0)
        for style in weights:
            weights[style] = _mixed(_weights(a).get(style, 0.0), _weights(b).get(style, 0.0), share)
        if len(weights) <= 2:
            second = [*weights.values()][1:] or [0.0]
            return [(replace(a, styles=tuple(weights), crossfade=second[0]), 1)]
    if isinstance(a, TextureEdit) and isinstance(b, TextureEdit) and _same_texture(a, b):
        return [(a, 1)]
    if isinstance(a, FusionEdit) and isinstance(b, FusionEdit) and a.motif is b.motif:
        return [(a, 1)]
    return [(a, 1 - share), (b, share)]


def _same_ways(a: StyleEdit, b: StyleEdit) -> bool:
    """Whether they differ by dials alone. Nothing lies between two variants, or two meanings of keeping colours."""
    return a.seed == b.seed and a.keep_color_by is b.keep_color_by


def _weights(edit: StyleEdit) -> dict[Style, float]:
    """The styles that are seen, with their shares."""
    shares = (1 - edit.crossfade, edit.crossfade) if len(edit.styles) > 1 else (1.0,)
    return {style: share for style, share in zip(edit.styles, shares, strict=True) if share > 0}


def _same_texture(a: TextureEdit, b: TextureEdit) -> bool:
    return a.texture is b.texture and a.seed == b.seed and a.follow == b.follow


def _place(edit: FusionEdit) -> tuple[float, float, float]:
    """Where the motif lies."""
    return edit.scale, edit.x, edit.y


def _shown(edit: Layer) -> Layer:
    """The layer as the picture has it: with no opacity while it is hidden or has no patch."""
    return edit if edit.visible and edit.patch is not None else replace(edit, opacity=0.0)


def _ungrown(edit: Layer) -> Layer:
    """What a layer grows from: no strokes where it is painted, no strength, amount or opacity where it is whole."""
    if not edit.whole:
        return replace(edit, strokes=(), patch=None)
    if isinstance(edit, StyleEdit) and edit.blend is Blend.NORMAL:
        return replace(edit, strength=0.0, patch=None)
    if isinstance(edit, FusionEdit) and edit.blend is Blend.NORMAL:
        return replace(edit, amount=0.0, patch=None)
    return replace(edit, opacity=0.0)


def _mixed(a: float, b: float, share: float) -> float:
    return a + share * (b - a)


def _ratio(a: float, b: float, share: float) -> float:
    return a if a == b else a * (b / a) ** share
