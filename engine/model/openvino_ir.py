"""Reads weights out of OpenVINO IR v10 files (an XML graph and a file of numbers) from a zip archive, trusting neither.

Only constants that the caller names are read, and each must have the shape the caller expects: the graph itself is not
interpreted. The XML goes through a streaming parser that builds no tree and refuses document type declarations, without
which there are no entities to expand; sizes of archive members are limited while they are unpacked, not by what they
claim.
"""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

import numpy as np

from engine.document.errors import InputError

Shapes = Mapping[str, tuple[int, ...]]
"""Layer name -> expected shape."""

NUMBER = re.compile(r"\d{1,12}")


def member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Content of one archive member. InputError when it is missing, damaged or larger than `limit` bytes."""
    try:
        with archive.open(name) as stream:
            content = stream.read(limit + 1)
    except KeyError:
        raise InputError(f"{name} is missing in {archive.filename}: this is not the expected package") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{name} in {archive.filename} is damaged ({error}): download the package again") from error
    if len(content) > limit:
        raise InputError(f"{name} in {archive.filename} is larger than {limit} bytes: this is not the expected package")
    return content


@dataclass(frozen=True)
class _Place:
    """What the XML says of one constant."""

    element_type: str
    shape: str
    offset: str
    size: str


class _Scan:
    """Collects where the wanted constants lie while the XML streams by."""

    def __init__(self, wanted: Shapes) -> None:
        self.wanted = wanted
        self.places: dict[str, _Place] = {}
        self.current: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "layer":
            name = attributes.get("name", "")
            self.current = name if attributes.get("type") == "Const" and name in self.wanted else None
        elif tag == "data" and self.current is not None:
            if self.current in self.places:
                raise InputError(f"the network names the constant {self.current!r} twice: the file is damaged")
            parts = (attributes.get(part, "") for part in ("element_type", "shape", "offset", "size"))
            self.places[self.current] = _Place(*parts)

    def end(self, tag: str) -> None:
        if tag == "layer":
            self.current = None


def _refuse_doctype(*_: object) -> None:
    raise InputError("the network's XML declares a document type, which is not allowed: not the expected network")


def _places(xml: bytes, wanted: Shapes) -> dict[str, _Place]:
    scan = _Scan(wanted)
    parser = expat.ParserCreate()
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise InputError(f"the network's XML cannot be read ({error}): the file is damaged") from error
    return scan.places


def _whole(text: str, what: str) -> int:
    if not NUMBER.fullmatch(text):
        raise InputError(f"{what} is {text[:40]!r}, not a whole number: the network file is damaged")
    return int(text)


def _array(name: str, place: _Place, weights: bytes, shape: tuple[int, ...]) -> np.ndarray:
    if place.element_type != "f32":
        raise InputError(f"constant {name!r} holds {place.element_type[:20]!r}, not f32: not the expected network")
    stated = tuple(_whole(side.strip(), f"a side of {name!r}") for side in place.shape.split(",") if side.strip())
    if stated != shape:
        raise InputError(f"constant {name!r} is {stated}, not {shape}: not the expected network")
    offset, size = _whole(place.offset, f"the offset of {name!r}"), _whole(place.size, f"the size of {name!r}")
    if size != 4 * math.prod(shape) or offset + size > len(weights):
        raise InputError(f"constant {name!r} lies outside the file of weights: the network file is damaged")
    values = np.frombuffer(weights, "<f4", math.prod(shape), offset).reshape(shape)
    if not np.isfinite(values).all():
        raise InputError(f"constant {name!r} holds values that are not numbers: the network file is damaged")
    return values.astype(np.float32)


def constants(xml: bytes, weights: bytes, wanted: Shapes) -> dict[str, np.ndarray]:
    """The wanted constants by name, float32 copies. InputError when one is missing, misshapen or out of bounds."""
    places = _places(xml, wanted)
    missing = [name for name in wanted if name not in places]
    if missing:
        raise InputError(f"the network has no constant {missing[0]!r}: not the expected network")
    return {name: _array(name, places[name], weights, shape) for name, shape in wanted.items()}
