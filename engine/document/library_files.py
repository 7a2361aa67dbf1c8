"""Styles and textures as files of the library, one small safetensors file each, and back.

    metadata            format ("ganvas style" or "ganvas texture"), version, id, name; a style's artist and year, a
                        texture's seconds and seamless
    mean K              a style's octave K: C numbers
    spread K            the upper triangle of its covariance, row by row: C (C + 1) / 2 numbers
    exemplar, swatch    the bytes of a PNG or JPEG, uint8
    network/NAME        the weights of a network trained for it

The covariance is kept and not the Gram matrix: rounded to half precision it still is one. Whatever a file holds, it is
read as hostile: its header is checked before anything else is looked at, and no picture is decoded before its size.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import safetensors.numpy
from msgspec import Meta
from PIL import Image

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_decoding import Decoded
from engine.document.image_encoding import jpeg, png
from engine.document.image_files import read_bytes
from engine.document.style import OCTAVES, Style
from engine.document.texture import Texture

SUFFIX: Final = ".safetensors"
STYLE, TEXTURE = "style", "texture"
CHANNELS: Final = (16, 32, 64, 128)
"""Of the four octaves."""

MAX_BYTES = 64 << 20
MAX_HEADER = 1 << 20
LEAST_SIDE, MAX_SIDE = 8, 512
"""Pixels: of a texture's exemplar, and of any picture."""
LARGEST = 1e6
"""No statistic and no weight of an honest network comes near it."""

_VERSION = "1"
_NUMBERS = ("F16", "F32")
_IDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_WEIGHTS = re.compile(r"network/[A-Za-z0-9_.]{1,128}")

Short = Annotated[str, Meta(max_length=200)]


class _Tensor(msgspec.Struct, forbid_unknown_fields=True):
    """What the header of a safetensors file says of one array."""

    dtype: Annotated[str, Meta(max_length=8)]
    shape: Annotated[tuple[Annotated[int, Meta(ge=0, le=1 << 26)], ...], Meta(max_length=6)]
    data_offsets: tuple[int, int]


