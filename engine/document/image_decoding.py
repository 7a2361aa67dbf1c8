"""From the bytes of a picture file to upright RGB samples, at the depth the file has.

Pillow decodes what has 8 bits a sample. It silently reads 16-bit colour as 8, so PNG and TIFF of that depth go
through OpenCV and tifffile. Colour that is not RGB (CMYK, Lab, grey with a profile) is taken to sRGB through the
file's own profile; RGB keeps its numbers and its profile.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import tifffile
from PIL import AvifImagePlugin, ExifTags, Image, ImageChops, ImageCms, TiffImagePlugin, WebPImagePlugin

from engine.document.arrays import frozen
from engine.document.errors import InputError

_PLUGINS = (TiffImagePlugin.TiffImageFile, WebPImagePlugin.WebPImageFile, AvifImagePlugin.AvifImageFile)
MAX_PIXELS = 300_000_000
# Pillow itself registers the others when it first opens a file.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", *(p.format for p in _PLUGINS))
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_PNG_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

# Pillow's own limit is half of ours and says nothing about what to do; `check_size` takes its place.
Image.MAX_IMAGE_PIXELS = None

_DIRECTORIES = {ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
# Description, maker, model, orientation, resolution, software, date, artist, copyright, Windows texts, directories.
_DESCRIPTIVE = {270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 33432, *range(40091, 40096), *_DIRECTORIES}
_ADVICE = "save it as PNG, JPEG or 16-bit TIFF in another program first"


@dataclass(frozen=True, eq=False)
class Decoded:
    """What a file holds. pixels: HxWx3 uint8 or uint16; alpha: HxW or None; the rest as in Photo."""

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    exif: bytes | None = None


def decode(data: bytes, name: str) -> Decoded:
    """The first picture in `data`, upright, its EXIF orientation reset.

    Raises InputError for what Ganvas does not edit (float samples, too many pixels), and anything at all, as the
    libraries below do, for damaged files. name: how messages call the file.
    """
    if data.startswith(_PNG_START) and len(data) >= 24:  # its size is told even where nothing follows
        check_size(*png_size(data), name)
    if data[:4] in TIFF_STARTS:
        deep = _deep_tiff(data, name)
        if deep is not None:
            return _upright(deep, data)
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        check_size(image.width, image.height, name)
        if image.format == "PNG" and data[24] == 16:
            return _upright(_deep_png(image, data), _png_exif(image, data))
        image.load()
        decoded = shallow(image)
        if image.format == "TIFF":  # Pillow has turned it already
            return replace(decoded, exif=_exif_bytes(read_exif(data)))
        return _upright(decoded, image.info.get("exif"))


def check_size(width: int, height: int, name: str) -> None:
    """Raise InputError for a picture with more than MAX_PIXELS pixels or none; called before any is decoded."""
    if width < 1 or height < 1:
        raise InputError(f"{name} has no pixels ({width} x {height}): export it anew from where it came.")
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{name} has {width:,} x {height:,} pixels and Ganvas opens at most {MAX_PIXELS // 1_000_000} million: "
            "make a smaller copy in another program and open that."
        )


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height as the header of a PNG announces them; (0, 0) where there is none."""
    if not data.startswith(_PNG_START) or len(data) < 24:
        return 0, 0
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def shallow(image: Image.Image) -> Decoded:
    """A loaded Pillow picture of any 8-bit mode as RGB, alpha apart."""
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.asarray(image.getchannel("A"))
    profile = image.info.get("icc_profile")
    space = _space(profile)
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        image = ImageChops.invert(image)  # Pillow takes every CMYK JPEG for Adobe's, which are stored inverted
    if image.mode == "1" or (space == b"GRAY" and image.mode in ("LA", "RGBA")):
        image = image.convert("L")
    converted = _to_srgb(image, profile, space)
    if converted is not None:
        return Decoded(np.asarray(converted), alpha)
    return Decoded(np.asarray(image.convert("RGB")), alpha, profile if space == b"RGB " else None)


def _space(profile: bytes | None) -> bytes:
    """The colour space an ICC profile is for (`RGB `, `CMYK`, `GRAY`, `Lab `), empty where it is none."""
    return profile[16:20] if profile and len(profile) >= 128 and profile[36:40] == b"acsp" else b""


def _to_srgb(image: Image.Image, profile: bytes | None, space: bytes) -> Image.Image | None:
    """`image` through its profile to sRGB where it is not RGB; None where the profile does not apply or is broken."""
    if {"CMYK": b"CMYK", "L": b"GRAY", "LAB": b"Lab "}.get(image.mode) != (space or b"Lab "):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile) if profile and space else ImageCms.createProfile("LAB"))
        return ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _deep_png(image: Image.Image, data: bytes) -> Decoded:
    """A PNG of 16 bits a sample; `image` is its opened header."""
    _check_chunks(data)
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise ValueError("the samples end too early or are broken")
    profile = image.info.get("icc_profile")
    return _split(samples, profile if _space(profile) == b"RGB " else None, blue_first=True)


def _check_chunks(data: bytes) -> None:
    """Raise ValueError unless every chunk of a PNG lies within `data` up to its end mark.

    OpenCV believes a length before it looks for the content, and spends seconds and gigabytes on a false one.
    """
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if at + 12 > len(data):
            raise ValueError("the file is truncated")


