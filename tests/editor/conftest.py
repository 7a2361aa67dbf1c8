"""A session on the synchronous engine, and a window over it, for every editor test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.panels.training import TrainingDialog
from editor.session import Session
from editor.window import Window
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine, toy_style


@pytest.fixture
def engine() -> SynchronousEngine:
    """The stand-in for the engine thread."""
    return SynchronousEngine()


@pytest.fixture
def session(qapp: object, engine: SynchronousEngine) -> Session:
    """A session with nothing open."""
    return Session(engine)


@pytest.fixture
def photo() -> Photo:
    """100 x 60 pixels that are all different."""
    pixels = np.arange(60 * 100 * 3, dtype=np.uint32).reshape(60, 100, 3) % 251
    return Photo(pixels.astype(np.uint8), name="portrait.png")


@pytest.fixture
def painted(session: Session, photo: Photo) -> Session:
    """A session with a projected face and one stroke on it."""
    session.open_photo(photo)
    session.placing.project()
    session.painting.finish(color_stroke())
    return session


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data lie in a folder of the test."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def projected(own_home: Path, session: Session) -> Session:
    """A grey photo whose first frame was found in the model."""
    session.open_photo(Photo(np.full((60, 80, 3), 90, np.uint8)))
    session.placing.choose(0)
    session.placing.project()
    return session


@pytest.fixture
def styled(session: Session, photo: Photo) -> Session:
    """A photo under one style layer that covers it."""
    session.open_photo(photo)
    session.layering.add_style(toy_style(200, "waves"))
    return session


@pytest.fixture
def window(session: Session, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """A window over the session, with its settings and data in a folder of the test."""
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)  # nobody could answer
    shown = Window(session, QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    shown.player.pause()
    shown.files.close()


def color_stroke(red: int = 200, x: float = 25.0, y: float = 30.0) -> Stroke:
    """A short colour stroke from (x, y) to the right."""
    points = np.array([[x, y, 1], [x + 4, y, 1]], np.float32)
    return Stroke(StrokeKind.COLOR, points, 3.0, color=(red, 20, 20))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform has no size hints and raises no window, and says so; that is no fault of the window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", r"support raise\(\)", extend=True))


@pytest.fixture
def chairs(tmp_path: Path) -> Path:
    """A folder of 250 files, one of them broken."""
    folder = tmp_path / "My Chairs (2)"
    folder.mkdir()
    for number in range(250):
        (folder / f"{'broken' if number == 7 else 'chair'}-{number}.jpg").touch()
    return folder


@pytest.fixture
def dialog(session: Session, qtbot: QtBot) -> TrainingDialog:
    shown = TrainingDialog(session.training, session.requests)
    qtbot.addWidget(shown)
    shown.show()
    return shown
