"""A training in the window: looked at, begun, paused, gone on with, used before its end, offered after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QAbstractButton, QMessageBox
from pytestqt.qtbot import QtBot

from editor.panels.training import TrainingDialog
from editor.places import home
from editor.requests import Request
from editor.session import Message, Session
from editor.training import State, following
from editor.window import Window
from engine.document.document import Document
from engine.document.edit import StyleEdit
from engine.document.job import Solve
from engine.document.photo import Photo
from engine.document.training import Crop, Family, Plan, TrainingMoment, place_of, read_plan, unfinished
from engine.document.training_jobs import TrainManifold, UseSoFar
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine, toy_style


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))


@pytest.fixture
def said(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.said.connect(heard.append)
    return heard


def test_it_grows_is_paused_and_goes_on(
    dialog: TrainingDialog, chairs: Path, session: Session, engine: SynchronousEngine
) -> None:
    dialog.take(chairs)
    engine.hold = True
    dialog.train.click()
    training = session.training
    assert training.state is State.RUNNING and dialog.pages.currentWidget() is dialog.run
    engine.advance(3)
    assert training.moment is not None and training.moment.step == 3 and dialog.run.wall.shown() == 24
    assert "at 32 px; step 3" in dialog.run.phase.text() and "18 min" in dialog.run.times.text()
    assert "40 %" in dialog.run.variety.words() and "alike" in dialog.run.variety.words()
    dialog.run.pause.click()
    assert training.state is State.PAUSED and not session.requests.background()
    assert "Nothing is lost" in dialog.run.phase.text() and dialog.run.pause.text() == "Go On"
    dialog.run.pause.click()
    job = engine.submitted[-1]
    assert isinstance(job, TrainManifold) and job.resume and job.plan.name == "my-chairs-2"
    engine.advance()
    assert training.state is State.DONE and dialog.run.again.isVisible() and not dialog.run.pause.isVisible()
    dialog.run.again.click()
    assert dialog.pages.currentWidget() is dialog.setup


def test_what_makes_up_nothing_yet_cannot_be_used(dialog: TrainingDialog, chairs: Path, session: Session,
                                                  engine: SynchronousEngine) -> None:
    dialog.take(chairs)
    engine.hold = True
    dialog.train.click()
    engine.advance(2)
    training, run = session.training, dialog.run
    assert training.moment is not None and run.use.isEnabled() and run.finish.isEnabled()
    training.moment = replace(training.moment, again=True)
    training.changed.emit()
    assert not run.use.isEnabled() and not run.finish.isEnabled() and "show your pictures again" in run.phase.text()


def test_another_can_be_trained_while_one_is_paused_and_either_be_gone_on_with(
    dialog: TrainingDialog, chairs: Path, session: Session, engine: SynchronousEngine
) -> None:
    engine.hold = True
    for name in ("oaks", "elms"):
        session.training.begin(Plan(str(chairs), name))
        engine.advance(2)
        assert not dialog.run.again.isVisible()
        dialog.run.pause.click()
        dialog.run.again.click()
    assert dialog.pages.currentWidget() is dialog.setup and dialog.left.count() == 2
    assert "“elms” was left when 20 %" in dialog.left.itemText(0)
    dialog.left.setCurrentIndex(1)
    dialog.go_on.click()
    job = engine.submitted[-1]
    assert isinstance(job, TrainManifold) and job.resume and job.plan.name == "oaks"


def test_stop_in_the_status_bar_pauses_it(
    window: Window, session: Session, engine: SynchronousEngine, chairs: Path
) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    engine.advance(2)
    window.progress.background.stop.click()
    assert session.training.state is State.PAUSED


def test_the_status_bar_tells_of_what_is_still_under_way(
    window: Window, session: Session, engine: SynchronousEngine, chairs: Path
) -> None:
    engine.hold = True
    session.training.time(64, Family.STYLE)
    session.training.look_at(chairs, 64, Crop.CENTRE)
    engine.advance(2)  # the newest first
    assert session.training.look is not None and not session.training.looking() and session.training.timing()
    assert window.progress.background.note.text() == "Timing this machine"


def test_a_stroke_is_asked_for_while_it_trains(
    session: Session, engine: SynchronousEngine, photo: Photo, chairs: Path
) -> None:
    session.open_photo(photo)
    session.placing.project()
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    engine.advance(2)
    session.painting.finish(color_stroke())
    assert isinstance(engine.submitted[-1], Solve)
    session.open_photo(photo)
    assert session.training.state is State.RUNNING, "another photo does not end it"


def test_what_it_knows_so_far_and_what_it_made_can_be_chosen(
    dialog: TrainingDialog, session: Session, engine: SynchronousEngine, chairs: Path, said: list[Message]
) -> None:
    installed: list[str] = []
    session.training.installed.connect(installed.append)
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    assert not dialog.run.use.isEnabled()
    engine.advance(5)
    dialog.run.use.click()
    assert isinstance(engine.submitted[-1], UseSoFar) and not dialog.run.use.isEnabled()
    engine.hold = False
    engine.advance()
    assert sorted(installed) == ["oaks", "oaks-at-5"] and session.manifolds.entries
    told = " ".join(message.text for message in said)
    assert "Oaks at 5 can be chosen" in told and "“Oaks” is ready" in told


def test_a_new_training_does_not_take_the_place_of_another(
    session: Session, engine: SynchronousEngine, chairs: Path, said: list[Message]
) -> None:
    Plan(str(chairs), "oaks", fraction=0.5).write(place_of(home(), "oaks"))
    (place_of(home(), "oaks") / "settings.json").write_text("{}")
    session.training.begin(Plan("/elsewhere", "oaks"))
    assert session.training.state is State.NONE and not engine.submitted
    assert said[-1].serious and "training of that name" in said[-1].text
    assert [plan.folder for plan in session.training.left()] == [str(chairs)]


def test_another_training_begins_with_an_empty_wall(
    dialog: TrainingDialog, session: Session, engine: SynchronousEngine, chairs: Path
) -> None:
    session.training.begin(Plan(str(chairs), "oaks"))
    assert session.training.state is State.DONE and dialog.run.wall.shown() == 24
    engine.hold = True
    dialog.run.again.click()
    session.training.begin(Plan(str(chairs), "elms"))
    assert dialog.run.wall.shown() == 0 and "not measured" in dialog.run.variety.words()


def test_what_was_spent_is_known_when_it_goes_on(session: Session, engine: SynchronousEngine, chairs: Path) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks", minutes=100.0))
    engine.advance(3)
    session.training.pause()
    session.training.go_on()
    job = engine.submitted[-1]
    assert isinstance(job, TrainManifold) and job.plan.spent == 30 and job.plan.fraction == pytest.approx(0.3)


def test_another_size_is_timed_while_one_is_being_timed(session: Session, engine: SynchronousEngine) -> None:
    engine.hold = True
    training = session.training
    training.time(64, Family.STYLE)
    training.time(128, Family.MAP)
    training.time(128, Family.MAP)
    engine.advance()
    assert list(training.paces) == [(128, Family.MAP)] and not training.timing()


def test_one_loss_is_one_curve(dialog: TrainingDialog) -> None:
    curves = dialog.run.curves
    curves.show_curve(np.array([(0, 0.7, 1.3, 0.4), (9, 0.6, 1.2, 0.4)], np.float32))
    assert [name for name, _ in curves.lines()] == ["error", "critic"] and "critic" in curves.toolTip()
    curves.show_curve(np.array([(0, 0.2, np.nan, 0.4), (9, 0.1, np.nan, 0.4)], np.float32))
    ((column, _),) = curves.lines()
    assert column == "error" and "falls" in curves.toolTip() and "critic" not in curves.toolTip()
    field = QRectF(0, 0, 100, 100)
    assert curves.line(column, field).first().y() < 10 and not curves.grab().isNull()


def test_enough_is_enough(dialog: TrainingDialog, session: Session, engine: SynchronousEngine, chairs: Path) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks", minutes=100.0))
    engine.advance(4)  # 40 minutes were spent, which were to be 80 of 100
    dialog.run.finish.click()
    job = engine.submitted[-1]
    assert isinstance(job, TrainManifold) and job.resume and 49 < job.plan.minutes < 50
    assert session.training.state is State.RUNNING


def test_giving_up_throws_away_after_a_question(
    dialog: TrainingDialog, session: Session, engine: SynchronousEngine, chairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    engine.advance(2)
    assert place_of(home(), "oaks").exists()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    dialog.run.stop.click()
    assert session.training.state is State.RUNNING
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    dialog.run.stop.click()
    assert not dialog.left.isVisible(), "what was given up is not offered, even before it is thrown away"
    engine.advance()
    assert session.training.state is State.NONE and not place_of(home(), "oaks").exists()
    assert not dialog.left.isVisible()


def test_after_a_crash_the_next_start_offers_to_go_on(
    window: Window, session: Session, engine: SynchronousEngine, chairs: Path, photo: Photo, qtbot: QtBot
) -> None:
    Plan(str(chairs), "oaks", fraction=0.34).write(place_of(home(), "oaks"))
    (place_of(home(), "oaks") / "settings.json").write_text("{}")
    window.messages.hide()
    window.commands.offer_training()
    assert "“oaks” was left when 34 % was done" in window.messages.text()
    session.open_document(Document(photo, (StyleEdit((toy_style(200, "waves"),)),)))
    assert not window.messages.text()
    qtbot.waitUntil(lambda: "was left when 34 %" in window.messages.text())
    engine.hold = True
    window.acts["go-on-training"].trigger()
    job = engine.submitted[-1]
    assert isinstance(job, TrainManifold) and job.resume and job.plan.name == "oaks"
    assert session.training.left() == (), "it is somebody's now"
    assert session.training.state is State.RUNNING


def test_the_offer_to_go_on_comes_back_until_it_is_answered(
    window: Window, session: Session, chairs: Path, qtbot: QtBot
) -> None:
    """What has to be said in between takes its place for as long as it is there."""
    Plan(str(chairs), "oaks", fraction=0.34).write(place_of(home(), "oaks"))
    window.messages.hide()
    window.commands.offer_training()
    close = next(b for b in window.messages.findChildren(QAbstractButton) if b.text() == "✕")
    session.say("No face was found.", "project")
    assert window.messages.text() == "No face was found."
    close.click()
    qtbot.waitUntil(lambda: "was left when 34 %" in window.messages.text())
    close.click()
    session.say("Something else.")
    window.messages.hide()
    qtbot.wait(20)
    assert not window.messages.text(), "it was answered"


def test_one_training_at_a_time(session: Session, engine: SynchronousEngine, chairs: Path, said: list[Message]) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    session.training.begin(Plan(str(chairs), "elms"))
    assert "One training at a time" in said[-1].text and len(engine.submitted) == 1
    other = Session(SynchronousEngine())
    other.training.begin(Plan(str(chairs), "elms"))
    assert other.training.state is State.NONE and other.training.left() == ()


def test_a_training_that_fails_at_once_leaves_nothing(
    session: Session, engine: SynchronousEngine, chairs: Path, said: list[Message]
) -> None:
    engine.failing[TrainManifold] = "the folder is gone: choose another"
    session.training.begin(Plan(str(chairs), "oaks"))
    assert session.training.state is State.NONE and "the folder is gone" in said[-1].text.lower()


def test_a_training_that_stops_by_itself_says_why(
    dialog: TrainingDialog, session: Session, engine: SynchronousEngine, chairs: Path
) -> None:
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    engine.advance(3)
    engine.failing[TrainManifold] = "the disk is full"
    engine.advance(1)
    assert session.training.state is State.PAUSED and "It stopped: the disk is full" in dialog.run.phase.text()
    del engine.failing[TrainManifold]
    dialog.run.pause.click()
    assert session.training.state is State.RUNNING and "stopped" not in dialog.run.phase.text()


def test_a_plan_is_read_as_it_was_written_and_nothing_else_is(tmp_path: Path) -> None:
    plan = Plan("/pictures", "oaks", 128, 90.0, "mine", Crop.WHOLE, 12.5, 0.2)
    plan.write(place_of(tmp_path, "oaks"))
    assert read_plan(place_of(tmp_path, "oaks")) == plan and unfinished(tmp_path) == (plan,)
    (place_of(tmp_path, "oaks") / "plan.json").write_text('{"folder": 3}')
    assert read_plan(place_of(tmp_path, "oaks")) is None and unfinished(tmp_path) == ()
    msgspec.structs.replace(plan, name="../../oaks").write(place_of(tmp_path, "oaks"))
    assert read_plan(place_of(tmp_path, "oaks")) is None and unfinished(tmp_path) == (), "its name is a place elsewhere"
    assert msgspec.structs.replace(plan, spent=1.0) != plan


def test_closing_the_program_asks_nothing_about_a_training(
    window: Window, session: Session, engine: SynchronousEngine, chairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(QMessageBox, "question", lambda *_: asked.append(_))
    engine.hold = True
    session.training.begin(Plan(str(chairs), "oaks"))
    assert window.commands.may_stop_work() and not asked


def test_what_was_seen_stays_until_a_training_that_goes_on_is_at_work_again() -> None:
    wall, curve = np.full((24, 16, 16, 3), 9, np.uint8), np.ones((3, 4), np.float32)
    old = TrainingMoment(7, 32, 60.0, 30.0, 0.6, "Step 7", True, wall, curve, 0.8, 2.0)
    begun = following(old, TrainingMoment(0, 0, 0.0, 90.0, 0.0, "Reading the pictures"))
    assert begun.wall is old.wall and begun.curve is old.curve and begun.note == "Reading the pictures"
    assert (begun.step, begun.spent, begun.variety) == (7, 60.0, 0.8)
    first = following(begun, TrainingMoment(8, 32, 61.0, 29.0, 0.61, "Step 8"))
    assert first.wall is old.wall and first.variety == 0.8 and (first.step, first.spent) == (8, 61.0)
    looked = TrainingMoment(9, 32, 62.0, 28.0, 0.62, "Step 9", wall=wall)
    assert following(first, looked) is looked
