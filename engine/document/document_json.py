"""A document as JSON: everything but its pixels and arrays, which it names by number.

What keyframes share with the stack of edits, and edits with one another, is written once: the lists of latents,
strokes, patches and edits are referred to by place. The arrays are called `latent N` and `points N`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Generic, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import Meta

from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.sequence import Easing, EditSequence, Keyframe
from engine.document.stroke import Stroke, StrokeKind

VERSION: Final = 1

T = TypeVar("T")
Place = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Coordinate = Annotated[float, Meta(ge=-1e9, le=1e9)]
Seconds = Annotated[float, Meta(ge=0, le=1e6)]
Corner = Annotated[int, Meta(ge=-(2**31), le=2**31)]
Channel = Annotated[int, Meta(ge=0, le=255)]
Text = Annotated[str, Meta(max_length=10_000)]


class PhotoRecord(msgspec.Struct, forbid_unknown_fields=True):
    """pasted: the photo came without a file; the entry `photo` is a PNG made of its pixels."""

    name: Text
    width: Place
    height: Place
    pasted: bool


class LatentRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its values are the array `latent N`, N its place in the list."""

    manifold: Text


class StrokeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """Its points, in photo pixels, are the array `points N`, N its place in the list."""

    kind: StrokeKind
    radius: Annotated[float, Meta(gt=0, le=1e9)]
    color: tuple[Channel, Channel, Channel] | None
    weight: Annotated[float, Meta(ge=0, le=4)]
    visible: bool
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
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


class EditRecord(msgspec.Struct, forbid_unknown_fields=True):
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


class KeyframeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """As Keyframe; edits are places in the list of edits."""

    id: Text
    edits: tuple[Place, ...]
    caption: Text
    seconds: Seconds
    hold: Seconds
    easing: Easing


class DocumentRecord(msgspec.Struct, forbid_unknown_fields=True):
    """`document.json`. stack: the document's edits, as places in the list of all."""

    version: Literal[1]
    photo: PhotoRecord
    latents: tuple[LatentRecord, ...]
    strokes: tuple[StrokeRecord, ...]
    patches: tuple[PatchRecord, ...]
    edits: tuple[EditRecord, ...]
    stack: tuple[Place, ...]
    keyframes: tuple[KeyframeRecord, ...]


@dataclass(frozen=True, eq=False)
class Flat:
    """A document in the parts it is saved as: the record, float32 arrays by name, patches in the record's order."""

    record: DocumentRecord
    arrays: Mapping[str, np.ndarray]
    patches: Sequence[Patch]


