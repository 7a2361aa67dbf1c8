"""The panel of sliders: rows for the face's directions, a double click to rest, and the dialogs that make new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSlider
from pytestqt.qtbot import QtBot

from editor.panels.difference import DifferenceDialog
from editor.panels.sliders import SliderRow, Sliders
from editor.panels.teach import TeachDialog
from editor.session import Session
from editor.sliding import Sliding
from editor.teaching import PAGE, Teaching
from engine.document.direction import Direction
from engine.document.job import Sample, Teach, Transfer
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def session(own_home: Path, engine: SynchronousEngine) -> Session:
    return Session(engine)


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Sliders:
    panel = Sliders(session)
    qtbot.addWidget(panel)
    session.open_photo(Photo(np.full((60, 80, 3), 90, np.uint8)))
    session.placing.choose(0)
    session.placing.project()
    panel.show()
    return panel


def rows(panel: Sliders) -> list[SliderRow]:
    return list(panel.rows.values())


def slider(panel: Sliders) -> QSlider:
    found = rows(panel)[0].findChild(QSlider)
    assert found is not None
    return found


def test_a_face_brings_its_sliders(panel: Sliders) -> None:
    assert [row.direction.name for row in rows(panel)] == ["Lighter"]


def test_dragging_previews_and_letting_go_commits(panel: Sliders, session: Session, engine: SynchronousEngine) -> None:
    hand = slider(panel)
    hand.setSliderDown(True)
    hand.setValue(750)
    job = engine.submitted[-1]
    assert isinstance(job, Transfer) and not job.settle and session.sliding.amount("lighter") == 0
    hand.setSliderDown(False)
    assert session.sliding.amount("lighter") == 1.5
    session.undo()
    assert session.sliding.amount("lighter") == 0 and slider(panel).value() == 500


def test_a_double_click_puts_it_to_rest(panel: Sliders, session: Session, qtbot: QtBot) -> None:
    session.sliding.set(session.sliding.named()[0], 2.0)
    qtbot.mouseDClick(slider(panel), Qt.MouseButton.LeftButton)
    assert session.sliding.amount("lighter") == 0
    assert session.edit is not None and session.edit.patch is None


def test_a_nameless_direction_is_added_by_choice(panel: Sliders) -> None:
    assert panel._choice.itemText(1) == "Axis 1"
    panel._choice.activated.emit(1)
    assert [row.direction.name for row in rows(panel)] == ["Lighter", "Axis 1"]


def test_a_slider_of_the_document_has_a_row_though_nobody_added_it(panel: Sliders, session: Session) -> None:
    session.sliding.set(Direction("From elsewhere", np.ones((2, 3)), "faces"), 1.0)
    assert [row.direction.name for row in rows(panel)] == ["Lighter", "From elsewhere"]


def test_a_minus_b_of_candidates(panel: Sliders, session: Session, qtbot: QtBot) -> None:
    session.painting.finish(Stroke(StrokeKind.COLOR, np.array([(20, 30, 1)], np.float32), 4, color=(200, 0, 0)))
    dialog = DifferenceDialog(session)
    qtbot.addWidget(dialog)
    names = [dialog._lists[0].item(i).text() for i in range(dialog._lists[0].count())]
    assert "Face 1, as found" in names and "Candidate 2" in names
    dialog._lists[0].setCurrentRow(names.index("Candidate 2"))
    dialog._lists[1].setCurrentRow(names.index("Face 1, as found"))
    assert dialog.direction is not None
    np.testing.assert_allclose(dialog.direction.values, 195 - 128)
    dialog._lists[1].setCurrentRow(names.index("Candidate 2"))
    assert dialog.direction is None and not dialog._ok.isEnabled()


def test_teaching_by_thumbs(panel: Sliders, session: Session, engine: SynchronousEngine, qtbot: QtBot) -> None:
    dialog = TeachDialog(Teaching(session, "faces"))
    qtbot.addWidget(dialog)
    assert len(dialog.tiles) == PAGE and isinstance(engine.submitted[-1], Sample)
    qtbot.mouseClick(dialog.tiles[0], Qt.MouseButton.LeftButton)
    assert not dialog.save.isEnabled()
    qtbot.mouseClick(dialog.tiles[1], Qt.MouseButton.RightButton)
    job = engine.submitted[-1]
    assert isinstance(job, Teach) and [e.liked for e in job.examples[:3]] == [True, False, None]
    assert "50 times of 100" in dialog.estimate.text() and not dialog.save.isEnabled()  # it has no name
    dialog.name.setText("Lightness")
    assert dialog.save.isEnabled()
    dialog.kept.connect(session.sliding.keep)
    dialog.save.click()
    assert [row.direction.name for row in rows(panel)] == ["Lighter", "Lightness"]


def test_the_same_judgement_again_takes_it_back(session: Session, panel: Sliders, qtbot: QtBot) -> None:
    teaching = Teaching(session, "faces")
    dialog = TeachDialog(teaching)
    qtbot.addWidget(dialog)
    for _ in range(2):
        qtbot.mouseClick(dialog.tiles[0], Qt.MouseButton.LeftButton)
    assert teaching.counts() == (0, 0) and dialog.tiles[0].liked is None
    dialog.tiles[2].say(False)
    assert teaching.counts() == (0, 1)


def test_what_is_said_while_it_learns_is_learned_after_it(
    session: Session, panel: Sliders, engine: SynchronousEngine
) -> None:
    teaching = Teaching(session, "faces")
    teaching.more()
    engine.hold = True
    before = len(engine.submitted)
    for place in range(4):
        teaching.judge(place, place % 2 == 0)
    assert len(engine.submitted) == before + 1
    engine.advance(2)
    assert len(engine.submitted) == before + 2
    job = engine.submitted[-1]
    assert isinstance(job, Teach) and sum(e.liked is not None for e in job.examples) == 4


def test_judging_while_the_wall_is_drawn_does_not_stop_the_drawing(
    session: Session, panel: Sliders, engine: SynchronousEngine
) -> None:
    engine.hold = True
    teaching = Teaching(session, "faces")
    teaching.more()
    teaching.judge(0, True)
    for _ in range(PAGE):
        engine.advance()
    assert len(teaching.pictures) == PAGE


def test_after_a_failure_more_can_be_drawn_and_learned(
    session: Session, panel: Sliders, engine: SynchronousEngine
) -> None:
    teaching = Teaching(session, "faces")
    engine.failing = {Sample: "no", Teach: "no"}
    teaching.more()
    teaching.judge(0, True)
    engine.failing = {}
    teaching.more()
    assert len(teaching.pictures) == PAGE
    teaching.judge(1, False)
    assert teaching.direction is not None
    teaching.stop()


def test_a_model_without_named_sliders_offers_what_was_found(qtbot: QtBot, session: Session) -> None:
    panel = Sliders(session)
    qtbot.addWidget(panel)
    session.open_photo(Photo(np.full((60, 80, 3), 90, np.uint8)))
    session.placing.choose(0)
    session.placing.project()
    session.sliding.found["faces"] = session.sliding.more()
    session.sliding.listed.emit()
    assert not rows(panel) and panel._choice.findText("Axis 1") > 0
    assert "no named sliders" in panel._hint.text()


def test_a_model_whose_sliders_were_asked_for_before_offers_them_at_once(qtbot: QtBot, session: Session) -> None:
    session.sliding.found["faces"] = (Direction("Axis 7", np.ones((2, 3)), "faces", source="principal axis"),)
    session.sliding._asked.add("faces")
    panel = Sliders(session)
    qtbot.addWidget(panel)
    session.open_photo(Photo(np.full((60, 80, 3), 90, np.uint8)))
    session.placing.choose(0)
    session.placing.project()
    assert panel._choice.findText("Axis 7") > 0


def test_a_slider_found_in_the_model_can_be_kept(panel: Sliders, session: Session, own_home: Path) -> None:
    (found,) = session.sliding.more()
    found = replace(found, id="faces/principal axis/coarse/1")
    panel.add(found)
    panel.keep(found)
    assert [row.direction.name for row in rows(panel)] == ["Lighter", "Axis 1"]
    again = Sliding(session).mine
    assert [each.id for each in again] == ["faces-principal-axis-coarse-1"]
    session.sliding.forget(again[0].id)
    assert not Sliding(session).mine and len(rows(panel)) == 1


def test_kinds_of_things_read_as_names_do_and_long_names_end_in_dots(panel: Sliders, session: Session) -> None:
    for name in ("handbags", "From a very long name to another one"):
        session.sliding.set(Direction(name, np.ones((2, 3)), "faces"), 1.0)
    shown = [row.findChild(QLabel).text() for row in rows(panel)]
    assert shown[1] == "Handbags" and shown[2].startswith("From") and shown[2].endswith("…")
    assert session.history is not None and session.history.entry.label.startswith("From a very long name")
