"""Sliders as files of the user's library: one small safetensors file each, and back.

    metadata    format ("ganvas slider"), version, id, name, manifold, limit
    values      float32, layers x width

Whatever a file holds it is read as hostile: its size, its words and its one array are checked.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import safetensors.numpy
from msgspec import Meta

from engine.document.atomic import replacing
from engine.document.direction import Direction
from engine.document.errors import InputError
from engine.document.image_files import read_bytes

FOLDER: Final = "sliders"
SUFFIX: Final = ".safetensors"
OWN: Final = "own"
"""Source of the user's sliders."""

MAX_BYTES = 8 << 20
MAX_HEADER = 1 << 16

Short = Annotated[str, Meta(min_length=1, max_length=200)]


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    """The file's own words; everything in safetensors' metadata is text."""

    format: Annotated[str, Meta(pattern="^ganvas slider$")]
    version: Annotated[str, Meta(pattern="^1$")]
    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
    name: Short
    manifold: Short
    limit: Annotated[str, Meta(pattern=r"^\d{1,3}(\.\d{1,6})?$")]


def own(folder: Path) -> Iterator[Direction]:
    """The sliders that lie in the folder, by name; what is no slider is passed over."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        try:
            found.append(read(path))
        except InputError:
            continue
    yield from sorted(found, key=lambda direction: direction.name.casefold())


def file_id(id: str) -> str:
    """The id that a file can have, of any direction's: those found in a model say in theirs where, in words."""
    return re.sub(r"[^A-Za-z0-9]+", "-", id)[-64:].strip("-") or "slider"


def keep(direction: Direction, folder: Path) -> Path:
    """Write the slider into the library's folder, which is made; InputError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the slider could not be saved ({error.strerror}): check the disk.") from error
    path = folder / f"{direction.id}{SUFFIX}"
    write(direction, path)
    return path


def write(direction: Direction, path: Path) -> None:
    """Write one slider, atomically; InputError, the old file untouched, where that fails."""
    name, limit = _plain(direction.name) or "untitled", f"{direction.limit:.3f}"
    words = {"format": "ganvas slider", "version": "1", "id": direction.id, "name": name,
             "manifold": direction.manifold, "limit": limit}  # fmt: skip
    content = safetensors.numpy.save({"values": np.ascontiguousarray(direction.values)}, words)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def read(path: Path) -> Direction:
    """The slider in a file; InputError, one line, for all else."""
    content = read_bytes(path, MAX_BYTES)
    words = _words(content, path.name)
    try:
        arrays = safetensors.numpy.load(content)
    except Exception as error:  # the reader raises its own kinds besides KeyError and ValueError
        raise InputError(_damaged(path.name, "its array is broken")) from error
    if list(arrays) != ["values"] or arrays["values"].dtype != np.float32:
        raise InputError(_damaged(path.name, "it holds something else than one array of numbers"))
    try:
        return Direction(words.name, arrays["values"], words.manifold, float(words.limit), OWN, words.id)
    except ValueError as error:
        raise InputError(_damaged(path.name, str(error))) from error


def _words(content: bytes, name: str) -> _Words:
    length = struct.unpack("<Q", content[:8])[0] if len(content) >= 8 else 0
    if not 2 <= length <= min(MAX_HEADER, len(content) - 8):
        raise InputError(_damaged(name, "it does not begin as one"))
    try:
        header = msgspec.json.decode(content[8 : 8 + length], type=dict[str, msgspec.Raw])
        return msgspec.json.decode(header.get("__metadata__", msgspec.Raw(b"{}")), type=_Words)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(_damaged(name, f"its header is wrong: {str(error)[:200]}")) from error


def _plain(text: str) -> str:
    """One printable line of at most 60 characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()[:60]


def _damaged(name: str, reason: str) -> str:
    return f"{name} is no slider of Ganvas ({reason}): take it out of the library's folder."
