"""Strokes as JSON files, for replaying a gesture on any photo.

Coordinates are shares of the photo, so that the same file fits its small and its large copy: x of the width, y of
the height, the radius of the longer side. Strokes of the kinds style and texture are masks: where a layer is painted,
with their pressure as its strength. `resources/strokes.schema.json` describes the format; it is made from the
structures here by `python -m engine.document.stroke_files`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_files import read_bytes
from engine.document.stroke import Stroke, StrokeKind, new_id

MAX_BYTES = 128 << 20
MAX_STROKES = 10_000
MAX_POINTS = 1_000_000

Place = Annotated[float, Meta(ge=-16, le=16, description="0 to 1 across the photo; it may lie beyond the border")]
Pressure = Annotated[float, Meta(ge=0, le=1, description="of the pen; 1 for a mouse")]
Channel = Annotated[int, Meta(ge=0, le=255)]


class _StrokeRecord(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind", kw_only=True):
    """What every stroke has."""

    points: Annotated[
        tuple[tuple[Place, Place, Pressure], ...],
        Meta(min_length=1, max_length=MAX_POINTS, description="[x, y, pressure] in the order they were drawn"),
    ]
    radius: Annotated[
        float, Meta(gt=0, le=4, description="of the brush at full pressure, in longer sides of the photo")
    ]
    weight: Annotated[float, Meta(ge=0, le=4, description="how strongly it is obeyed against plausibility")] = 1.0
    visible: bool = True
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="of what is random in obeying it")] = 0
    id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class ColorStroke(_StrokeRecord, tag="color"):
    """Be this colour here."""

    color: Annotated[tuple[Channel, Channel, Channel], Meta(description="sRGB: red, green, blue")]


class SketchStroke(_StrokeRecord, tag="sketch"):
    """Have an edge along this line."""


class WarpStroke(_StrokeRecord, tag="warp"):
    """What is under the first point goes to the last point."""


class EraseStroke(_StrokeRecord, tag="erase"):
    """Take back what earlier strokes ask here."""


class ProtectStroke(_StrokeRecord, tag="protect"):
    """Leave the photo as it is here."""


class StyleStroke(_StrokeRecord, tag="style"):
    """Paint the style here: the pressure is its strength."""


class TextureStroke(_StrokeRecord, tag="texture"):
    """Paint the texture here: the pressure is its strength."""


AnyStroke = ColorStroke | SketchStroke | WarpStroke | EraseStroke | ProtectStroke | StyleStroke | TextureStroke


class StrokeFile(msgspec.Struct, forbid_unknown_fields=True):
    """Strokes of Ganvas, in the order they were drawn."""

    version: Literal[1]
    strokes: Annotated[tuple[AnyStroke, ...], Meta(max_length=MAX_STROKES)]


def read_strokes(source: Path | str | bytes, width: int, height: int) -> tuple[Stroke, ...]:
    """The strokes of a file, or of the bytes of one, on a photo of width x height pixels.

    Raises InputError that names the place in the JSON, for a file that does not follow the schema, has more than
    10,000 strokes or 1,000,000 points, or uses an id twice.
    """
    data, name = (source, "the strokes") if isinstance(source, bytes) else _read(Path(source))
    try:
        records = msgspec.json.decode(data, type=StrokeFile).strokes
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{name} is no stroke file ({error}): correct it as strokes.schema.json says.") from error
    if sum(len(record.points) for record in records) > MAX_POINTS:
        raise InputError(f"{name} has more than {MAX_POINTS:,} points: split it into several files.")
    _refuse_repeated_ids(records, name)
    return tuple(_stroke(record, width, height) for record in records)


def write_strokes(strokes: Iterable[Stroke], path: Path | str, width: int, height: int) -> None:
    """Write strokes drawn on a photo of width x height pixels, one a line, atomically; InputError where that fails."""
    lines = b",\n".join(msgspec.json.encode(_record(stroke, width, height)) for stroke in strokes)
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(b'{"version": 1, "strokes": [\n' + lines + b"\n]}\n")


def schema() -> bytes:
    """The JSON Schema (draft 2020-12) of stroke files."""
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(StrokeFile)}
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _read(path: Path) -> tuple[bytes, str]:
    """The content of a file and its name."""
    return read_bytes(path, MAX_BYTES), path.name


def _refuse_repeated_ids(records: Iterable[AnyStroke], name: str) -> None:
    """Two strokes of one id could not be told apart."""
    seen: set[str] = set()
    for number, record in enumerate(records):
        if record.id in seen:
            raise InputError(f"{name} uses an id twice - at `$.strokes[{number}].id`: give it another or leave it out.")
        if record.id is not None:
            seen.add(record.id)


def _stroke(record: AnyStroke, width: int, height: int) -> Stroke:
    """A record as a stroke on a photo of that size."""
    return Stroke(
        kind=StrokeKind(str(record.__struct_config__.tag)),
        points=np.array(record.points, np.float64) * (width, height, 1),
        radius=record.radius * max(width, height),
        color=record.color if isinstance(record, ColorStroke) else None,
        weight=record.weight,
        visible=record.visible,
        seed=record.seed,
        id=record.id or new_id(),
    )


def _record(stroke: Stroke, width: int, height: int) -> AnyStroke:
    """A stroke on a photo of that size as a record; InputError for one that no file can hold."""
    points = stroke.points.astype(np.float64) / (width, height, 1)
    content = {
        "kind": stroke.kind.value,
        "points": points.tolist(),
        "radius": float(stroke.radius) / max(width, height),
        "weight": float(stroke.weight),
        "visible": bool(stroke.visible),
        "seed": int(stroke.seed),
        "id": stroke.id,
    }
    if stroke.color is not None:
        content["color"] = [int(channel) for channel in stroke.color]
    try:
        record: AnyStroke = msgspec.convert(content, AnyStroke)
    except msgspec.ValidationError as error:
        raise InputError(f"a stroke does not fit a stroke file ({error}): leave it out.") from error
    return record


if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
