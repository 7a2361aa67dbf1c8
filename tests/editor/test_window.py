"""The window over the synchronous engine: what an artist does with mouse, keys and panels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QListWidget,
    QMessageBox,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from editor.actions import ACTIONS, MENUS
from editor.tools import TOOLS
from editor.window import Window
from engine.document.job import FindRegions, Install, Project, Scrub, Solve, Transfer
from engine.document.photo import Photo
from engine.document.texture import Texture
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine, toy_style


def open_and_project(window: Window, photo: Photo) -> None:
    """A projected face, by the Enter key."""
    window.session.open_photo(photo)
    window.acts["project"].trigger()


def place(window: Window, x: float, y: float) -> QPoint:
    """The widget point over a photo point."""
    return window.canvas.to_view(x, y).toPoint()


def drag(window: Window, *points: tuple[float, float]) -> None:
    """A drag of the left button over photo points."""
    places = [place(window, *point) for point in points]
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[0])
    for each in places[1:]:
        QTest.mouseMove(window.canvas, each)
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, places[-1])


def test_it_starts_with_an_invitation(window: Window) -> None:
    """Nothing is open: the start page, no tool to paint with, nothing to save."""
    assert window.pages.currentWidget() is window.start
    assert not window.acts["save"].isEnabled() and not window.tool_actions["color"].isEnabled()
    assert window.windowTitle() == "Ganvas"


def test_from_photo_to_stroke_to_undo_by_hand(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """Set the frame, find the face, paint a stroke, choose, undo: all by mouse and actions."""
    window.session.open_photo(photo)
    assert window.pages.currentWidget() is window.canvas
    assert window.messages.text() and window.acts["project"].isEnabled()
    before = window.session.placing.frames[0]
    drag(window, (before.x, before.y), (before.x + 3, before.y + 2))
    moved = window.session.placing.frames[0]
    assert abs(moved.x - before.x - 3) < 1 and abs(moved.y - before.y - 2) < 1
    window.acts["project"].trigger()
    assert window.session.edit is not None and window.session.brush.tool == "color"
    assert window.tool_actions["color"].isChecked()
    drag(window, (24, 30), (26, 31), (29, 32))
    assert len(window.session.edit.strokes) == 1
    assert isinstance(engine.submitted[-1], Solve) and engine.submitted[-1].settle
    assert any(isinstance(j, Solve) and not j.settle for j in engine.submitted)
    assert "Colour stroke" in window.acts["undo"].text()
    window.acts["candidate-2"].trigger()
    assert isinstance(engine.submitted[-1], Transfer)
    asked = len(engine.submitted)
    window.acts["undo"].trigger()
    window.acts["undo"].trigger()
    assert window.session.edit.strokes == () and len(engine.submitted) == asked
    window.acts["redo"].trigger()
    assert len(window.session.edit.strokes) == 1 and len(engine.submitted) == asked


def test_the_canvas_shows_the_document(window: Window, photo: Photo) -> None:
    """After the stroke the square of the toy patch is on the canvas; undo takes it off again."""
    open_and_project(window, photo)
    window.acts["strokes"].setChecked(False)
    before = window.canvas.color_at(window.canvas.to_view(25, 33))
    window.session.painting.finish(color_stroke(200))
    after = window.canvas.color_at(window.canvas.to_view(25, 33))
    assert after == (150, 150, 150) != before
    window.acts["undo"].trigger()
    assert window.canvas.color_at(window.canvas.to_view(25, 33)) == before


def test_clicking_a_candidate_takes_it(window: Window, photo: Photo) -> None:
    """The wall shows four answers; the one taken is checked."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    tiles = [t for t in window.candidates.findChildren(QAbstractButton) if t.isVisible()]
    assert len(tiles) == 4 and tiles[0].isChecked()
    tiles[2].click()
    assert window.session.entry.wall().chosen == 2
    assert [t.isChecked() for t in tiles] == [False, False, True, False]


