"""What was dropped or pasted: the paths of local files, or the bytes of an image.

Looked for in this order: local files, an image, raw image bytes. A picture dragged out of Chromium offers no image but
its file's bytes as application/octet-stream, next to a web address that nobody here should fetch.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

RAW = "application/octet-stream"


def can_take(data: QMimeData) -> bool:
    """Whether `taken` would find something; cheap enough for every move of a drag."""
    return bool(local_files(data)) or data.hasImage() or data.hasFormat(RAW)


def taken(data: QMimeData) -> list[Path] | bytes | None:
    """Paths of local files, or the bytes of one image file (unchecked), or None."""
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
