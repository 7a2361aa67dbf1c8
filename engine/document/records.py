"""The records of `document.json`: their fields, the limits of their values, and which edit each one is.

Every list is referred to by place (0 is its first item); what is an array or a picture lies in other entries of the
file, under the number of the item it belongs to.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from engine.document.blending import Blend
from engine.document.direction import MOST
from engine.document.sequence import Easing
from engine.document.stroke import StrokeKind
from engine.document.style import ColorsBy

VERSION: Final = 4
"""1 knew manifold edits only, without a `kind`; 2 no sliders and no fusion layers; 3 no tunings."""

Place = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Coordinate = Annotated[float, Meta(ge=-1e9, le=1e9)]
Seconds = Annotated[float, Meta(ge=0, le=1e6)]
Corner = Annotated[int, Meta(ge=-(2**31), le=2**31)]
Channel = Annotated[int, Meta(ge=0, le=255)]
Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Scale = Annotated[float, Meta(gt=0, le=100)]
Refined = bool | Share  # earlier programs wrote only whether
Text = Annotated[str, Meta(max_length=10_000)]
WeightNames = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=1_000)]


class PhotoRecord(msgspec.Struct, forbid_unknown_fields=True):
    """pasted: the photo came without a file; the entry `photo` is a PNG made of its pixels."""

    name: Text
    width: Place
    height: Place
    pasted: bool


class LatentRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its values are the array `latent N`, N its place in the list. tuning: a place in the list."""

    manifold: Text
    tuning: Place | None = None


class TuningRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its matrices are the arrays `tuning N up NAME` and `tuning N down NAME`, N its place in the list."""

    weights: WeightNames


class StrokeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its points, in photo pixels, are the array `points N`, N its place in the list."""

    kind: StrokeKind
    radius: Annotated[float, Meta(gt=0, le=1e9)]
    color: tuple[Channel, Channel, Channel] | None
    weight: Annotated[float, Meta(ge=0, le=4)]
    visible: bool
    seed: Number
    id: Text


class StyleRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its statistics are the arrays `style N mean I` and `style N gram I`, I the octave from 0.

    exemplar: whether there is an entry `styles/N.png`. network: its weights are the arrays `style N network NAME`.
    fitted_to: of which network the array `style N fitted` holds, empty where there is none.
    """

    name: Text
    artist: Text
    year: Text
    exemplar: bool
    network: WeightNames
    id: Text
    fitted_to: Text = ""


class TextureRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its exemplar is the entry `textures/N.png`; its network's weights are the arrays `texture N network NAME`."""

    name: Text
    network: WeightNames
    seconds: Annotated[float, Meta(ge=0, le=1e9)]
    seamless: bool
    id: Text


class DirectionRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its values are the array `direction N`, N its place in the list."""

    name: Text
    manifold: Text
    limit: Annotated[float, Meta(gt=0, le=MOST)]
    source: Text
    id: Text


class SlideRecord(msgspec.Struct, forbid_unknown_fields=True):
    """As Slide; direction is a place in the list."""

    direction: Place
    amount: Annotated[float, Meta(ge=-MOST, le=MOST)]


class MotifRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its picture is the entry `motifs/N.png`."""

    name: Text
    id: Text


class PatchRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its pixels and support are the entries `patches/N.png` and `patches/N-support.png`."""

    x: Corner
    y: Corner


class FrameRecord(msgspec.Struct, forbid_unknown_fields=True):
    """As Frame."""

    x: Coordinate
    y: Coordinate
    size: Annotated[float, Meta(gt=0, le=1e9)]
    angle: Coordinate


class ManifoldRecord(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", tag="manifold"):
    """As ManifoldEdit; base, latent, strokes and patch are places in their lists."""

    id: Text
    frame: FrameRecord
    base: Place
    latent: Place
    strokes: tuple[Place, ...]
    realism: Share
    opacity: Share
    visible: bool
    patch: Place | None
    slides: tuple[SlideRecord, ...] = ()
    inside: bool = False
    name: Text = ""


class _LayerRecord(msgspec.Struct, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    """What all layers have in common; strokes and patch are places in their lists."""

    id: Text
    strokes: tuple[Place, ...]
    whole: bool
    scale: Scale
    snap: Share
    opacity: Share
    blend: Blend
    visible: bool
    patch: Place | None
    name: Text = ""


class StyleLayerRecord(_LayerRecord, tag="style", kw_only=True):
    """As StyleEdit; styles are places in their list."""

    refine: Refined
    seed: Number
    styles: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=2)]
    strength: Share
    crossfade: Share
    octaves: tuple[Share, Share, Share, Share]
    keep_color: Share
    keep_color_by: ColorsBy = ColorsBy.LUMINANCE


class TextureLayerRecord(_LayerRecord, tag="texture", kw_only=True):
    """As TextureEdit; texture is a place in its list."""

    refine: Refined
    seed: Number
    texture: Place
    angle: Coordinate
    follow: bool
    match_color: Share


class FusionLayerRecord(_LayerRecord, tag="fusion", kw_only=True):
    """As FusionEdit; motif is a place in its list."""

    motif: Place
    amount: Share
    depth: Annotated[float, Meta(ge=1, le=4)]
    detail: Share
    x: Annotated[float, Meta(ge=-1, le=1)]
    y: Annotated[float, Meta(ge=-1, le=1)]


LayerRecord = StyleLayerRecord | TextureLayerRecord | FusionLayerRecord
EditRecord = ManifoldRecord | StyleLayerRecord | TextureLayerRecord | FusionLayerRecord


class KeyframeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """As Keyframe; edits are places in the list of edits."""

    id: Text
    edits: tuple[Place, ...]
    caption: Text
    seconds: Seconds
    hold: Seconds
    easing: Easing


class DocumentRecord(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`document.json`. stack: the document's edits, as places in the list of all."""

    version: Literal[2, 3, 4]
    photo: PhotoRecord
    latents: tuple[LatentRecord, ...]
    strokes: tuple[StrokeRecord, ...]
    styles: tuple[StyleRecord, ...]
    textures: tuple[TextureRecord, ...]
    patches: tuple[PatchRecord, ...]
    edits: tuple[EditRecord, ...]
    stack: tuple[Place, ...]
    keyframes: tuple[KeyframeRecord, ...]
    directions: tuple[DirectionRecord, ...] = ()
    motifs: tuple[MotifRecord, ...] = ()
    tunings: tuple[TuningRecord, ...] = ()


class FirstRecord(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`document.json` as version 1 wrote it."""

    version: Literal[1]
    photo: PhotoRecord
    latents: tuple[LatentRecord, ...]
    strokes: tuple[StrokeRecord, ...]
    patches: tuple[PatchRecord, ...]
    edits: tuple[ManifoldRecord, ...]
    stack: tuple[Place, ...]
    keyframes: tuple[KeyframeRecord, ...]


def read_record(description: bytes) -> DocumentRecord:
    """The checked content of `document.json`, of this version or an older one.

    Raises msgspec.DecodeError (its ValidationError names the place) or RecursionError for what is neither.
    """
    version = msgspec.json.decode(description, type=dict[str, msgspec.Raw]).get("version")
    if version is None or bytes(version) != b"1":
        return msgspec.json.decode(description, type=DocumentRecord)
    first = msgspec.json.decode(description, type=FirstRecord)
    parts = {name: getattr(first, name) for name in first.__struct_fields__ if name != "version"}
    return DocumentRecord(version=VERSION, styles=(), textures=(), **parts)


def is_newer(description: bytes) -> bool:
    """Whether `document.json` says that it was written by a later version; msgspec.DecodeError where it is no JSON."""
    version = bytes(msgspec.json.decode(description, type=dict[str, msgspec.Raw]).get("version", msgspec.Raw(b"0")))
    return version.isdigit() and len(version) < 20 and int(version) > VERSION
