"""Rebuild: a document from the parts it was saved in, sharing again what was shared."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from engine.document.direction import Direction, Slide
from engine.document.document import Document
from engine.document.document_json import Flat, motif_entry, style_entry, texture_entry
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, Patch, StyleEdit, TextureEdit
from engine.document.latent import Frame, Latent
from engine.document.motif import Motif
from engine.document.photo import Photo
from engine.document.records import (
    DirectionRecord,
    EditRecord,
    FusionLayerRecord,
    KeyframeRecord,
    LayerRecord,
    ManifoldRecord,
    MotifRecord,
    StrokeRecord,
    StyleRecord,
    TextureLayerRecord,
    TextureRecord,
    TuningRecord,
)
from engine.document.sequence import EditSequence, Keyframe
from engine.document.stroke import Stroke
from engine.document.style import OCTAVES, Style
from engine.document.texture import Texture
from engine.document.tuning import Tuning

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Shared:
    """What the edits of a document are put together from."""

    latents: Sequence[Latent]
    strokes: Sequence[Stroke]
    styles: Sequence[Style]
    textures: Sequence[Texture]
    patches: Sequence[Patch]
    directions: Sequence[Direction]
    motifs: Sequence[Motif]


def rebuild(flat: Flat, photo: Photo) -> Document:
    """The document of these parts, sharing again what was shared.

    Raises ValueError or LookupError, naming the place in the JSON, where the parts do not fit one another.
    """
    record = flat.record
    shared = _Shared(
        latents=_latents(flat),
        strokes=[_stroke(item, _array(flat, f"points {i}"), i) for i, item in enumerate(record.strokes)],
        styles=[_style(item, flat, i) for i, item in enumerate(record.styles)],
        textures=[_texture(item, flat, i) for i, item in enumerate(record.textures)],
        patches=flat.patches,
        directions=[_direction(item, _array(flat, f"direction {i}"), i) for i, item in enumerate(record.directions)],
        motifs=[_motif(item, flat, i) for i, item in enumerate(record.motifs)],
    )
    edits = [_edit(item, shared, f"$.edits[{i}]") for i, item in enumerate(record.edits)]
    stack = tuple(_at(edits, place, "$.stack") for place in record.stack)
    keyframes = tuple(_keyframe(item, edits, f"$.keyframes[{i}]") for i, item in enumerate(record.keyframes))
    return Document(photo, stack, EditSequence(keyframes))


def _latents(flat: Flat) -> list[Latent]:
    tunings = [_tuning(item, flat, i) for i, item in enumerate(flat.record.tunings)]
    found = []
    for i, item in enumerate(flat.record.latents):
        tuning = None if item.tuning is None else _at(tunings, item.tuning, f"$.latents[{i}].tuning")
        found.append(Latent(_array(flat, f"latent {i}"), item.manifold, tuning))
    return found


def _tuning(record: TuningRecord, flat: Flat, place: int) -> Tuning:
    def factor(side: str, name: str) -> np.ndarray:
        return _array(flat, f"tuning {place} {side} {name}")

    factors = {name: (factor("up", name), factor("down", name)) for name in record.weights}
    return _placed(lambda: Tuning(factors), f"$.tunings[{place}]")


def plain_name(name: str) -> str:
    """The last part of a name that may try to be a path."""
    return re.split(r"[/\\\0]", name)[-1] or "untitled"


def _edit(record: EditRecord, shared: _Shared, where: str) -> Edit:
    if not isinstance(record, ManifoldRecord):
        return _layer(record, shared, where)
    base = _at(shared.latents, record.base, f"{where}.base")
    slides = tuple(Slide(_at(shared.directions, s.direction, f"{where}.slides"), s.amount) for s in record.slides)
    if any(s.direction.values.shape != base.values.shape or s.direction.manifold != base.manifold for s in slides):
        raise ValueError(f"a slider is of another manifold than its edit - at `{where}.slides`")
    return ManifoldEdit(
        frame=Frame(record.frame.x, record.frame.y, record.frame.size, record.frame.angle),
        base=base,
        latent=_at(shared.latents, record.latent, f"{where}.latent"),
        strokes=tuple(_at(shared.strokes, place, f"{where}.strokes") for place in record.strokes),
        realism=record.realism,
        opacity=record.opacity,
        visible=record.visible,
        patch=None if record.patch is None else _at(shared.patches, record.patch, f"{where}.patch"),
        id=record.id,
        slides=slides,
        inside=record.inside,
        name=record.name,
    )


_PLAIN = ("id", "whole", "scale", "snap", "opacity", "blend", "visible", "name")
"""Fields that a layer's record has as the layer has them."""


