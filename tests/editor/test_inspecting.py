"""A lens follows the face and the pull back is a slider like others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.session import Session
from editor.window import Window
from engine.document.job import Inspect
from engine.document.lens import PULL, Lens
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)


@pytest.fixture
def session(projected: Session) -> Session:
    return projected


def paint(session: Session, level: int = 200) -> None:
    session.painting.finish(Stroke(StrokeKind.COLOR, np.array([(20, 30, 1)], np.float32), 4, color=(level, 0, 0)))


def level(session: Session) -> float:
    assert session.edit is not None
    return float(session.edit.latent.values[0, 0])


def looks(engine: SynchronousEngine) -> list[Inspect]:
    return [job for job in engine.submitted if isinstance(job, Inspect) and job.lens is not None]


def test_the_lens_looks_again_when_the_face_is_another(session: Session, engine: SynchronousEngine) -> None:
    shown: list[object] = []
    session.inspecting.seen.connect(shown.append)
    session.inspecting.use(Lens.PLAUSIBLE)
    assert len(looks(engine)) == 1 and shown[-1] is not None
    session.changed.emit()
    assert len(looks(engine)) == 1
    paint(session)
    assert looks(engine)[-1].edit.latent is session.edit.latent  # type: ignore[union-attr]
    session.undo()
    count = len(looks(engine))
    session.inspecting.use(Lens.RESIDUAL)
    assert len(looks(engine)) == count + 1 and looks(engine)[-1].lens is Lens.RESIDUAL
    session.inspecting.use(None)
    paint(session)
    assert len(looks(engine)) == count + 1 and shown[-1] is None


def test_pulling_back_is_shown_then_one_step_that_is_undone(session: Session) -> None:
    paint(session)
    before = session.entry
    seen: list[object] = []
    session.overlaid.connect(seen.append)
    for amount in (0.2, 0.4, 0.5):
        session.inspecting.drag(amount)
    assert session.entry is before and seen[-1] is not None
    session.inspecting.leave(0.5)
    assert level(session) == pytest.approx(150) and session.inspecting.amount() == 0.5
    assert session.edit is not None and session.edit.patch is not None
    session.undo()
    assert session.entry is before and session.inspecting.amount() == 0


def test_a_pull_is_replaced_by_one_from_where_the_face_is_without_it(session: Session) -> None:
    paint(session)
    session.inspecting.leave(0.5)
    session.inspecting.leave(1.0)
    assert level(session) == pytest.approx(100)
    assert session.edit is not None and [s.direction.source for s in session.edit.slides] == [PULL]
    session.inspecting.leave(0.0)
    assert level(session) == pytest.approx(200) and session.edit.slides == ()


def test_a_way_that_comes_late_takes_the_newest_wish(session: Session, engine: SynchronousEngine) -> None:
    paint(session)
    engine.hold = True
    session.inspecting.drag(0.1)
    session.inspecting.drag(0.3)
    session.inspecting.leave(0.4)
    assert sum(isinstance(job, Inspect) for job in engine.submitted) == 1
    engine.hold = False
    engine.advance()
    assert session.inspecting.amount() == 0.4


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_the_map_lies_over_the_canvas_and_its_key_beside(session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    window = Window(session, QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    window.show()
    session.opened.emit()
    session.changed.emit()
    bare = window.canvas.grab().toImage()
    window.acts["lens-plausible"].trigger()
    lit = window.canvas.grab().toImage()
    assert lit != bare
    window.acts["lens-residual"].trigger()
    assert not window.acts["lens-plausible"].isChecked() and window.canvas.grab().toImage() != lit
    window.acts["lens-residual"].trigger()
    assert window.canvas.grab().toImage() == bare and session.inspecting.lens is None


def test_a_map_under_way_is_given_up_with_its_photo_or_lens(session: Session, engine: SynchronousEngine) -> None:
    shown: list[object] = []
    session.inspecting.seen.connect(shown.append)
    other = Photo(np.zeros((9, 9, 3), np.uint8))
    for leave in (lambda: session.inspecting.use(None), lambda: session.open_photo(other)):
        engine.hold = True
        session.inspecting.use(Lens.PLAUSIBLE)
        asked = [request for request in session.requests.background() if isinstance(request.job, Inspect)]
        leave()
        assert len(asked) == 1 and asked[0] not in session.requests.background()
        engine.hold = False
        engine.advance()
        assert shown[-1] is None
        session.inspecting.use(None)


def test_a_way_found_for_another_face_is_not_gone(session: Session, engine: SynchronousEngine) -> None:
    paint(session)
    paint(session, 100)
    engine.hold = True
    session.inspecting.leave(0.5)
    session.undo()
    engine.hold = False
    engine.advance()
    assert level(session) == pytest.approx(200) and session.inspecting.amount() == 0
    session.inspecting.leave(0.5)
    assert level(session) == pytest.approx(150)


def test_a_way_is_found_anew_where_the_face_changed_under_the_hand(session: Session) -> None:
    paint(session)
    paint(session, 100)
    session.inspecting.drag(0.2)
    session.undo()
    session.inspecting.drag(0.4)
    session.inspecting.leave(0.5)
    assert level(session) == pytest.approx(150)


def test_a_failed_way_leaves_the_map(session: Session, engine: SynchronousEngine) -> None:
    shown: list[object] = []
    session.inspecting.seen.connect(shown.append)
    session.inspecting.use(Lens.PLAUSIBLE)
    engine.failing = {Inspect: "no"}
    session.inspecting.drag(0.5)
    assert shown[-1] is not None
    engine.failing = {}
    session.inspecting.leave(0.5)
    assert session.inspecting.amount() == 0.5
