"""Setting a training up in the window: what is looked at, said of it, and asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from editor.panels.training import TrainingDialog
from editor.places import home
from editor.session import Session
from editor.window import Window
from engine.document.training import Crop, Family, Plan, place_of
from engine.document.training_jobs import LookAtFolder, TimeTraining
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path / "home"))




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
    dialog.setup.crop.setCurrentIndex(2)
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
    assert offered() == [Family.STYLE, Family.CODED, Family.MAP, Family.THINGS]
    for place, family in ((1, Family.CODED), (2, Family.MAP), (3, Family.THINGS)):
        kind.list.setCurrentIndex(place)
        kind.list.activated.emit(place)
        assert dialog.setup.plan().family is family and kind.apart.isVisible() is (family is not Family.MAP)
        job = engine.submitted[-1]
        assert isinstance(job, TimeTraining) and job.family is family
        assert "Expect" in dialog.setup.findings.expected.text()
    dialog.take(chairs)
    assert offered() == [Family.STYLE, Family.CODED, Family.MAP] and dialog.setup.plan().family is Family.STYLE
    assert (64, Family.STYLE) in dialog.setup._training.paces, "what is chosen for the artist is timed, too"
    assert dialog.setup.plan().classes is None or not kind.apart.isVisible()
