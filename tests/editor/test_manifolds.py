"""The artist chooses in which model the thing under a frame is looked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from editor.panels.layers import names
from editor.panels.manifold_choice import ManifoldChoice
from editor.session import Session
from editor.window import Window
from engine.document.edit import ManifoldEdit
from engine.document.job import Project, Solve
from engine.document.photo import Photo
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def listed(session: Session, engine: SynchronousEngine, photo: Photo) -> Session:
    """A photo with two proposed faces, and two models to choose from."""
    engine.start()
    session.open_photo(photo)
    session.placing.choose(0)
    return session


def current(session: Session) -> ManifoldEdit:
    assert session.edit is not None
    return session.edit


def test_a_frame_is_looked_for_in_the_model_that_was_chosen(listed: Session, engine: SynchronousEngine) -> None:
    assert listed.manifolds.ids() == ("faces", "green-hills") and listed.placing.manifold == "faces"
    listed.placing.look_in("green-hills")
    assert listed.placing.models == ("green-hills", "faces")
    listed.placing.project()
    job = [job for job in engine.submitted if isinstance(job, Project)][-1]
    assert job.manifold == "green-hills" and current(listed).base.manifold == "green-hills"
    assert listed.document is not None
    assert list(names(listed.document).values()) == ["Green hills 1"]
    listed.painting.finish(color_stroke())
    assert isinstance(engine.submitted[-1], Solve)
    assert current(listed).latent.manifold == "green-hills" and current(listed).patch is not None


def test_another_model_keeps_the_strokes_and_forgets_the_sliders(listed: Session) -> None:
    listed.placing.project()
    listed.painting.finish(color_stroke())
    listed.sliding.ask()
    listed.sliding.set(listed.sliding.named()[0], 1.0)
    assert current(listed).slides
    listed.placing.look_in("green-hills")
    assert listed.placing.active and current(listed).base.manifold == "faces"
    listed.placing.project()
    edit = current(listed)
    assert edit.base.manifold == edit.latent.manifold == "green-hills"
    assert not edit.slides and len(edit.strokes) == 1 and edit.patch is not None
    listed.undo()
    assert current(listed).base.manifold == "faces" and current(listed).slides
    assert listed.placing.models[0] == "faces"


def test_a_model_that_was_chosen_for_a_proposal_stays_with_it(listed: Session) -> None:
    listed.placing.choose(1)
    listed.placing.look_in("green-hills")
    listed.placing.choose(0)
    assert listed.placing.manifold == "faces"
    listed.placing.project()
    listed.placing.recall()
    assert dict(zip(listed.placing.ids, listed.placing.models, strict=True))[None] == "green-hills"


def test_the_frame_that_is_proposed_is_the_model_s_own_until_a_hand_moves_it(listed: Session, photo: Photo) -> None:
    placing, side = listed.placing, min(photo.width, photo.height)
    placing.add()
    assert placing.current is not None and placing.frames[placing.current].size == pytest.approx(0.6 * side)
    for model, share in (("green-hills", 1.0), ("faces", 0.6), ("green-hills", 1.0)):
        placing.look_in(model)
        whole = placing.frames[placing.current]
        assert (whole.x, whole.y, whole.size) == pytest.approx((photo.width / 2, photo.height / 2, share * side))
    moved = replace(whole, x=whole.x + 3)
    placing.move(moved)
    placing.look_in("faces")
    assert placing.frames[placing.current] == moved


def test_the_frame_that_is_proposed_for_scenes_covers_the_photo(listed: Session, photo: Photo) -> None:
    manifolds, placing = listed.manifolds, listed.placing
    faces, hills = manifolds.entries
    manifolds.entries = faces, replace(hills, layout="scene")
    placing.add()
    placing.look_in("green-hills")
    assert placing.current is not None and photo.width != photo.height
    assert placing.frames[placing.current].size == pytest.approx(1.1 * max(photo.width, photo.height))
    placing.look_in("faces")
    assert placing.frames[placing.current].size == pytest.approx(0.6 * min(photo.width, photo.height))


def test_the_choice_is_in_the_bar_while_a_frame_is_set(window: Window, listed: Session, qtbot: QtBot) -> None:
    choice = window.findChild(ManifoldChoice)
    assert choice is not None and choice.isVisible()
    combo = choice.findChild(QComboBox)
    assert combo is not None and [combo.itemText(i) for i in range(2)] == ["Faces", "Green hills"]
    assert combo.currentText() == "Faces" and not combo.itemIcon(1).isNull()
    combo.activated.emit(1)
    assert listed.placing.manifold == "green-hills" and combo.currentText() == "Green hills"
    listed.placing.project()
    assert not choice.isVisible()


def test_where_faces_are_not_installed_another_model_is_proposed(session: Session, photo: Photo) -> None:
    session.manifolds.entries = ()
    session.open_photo(photo)
    session.placing.add()
    assert session.placing.manifold == "faces"
    session.manifolds.ask()
    session.manifolds.entries = session.manifolds.entries[1:]
    session.placing.add()
    assert session.placing.manifold == "green-hills"
