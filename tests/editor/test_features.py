"""The choice of the network to refine by: kept, told to the engine again, and taken back where the file is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from editor.features import FeaturesMenu
from editor.session import Message, Session
from engine.document.job import UseFeatures
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


def chosen(engine: SynchronousEngine) -> list[Path | None]:
    """What the engine has been told so far."""
    return [job.path for job in engine.submitted if isinstance(job, UseFeatures)]


def test_a_file_is_chosen_kept_and_told_again(
    session: Session, settings: QSettings, engine: SynchronousEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    parent = QWidget()
    qtbot.addWidget(parent)
    menu = FeaturesMenu(session, settings, parent)
    own, file = menu.actions()
    assert own.isChecked() and not chosen(engine)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/nets/vgg19.pth", ""))
    file.trigger()
    assert file.isChecked() and "vgg19.pth" in file.text() and "vgg19" in said[-1].text
    assert chosen(engine) == [Path("/nets/vgg19.pth")]
    again = FeaturesMenu(session, settings, parent)
    assert again.actions()[1].isChecked() and len(chosen(engine)) == 2
    again.actions()[0].trigger()
    assert chosen(engine)[-1] is None and settings.value("features") == ""


def test_a_broken_file_and_a_change_of_mind_leave_the_programs_own(
    session: Session, settings: QSettings, engine: SynchronousEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[Message] = []
    session.said.connect(said.append)
    parent = QWidget()
    qtbot.addWidget(parent)
    menu = FeaturesMenu(session, settings, parent)
    own, file = menu.actions()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    file.trigger()
    assert own.isChecked() and not chosen(engine)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/nets/broken.pth", ""))
    file.trigger()
    assert own.isChecked() and chosen(engine) == [Path("/nets/broken.pth"), None]
    assert said[-1].text == "Broken.pth holds no weights."
