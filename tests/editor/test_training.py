"""A training in the window: looked at, begun, paused, gone on with, used before its end, offered after a crash."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from editor.panels.training import TrainingDialog
from editor.places import home
from editor.requests import Request
from editor.session import Message, Session
from editor.training import State
from editor.window import Window
from engine.document.document import Document
from engine.document.edit import StyleEdit
from engine.document.job import Solve
from engine.document.photo import Photo
from engine.document.training import Crop, Family, Plan, place_of, read_plan, unfinished
from engine.document.training_jobs import LookAtFolder, TimeTraining, TrainManifold, UseSoFar
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine, toy_style


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))


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


@pytest.fixture
def said(session: Session) -> list[Message]:
    heard: list[Message] = []
    session.said.connect(heard.append)
    return heard


def listed(dialog: TrainingDialog) -> list[str]:
    out = dialog.setup.findings.left_out
    return [out.item(i).text() for i in range(out.count())]


def test_a_folder_is_looked_at_and_told_of_before_it_can_be_trained(
    dialog: TrainingDialog, chairs: Path, engine: SynchronousEngine
) -> None:
    engine.hold = True
    assert not dialog.train.isEnabled()
    dialog.take(chairs)
    assert dialog.setup.name.text() == "my-chairs-2" and dialog.setup.stop.isVisible()
    engine.advance(1)  # the newest first: the timing
    assert "looking" not in dialog.setup.findings.expected.text()
    engine.advance(2)
    assert dialog.setup.wall.shown() == 2 and "250 files" in dialog.setup.findings.verdict.text()
    assert not dialog.train.isEnabled()
    engine.advance()
    assert dialog.setup.wall.shown() == 24 and not dialog.setup.stop.isVisible()
    assert "249 pictures" in dialog.setup.findings.verdict.text()
    assert any("broken-7.jpg cannot be read" in line for line in listed(dialog))
    assert dialog.train.isEnabled()
    assert "about 180,000 pictures, 723 times at each of yours" in dialog.setup.findings.expected.text()


def test_what_is_expected_follows_the_time(dialog: TrainingDialog, chairs: Path) -> None:
    dialog.take(chairs)
    said = []
    for place in (0, 6):
        dialog.setup.minutes.setCurrentIndex(place)
        dialog.setup.minutes.activated.emit(place)
        said.append(dialog.setup.findings.expected.text())
    assert "10 min" in said[0] and "odd places" in said[0] and "For clear pictures give it" in said[0]
    assert "24 h" in said[1] and "a network of this size" in said[1]


def test_too_few_pictures_cannot_be_trained(dialog: TrainingDialog, chairs: Path) -> None:
    for number in range(100):
        next(chairs.glob(f"*-{number}.jpg")).unlink()
    dialog.take(chairs)
    assert "too few" in dialog.setup.findings.verdict.text() and not dialog.train.isEnabled()


def test_another_size_or_crop_is_another_look(dialog: TrainingDialog, chairs: Path, engine: SynchronousEngine) -> None:
    dialog.take(chairs)
    dialog.setup.side.setCurrentIndex(1)
    dialog.setup.side.activated.emit(1)
    dialog.setup.crop.setCurrentIndex(1)
    dialog.setup.crop.activated.emit(1)
    looks = [(job.size, job.crop) for job in engine.submitted if isinstance(job, LookAtFolder)]
    assert looks == [(64, Crop.CENTRE), (128, Crop.CENTRE), (128, Crop.WHOLE)]
    assert [job.size for job in engine.submitted if isinstance(job, TimeTraining)] == [64, 128], "each is timed once"


def test_looking_can_be_stopped(dialog: TrainingDialog, chairs: Path, engine: SynchronousEngine) -> None:
    engine.hold = True
    dialog.take(chairs)
    dialog.setup.stop.click()
    engine.advance()
    assert not dialog.setup.stop.isVisible() and not dialog.train.isEnabled()
    assert "was not looked through" in dialog.setup.findings.verdict.text()


def test_a_look_that_was_stopped_does_not_take_files_for_pictures(
    dialog: TrainingDialog, chairs: Path, engine: SynchronousEngine
) -> None:
    engine.hold = True
    dialog.take(chairs)
    engine.advance(3)
    dialog.setup.stop.click()
    assert "not all were looked at" in dialog.setup.findings.verdict.text() and dialog.train.isEnabled()
    assert dialog.setup.plan().classes is None, "the engine will see whether there are any"


@pytest.mark.parametrize(
    ("name", "right"),
    [("oaks", True), ("Oaks", False), ("", False), ("2-oaks", False), ("con", False), ("faces", False),
     ("elms", False)],
)  # fmt: skip
def test_a_name_must_be_one(name: str, right: bool, dialog: TrainingDialog, chairs: Path) -> None:
    place_of(home(), "elms").mkdir(parents=True)
    (place_of(home(), "elms") / "settings.json").write_text("{}")
    dialog.take(chairs)
    dialog.setup.name.setText(name)
    assert dialog.train.isEnabled() is right and dialog.setup.wrong.isVisible() is not right


def test_names_that_are_taken_are_not_proposed(session: Session, tmp_path: Path) -> None:
    Plan("x", "oaks").write(place_of(home(), "oaks"))
    (place_of(home(), "oaks") / "settings.json").write_text("{}")
    assert session.training.name_for(Path("/Oaks")) == "oaks-2"
    session.manifolds.ask()
    assert session.training.name_for(Path("/faces")) == "faces-2"
    assert session.training.name_for(Path("/2019")) == "my-2019"


def test_a_folder_can_be_dropped(dialog: TrainingDialog, chairs: Path, window: Window) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(chairs))])
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    dialog.dropEvent(event)
    assert dialog.setup.folder == chairs
    window.files.take([chairs])
    shown = window.findChild(TrainingDialog)
    assert shown is not None and shown.isVisible() and shown.setup.folder == chairs


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


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """300 files before a plain ground, and five folders."""
    folder = tmp_path / "plain things"
    for name in ("bags", "boots", "cups", "hats", "jugs"):
        (folder / name).mkdir(parents=True)
    for number in range(300):
        (folder / f"{number}.jpg").touch()
    return folder


def test_kinds_are_kept_apart_unless_the_artist_says_otherwise(dialog: TrainingDialog, kinds: Path) -> None:
    kind = dialog.setup.kind
    assert not kind.apart.isVisible()
    dialog.take(kinds)
    assert kind.apart.isVisible() and kind.apart.isChecked()
    assert kind.apart.text() == "Keep the 5 kinds apart" and kind.named() == "bags, boots, cups, hats, jugs"
    assert dialog.setup.plan().classes is True
    kind.apart.click()
    assert dialog.setup.plan().classes is False
    dialog.setup.side.setCurrentIndex(1)
    dialog.setup.side.activated.emit(1)
    assert not kind.apart.isChecked(), "another look at the same folder does not undo it"


def test_many_kinds_are_rather_somebodys_filing(dialog: TrainingDialog, kinds: Path) -> None:
    for number in range(30):
        (kinds / f"y{number}").mkdir()
    dialog.take(kinds)
    assert dialog.setup.kind.apart.isVisible() and not dialog.setup.kind.apart.isChecked()
    assert dialog.setup.kind.named().endswith("jugs, y0, y1, y10 and 27 more")


def test_the_kind_of_model_is_chosen_where_it_makes_sense(
    dialog: TrainingDialog, kinds: Path, chairs: Path, engine: SynchronousEngine
) -> None:
    def offered() -> list[Family]:
        return [kind.list.itemData(i) for i in range(kind.list.count())]

    kind = dialog.setup.kind
    dialog.take(kinds)
    assert offered() == [Family.STYLE, Family.MAP, Family.THINGS]
    for place, family in ((1, Family.MAP), (2, Family.THINGS)):
        kind.list.setCurrentIndex(place)
        kind.list.activated.emit(place)
        assert dialog.setup.plan().family is family and kind.apart.isVisible() is (family is Family.THINGS)
        job = engine.submitted[-1]
        assert isinstance(job, TimeTraining) and job.family is family
        assert "Expect" in dialog.setup.findings.expected.text()
    dialog.take(chairs)
    assert offered() == [Family.STYLE, Family.MAP] and dialog.setup.plan().family is Family.STYLE
    assert (64, Family.STYLE) in dialog.setup._training.paces, "what is chosen for the artist is timed, too"
    assert dialog.setup.plan().classes is None or not kind.apart.isVisible()


def test_one_loss_is_one_curve(dialog: TrainingDialog) -> None:
    curves = dialog.run.curves
    curves.show_curve(np.array([(0, 0.7, 1.3, 0.4), (9, 0.6, 1.2, 0.4)], np.float32))
    assert [name for name, *_ in curves.lines()] == ["generator", "critic"] and "balance" in curves.toolTip()
    curves.show_curve(np.array([(0, 0.2, np.nan, 0.4), (9, 0.1, np.nan, 0.4)], np.float32))
    ((column, _, called),) = curves.lines()
    assert column == "generator" and called == "error" and "falls" in curves.toolTip()
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