def test_answers_are_shown_as_they_come(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """They can be seen before they are done, and taken only then."""
    open_and_project(window, photo)
    engine.hold = True
    window.session.painting.finish(color_stroke(200))
    engine.advance(1)
    tiles = [t for t in window.candidates.findChildren(QAbstractButton) if t.isVisible()]
    assert len(tiles) == 1 and not tiles[0].isEnabled() and not tiles[0].isChecked()
    engine.advance()
    tiles = [t for t in window.candidates.findChildren(QAbstractButton) if t.isVisible()]
    assert len(tiles) == 4 and all(t.isEnabled() for t in tiles) and tiles[0].isChecked()


def test_the_strokes_list_follows(window: Window, photo: Photo, qtbot: QtBot) -> None:
    """An eye, a weight and a bin for every stroke."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.session.painting.finish(color_stroke(90))
    listed = window.strokes.findChild(QListWidget)
    assert listed is not None and listed.count() == 2
    row = listed.itemWidget(listed.item(0))
    eye = next(b for b in row.findChildren(QAbstractButton) if b.isCheckable())
    eye.click()
    edit = window.session.edit
    assert edit is not None
    qtbot.waitUntil(lambda: window.session.edit is not None and not window.session.edit.strokes[0].visible)
    row = listed.itemWidget(listed.item(1))
    row.findChildren(QAbstractButton)[-1].click()
    qtbot.waitUntil(lambda: listed.count() == 1)


def test_states_are_kept_scrubbed_and_played(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """Two kept states make a movie: the slider shows a moment of it, Esc goes back to the picture."""
    open_and_project(window, photo)
    window.acts["play"].trigger()
    assert not window.player.playing and window.messages.text()
    window.session.painting.finish(color_stroke(200))
    window.acts["keep"].trigger()
    assert len(window.session.sequencing.keyframes()) == 2 and window.player.length() == 19
    window.player.seek(6)
    assert isinstance(engine.submitted[-1], Scrub) and engine.submitted[-1].seconds == 0.5
    assert window.canvas.color_at(window.canvas.to_view(90, 50)) == (5, 5, 5)
    window.acts["cancel"].trigger()
    assert window.player.moment is None
    assert window.canvas.color_at(window.canvas.to_view(90, 50)) != (5, 5, 5)
    window.acts["play"].trigger()
    assert window.player.playing
    window.session.undo()
    assert not window.player.playing


def test_painting_during_the_movie_goes_back_to_the_picture(window: Window, photo: Photo) -> None:
    """The first move of a stroke ends the movie."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.acts["keep"].trigger()
    window.player.seek(6)
    drag(window, (24, 30), (26, 31))
    assert window.player.moment is None and window.session.edit is not None
    assert len(window.session.edit.strokes) == 2 and window.session.edit.patch is not None


def test_holding_c_compares(window: Window, photo: Photo) -> None:
    """The photo as it was while the key is down, the picture again when it lifts."""
    open_and_project(window, photo)
    window.acts["strokes"].setChecked(False)
    window.session.painting.finish(color_stroke(200))
    at = window.canvas.to_view(25, 33)
    QTest.keyPress(window.canvas, Qt.Key.Key_C)
    assert window.canvas.color_at(at) != (150, 150, 150)
    QTest.keyRelease(window.canvas, Qt.Key.Key_C)
    assert window.canvas.color_at(at) == (150, 150, 150)


def test_a_missing_pack_offers_to_get_it(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """The message's button submits the installation; then faces are looked for again."""
    engine.failing[Project] = "the pack 'faces' is not installed: run `ganvas models get faces`"
    open_and_project(window, photo)
    assert "installed" in window.messages.text()
    button = next(b for b in window.messages.findChildren(QAbstractButton) if "Get the Faces" in b.text())
    button.click()
    install, search = engine.submitted[-2:]
    assert isinstance(install, Install) and install.pack == "faces" and isinstance(search, FindRegions)


def test_exporting_a_movie_reports_and_can_be_stopped(
    window: Window, photo: Photo, engine: SynchronousEngine, tmp_path: Path
) -> None:
    """Background work is listed until it settles; Stop drops it before it writes."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.acts["keep"].trigger()
    engine.hold = True
    path = tmp_path / "movie.mp4"
    window.commands.write_movie(path, 12, 64, True, False)
    engine.advance(1)
    assert len(window.session.requests.background()) == 1
    window.progress.background.stop.click()
    engine.advance()
    assert not path.exists() and not window.session.requests.background()
    window.commands.write_movie(path, 12, 64, True, False)
    engine.advance()
    assert path.exists() and "movie.mp4" in window.messages.text()


def test_every_action_is_in_a_menu_and_no_key_means_two_things() -> None:
    """The table is whole."""
    in_menus = [id for _, ids in MENUS for id in ids if id not in ("-", "recent", "panes", "features")]
    assert sorted(in_menus) == sorted(row.id for row in ACTIONS)
    keys = (
        [key for row in ACTIONS for key in row.keys] + [tool.shortcut for tool in TOOLS] + ["C", "\\", "Space", "Tab"]
    )
    assert len(keys) == len(set(keys))


def test_every_control_has_a_name_and_a_tip(window: Window, photo: Photo) -> None:
    """For those who cannot see it, and for those who do not know it."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
    controls = [
        w
        for w in window.findChildren(QWidget)
        if isinstance(w, kinds) and not isinstance(w, QScrollBar) and w.isVisible()
    ]
    own = [w for w in controls if not w.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))]
    nameless = [w for w in own if not (w.accessibleName() or getattr(w, "text", str)()) or not w.toolTip()]
    assert len(own) > 20
    assert not nameless, [(type(w).__name__, w.objectName(), w.parent()) for w in nameless]


