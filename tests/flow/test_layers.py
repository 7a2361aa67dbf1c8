"""Layers over the real engine thread and its real style network: drop, paint, erase, undo, save and open again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from editor.canvas.drop import STYLE_MIME
from editor.session import Session
from editor.window import Window
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.run.thread import EngineThread

PATIENCE_MS = 120_000  # torch is loaded meanwhile, perhaps on a busy machine
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window with a small photo, its engine thread running; no model of faces is installed."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
    engine = EngineThread()
    shown = Window(Session(engine), QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(shown)
    shown.show()
    engine.start()
    y, x = np.mgrid[:96, :128]
    shown.session.open_photo(Photo(np.stack([x * 2, y * 2, (x * y) % 200], 2).astype(np.uint8)))
    yield shown
    shown.close()
    engine.stop()


def drop_style(window: Window) -> None:
    """Drag the first style of the library onto the canvas."""
    data, canvas, copy = QMimeData(), window.canvas, Qt.DropAction.CopyAction
    data.setData(STYLE_MIME, window.library.entries(kind="style")[0].id.encode())
    at = QPoint(canvas.width() // 2, canvas.height() // 2)
    QApplication.sendEvent(canvas, QDragEnterEvent(at, copy, data, LEFT, NONE))
    QApplication.sendEvent(canvas, QDropEvent(QPointF(at), copy, data, LEFT, NONE))


def paint(window: Window, tool: str, y: int) -> None:
    """A stroke by mouse across the photo, ten pixels on each side of `y`."""
    window.tool_actions[tool].trigger()
    window.session.brush.set_radius(10)
    places = [window.canvas.to_view(x, y).toPoint() for x in range(20, 110, 10)]
    QTest.mousePress(window.canvas, LEFT, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(window.canvas, place)
    QTest.mouseRelease(window.canvas, LEFT, NONE, places[-1])


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_drop_a_style_erase_paint_undo_save(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    session = window.session
    photo = session.entry.document.photo.pixels

    def settled() -> bool:
        return session.layer is not None and not session.entry.owes and session.requests.interactive() is None

    drop_style(window)
    qtbot.waitUntil(settled, timeout=PATIENCE_MS)
    styled = session.entry.document.picture()
    assert (styled != photo).any(2).mean() > 0.9
    paint(window, "erase", 30)
    qtbot.waitUntil(settled, timeout=PATIENCE_MS)
    erased = session.entry.document.picture()
    assert np.array_equal(erased[30, 30:100], photo[30, 30:100])
    assert np.array_equal(erased[70:], styled[70:])
    window.acts["layer-painted"].trigger()
    assert session.entry.document.picture() is photo
    paint(window, "style", 70)
    qtbot.waitUntil(settled, timeout=PATIENCE_MS)
    brushed = session.entry.document.picture()
    assert (brushed[70, 30:100] != photo[70, 30:100]).any(1).mean() > 0.8
    assert np.array_equal(brushed[:50], photo[:50])
    for picture in (photo, erased, styled, photo):
        window.acts["undo"].trigger()
        assert session.requests.interactive() is None and np.array_equal(session.entry.document.picture(), picture)
    for _ in range(4):
        window.acts["redo"].trigger()
    save(session.entry.document, tmp_path / "styled.ganvas")
    assert np.array_equal(load(tmp_path / "styled.ganvas").picture(), brushed)
