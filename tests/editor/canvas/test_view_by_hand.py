"""Looking around: wheel, middle drag, Space, fit, 1:1, turning, resizing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.canvas.canvas import Canvas
from editor.tools import COLOR
from engine.document.photo import Photo
from tests.editor.canvas.hand import LEFT, MIDDLE, NONE, WatchedCanvas, drag, pixels_of, wheel


def test_the_wheel_zooms_about_the_pointer(canvas: WatchedCanvas) -> None:
    at = QPointF(401, 222)
    under, zoom = canvas.to_photo(at), canvas.view.zoom
    wheel(canvas, at, 2)
    assert canvas.view.zoom == pytest.approx(zoom * 1.44)
    assert canvas.to_photo(at) == pytest.approx(under, abs=0.6 / canvas.view.zoom)
    assert canvas.got("zoom_changed") == [canvas.view.zoom * canvas.devicePixelRatioF()]


@pytest.mark.parametrize("space", [False, True])
def test_middle_drag_and_space_drag_pan(canvas: WatchedCanvas, space: bool) -> None:
    canvas.set_tool(COLOR)
    x, y = canvas.view.x, canvas.view.y
    if space:
        QTest.keyPress(canvas, Qt.Key.Key_Space)
    start = canvas.rect().center()
    button = LEFT if space else MIDDLE
    QTest.mousePress(canvas, button, NONE, start)
    for step in range(1, 6):
        QTest.mouseMove(canvas, start + type(start)(7 * step, -4 * step))
    QTest.mouseRelease(canvas, button, NONE, start + type(start)(35, -20))
    assert (canvas.view.x - x, canvas.view.y - y) == (35, -20)
    assert not canvas.got("stroke_moved")
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    drag(canvas, (100, 100), (120, 100))
    assert len(canvas.got("stroke_finished")) == 1


def test_what_panning_leaves_is_what_painting_anew_makes(canvas: WatchedCanvas) -> None:
    canvas.actual()
    canvas.zoom(2.3)
    canvas.painted_pixels()
    canvas.pan(31, -12)
    assert canvas.painted_pixels() <= 31 * 400 + 12 * 600  # the rest was moved, not painted
    kept = canvas.screen().grabWindow(canvas.winId()).toImage()
    anew = canvas.pixels()
    # Sampling may round to the neighbour, which differs by one level in this photo.
    assert np.abs(pixels_of(kept) - anew).max() <= 2


def test_fit_shows_all_and_goes_on_doing_so(canvas: WatchedCanvas) -> None:
    canvas.zoom(5)
    canvas.fit()
    for size in ((600, 400), (300, 380), (900, 500)):
        canvas.resize(*size)
        QApplication.processEvents()
        left, top, right, bottom = *canvas.to_view(0, 0).toTuple(), *canvas.to_view(400, 300).toTuple()
        assert left >= 15 and top >= 15 and right <= size[0] - 15 and bottom <= size[1] - 15
        assert min(left, top) < 17


def test_resizing_keeps_the_middle_otherwise(canvas: WatchedCanvas) -> None:
    canvas.actual()
    middle = canvas.to_photo(QPointF(300, 200))
    canvas.resize(500, 440)
    QApplication.processEvents()
    assert canvas.to_photo(QPointF(250, 220)) == pytest.approx(middle, abs=1)


def test_actual_is_one_to_one_and_sharp(canvas: WatchedCanvas, photo: Photo) -> None:
    canvas.actual()
    assert canvas.view.zoom * canvas.devicePixelRatioF() == 1
    if canvas.devicePixelRatioF() == 1:
        x, y = canvas.to_view(0, 0).toPoint().toTuple()
        assert (canvas.pixels()[y : y + 300, x : x + 400] == photo.pixels).all()


@pytest.mark.parametrize("degrees", [90, 180, -90])
def test_quarter_turns_show_the_photo_turned(canvas: WatchedCanvas, photo: Photo, degrees: float) -> None:
    canvas.resize(600, 480)
    canvas.rotate(degrees)
    canvas.actual()
    turned = np.rot90(photo.pixels, -round(degrees / 90))
    corners = [canvas.to_view(*corner).toPoint().toTuple() for corner in ((0, 0), (400, 300))]
    x, y = min(c[0] for c in corners), min(c[1] for c in corners)
    assert (canvas.pixels()[y : y + turned.shape[0], x : x + turned.shape[1]] == turned).all()


def test_a_turned_photo_is_fitted_as_turned(canvas: WatchedCanvas) -> None:
    upright = canvas.view.zoom
    canvas.rotate(90)
    assert canvas.view.zoom < upright and canvas.view.angle == 90


def test_space_and_brackets_are_not_taken_for_shortcuts(canvas: WatchedCanvas) -> None:
    for key, ours in ((Qt.Key.Key_Space, True), (Qt.Key.Key_BracketLeft, True), (Qt.Key.Key_B, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, NONE)
        event.ignore()
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted() is ours
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, NONE)
    event.ignore()
    QApplication.sendEvent(canvas, event)
    assert not event.isAccepted()  # no drag to take back: Esc is the window's


def test_the_photo_cannot_be_pushed_out_of_sight(canvas: WatchedCanvas) -> None:
    canvas.pan(100_000, -100_000)
    assert canvas.to_view(0, 0).x() < 600 and canvas.to_view(0, 300).y() > 0


def test_an_empty_canvas_can_be_handled(canvas: WatchedCanvas) -> None:
    canvas.set_photo(None)
    canvas.fit()
    wheel(canvas, QPointF(100, 100), 1)
    canvas.rotate(90)
    assert canvas.pixels()[0, 0].tolist() == [38, 38, 38]


def test_a_canvas_shows_any_size_of_photo(canvas: Canvas) -> None:
    for shape in ((1, 1), (1, 300), (200, 1)):
        canvas.set_photo(Photo(np.full((*shape, 3), 250, np.uint8)))
        assert (canvas.pixels() == 250).any()  # type: ignore[attr-defined]
