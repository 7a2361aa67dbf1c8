"""A document as JSON: everything but its pixels and arrays, which it names by number.

What keyframes share with the stack of edits, and edits with one another, is written once: the lists of latents,
tunings, directions, strokes, styles, textures, motifs, patches and edits are referred to by place. `records` has the
fields and the names of arrays; `rebuild` goes the other way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from engine.document.direction import Direction, Slides
from engine.document.document import Document
from engine.document.edit import Edit, FusionEdit, ManifoldEdit, Patch, TextureEdit
from engine.document.latent import Latent
from engine.document.motif import Motif
from engine.document.records import (
    VERSION,
    DirectionRecord,
    DocumentRecord,
    EditRecord,
    FrameRecord,
    FusionLayerRecord,
    KeyframeRecord,
    LatentRecord,
    ManifoldRecord,
    MotifRecord,
    PatchRecord,
    PhotoRecord,
    SlideRecord,
    StrokeRecord,
    StyleLayerRecord,
    StyleRecord,
    TextureLayerRecord,
    TextureRecord,
    TuningRecord,
)
from engine.document.sequence import Keyframe
from engine.document.stroke import Stroke
from engine.document.style import Style
from engine.document.texture import Texture
from engine.document.tuning import Tuning

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Flat:
    """A document in the parts it is saved as: the record, arrays by name, patches in the record's order.

    exemplars: HxWx3 uint8 by the name of their entry.
    """

    record: DocumentRecord
    arrays: Mapping[str, np.ndarray]
    patches: Sequence[Patch]
    exemplars: Mapping[str, np.ndarray] = field(default_factory=dict)


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


class _Lists:
    """Everything that edits may share."""

    def __init__(self) -> None:
        self.latents, self.strokes, self.patches = _List[Latent](), _List[Stroke](), _List[Patch]()
        self.styles, self.textures, self.directions = _List[Style](), _List[Texture](), _List[Direction]()
        self.motifs, self.tunings = _List[Motif](), _List[Tuning]()

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays under the names that the records give them."""
        arrays = {f"latent {i}": latent.values for i, latent in enumerate(self.latents.items)}
        arrays |= {f"points {i}": stroke.points for i, stroke in enumerate(self.strokes.items)}
        arrays |= {f"direction {i}": direction.values for i, direction in enumerate(self.directions.items)}
        for i, style in enumerate(self.styles.items):
            arrays |= {f"style {i} mean {octave}": mean for octave, mean in enumerate(style.means)}
            arrays |= {f"style {i} gram {octave}": gram for octave, gram in enumerate(style.grams)}
            arrays |= {f"style {i} network {name}": weight for name, weight in style.network.items()}
            arrays |= {f"style {i} fitted": style.fitted} if style.fitted is not None else {}
        for i, texture in enumerate(self.textures.items):
            arrays |= {f"texture {i} network {name}": weight for name, weight in texture.network.items()}
        for i, tuning in enumerate(self.tunings.items):
            arrays |= {f"tuning {i} up {name}": up for name, (up, _) in tuning.factors.items()}
            arrays |= {f"tuning {i} down {name}": down for name, (_, down) in tuning.factors.items()}
        return arrays

    def exemplars(self) -> dict[str, np.ndarray]:
        """The pictures that layers were made from, by the name of their entry."""
        shown = [(style_entry(i), style.exemplar) for i, style in enumerate(self.styles.items)]
        shown += [(texture_entry(i), texture.exemplar) for i, texture in enumerate(self.textures.items)]
        shown += [(motif_entry(i), motif.pixels) for i, motif in enumerate(self.motifs.items)]
        return {name: exemplar for name, exemplar in shown if exemplar is not None}


def style_entry(number: int) -> str:
    """The entry that holds the exemplar of that style."""
    return f"styles/{number}.png"


def texture_entry(number: int) -> str:
    """The entry that holds the exemplar of that texture."""
    return f"textures/{number}.png"


def motif_entry(number: int) -> str:
    """The entry that holds the picture of that motif."""
    return f"motifs/{number}.png"


def flatten(document: Document) -> Flat:
    """The document in parts, everything that is shared listed once."""
    edits, lists = _List[Edit](), _Lists()
    photo = document.photo
    stack = tuple(edits.place(edit) for edit in document.edits)
    keyframes = tuple(_keyframe_record(keyframe, edits) for keyframe in document.sequence.keyframes)
    edit_records = tuple(_edit_record(edit, lists) for edit in edits.items)
    record = DocumentRecord(
        version=VERSION,
        photo=PhotoRecord(_encodable(photo.name), photo.width, photo.height, pasted=not photo.source),
        latents=tuple(_latent_record(latent, lists) for latent in lists.latents.items),
        strokes=tuple(_stroke_record(stroke) for stroke in lists.strokes.items),
        styles=tuple(_style_record(style) for style in lists.styles.items),
        textures=tuple(_texture_record(texture) for texture in lists.textures.items),
        patches=tuple(PatchRecord(int(patch.x), int(patch.y)) for patch in lists.patches.items),
        edits=edit_records,
        stack=stack,
        keyframes=keyframes,
        directions=tuple(_direction_record(direction) for direction in lists.directions.items),
        motifs=tuple(MotifRecord(_encodable(motif.name), motif.id) for motif in lists.motifs.items),
        tunings=tuple(TuningRecord(tuple(tuning.factors)) for tuning in lists.tunings.items),
    )
    return Flat(record, lists.arrays(), lists.patches.items, lists.exemplars())