def _deep_tiff(data: bytes, name: str) -> Decoded | None:
    """A TIFF of 16 bits a sample, or None for one that Pillow reads; InputError for depths Ganvas does not edit."""
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        check_size(page.imagewidth, page.imagelength, name)
        dtype = np.dtype(page.dtype or np.void)
        if dtype.kind in "bu" and dtype.itemsize == 1:
            return None
        if dtype.kind != "u" or dtype.itemsize != 2:
            raise InputError(f"{name} has {dtype} samples, and Ganvas edits 8 and 16 bits a sample: {_ADVICE}.")
        if page.photometric not in (0, 1, 2) or not 1 <= page.samplesperpixel <= 8 or page.imagedepth != 1:
            raise InputError(f"{name} has 16-bit colour that is not RGB or grey: {_ADVICE}.")
        samples = _tiff_samples(page, data, name)
        profile = page.tags.valueof(34675)
        decoded = _split(samples, profile if _space(profile) == b"RGB " else None, extra=page.extrasamples)
        return replace(decoded, pixels=65535 - decoded.pixels) if page.photometric == 0 else decoded


def _tiff_samples(page: Any, data: bytes, name: str) -> np.ndarray:
    """HxWxN uint16 samples of `page`: tifffile where nothing is compressed, libtiff (bounded by strip) where it is."""
    if page.compression == 1:
        samples = np.asarray(page.asarray(maxworkers=1), np.uint16)
        return np.moveaxis(samples, 0, -1) if page.planarconfig == 2 and samples.ndim == 3 else samples
    if page.planarconfig == 2 and page.samplesperpixel > 1:
        raise InputError(f"{name} is a 16-bit TIFF with compressed separate colour planes: {_ADVICE}.")
    found = cv2.imdecode(_unturned(page, data), cv2.IMREAD_UNCHANGED)
    if found is None or found.dtype != np.uint16:
        raise InputError(f"{name} is a 16-bit TIFF that is damaged or compressed in a rare way: {_ADVICE}.")
    return found[..., [2, 1, 0, *range(3, found.shape[2])]] if found.ndim == 3 else found


def _unturned(page: Any, data: bytes) -> np.ndarray:
    """`data` with the orientation tag set to 1, so that no decoder turns the picture but `_upright`."""
    buffer = np.frombuffer(data, np.uint8)
    tag = page.tags.get(274)
    if tag is not None and tag.value != 1:
        buffer = buffer.copy()
        buffer[tag.valueoffset : tag.valueoffset + 2] = (1, 0) if page.parent.byteorder == "<" else (0, 1)
    return buffer


def _split(
    samples: np.ndarray, profile: bytes | None, blue_first: bool = False, extra: tuple[int, ...] = (2,)
) -> Decoded:
    """Samples HxW or HxWxN as RGB and alpha. extra: what TIFF says of the samples after the colours (2 is alpha)."""
    if samples.ndim == 2:
        samples = samples[..., None]
    colors = 3 if samples.shape[2] >= 3 else 1
    pixels = samples[..., [2, 1, 0] if blue_first and colors == 3 else [0] * 3 if colors == 1 else [0, 1, 2]]
    alpha = samples[..., colors] if samples.shape[2] > colors and extra and int(extra[0]) in (1, 2) else None
    if alpha is not None and int(extra[0]) == 1:  # premultiplied
        scale = np.float32(65535) / np.maximum(alpha, 1).astype(np.float32)
        pixels = np.minimum(np.rint(pixels * scale[..., None]), 65535).astype(np.uint16)
    return Decoded(pixels, alpha, profile)


def _png_exif(image: Image.Image, data: bytes) -> bytes | None:
    """The EXIF of an opened PNG; where it stands after the pixels Pillow finds it only by decoding them."""
    if "exif" not in image.info and b"eXIf" in data:
        image.load()
    return image.info.get("exif")


def _upright(decoded: Decoded, exif: bytes | None) -> Decoded:
    """`decoded` turned as its EXIF asks, and the tag reset."""
    tags = read_exif(exif)
    orientation = tags.get(ExifTags.Base.Orientation, 1)
    alpha = None if decoded.alpha is None else frozen(_turned(decoded.alpha, orientation))
    return Decoded(frozen(_turned(decoded.pixels, orientation)), alpha, decoded.profile, _exif_bytes(tags))


def _turned(array: np.ndarray, orientation: object) -> np.ndarray:
    """`array` (HxW...) as a viewer shows it, for an EXIF orientation of 1 to 8; others count as 1."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array


def read_exif(data: bytes | None) -> dict[int, Any]:
    """The EXIF tags in `data` that tell of the photo, directories as dicts; empty where they cannot be read.

    `data` may be a whole TIFF: the tags that tell how its samples lie are left out, and so is the thumbnail, which
    would go on showing the picture as it was before the edit.
    """
    exif = Image.Exif()
    try:
        exif.load(data or b"")
        tags = {tag: value for tag, value in exif.items() if tag in _DESCRIPTIVE}
        for tag in _DIRECTORIES & set(tags):
            tags[tag] = {key: value for key, value in exif.get_ifd(tag).items() if key != ExifTags.IFD.Interop}
    except Exception:  # noqa: BLE001 - broken EXIF raises anything, and is no reason to refuse the picture
        return {}
    return tags


def _exif_bytes(tags: dict[int, Any]) -> bytes | None:
    """`tags` as bytes without an orientation; None where there are none, or they cannot be written."""
    exif = Image.Exif()
    for tag, value in tags.items():
        if tag != ExifTags.Base.Orientation:
            exif[tag] = value
    try:
        return exif.tobytes() if len(exif) else None
    except Exception:  # noqa: BLE001 - as above
        return None