def test_tab_hides_the_panels(window: Window, photo: Photo) -> None:
    """Only the picture and the tools; the same key brings them back."""
    open_and_project(window, photo)
    assert all(dock.isVisible() for dock in window.docks)
    window.acts["panels"].trigger()
    assert not any(dock.isVisible() for dock in window.docks)
    window.acts["panels"].trigger()
    assert all(dock.isVisible() for dock in window.docks)


@pytest.mark.parametrize("tool", [t.id for t in TOOLS if t.kind is not None])
def test_every_brush_makes_its_stroke(window: Window, photo: Photo, tool: str) -> None:
    """One drag, one stroke of its kind."""
    open_and_project(window, photo)
    if tool == "texture":
        window.session.layering.add_texture(Texture("brick", np.full((16, 16, 3), 90, np.uint8)))
    elif tool == "style":
        window.session.layering.add_style(toy_style(200))
        window.session.layering.only_painted()
    window.tool_actions[tool].trigger()
    drag(window, (20, 28), (24, 30), (29, 33))
    assert window.session.current is not None
    assert [s.kind.value for s in window.session.current.strokes] == [tool]
    assert np.isfinite(window.session.current.strokes[0].points).all()


def test_dragging_a_stroke_in_the_list_reorders(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """The later stroke counts where they meet, so the order is part of what is solved."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.session.painting.finish(color_stroke(90))
    listed = window.strokes.findChild(QListWidget)
    assert listed is not None
    assert listed.model().moveRow(QModelIndex(), 1, QModelIndex(), 0)
    edit = window.session.edit
    assert edit is not None and [s.color[0] for s in edit.strokes if s.color] == [90, 200]
    assert edit.latent.values[0, 0] == 200
    assert listed.itemWidget(listed.item(0)) is not None


def test_dragging_a_state_reorders_the_movie(window: Window, photo: Photo, qtbot: QtBot) -> None:
    """The last state first; no model is asked."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.acts["keep"].trigger()
    first, second = (k.id for k in window.session.sequencing.keyframes())
    states = window.timeline.findChild(QListWidget)
    assert states is not None and states.model().moveRow(QModelIndex(), 1, QModelIndex(), 0)
    qtbot.waitUntil(lambda: [k.id for k in window.session.sequencing.keyframes()] == [second, first])


def test_the_frame_holds_still_during_the_projection(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    """A slip of the hand neither moves it nor stops the work."""
    window.session.open_photo(photo)
    engine.hold = True
    window.acts["project"].trigger()
    engine.advance(1)
    before = window.session.placing.frames
    drag(window, (25, 30), (28, 32))
    drag(window, (75, 30), (78, 32))
    engine.advance()
    assert window.session.edit is not None and window.session.edit.frame == before[0]


def test_closing_during_an_export_asks(
    window: Window, photo: Photo, engine: SynchronousEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No means stay."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.acts["keep"].trigger()
    engine.hold = True
    window.commands.write_movie(tmp_path / "movie.mp4", 12, 64, True, False)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    assert not window.close()
    window.session.requests.cancel(engine.submitted[-1].ticket)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Discard)
    assert window.close()


def test_delete_in_a_list_drops_its_item_only(window: Window, photo: Photo, qtbot: QtBot) -> None:
    """Elsewhere the key clears all strokes; in the list it means the chosen one."""
    open_and_project(window, photo)
    window.session.painting.finish(color_stroke(200))
    window.session.painting.finish(color_stroke(90))
    listed = window.strokes.findChild(QListWidget)
    assert listed is not None
    listed.setCurrentRow(0)
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: listed.count() == 1)
    edit = window.session.edit
    assert edit is not None and [s.color[0] for s in edit.strokes if s.color] == [90]


@pytest.mark.parametrize("pixels", [np.zeros((1, 1, 3), np.uint8), np.full((40, 60, 3), 40_000, np.uint16)])
def test_odd_photos_are_painted_like_others(window: Window, engine: SynchronousEngine, pixels: np.ndarray) -> None:
    """One pixel; sixteen bits."""
    window.session.open_photo(Photo(pixels))
    window.acts["project"].trigger()
    edit = window.session.edit
    assert edit is not None
    window.session.painting.finish(color_stroke(200, x=edit.frame.x, y=edit.frame.y))
    window.acts["keep"].trigger()
    document = window.session.document
    assert document is not None and document.edits[0].patch is not None
    assert document.picture().dtype == pixels.dtype and document.picture().shape == pixels.shape
    window.grab()