def _encodable(text: str) -> str:
    """`text` with a question mark for what has no Unicode: file names may hold any byte."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _edit_record(edit: Edit, lists: _Lists) -> EditRecord:
    if isinstance(edit, ManifoldEdit):
        return _manifold_record(edit, lists)
    shared: dict[str, Any] = {
        "id": edit.id,
        "strokes": tuple(lists.strokes.place(stroke) for stroke in edit.strokes),
        "whole": bool(edit.whole),
        "scale": float(edit.scale),
        "snap": float(edit.snap),
        "opacity": float(edit.opacity),
        "blend": edit.blend,
        "visible": bool(edit.visible),
        "patch": None if edit.patch is None else lists.patches.place(edit.patch),
        "name": _encodable(edit.name),
    }
    if isinstance(edit, FusionEdit):
        shared |= {name: float(getattr(edit, name)) for name in ("amount", "depth", "detail", "x", "y")}
        return FusionLayerRecord(motif=lists.motifs.place(edit.motif), **shared)
    shared |= {"refine": float(edit.refine), "seed": int(edit.seed)}
    if isinstance(edit, TextureEdit):
        return TextureLayerRecord(
            texture=lists.textures.place(edit.texture),
            angle=float(edit.angle),
            follow=bool(edit.follow),
            match_color=float(edit.match_color),
            **shared,
        )
    grain, stroke, pattern, composition = map(float, edit.octaves)
    return StyleLayerRecord(
        styles=tuple(lists.styles.place(style) for style in edit.styles),
        strength=float(edit.strength),
        crossfade=float(edit.crossfade),
        octaves=(grain, stroke, pattern, composition),
        keep_color=float(edit.keep_color),
        keep_color_by=edit.keep_color_by,
        **shared,
    )


def _manifold_record(edit: ManifoldEdit, lists: _Lists) -> ManifoldRecord:
    frame = edit.frame
    return ManifoldRecord(
        id=edit.id,
        frame=FrameRecord(float(frame.x), float(frame.y), float(frame.size), float(frame.angle)),
        base=lists.latents.place(edit.base),
        latent=lists.latents.place(edit.latent),
        strokes=tuple(lists.strokes.place(stroke) for stroke in edit.strokes),
        realism=float(edit.realism),
        opacity=float(edit.opacity),
        visible=bool(edit.visible),
        patch=None if edit.patch is None else lists.patches.place(edit.patch),
        slides=_slide_records(edit.slides, lists),
        inside=bool(edit.inside),
        name=_encodable(edit.name),
    )


def _latent_record(latent: Latent, lists: _Lists) -> LatentRecord:
    return LatentRecord(latent.manifold, None if latent.tuning is None else lists.tunings.place(latent.tuning))


def _slide_records(slides: Slides, lists: _Lists) -> tuple[SlideRecord, ...]:
    return tuple(SlideRecord(lists.directions.place(slide.direction), float(slide.amount)) for slide in slides)


def _direction_record(direction: Direction) -> DirectionRecord:
    name, source = _encodable(direction.name), _encodable(direction.source)
    return DirectionRecord(name, direction.manifold, float(direction.limit), source, direction.id)


def _keyframe_record(keyframe: Keyframe, edits: _List[Edit]) -> KeyframeRecord:
    return KeyframeRecord(
        id=keyframe.id,
        edits=tuple(edits.place(edit) for edit in keyframe.edits),
        caption=keyframe.caption,
        seconds=float(keyframe.seconds),
        hold=float(keyframe.hold),
        easing=keyframe.easing,
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


def _style_record(style: Style) -> StyleRecord:
    return StyleRecord(
        name=_encodable(style.name),
        artist=_encodable(style.artist),
        year=_encodable(style.year),
        exemplar=style.exemplar is not None,
        network=tuple(style.network),
        id=style.id,
        fitted_to=style.fitted_to if style.fitted is not None else "",
    )


def _texture_record(texture: Texture) -> TextureRecord:
    return TextureRecord(
        name=_encodable(texture.name),
        network=tuple(texture.network),
        seconds=float(texture.seconds),
        seamless=bool(texture.seamless),
        id=texture.id,
    )
