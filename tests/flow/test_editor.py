"""The window over the real engine thread, with toy answers: what crosses the thread, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QSettings, Qt, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.session import Session
from editor.window import Window
from engine.document.job import Job, Linearise, Solve, Step
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.run.steps import Steps
from engine.run.thread import EngineThread
from tests.editor.synchronous_engine import TOYS


class SlowToys(Steps):
    """The toy answers, each step a few milliseconds long; noted is which thread they run on."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[QThread] = set()
        self.begun: list[Job] = []

    def begin(self, job: Job) -> Iterator[Step]:
        """The toy's steps, slowly."""
        if not isinstance(job, Linearise):  # getting ready in the background is no solving
            self.begun.append(job)
        for step in TOYS[type(job)](job):
            self.threads.add(QThread.currentThread())
            time.sleep(0.004)
            yield step

    def warm_up(self) -> None:
        """Nothing is cold."""


class Ear(QObject):
    """Notes on which thread the session speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[QThread] = set()

    def hear(self) -> None:
        """A slot like the panels' own."""
        self.threads.add(QThread.currentThread())


@pytest.fixture
def toys() -> SlowToys:
    """What the engine thread runs."""
    return SlowToys()


@pytest.fixture
def window(toys: SlowToys, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window, its engine thread running."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
    engine = EngineThread(steps=toys)
    shown = Window(Session(engine), QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(shown)
    shown.show()
    engine.start()
    yield shown
    shown.close()
    began = time.monotonic()
    engine.stop()
    assert time.monotonic() - began < 1


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_open_stroke_undo_keep_export(window: Window, toys: SlowToys, qtbot: QtBot, tmp_path: Path) -> None:
    """The whole way by hand; what is heard is heard on the window's thread, what is computed is not."""
    ear = Ear()
    session, canvas = window.session, window.canvas
    session.changed.connect(ear.hear)
    session.overlaid.connect(ear.hear)
    session.open_photo(Photo(np.random.default_rng(0).integers(0, 255, (120, 200, 3), np.uint8)))
    qtbot.waitUntil(lambda: bool(session.placing.frames))
    window.acts["project"].trigger()
    qtbot.waitUntil(lambda: session.edit is not None)

    places = [canvas.to_view(x, 60).toPoint() for x in range(40, 60)]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])
    assert session.edit is not None and len(session.edit.strokes) == 1  # at once, before any answer
    qtbot.waitUntil(lambda: session.edit is not None and session.edit.patch is not None)
    assert sum(isinstance(job, Solve) for job in toys.begun) < 21  # the newest wins: not every move was begun

    window.acts["keep"].trigger()
    asked = len(toys.begun)
    window.acts["undo"].trigger()
    window.acts["undo"].trigger()
    assert session.edit.strokes == ()
    window.acts["redo"].trigger()
    window.acts["redo"].trigger()
    assert session.edit.patch is not None and len(toys.begun) == asked

    window.commands.write_movie(tmp_path / "movie.mp4", 12, 64, True, False)
    qtbot.waitUntil(lambda: (tmp_path / "movie.mp4").exists() and not session.requests.background())
    save(session.entry.document, tmp_path / "kept.ganvas")
    again = load(tmp_path / "kept.ganvas")
    assert np.array_equal(again.picture(), session.entry.document.picture())
    assert ear.threads == {window.thread()}
    assert window.thread() not in toys.threads