class _List(Generic[T]):
    """Distinct objects in the order they were first met."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._places: dict[int, int] = {}

    def place(self, item: T) -> int:
        """Where `item` stands; the very same object always stands in one place."""
        if id(item) not in self._places:
            self._places[id(item)] = len(self.items)
            self.items.append(item)
        return self._places[id(item)]


def flatten(document: Document) -> Flat:
    """The document in parts, everything that is shared listed once."""
    edits, latents, strokes, patches = _List[ManifoldEdit](), _List[Latent](), _List[Stroke](), _List[Patch]()
    photo = document.photo
    stack = tuple(edits.place(edit) for edit in document.edits)
    keyframes = tuple(
        KeyframeRecord(
            id=keyframe.id,
            edits=tuple(edits.place(edit) for edit in keyframe.edits),
            caption=keyframe.caption,
            seconds=float(keyframe.seconds),
            hold=float(keyframe.hold),
            easing=keyframe.easing,
        )
        for keyframe in document.sequence.keyframes
    )
    edit_records = tuple(_edit_record(edit, latents, strokes, patches) for edit in edits.items)
    record = DocumentRecord(
        version=VERSION,
        photo=PhotoRecord(_encodable(photo.name), photo.width, photo.height, pasted=not photo.source),
        latents=tuple(LatentRecord(latent.manifold) for latent in latents.items),
        strokes=tuple(_stroke_record(stroke) for stroke in strokes.items),
        patches=tuple(PatchRecord(int(patch.x), int(patch.y)) for patch in patches.items),
        edits=edit_records,
        stack=stack,
        keyframes=keyframes,
    )
    arrays = {f"latent {i}": latent.values for i, latent in enumerate(latents.items)}
    arrays |= {f"points {i}": stroke.points for i, stroke in enumerate(strokes.items)}
    return Flat(record, arrays, patches.items)


def rebuild(flat: Flat, photo: Photo) -> Document:
    """The document of these parts, sharing again what was shared.

    Raises ValueError or LookupError, naming the place in the JSON, where the parts do not fit one another.
    """
    record = flat.record
    latents = [Latent(_array(flat, f"latent {i}"), item.manifold) for i, item in enumerate(record.latents)]
    strokes = [_stroke(item, _array(flat, f"points {i}"), i) for i, item in enumerate(record.strokes)]
    edits = []
    for i, item in enumerate(record.edits):
        where = f"$.edits[{i}]"
        edits.append(
            ManifoldEdit(
                frame=Frame(item.frame.x, item.frame.y, item.frame.size, item.frame.angle),
                base=_at(latents, item.base, f"{where}.base"),
                latent=_at(latents, item.latent, f"{where}.latent"),
                strokes=tuple(_at(strokes, place, f"{where}.strokes") for place in item.strokes),
                realism=item.realism,
                opacity=item.opacity,
                visible=item.visible,
                patch=None if item.patch is None else _at(flat.patches, item.patch, f"{where}.patch"),
                id=item.id,
            )
        )
    stack = tuple(_at(edits, place, "$.stack") for place in record.stack)
    keyframes = tuple(_keyframe(item, edits, f"$.keyframes[{i}]") for i, item in enumerate(record.keyframes))
    return Document(photo, stack, EditSequence(keyframes))


def plain_name(name: str) -> str:
    """The last part of a name that may try to be a path."""
    return re.split(r"[/\\\0]", name)[-1] or "untitled"


def _encodable(text: str) -> str:
    """`text` with a question mark for what has no Unicode: file names may hold any byte."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _edit_record(
    edit: ManifoldEdit, latents: _List[Latent], strokes: _List[Stroke], patches: _List[Patch]
) -> EditRecord:
    frame = edit.frame
    return EditRecord(
        id=edit.id,
        frame=FrameRecord(float(frame.x), float(frame.y), float(frame.size), float(frame.angle)),
        base=latents.place(edit.base),
        latent=latents.place(edit.latent),
        strokes=tuple(strokes.place(stroke) for stroke in edit.strokes),
        realism=float(edit.realism),
        opacity=float(edit.opacity),
        visible=bool(edit.visible),
        patch=None if edit.patch is None else patches.place(edit.patch),
    )


def _stroke_record(stroke: Stroke) -> StrokeRecord:
    red, green, blue = map(int, stroke.color or (0, 0, 0))
    return StrokeRecord(
        kind=stroke.kind,
        radius=float(stroke.radius),
        color=None if stroke.color is None else (red, green, blue),
        weight=float(stroke.weight),
        visible=bool(stroke.visible),
        seed=int(stroke.seed),
        id=stroke.id,
    )


def _stroke(record: StrokeRecord, points: np.ndarray, place: int) -> Stroke:
    values = (record.color, record.weight, record.visible, record.seed, record.id)
    try:
        return Stroke(record.kind, points, record.radius, *values)
    except ValueError as error:
        raise ValueError(f"{error} - at `$.strokes[{place}]`") from error


def _keyframe(record: KeyframeRecord, edits: Sequence[ManifoldEdit], where: str) -> Keyframe:
    shown = tuple(_at(edits, place, f"{where}.edits") for place in record.edits)
    return Keyframe(shown, record.caption, record.seconds, record.hold, record.easing, record.id)


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
