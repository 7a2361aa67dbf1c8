"""What can be dropped, and in which order it is looked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from editor.canvas.drop import RAW, can_take, taken
from tests.editor.canvas.hand import LEFT, NONE, WatchedCanvas


def offer(*, urls: tuple[str, ...] = (), image: bool = False, raw: bytes = b"", text: str = "") -> QMimeData:
    data = QMimeData()
    if urls:
        data.setUrls([QUrl(url) for url in urls])
    if image:
        picture = QImage(5, 4, QImage.Format.Format_RGB32)
        picture.fill(QColor(10, 200, 30))
        data.setImageData(picture)
    if raw:
        data.setData(RAW, raw)
    if text:
        data.setText(text)
    return data


def drop(canvas: WatchedCanvas, data: QMimeData) -> bool:
    """Drag `data` in and let go; whether it was welcome."""
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, NONE)
    enter.ignore()
    QApplication.sendEvent(canvas, enter)
    if enter.isAccepted():
        QApplication.sendEvent(canvas, QDropEvent(QPoint(50, 50), copy, data, LEFT, NONE))
    return enter.isAccepted()


def test_local_files_come_first(canvas: WatchedCanvas, tmp_path: Path) -> None:
    first, second = tmp_path / "a b.jpg", tmp_path / "ü.png"
    local, other = (QUrl.fromLocalFile(str(path)).toString() for path in (first, second))
    urls = (local, "https://example.org/c.png", other)
    assert drop(canvas, offer(urls=urls, image=True, raw=b"x"))
    assert canvas.got("dropped") == [[first, second]]


def test_an_image_comes_as_a_png(canvas: WatchedCanvas) -> None:
    assert drop(canvas, offer(image=True, raw=b"x"))
    (data,) = canvas.got("dropped")
    assert isinstance(data, bytes)
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG" and image.size == (5, 4) and image.getpixel((0, 0))[:3] == (10, 200, 30)  # type: ignore[index]


def test_a_picture_dragged_out_of_a_browser_comes_as_its_bytes(canvas: WatchedCanvas) -> None:
    assert drop(canvas, offer(urls=("https://example.org/c.jpg",), raw=b"\xff\xd8jpeg", text="c"))
    assert canvas.got("dropped") == [b"\xff\xd8jpeg"]


@pytest.mark.parametrize("data", [{"text": "hello"}, {"urls": ("https://example.org/",)}, {}])
def test_other_things_are_not_welcome(canvas: WatchedCanvas, data: dict[str, object]) -> None:
    mime = offer(**data)  # type: ignore[arg-type]
    assert not can_take(mime) and taken(mime) is None
    assert not drop(canvas, mime) and not canvas.got("dropped")
