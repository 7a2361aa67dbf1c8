"""Picture files made in code: the good, the odd and the broken."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageCms

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def gradient(height: int = 24, width: int = 32, dtype: Any = np.uint8) -> np.ndarray:
    """HxWx3: smooth, and unlike itself under every turn and mirroring."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    rgb = np.stack([x / width, y / height, (x / width) * (y / height)], axis=-1)
    return np.rint(rgb * np.iinfo(dtype).max).astype(dtype)


def noise(height: int = 24, width: int = 32, dtype: Any = np.uint8, channels: int = 3) -> np.ndarray:
    """HxWxN of random samples."""
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)


def saved(image: Image.Image | np.ndarray, format: str, **options: Any) -> bytes:
    """The file Pillow makes of a picture."""
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def tiff(samples: np.ndarray, **options: Any) -> bytes:
    """The file tifffile makes of samples."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, samples, **options)
    return stream.getvalue()


def exif(orientation: int | None = None) -> bytes:
    """EXIF with a maker, a place and an exposure, and the orientation if one is given."""
    tags = Image.Exif()
    tags[271] = "Maker"
    if orientation is not None:
        tags[274] = orientation
    tags.get_ifd(0x8769)[0x829A] = 1 / 60
    tags.get_ifd(0x8769)[0x927C] = b"maker's own\0notes"
    tags.get_ifd(0x8825)[1] = "N"
    return tags.tobytes()


def exif_tags(data: bytes | None) -> dict[int, Any]:
    """The first directory of EXIF bytes, and under their numbers those of the exposure and the place."""
    tags = Image.Exif()
    tags.load(data or b"")
    return {**tags, **{number: dict(tags.get_ifd(number)) for number in (0x8769, 0x8825) if number in tags}}


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_header(width: int, height: int, depth: int = 8, color: int = 2) -> bytes:
    """A PNG that announces a size and stops."""
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))


def without_adobe_marker(jpeg: bytes) -> bytes:
    """A CMYK JPEG as programs other than Adobe's write it: no APP14, the inks stored as they are."""
    start = jpeg.index(b"\xff\xee")
    return jpeg[:start] + jpeg[start + 2 + int.from_bytes(jpeg[start + 2 : start + 4], "big") :]


def cmyk_profile() -> bytes:
    """A version 2 ICC profile of a printer: lightness falls with every ink, and its magenta is a strong green.

    The odd green tells a conversion through the profile from a naive one.
    """
    table = bytearray()
    for corner in range(16):
        cyan, magenta, yellow, black = (corner >> shift & 1 for shift in (3, 2, 1, 0))
        lightness = 255 * (1 - 0.2 * cyan - 0.3 * magenta - 0.1 * yellow) * (1 - black)
        a = 128 - 60 * magenta * (1 - black)
        table += bytes((int(lightness), int(a), 128))
    identity = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    ramp = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + bytes(table) + ramp * 3
    lut += b"\0" * (-len(lut) % 4)
    return _profile(b"CMYK", b"Lab ", {b"A2B0": lut})


def grey_profile(gamma: float) -> bytes:
    """A version 2 ICC profile of grey with a tone curve of that exponent."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    return _profile(b"GRAY", b"XYZ ", {b"kTRC": curve})


def _profile(space: bytes, connection: bytes, parts: dict[bytes, bytes]) -> bytes:
    """A printer's or a grey ICC profile with these tags, a description and the white of D50."""
    white = struct.pack(">3i", 63190, 65536, 54061)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 81
    parts = {b"desc": text, b"wtpt": b"XYZ \0\0\0\0" + white, **parts}
    offset, tags, body = 128 + 4 + 12 * len(parts), b"", b""
    for name, part in parts.items():
        tags += name + struct.pack(">II", offset + len(body), len(part))
        body += part
    head = struct.pack(">I4sI4s4s4s", offset + len(body), b"lcms", 0x02400000, b"prtr", space, connection)
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + white
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + tags + body