def _layer(record: LayerRecord, shared: _Shared, where: str) -> Layer:
    fields: dict[str, Any] = {name: getattr(record, name) for name in _PLAIN}
    fields["strokes"] = tuple(_at(shared.strokes, place, f"{where}.strokes") for place in record.strokes)
    fields["patch"] = None if record.patch is None else _at(shared.patches, record.patch, f"{where}.patch")
    if isinstance(record, FusionLayerRecord):
        fields |= {name: getattr(record, name) for name in ("amount", "depth", "detail", "x", "y")}
        return FusionEdit(_at(shared.motifs, record.motif, f"{where}.motif"), **fields)
    fields |= {"refine": float(record.refine), "seed": record.seed}
    if isinstance(record, TextureLayerRecord):
        texture = _at(shared.textures, record.texture, f"{where}.texture")
        fields |= {"angle": record.angle, "follow": record.follow, "match_color": record.match_color}
        return TextureEdit(texture, **fields)
    styles = tuple(_at(shared.styles, place, f"{where}.styles") for place in record.styles)
    fields |= {"strength": record.strength, "crossfade": record.crossfade, "octaves": record.octaves}
    fields |= {"keep_color": record.keep_color, "keep_color_by": record.keep_color_by}
    return StyleEdit(styles, **fields)


def _stroke(record: StrokeRecord, points: np.ndarray, place: int) -> Stroke:
    values = (record.color, record.weight, record.visible, record.seed, record.id)
    return _placed(lambda: Stroke(record.kind, points, record.radius, *values), f"$.strokes[{place}]")


def _direction(record: DirectionRecord, values: np.ndarray, place: int) -> Direction:
    rest = (record.manifold, record.limit, record.source, record.id)
    return _placed(lambda: Direction(record.name, values, *rest), f"$.directions[{place}]")


def _style(record: StyleRecord, flat: Flat, place: int) -> Style:
    means, grams = (
        tuple(_array(flat, f"style {place} {what} {octave}") for octave in range(len(OCTAVES)))
        for what in ("mean", "gram")
    )
    exemplar = flat.exemplars[style_entry(place)] if record.exemplar else None
    network = {name: _array(flat, f"style {place} network {name}") for name in record.network}
    named = (record.name, means, grams, record.artist, record.year)
    fitted = _array(flat, f"style {place} fitted") if record.fitted_to else None
    rest = (exemplar, network, record.id, fitted, record.fitted_to)
    return _placed(lambda: Style(*named, *rest), f"$.styles[{place}]")


def _texture(record: TextureRecord, flat: Flat, place: int) -> Texture:
    exemplar = flat.exemplars[texture_entry(place)]
    network = {name: _array(flat, f"texture {place} network {name}") for name in record.network}
    rest = (record.seconds, record.seamless, record.id)
    return _placed(lambda: Texture(record.name, exemplar, network, *rest), f"$.textures[{place}]")


def _motif(record: MotifRecord, flat: Flat, place: int) -> Motif:
    return _placed(lambda: Motif(record.name, flat.exemplars[motif_entry(place)], record.id), f"$.motifs[{place}]")


def _keyframe(record: KeyframeRecord, edits: Sequence[Edit], where: str) -> Keyframe:
    shown = tuple(_at(edits, place, f"{where}.edits") for place in record.edits)
    return Keyframe(shown, record.caption, record.seconds, record.hold, record.easing, record.id)


def _placed(make: Callable[[], T], where: str) -> T:
    """What `make` makes; its ValueError gets the place in the JSON."""
    try:
        return make()
    except ValueError as error:
        raise ValueError(f"{error} - at `{where}`") from error


def _array(flat: Flat, name: str) -> np.ndarray:
    """The array of that name; LookupError where it is missing."""
    if name not in flat.arrays:
        raise LookupError(f"there is no array {name}")
    return flat.arrays[name]


def _at(items: Sequence[T], place: int, where: str) -> T:
    """The item of that place; LookupError that says where the wrong place stands."""
    if place >= len(items):
        raise LookupError(f"there is no number {place} - at `{where}`")
    return items[place]
