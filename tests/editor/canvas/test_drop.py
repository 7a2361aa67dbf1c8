"""What can be dropped, and in which order it is looked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from editor.canvas.drop import RAW, STYLE_MIME, TEXTURE_MIME, Dropped, Use, can_take, taken, uses
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


def drop(canvas: WatchedCanvas, data: QMimeData, x: int = 50, lift: bool = True) -> bool:
    """Drag `data` in to the view point (x, 50) and let go; whether it was welcome."""
    copy, at = Qt.DropAction.CopyAction, QPoint(x, 50)
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, NONE)
    enter.ignore()
    QApplication.sendEvent(canvas, enter)
    if enter.isAccepted():
        QApplication.sendEvent(canvas, QDragMoveEvent(at, copy, data, LEFT, NONE))
        if lift:
            QApplication.sendEvent(canvas, QDropEvent(QPointF(at), copy, data, LEFT, NONE))
    return enter.isAccepted()


def test_local_files_come_first(canvas: WatchedCanvas, tmp_path: Path) -> None:
    first, second = tmp_path / "a b.jpg", tmp_path / "ü.png"
    local, other = (QUrl.fromLocalFile(str(path)).toString() for path in (first, second))
    urls = (local, "https://example.org/c.png", other)
    assert drop(canvas, offer(urls=urls, image=True, raw=b"x"))
    assert canvas.got("dropped") == [Dropped([first, second], Use.PHOTO)]


def test_an_image_comes_as_a_png(canvas: WatchedCanvas) -> None:
    assert drop(canvas, offer(image=True, raw=b"x"))
    (got,) = canvas.got("dropped")
    assert isinstance(got, Dropped) and isinstance(got.found, bytes)
    image = Image.open(io.BytesIO(got.found))
    assert image.format == "PNG" and image.size == (5, 4) and image.getpixel((0, 0))[:3] == (10, 200, 30)  # type: ignore[index]


def test_a_picture_dragged_out_of_a_browser_comes_as_its_bytes(canvas: WatchedCanvas) -> None:
    assert drop(canvas, offer(urls=("https://example.org/c.jpg",), raw=b"\xff\xd8jpeg", text="c"))
    assert canvas.got("dropped") == [Dropped(b"\xff\xd8jpeg", Use.PHOTO)]


@pytest.mark.parametrize("data", [{"text": "hello"}, {"urls": ("https://example.org/",)}, {}])
def test_other_things_are_not_welcome(canvas: WatchedCanvas, data: dict[str, object]) -> None:
    mime = offer(**data)  # type: ignore[arg-type]
    assert not can_take(mime) and taken(mime) is None
    assert not drop(canvas, mime) and not canvas.got("dropped")


@pytest.mark.parametrize(("x", "use"), [(75, Use.PHOTO), (225, Use.STYLE), (375, Use.TEXTURE), (525, Use.BLEND)])
def test_where_it_is_let_go_says_what_it_is_for(canvas: WatchedCanvas, x: int, use: Use) -> None:
    assert drop(canvas, offer(raw=b"x"), x)
    assert canvas.got("dropped") == [Dropped(b"x", use)]
    assert canvas.drop_zones.isHidden()


def test_the_zones_are_seen_while_something_is_dragged_over_the_canvas(canvas: WatchedCanvas) -> None:
    before = canvas.pixels()
    drop(canvas, offer(raw=b"x"), 225, lift=False)
    during = canvas.pixels()
    blue = during[..., 2] - during[..., 0]  # the hot zone alone has a hue, within 60 view pixels of its middle
    assert (blue[40:60, 170:280] > 20).mean() > 0.9 and (blue[300:360, 170:280] > 20).mean() > 0.8
    assert (before != during).any(2).mean() > 0.9
    drop(canvas, offer(raw=b"x"), 375, lift=False)
    assert (canvas.pixels() != during).any(2)[40:60, 320:430].all()
    QApplication.sendEvent(canvas, QDragLeaveEvent())
    assert (canvas.pixels() == before).all() and not canvas.got("dropped")


@pytest.mark.parametrize(("mime", "use"), [(STYLE_MIME, Use.STYLE), (TEXTURE_MIME, Use.TEXTURE)])
def test_what_comes_from_the_library_has_one_zone(canvas: WatchedCanvas, mime: str, use: Use) -> None:
    data = QMimeData()
    data.setData(mime, b"a1b2")
    assert uses(data) == (use,)
    assert drop(canvas, data, 590)
    assert canvas.got("dropped") == [Dropped("a1b2", use)]


def test_a_document_can_only_be_opened(canvas: WatchedCanvas, tmp_path: Path) -> None:
    url = QUrl.fromLocalFile(str(tmp_path / "a.ganvas")).toString()
    assert uses(offer(urls=(url,))) == (Use.PHOTO,)


def test_without_a_photo_there_is_nothing_to_style(canvas: WatchedCanvas) -> None:
    canvas.set_photo(None)
    assert drop(canvas, offer(raw=b"x"), 500)
    assert canvas.got("dropped") == [Dropped(b"x", Use.PHOTO)]
