"""Sliders move the face live, make one undo step, come back to the photo bit for bit, and survive other edits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from editor.requests import Request
from editor.session import Session
from editor.sliding import Sliding
from engine.document.direction import Direction
from engine.document.job import Install, ListDirections, Transfer
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def session(projected: Session) -> Session:
    projected.sliding.ask()
    return projected


def lighter(session: Session) -> Direction:
    return session.sliding.named()[0]


def level(session: Session) -> float:
    assert session.edit is not None
    return float(session.edit.latent.values[0, 0])


def red() -> Stroke:
    return Stroke(StrokeKind.COLOR, np.array([(20, 30, 1)], np.float32), 4, color=(200, 0, 0))


def test_the_sliders_are_asked_for_once(session: Session, engine: SynchronousEngine) -> None:
    session.sliding.ask()
    assert sum(isinstance(job, ListDirections) for job in engine.submitted) == 1
    assert [d.name for d in session.sliding.named()] == ["Lighter"]
    assert [d.name for d in session.sliding.more()] == ["Axis 1"]


def test_a_drag_shows_and_changes_nothing_until_it_is_left(session: Session, engine: SynchronousEngine) -> None:
    shown: list[object] = []
    session.overlaid.connect(shown.append)
    document = session.document
    session.sliding.drag(lighter(session), 1.0)
    assert shown[-1] is not None and session.document is document
    job = engine.submitted[-1]
    assert isinstance(job, Transfer) and not job.settle and job.edit.latent.values[0, 0] == 138
    session.sliding.set(lighter(session), 1.5)
    assert level(session) == 143 and session.edit is not None and session.edit.patch is not None
    assert shown[-1] is None and session.history is not None and "Lighter" in session.history.undo_label


def test_a_steady_hand_sees_previews_and_the_last_wish_wins(session: Session, engine: SynchronousEngine) -> None:
    engine.hold = True
    before = len(engine.submitted)
    for amount in (0.1, 0.2, 0.3, 0.4):
        session.sliding.drag(lighter(session), amount)
    assert len(engine.submitted) == before + 1  # one is let finish
    engine.advance(1)
    assert len(engine.submitted) == before + 2
    job = engine.submitted[-1]
    assert isinstance(job, Transfer) and job.edit.latent.values[0, 0] == pytest.approx(132)


def test_one_gesture_is_one_undo_step(session: Session) -> None:
    for amount in (0.5, 1.0, 1.5):
        session.sliding.set(lighter(session), amount)
    session.painting.end_gesture()
    session.sliding.set(lighter(session), 2.0)
    session.undo()
    assert session.sliding.amount("lighter") == 1.5 and level(session) == 143
    session.undo()
    assert session.sliding.amount("lighter") == 0 and level(session) == 128


def test_at_rest_the_picture_is_the_photo(session: Session) -> None:
    session.sliding.set(lighter(session), 1.0)
    session.painting.end_gesture()
    session.sliding.set(lighter(session), 0.0)
    assert session.edit is not None and session.edit.patch is None and not session.entry.owes
    assert session.document is not None and session.document.picture() is session.document.photo.pixels


def test_strokes_and_sliders_keep_each_other(session: Session) -> None:
    session.sliding.set(lighter(session), 1.0)
    session.painting.finish(red())
    assert level(session) == 200
    session.sliding.set(lighter(session), 2.0)
    assert level(session) == 210
    session.painting.choose(1)
    assert level(session) == 205 and session.sliding.amount("lighter") == 2.0  # the answer, moved along
    session.painting.clear()
    assert level(session) == 148 and session.edit is not None and session.edit.patch is not None
    session.sliding.reset()
    assert level(session) == 128


def test_a_moved_frame_keeps_the_sliders(session: Session) -> None:
    session.sliding.set(lighter(session), 1.0)
    session.placing.start_or_find()
    session.placing.choose(0)
    session.placing.project()
    assert session.sliding.amount("lighter") == 1.0 and level(session) == 138
    assert session.edit is not None and session.edit.patch is not None


def test_a_mask_is_kept_and_rendered(session: Session, engine: SynchronousEngine) -> None:
    session.sliding.set(lighter(session), 1.0)
    session.sliding.set_inside(True)
    job = engine.submitted[-1]
    assert isinstance(job, Transfer) and job.edit.inside and job.settle
    session.undo()
    assert session.edit is not None and not session.edit.inside


def test_own_sliders_are_kept_and_forgotten(session: Session, own_home: Path) -> None:
    way = Direction("Mine", np.ones((2, 3)), "faces")
    session.sliding.keep(way)
    assert [d.name for d in session.sliding.named()] == ["Lighter", "Mine"]
    assert [d.id for d in Sliding(session).mine] == [way.id]
    session.sliding.forget(way.id)
    assert [d.name for d in session.sliding.named()] == ["Lighter"] and not list((own_home / "sliders").iterdir())


def test_a_preview_under_way_is_not_shown_after_the_slider_came_back(
    session: Session, engine: SynchronousEngine
) -> None:
    shown: list[object] = []
    session.overlaid.connect(shown.append)
    engine.hold = True
    session.sliding.drag(lighter(session), 1.0)
    session.sliding.set(lighter(session), 0.0)
    engine.hold = False
    engine.advance()
    assert shown[-1] is None


def test_sliders_that_could_not_be_listed_are_asked_for_after_an_installation(
    session: Session, engine: SynchronousEngine
) -> None:
    session.sliding.found.clear()
    session.sliding._asked.clear()
    engine.failing = {ListDirections: "the model is not installed"}
    session.sliding.ask()
    session.sliding.ask()
    assert sum(isinstance(job, ListDirections) for job in engine.submitted) == 2
    engine.failing = {}
    session.requests.finished.emit(Request(Install(ticket=0, pack="faces"), "Getting the model", lambda step: None))
    session.sliding.ask()
    assert [d.name for d in session.sliding.named()] == ["Lighter"]
