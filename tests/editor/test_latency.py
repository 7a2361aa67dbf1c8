"""The measure itself: only changed pictures count, and when they have been painted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.latency import Times, Watch, walked
from editor.session import Session
from editor.window import Window
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine


def test_a_hand_goes_at_an_even_pace() -> None:
    way = walked(np.array([[0, 0], [10, 0], [10, 5]], float), 0.5)
    assert len(way) == 30 and (way[0] == 0).all()
    np.testing.assert_allclose(np.hypot(*np.diff(way, axis=0).T), 0.5, atol=1e-9)


def test_facts_are_in_milliseconds() -> None:
    facts = Times([0.02, 0.04, 0.03], [0.01, 0.01, 0.03], 2.0, 30).facts()
    assert facts["median_ms"] == 30 and facts["worst_ms"] == 40 and facts["median_work_ms"] == 10
    assert facts["updates_per_second"] == 15


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_a_picture_counts_once_it_is_painted(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
    session = Session(SynchronousEngine())
    window = Window(session, QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    window.show()
    session.open_photo(Photo(np.full((60, 80, 3), 90, np.uint8)))
    session.placing.choose(0)
    session.placing.project()
    watch = Watch(window)
    window.canvas.repaint()
    qtbot.wait(1)
    assert not watch.seen  # nothing new was there to be painted
    stroke = Stroke(StrokeKind.COLOR, np.array([(20, 30, 1)], np.float32), 4, color=(200, 0, 0))
    session.painting.follow(stroke)
    assert not watch.seen
    qtbot.waitUntil(lambda: bool(watch.seen))
