"""Photos from files and back. A file is known by its content, never by its suffix; every refusal is one line."""

from __future__ import annotations

import stat
import warnings
from pathlib import Path

import numpy as np
from PIL import UnidentifiedImageError

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_decoding import TIFF_STARTS, Decoded, decode
from engine.document.image_encoding import ENCODERS
from engine.document.photo import Photo

MAX_BYTES = 2 << 30

_READABLE = "JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF"
_OWN_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"BM", b"GIF8", *TIFF_STARTS)
_OTHER_STARTS = {
    b"8BPS": "a Photoshop document",
    b"%PDF": "a PDF",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"gimp xcf": "a GIMP document",
    b"PK\x03\x04": "a zip archive or a document",
}


def read_photo(source: Path | str | bytes, name: str | None = None) -> Photo:
    """The photo in a file, or in the bytes of one (dropped or pasted), upright, at the file's own depth.

    Reads JPEG, PNG, WebP, TIFF, BMP, GIF (first frame) and AVIF up to 300 megapixels. 16-bit PNG and TIFF keep
    their depth; grey, palette, CMYK and Lab become RGB. name: what the photo is called; the file's name by default.
    Raises InputError, one line that says what is wrong and what to do, for everything else.
    """
    if isinstance(source, bytes):
        data, name = source, name or "The picture"
    else:
        data, name = read_bytes(Path(source), MAX_BYTES), name or Path(source).name
    if not data:
        raise InputError(f"{name} is empty: copy it again from where it came.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries warn of odd metadata; the picture is what counts
        try:
            decoded = decode(data, name)
        except InputError:
            raise
        except UnidentifiedImageError as error:
            raise InputError(_unknown(data, name)) from error
        except MemoryError as error:
            raise InputError(f"{name} does not fit into memory: close programs or open a smaller copy.") from error
        except Exception as error:  # decoders raise anything at all on damaged files
            raise InputError(_damaged(name, _in_plain_words(error))) from error
    return Photo(decoded.pixels, decoded.alpha, decoded.profile, decoded.exif, name, data)


def write_photo(pixels: np.ndarray, photo: Photo, path: Path | str) -> None:
    """Write `pixels` (HxWx3 uint8 or uint16) to `path` with the profile, EXIF and alpha of `photo`, atomically.

    The suffix chooses the format: png and tif keep 16 bits and alpha, webp and avif alpha, jpg is quality 95 with
    full colour resolution and white under what is transparent. The alpha is left out where `pixels` have another
    size than the photo. Raises InputError for another suffix, a picture too large for the format, or a failed write;
    the old file is then as it was.
    """
    path = Path(path)
    if path.suffix.lower() not in ENCODERS:
        raise InputError(f"{path.name} cannot be written: end its name in .png, .jpg, .webp, .tif or .avif.")
    encode, longest = ENCODERS[path.suffix.lower()]
    if max(pixels.shape[:2]) > longest:
        raise InputError(f"{path.name} cannot hold more than {longest:,} pixels a side: save as .png or .tif instead.")
    alpha = photo.alpha if photo.alpha is not None and photo.alpha.shape == pixels.shape[:2] else None
    if alpha is not None and alpha.dtype != pixels.dtype:
        alpha = (alpha.astype(np.uint32) * np.iinfo(pixels.dtype).max // np.iinfo(alpha.dtype).max).astype(pixels.dtype)
    try:
        data = encode(Decoded(pixels, alpha, photo.profile, photo.exif))
    except Exception as error:  # encoders raise anything on what they cannot hold
        raise InputError(f"{path.name} could not be encoded ({error}): save as .png instead.") from error
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def read_bytes(path: Path, limit: int) -> bytes:
    """The content of a plain file of at most `limit` bytes; InputError says why it cannot be read.

    Only of a plain file: a pipe or a device could keep the program waiting.
    """
    shown = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(f"{shown} is a folder: choose a file in it.")
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{shown} is not a plain file: choose another.")
        if status.st_size > limit:
            raise InputError(f"{shown} is larger than {limit >> 20:,} MB, the most Ganvas opens: make a smaller copy.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{shown} does not exist: was it moved or renamed?") from error
    except PermissionError as error:
        raise InputError(f"{shown} may not be read: change its permissions or copy it elsewhere.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{shown} cannot be read ({error}): check the disk and the name.") from error


def _unknown(data: bytes, name: str) -> str:
    """Why bytes that no decoder knows are not a picture."""
    if data.startswith(_OWN_STARTS) or data[4:12] == b"ftypavif":
        return _damaged(name, "its beginning is broken")
    kind = next((what for start, what in _OTHER_STARTS.items() if data.startswith(start)), "")
    if data[4:8] == b"ftyp":
        kind = "a HEIC picture or a film"
    if not kind and all(byte >= 32 or byte in b"\t\r\n\f" for byte in data[:512]):
        kind = "text"
    found = f"{kind}, not" if kind else "not"
    return f"{name} is {found} a picture Ganvas reads: give it {_READABLE}."


def _in_plain_words(error: Exception) -> str:
    """What a decoder's complaint comes to."""
    text = str(error).lower()
    if any(word in text for word in ("truncated", "too early", "failed to read", "end of file")):
        return "it ends before the picture does"
    return "its data are broken"


def _damaged(name: str, reason: str) -> str:
    """What to say of a picture that stops or breaks on the way."""
    return f"{name} is damaged ({reason}): copy it again from where it came, or save it anew in another program."
