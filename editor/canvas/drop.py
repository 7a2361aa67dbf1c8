"""What was dropped or pasted: the paths of local files, the bytes of an image, or the id of something in the library.

Looked for in this order: local files, an image, raw image bytes. A picture dragged out of Chromium offers no image but
its file's bytes as application/octet-stream, next to a web address that nobody here should fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

RAW = "application/octet-stream"
STYLE_MIME, TEXTURE_MIME = "application/x-ganvas-style", "application/x-ganvas-texture"  # ids, from the library
DOCUMENT = ".ganvas"


class Use(StrEnum):
    """What becomes of a picture that is dropped."""

    PHOTO = "photo"
    STYLE = "style"
    TEXTURE = "texture"
    BLEND = "blend"


@dataclass(frozen=True)
class Dropped:
    """What was found, and what it is for. found: paths, the bytes of an image, an id of the library, or nothing."""

    found: list[Path] | bytes | str | None
    use: Use = Use.PHOTO


def uses(data: QMimeData) -> tuple[Use, ...]:
    """What can be made of it; nothing where nothing can. Cheap enough for every move of a drag."""
    for mime, use in ((STYLE_MIME, Use.STYLE), (TEXTURE_MIME, Use.TEXTURE)):
        if data.hasFormat(mime):
            return (use,)
    if not can_take(data):
        return ()
    files = local_files(data)
    return (Use.PHOTO,) if files and files[0].suffix.lower() == DOCUMENT else tuple(Use)


def dropped(data: QMimeData, use: Use) -> Dropped:
    """What was let go over the zone of `use`."""
    for mime in (STYLE_MIME, TEXTURE_MIME):
        if data.hasFormat(mime):
            return Dropped(bytes(data.data(mime).data()).decode("utf-8", "replace"), use)
    return Dropped(taken(data), use)


def can_take(data: QMimeData) -> bool:
    """Whether `taken` would find something; cheap enough for every move of a drag."""
    return bool(local_files(data)) or data.hasImage() or data.hasFormat(RAW)


def taken(data: QMimeData | None) -> list[Path] | bytes | None:
    """Paths of local files, or the bytes of one image file (unchecked), or None."""
    if data is None:  # an empty clipboard may have none at all
        return None
    files = local_files(data)
    if files:
        return files
    if data.hasImage():
        return png(QImage(data.imageData()))
    raw = data.data(RAW).data() if data.hasFormat(RAW) else b""
    return bytes(raw) or None


def local_files(data: QMimeData) -> list[Path]:
    """The local files among the URLs, in order."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def png(image: QImage) -> bytes | None:
    """The image as a PNG file, None if it is empty."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    written = QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data()) if written else None
