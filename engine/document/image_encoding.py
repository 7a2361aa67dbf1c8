"""From pixels to the bytes of a picture file, with colour profile, EXIF, alpha and 16 bits where the format can."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import cv2
import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

from engine.document.image_decoding import Decoded, read_exif

_EXIF_START = b"Exif\0\0"
_TIFF_START = b"II*\0\x08\0\0\0"
_STRIP_BYTES = 1 << 18


def png(picture: Decoded) -> bytes:
    """PNG of 8 or 16 bits a sample; profile and EXIF in their chunks right behind the header."""
    samples = _joined(picture)
    data = grey_png(samples[..., [2, 1, 0, 3][: samples.shape[2]]])  # OpenCV has blue first
    extra = b""
    if picture.profile:
        extra += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(picture.profile))
    if picture.exif:
        extra += _chunk(b"eXIf", picture.exif.removeprefix(_EXIF_START))
    header = 33  # signature and IHDR
    return data[:header] + extra + data[header:]


def grey_png(samples: np.ndarray) -> bytes:
    """PNG of HxW samples of 8 or 16 bits."""
    done, encoded = cv2.imencode(".png", samples)
    if not done:
        raise ValueError("the PNG encoder failed")
    return encoded.tobytes()


def tiff(picture: Decoded) -> bytes:
    """TIFF of 8 or 16 bits a sample, deflated with horizontal differences (TIFF 6.0 and its Adobe supplement).

    Written here since of the two libraries one writes no 16-bit colour and the other no EXIF directory.
    """
    samples = _joined(picture)
    height, width, count = samples.shape
    rows = max(1, _STRIP_BYTES // samples[:1].nbytes)
    strips = [_strip(samples[y : y + rows]) for y in range(0, height, rows)]
    directory = TiffImagePlugin.ImageFileDirectory_v2(_TIFF_START)
    for tag, value in read_exif(picture.exif).items():
        directory[tag] = value
    directory[TiffImagePlugin.IMAGEWIDTH] = width
    directory[TiffImagePlugin.IMAGELENGTH] = height
    directory[TiffImagePlugin.BITSPERSAMPLE] = (samples.itemsize * 8,) * count
    directory[TiffImagePlugin.COMPRESSION] = 8  # deflate
    directory[TiffImagePlugin.PREDICTOR] = 2  # horizontal differences
    directory[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = 2  # RGB
    directory[TiffImagePlugin.SAMPLESPERPIXEL] = count
    directory[TiffImagePlugin.PLANAR_CONFIGURATION] = 1  # samples of a pixel lie together
    directory[TiffImagePlugin.ROWSPERSTRIP] = rows
    directory.tagtype[TiffImagePlugin.STRIPOFFSETS] = TiffTags.LONG
    directory[TiffImagePlugin.STRIPOFFSETS] = tuple(accumulate([0, *map(len, strips[:-1])]))
    directory.tagtype[TiffImagePlugin.STRIPBYTECOUNTS] = TiffTags.LONG
    directory[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(map(len, strips))
    if count == 4:
        directory[TiffImagePlugin.EXTRASAMPLES] = 2  # alpha that is not multiplied in
    if picture.profile:
        directory[TiffImagePlugin.ICCPROFILE] = picture.profile
    return b"".join([_TIFF_START, directory.tobytes(len(_TIFF_START)), *strips])


def jpeg(picture: Decoded) -> bytes:
    """JPEG, quality 95, full-resolution colour; transparency is laid over white."""
    image = Image.fromarray(_over_white(_eight_bits(picture)))
    exif = picture.exif or b""
    if len(exif) > 65533:  # the most one segment holds
        exif = b""
    return _saved(image, "JPEG", quality=95, subsampling=0, icc_profile=picture.profile, exif=exif)


def webp(picture: Decoded) -> bytes:
    """WebP, quality 95."""
    image = Image.fromarray(_joined(_eight_bits(picture)))
    return _saved(
        image, "WEBP", quality=95, method=2, exact=True, icc_profile=picture.profile, exif=picture.exif or b""
    )


def avif(picture: Decoded) -> bytes:
    """AVIF, quality 90, full-resolution colour."""
    image = Image.fromarray(_joined(_eight_bits(picture)))
    options = {"icc_profile": picture.profile, "exif": picture.exif or b""}
    return _saved(image, "AVIF", quality=90, subsampling="4:4:4", speed=8, **options)


# Suffix -> (encoder, longest side it can hold).
ENCODERS: dict[str, tuple[Callable[[Decoded], bytes], int]] = {
    ".png": (png, 1_000_000),
    ".jpg": (jpeg, 65_500),
    ".jpeg": (jpeg, 65_500),
    ".webp": (webp, 16_383),
    ".tif": (tiff, 1_000_000),
    ".tiff": (tiff, 1_000_000),
    ".avif": (avif, 65_536),
}


def to_eight_bits(samples: np.ndarray) -> np.ndarray:
    """uint16 samples as uint8, rounded (65535 becomes 255); uint8 as they are."""
    if samples.dtype == np.uint8:
        return samples
    return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _eight_bits(picture: Decoded) -> Decoded:
    """`picture` with 8 bits a sample."""
    alpha = None if picture.alpha is None else to_eight_bits(picture.alpha)
    return Decoded(to_eight_bits(picture.pixels), alpha, picture.profile, picture.exif)


def _joined(picture: Decoded) -> np.ndarray:
    """HxWx3, or HxWx4 with the alpha."""
    return picture.pixels if picture.alpha is None else np.dstack([picture.pixels, picture.alpha])


def _over_white(picture: Decoded) -> np.ndarray:
    """HxWx3 uint8: what a viewer shows on white paper."""
    if picture.alpha is None:
        return picture.pixels
    weight = picture.alpha[..., None].astype(np.uint32)
    mixed = (picture.pixels * weight + 255 * (255 - weight) + 127) // 255
    return mixed.astype(np.uint8)


def _saved(image: Image.Image, format: str, **options: Any) -> bytes:
    """The bytes of `image` in a format of Pillow's."""
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    """One PNG chunk: length, kind, content, checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _strip(rows: np.ndarray) -> bytes:
    """Rows of samples (hxwxN) as one compressed strip."""
    differences = rows.astype(rows.dtype.newbyteorder("<"))
    differences[:, 1:] -= rows[:, :-1]
    return zlib.compress(differences.tobytes(), 4)
