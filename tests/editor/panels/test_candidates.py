"""The wall of answers: those of the last stroke, and how to have them again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QLabel, QPushButton

from editor.window import Window
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.conftest import color_stroke


def again(window: Window) -> QPushButton:
    """The button for more answers."""
    (found,) = window.candidates.findChildren(QPushButton)
    return found


def test_answers_that_a_file_does_not_keep_are_found_again(window: Window, photo: Photo, tmp_path: Path) -> None:
    session = window.session
    session.open_photo(photo)
    session.placing.project()
    assert again(window).isHidden()  # there is no stroke to answer
    session.painting.finish(color_stroke())
    assert len(session.entry.wall().candidates) > 1 and again(window).isHidden()
    save(session.entry.document, tmp_path / "painted.ganvas")
    session.open_document(load(tmp_path / "painted.ganvas"))
    assert not session.entry.wall().candidates and not again(window).isHidden()
    again(window).click()
    assert len(session.entry.wall().candidates) > 1 and again(window).isHidden()


def test_what_is_only_protected_has_no_answers_to_find(window: Window, photo: Photo) -> None:
    window.session.open_photo(photo)
    window.session.placing.project()
    window.session.painting.finish(Stroke(StrokeKind.PROTECT, np.array([(25, 30, 1)], np.float32), 3))
    assert again(window).isHidden()


def test_answers_that_are_coming_are_said_to_come(window: Window, photo: Photo) -> None:
    window.session.open_photo(photo)
    window.session.placing.project()
    candidate = window.session.entry.wall().candidates[0]
    says = window.candidates.findChildren(QLabel)[0]
    assert "how the model sees it" in says.text()
    window.candidates.show_coming((candidate,))
    assert "are coming" in says.text() and again(window).isHidden()
    window.candidates.refresh()
    assert "how the model sees it" in says.text()