class _Metadata(msgspec.Struct, forbid_unknown_fields=True):
    """The file's own words; everything in safetensors' metadata is text."""

    format: Short
    version: Short
    id: Annotated[str, Meta(pattern=f"^{_IDS.pattern}$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    artist: Short = ""
    year: Short = ""
    seconds: Annotated[str, Meta(pattern=r"^\d{1,9}(\.\d{1,6})?$")] = "0"
    seamless: Annotated[str, Meta(pattern="^(yes|no)$")] = "no"


@dataclass(frozen=True)
class Heading:
    """What can be said of a file without reading its arrays. kind: `style` or `texture`."""

    id: str
    kind: str
    name: str
    artist: str
    year: str


def write(item: Style | Texture, path: Path, swatch: np.ndarray, numbers: type[np.floating] = np.float32) -> None:
    """Write one style or texture to `path`, atomically. swatch: hxwx3 uint8. numbers: float32 or float16.

    Raises InputError, the old file untouched, where that fails.
    """
    arrays = {f"network/{name}": np.asarray(weights) for name, weights in item.network.items()}
    if isinstance(item, Style):
        arrays |= _statistics(item, numbers)
    if item.exemplar is not None:
        arrays["exemplar"] = _bytes_as_array(png(Decoded(item.exemplar)))
    arrays["swatch"] = _bytes_as_array(jpeg(Decoded(swatch)))
    content = safetensors.numpy.save(arrays, _words(item))
    sides = item.exemplar.shape[:2] if item.exemplar is not None else (LEAST_SIDE,)
    if isinstance(item, Texture) and min(sides) < LEAST_SIDE:
        raise InputError(f"{path.name} could not be saved: a texture needs at least {LEAST_SIDE} pixels a side.")
    if len(content) > MAX_BYTES or max(sides) > MAX_SIDE:
        raise InputError(f"{path.name} could not be saved: its exemplar or its network is too large for the library.")
    _header(content, len(content), path.name)  # better told now than found out when it is opened
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def heading(path: Path) -> Heading:
    """What the file at `path` is, from its header alone. Raises InputError for all but a style's or texture's."""
    with _opened(path) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        words, _ = _header(stream.read(8 + MAX_HEADER), size, path.name)
    return _heading(words)


def swatch(path: Path) -> np.ndarray:
    """hxwx3 uint8, the small picture of what is in the file. Raises InputError where that cannot be had."""
    _, arrays = _content(path)
    return _picture(arrays["swatch"], path.name)


def read(path: Path) -> Style | Texture:
    """The style or texture in a file. Raises InputError, one line, for all else."""
    words, arrays = _content(path)
    network = {name.removeprefix("network/"): array for name, array in arrays.items() if name.startswith("network/")}
    least = LEAST_SIDE if words.format == "ganvas texture" else 1
    exemplar = _picture(arrays["exemplar"], path.name, least) if "exemplar" in arrays else None
    if words.format == "ganvas texture":
        assert exemplar is not None
        return Texture(words.name, exemplar, network, float(words.seconds), words.seamless == "yes", words.id)
    means = tuple(arrays[f"mean {i}"].astype(np.float32) for i in range(len(OCTAVES)))
    spreads = [_full(arrays[f"spread {i}"], len(mean), path.name) for i, mean in enumerate(means)]
    grams = tuple(spread + np.outer(mean, mean) for spread, mean in zip(spreads, means, strict=True))
    return Style(words.name, means, grams, words.artist, words.year, exemplar, network, words.id)


# Writing


def _words(item: Style | Texture) -> dict[str, str]:
    words = {"version": _VERSION, "id": item.id, "name": _plain(item.name) or "untitled"}
    if isinstance(item, Style):
        return words | {"format": "ganvas style", "artist": _plain(item.artist), "year": _plain(item.year)}
    seconds = f"{min(max(item.seconds, 0), 999_999_999):.1f}"
    return words | {"format": "ganvas texture", "seconds": seconds, "seamless": "yes" if item.seamless else "no"}


def _plain(text: str) -> str:
    """One printable line of at most 200 characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _statistics(style: Style, numbers: type[np.floating]) -> dict[str, np.ndarray]:
    found = {}
    for i, (mean, gram) in enumerate(zip(style.means, style.grams, strict=True)):
        spread = gram - np.outer(mean, mean)
        found[f"mean {i}"] = mean.astype(numbers)
        found[f"spread {i}"] = spread[np.triu_indices(len(mean))].astype(numbers)
    return found


def _bytes_as_array(content: bytes) -> np.ndarray:
    return np.frombuffer(content, np.uint8)


# Reading


def _opened(path: Path) -> io.BufferedReader:
    """The plain file at `path`, not too large."""
    try:
        if not path.is_file():
            raise InputError(f"{path.name} is not a file any more: look for it in the library's folder.")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(_damaged(path.name, f"it is larger than {MAX_BYTES >> 20} MB"))
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}): check the disk.") from error


def _header(start: bytes, size: int, name: str) -> tuple[_Metadata, Mapping[str, _Tensor]]:
    """The checked header of a file of `size` bytes that begins with `start`."""
    length = struct.unpack("<Q", start[:8])[0] if len(start) >= 8 else 0
    if not 2 <= length <= min(MAX_HEADER, len(start) - 8):
        raise InputError(_damaged(name, "it does not begin as one"))
    try:
        tensors = msgspec.json.decode(start[8 : 8 + length], type=dict[str, msgspec.Raw])
        words = msgspec.json.decode(tensors.pop("__metadata__", b"{}"), type=_Metadata)
        described = {key: msgspec.json.decode(raw, type=_Tensor) for key, raw in tensors.items()}
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(_damaged(name, f"its header is wrong: {str(error)[:200]}")) from error
    _check(words, described, size - 8 - length, name)
    return words, described


def _check(words: _Metadata, tensors: Mapping[str, _Tensor], size: int, name: str) -> None:
    """Refuse what is neither a style nor a texture, or not whole."""
    if words.format not in ("ganvas style", "ganvas texture"):
        raise InputError(_damaged(name, "it says it is something else"))
    if words.version != _VERSION:
        raise InputError(f"{name} was made by a newer Ganvas: update this one to use it.")
    if max((tensor.data_offsets[1] for tensor in tensors.values()), default=0) != size:
        raise InputError(_damaged(name, "it is cut short or has something behind it"))
    expected = _expected() if words.format == "ganvas style" else {"exemplar": None, "swatch": None}
    missing = [key for key in expected if key not in tensors]
    if missing:
        raise InputError(_damaged(name, f"it lacks {missing[0]}"))
    for key, tensor in tensors.items():
        if not _fits(key, tensor, expected):
            raise InputError(_damaged(name, f"its array {key[:80]} does not belong there or has a wrong shape"))


def _expected() -> dict[str, tuple[int, ...] | None]:
    """The arrays a style must have, and their shapes."""
    found: dict[str, tuple[int, ...] | None] = {"swatch": None}
    for i, channels in enumerate(CHANNELS):
        found |= {f"mean {i}": (channels,), f"spread {i}": (channels * (channels + 1) // 2,)}
    return found


def _fits(key: str, tensor: _Tensor, expected: Mapping[str, tuple[int, ...] | None]) -> bool:
    if key in ("exemplar", "swatch"):
        return tensor.dtype == "U8" and len(tensor.shape) == 1
    if tensor.dtype not in _NUMBERS:
        return False
    return tensor.shape == expected[key] if key in expected else bool(_WEIGHTS.fullmatch(key))


def _content(path: Path) -> tuple[_Metadata, dict[str, np.ndarray]]:
    """The file's words and arrays, all finite."""
    data = read_bytes(path, MAX_BYTES)
    words, _ = _header(data, len(data), path.name)
    try:
        arrays = safetensors.numpy.load(data)
    except Exception as error:  # the reader raises its own kinds besides KeyError and ValueError
        raise InputError(_damaged(path.name, "its arrays are broken")) from error
    for key, array in arrays.items():
        if array.dtype != np.uint8 and not (np.abs(array, dtype=np.float32) <= LARGEST).all():  # false for NaN too
            raise InputError(_damaged(path.name, f"its array {key[:80]} holds something else than sound numbers"))
    return words, arrays


def _heading(words: _Metadata) -> Heading:
    kind = STYLE if words.format == "ganvas style" else TEXTURE
    return Heading(words.id, kind, _plain(words.name) or "untitled", _plain(words.artist), _plain(words.year))


def _picture(content: np.ndarray, name: str, least: int = 1) -> np.ndarray:
    """HxWx3 uint8 of a PNG's or JPEG's bytes, `least` to MAX_SIDE a side."""
    try:
        with Image.open(io.BytesIO(content.tobytes()), formats=("PNG", "JPEG")) as image:
            if max(image.size) > MAX_SIDE or min(image.size) < least:
                raise InputError(_damaged(name, f"a picture in it has not {least} to {MAX_SIDE} pixels a side"))
            return np.asarray(image.convert("RGB"))
    except InputError:
        raise
    except Exception as error:  # decoders raise anything at all on damaged pictures
        raise InputError(_damaged(name, "a picture in it is broken")) from error


def _full(triangle: np.ndarray, size: int, name: str) -> np.ndarray:
    """The symmetric matrix of an upper triangle; a covariance has no negative variance."""
    matrix = np.zeros((size, size), np.float32)
    matrix[np.triu_indices(size)] = triangle
    if (matrix.diagonal() < -1e-3 * max(1.0, float(np.abs(triangle).max()))).any():
        raise InputError(_damaged(name, "its statistics are those of no picture"))
    np.fill_diagonal(matrix, matrix.diagonal().clip(0))
    return matrix + np.triu(matrix, 1).T


def _damaged(name: str, reason: str) -> str:
    return f"{name} is no style or texture of the library ({reason}): remove it, or copy it again from where it came."
