"""The window and what is dropped on it: files, bytes, things of the library, the lasso; by real events."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from editor.canvas.drop import RAW, STYLE_MIME, TEXTURE_MIME, Dropped, Use
from editor.canvas.zones import blended, thumbnail
from editor.window import Window
from engine.document.edit import FusionEdit, StyleEdit, TextureEdit
from engine.document.job import LearnTexture
from engine.document.photo import Photo
from tests.editor.canvas.hand import LEFT, NONE, drag
from tests.editor.synchronous_engine import SynchronousEngine, toy_style
from tests.editor.test_layering import brick

PLACES = {Use.PHOTO: 0.1, Use.STYLE: 0.4, Use.TEXTURE: 0.6, Use.BLEND: 0.9}


def picture(folder: Path, level: int = 60, side: int = 32) -> Path:
    """A file with a flat picture."""
    path = folder / "night.png"
    cv2.imwrite(str(path), np.full((side, side, 3), level, np.uint8))
    return path


def drop(window: Window, data: QMimeData, use: Use) -> None:
    """Let `data` go over the zone of `use`."""
    canvas, copy = window.canvas, Qt.DropAction.CopyAction
    at = QPoint(int(PLACES[use] * canvas.width()), canvas.height() // 2)
    QApplication.sendEvent(canvas, QDragEnterEvent(at, copy, data, LEFT, NONE))
    QApplication.sendEvent(canvas, QDropEvent(QPointF(at), copy, data, LEFT, NONE))


def files(*paths: Path) -> QMimeData:
    """What a file manager offers."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


@pytest.fixture
def opened(window: Window, photo: Photo) -> Window:
    """A window with a photo."""
    window.session.open_photo(photo)
    return window


def test_a_dropped_file_becomes_a_style_that_is_seen(opened: Window, tmp_path: Path, qtbot: QtBot) -> None:
    before = opened.canvas.color_at(opened.canvas.to_view(80, 50))
    drop(opened, files(picture(tmp_path)), Use.STYLE)
    qtbot.waitUntil(lambda: isinstance(opened.session.layer, StyleEdit))
    level = (60 + int(opened.session.entry.document.photo.pixels.mean())) // 2
    red, green, blue = opened.canvas.color_at(opened.canvas.to_view(80, 50))
    assert (red, green, blue) != before and abs(red - level) <= 1 and red == green == blue
    assert opened.session.layer is not None and opened.session.layer.styles[0].name == "night"  # type: ignore[union-attr]
    assert opened.tool_actions["style"].isChecked()
    opened.acts["undo"].trigger()
    assert opened.canvas.color_at(opened.canvas.to_view(80, 50)) == before


