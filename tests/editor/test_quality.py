"""The artist chooses how far the model learns the face under a frame."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox

from editor.panels.quality_choice import QualityChoice
from editor.session import Session
from editor.window import Window
from engine.document.job import Project
from engine.document.photo import Photo
from engine.document.tuning import QUALITIES
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def framed(session: Session, engine: SynchronousEngine, photo: Photo) -> Session:
    """A photo with a frame that is chosen."""
    engine.start()
    session.open_photo(photo)
    session.placing.choose(0)
    return session


def asked(engine: SynchronousEngine) -> int:
    """The quality of the newest projection."""
    return [job for job in engine.submitted if isinstance(job, Project)][-1].quality


def test_what_is_chosen_is_asked_for(window: Window, framed: Session, engine: SynchronousEngine) -> None:
    choice = window.findChild(QualityChoice)
    assert choice is not None and choice.isVisible()
    combo = choice.findChild(QComboBox)
    assert combo is not None and combo.count() == len(QUALITIES) and combo.currentData() == "quick"
    framed.placing.project()
    assert asked(engine) == 0 and not choice.isVisible()
    framed.placing.start()
    combo.activated.emit(combo.findData("fine"))
    assert choice.isVisible() and combo.currentData() == "fine"
    framed.placing.project()
    assert asked(engine) == QUALITIES["fine"] > 0
    framed.undo()
    assert framed.edit is not None and framed.edit.base.tuning is None


def test_other_models_have_no_quality(window: Window, framed: Session) -> None:
    choice = window.findChild(QualityChoice)
    framed.placing.look_in("green-hills")
    assert choice is not None and not choice.isVisible()