def test_a_dropped_file_becomes_a_texture_brush_that_learns(
    opened: Window, tmp_path: Path, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    engine.hold = True
    drop(opened, files(picture(tmp_path)), Use.TEXTURE)
    qtbot.waitUntil(lambda: isinstance(opened.session.layer, TextureEdit))
    assert isinstance(engine.submitted[-1], LearnTexture) and opened.tool_actions["texture"].isChecked()
    engine.hold = False
    drag(opened.canvas, (20, 30), (30, 30), (40, 30))
    layer = opened.session.layer
    assert layer is not None and len(layer.strokes) == 1 and layer.patch is not None
    assert opened.canvas.color_at(opened.canvas.to_view(30, 30)) == (92, 92, 92)


def test_a_dropped_file_is_blended_with_the_photo(opened: Window, tmp_path: Path, qtbot: QtBot) -> None:
    photo = opened.session.entry.document.photo
    drop(opened, files(picture(tmp_path, level=200)), Use.BLEND)
    qtbot.waitUntil(lambda: isinstance(opened.session.layer, FusionEdit))
    layer = opened.session.layer
    assert isinstance(layer, FusionEdit) and layer.motif.name == "night" and (layer.motif.pixels == 200).all()
    level = (int(200 * 0.5 * 2.5 / 2) + int(photo.pixels.mean())) // 2
    red, green, blue = opened.canvas.color_at(opened.canvas.to_view(80, 50))
    assert abs(red - level) <= 1 and red == green == blue
    assert opened.tool_actions["style"].isChecked() and opened.dials.isVisibleTo(opened)
    assert not opened.acts["another"].isEnabled() and opened.acts["duplicate-layer"].isEnabled()
    opened.acts["undo"].trigger()
    assert opened.session.document is not None and opened.session.document.picture() is photo.pixels


def test_the_zone_of_blends_shows_about_what_will_be(opened: Window, tmp_path: Path) -> None:
    dark = blended(opened.canvas, thumbnail(files(picture(tmp_path, level=0))))
    light = blended(opened.canvas, thumbnail(files(picture(tmp_path, level=255))))
    assert dark.size() == light.size() and not dark.isNull()
    spot = QPoint(dark.width() // 2, dark.height() // 2)
    assert abs(light.pixelColor(spot).red() - dark.pixelColor(spot).red() - 128) <= 2
    assert blended(opened.canvas, QImage()).isNull()


def test_a_dropped_photo_takes_the_place_of_what_is_open(opened: Window, tmp_path: Path, qtbot: QtBot) -> None:
    drop(opened, files(picture(tmp_path)), Use.PHOTO)
    qtbot.waitUntil(lambda: opened.session.entry.document.photo.name == "night.png")
    assert opened.session.document is not None and opened.session.document.edits == ()


@pytest.mark.parametrize("use", [Use.STYLE, Use.TEXTURE, Use.BLEND])
def test_a_broken_drop_is_one_line_and_changes_nothing(opened: Window, use: Use, qtbot: QtBot) -> None:
    document = opened.session.document
    data = QMimeData()
    data.setData(RAW, b"<html>no picture at all</html>")
    drop(opened, data, use)
    qtbot.waitUntil(lambda: bool(opened.messages.text()) and "picture" in opened.messages.text())
    assert "\n" not in opened.messages.text() and opened.session.document is document


def test_an_exemplar_of_three_pixels_is_refused(opened: Window, tmp_path: Path, qtbot: QtBot) -> None:
    drop(opened, files(picture(tmp_path, side=3)), Use.TEXTURE)
    qtbot.waitUntil(lambda: opened.messages.text().startswith("3 × 3 pixels are too few for a texture"))
    assert opened.session.document is not None and opened.session.document.edits == ()


def test_things_of_the_library_are_dropped_by_their_id(opened: Window) -> None:
    style, texture = opened.library.entries(kind="style")[0].id, brick()
    opened.library.add(texture)
    for mime, id, use in ((STYLE_MIME, style, Use.STYLE), (TEXTURE_MIME, texture.id, Use.TEXTURE)):
        data = QMimeData()
        data.setData(mime, id.encode())
        drop(opened, data, use)
    document = opened.session.document
    assert document is not None and [type(e) for e in document.edits] == [StyleEdit, TextureEdit]
    drop(opened, data, Use.TEXTURE)
    data.setData(TEXTURE_MIME, b"gone")
    drop(opened, data, Use.TEXTURE)
    assert "gone" in opened.messages.text() and len(opened.session.entry.document.edits) == 3


def test_the_lasso_makes_a_texture_of_what_is_inside(
    opened: Window, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    engine.hold = True
    opened.tool_actions["lasso"].trigger()
    assert not opened.session.placing.active
    drag(opened.canvas, (20, 10), (60, 10), (60, 50), (20, 50), (20, 12), lift=False)
    during = opened.canvas.grab().toImage()
    engine_asked = len(engine.submitted)
    drag(opened.canvas, (20, 10), (60, 10), (60, 50), (20, 50), (20, 12))
    qtbot.waitUntil(lambda: isinstance(opened.session.layer, TextureEdit))
    layer = opened.session.layer
    assert isinstance(layer, TextureEdit) and len(engine.submitted) == engine_asked + 1
    side = layer.texture.exemplar.shape[0]
    photo = opened.session.entry.document.photo.pixels
    windows = np.lib.stride_tricks.sliding_window_view(photo[8:52, 18:62], (side, side, 3))
    assert 32 <= side <= 41 and (windows == layer.texture.exemplar).all((-1, -2, -3)).any()
    assert during != opened.canvas.grab().toImage()
    assert layer.scale == 4.0  # a photo of 100 pixels: 10 would be right, and is more than there is


def test_a_click_with_the_lasso_does_nothing(opened: Window) -> None:
    opened.tool_actions["lasso"].trigger()
    drag(opened.canvas, (20, 10), (20, 10))
    assert opened.session.document is not None and opened.session.document.edits == ()


def test_a_second_style_dropped_on_the_dials_is_mixed_in(opened: Window, tmp_path: Path, qtbot: QtBot) -> None:
    opened.session.layering.add_style(toy_style(30, "waves"))
    opened.dropping.mix(Dropped([picture(tmp_path)], Use.STYLE))
    qtbot.waitUntil(lambda: len(opened.session.layer.styles) == 2)  # type: ignore[union-attr]
    assert opened.session.layer is not None and opened.session.layer.crossfade == 0.5  # type: ignore[union-attr]


def test_a_pasted_picture_can_be_a_style(opened: Window, qtbot: QtBot) -> None:
    QApplication.clipboard().setImage(opened.canvas.grab().toImage())
    opened.acts["paste-style"].trigger()
    qtbot.waitUntil(lambda: isinstance(opened.session.layer, StyleEdit))
    QApplication.clipboard().clear()
    opened.acts["paste-texture"].trigger()
    assert "no picture" in opened.messages.text()
