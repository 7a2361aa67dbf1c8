"""Opening, saving, exporting, dropping, the question about unsaved changes, and recovery after a crash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from editor.panels.start import StartPage
from editor.recovering import RecoveringDialog, offer, seen_in
from editor.recovery import Recovery
from editor.session import Session
from editor.window import Window
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.document.store import load, save
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine

BUTTONS = QMessageBox.StandardButton


@pytest.fixture
def portrait(photo: Photo, tmp_path: Path) -> Path:
    """The photo as a file."""
    path = tmp_path / "portrait.png"
    write_photo(photo.pixels, photo, path)
    return path


def open_and_paint(window: Window, path: Path, qtbot: QtBot) -> None:
    """Open a photo from its file, find the face, paint one stroke."""
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.session.document is not None)
    window.session.placing.project()
    window.session.painting.finish(color_stroke(200))


def test_a_photo_opens_from_its_file(window: Window, portrait: Path, photo: Photo, qtbot: QtBot) -> None:
    """Its pixels, its name in the title, and it is remembered."""
    window.files.open_path(portrait)
    qtbot.waitUntil(lambda: window.session.document is not None)
    document = window.session.document
    assert document is not None and np.array_equal(document.photo.pixels, photo.pixels)
    assert "portrait.png" in window.windowTitle() and not window.files.unsaved()
    assert window.files.recent() == [str(portrait)]
    assert window.files.path is None  # saving must not overwrite the photo


@pytest.mark.parametrize("name", ["broken.jpg", "words.png", "empty.ganvas", "missing.png"])
def test_a_bad_file_is_one_line_and_changes_nothing(
    window: Window, portrait: Path, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    """The line names the file; what was open stays open."""
    open_and_paint(window, portrait, qtbot)
    before = window.session.document
    bad = tmp_path / name
    if name != "missing.png":
        bad.write_bytes({"broken.jpg": b"\xff\xd8\xff\xe0junk", "words.png": b"hello", "empty.ganvas": b""}[name])
    window.files.open_path(bad)
    qtbot.waitUntil(lambda: name in window.messages.text())
    assert "\n" not in window.messages.text() and "Traceback" not in window.messages.text()
    assert window.session.document is before


def test_saving_and_reopening_gives_the_same_picture(
    window: Window, portrait: Path, qtbot: QtBot, engine: SynchronousEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strokes, keyframes and pixels come back, and no model is asked."""
    open_and_paint(window, portrait, qtbot)
    window.session.sequencing.keep()
    assert window.files.unsaved() and window.isWindowModified()
    path = portrait.with_suffix(".ganvas")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), "Ganvas (*.ganvas)"))
    window.acts["save"].trigger()
    qtbot.waitUntil(lambda: not window.files.unsaved())
    before = window.session.document
    assert before is not None and window.files.path == path
    asked = len(engine.submitted)
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.session.document is not before)
    after = window.session.document
    assert after is not None and np.array_equal(after.picture(), before.picture())
    assert len(after.edits[0].strokes) == 1 and len(after.sequence.keyframes) == 2
    assert len(engine.submitted) == asked and not window.files.unsaved()


def test_exporting_writes_the_full_size(window: Window, portrait: Path, qtbot: QtBot, tmp_path: Path) -> None:
    """The picture as it is seen, at the photo's size."""
    open_and_paint(window, portrait, qtbot)
    out = tmp_path / "out.png"
    window.files.export_to(out)
    qtbot.waitUntil(lambda: "out.png" in window.messages.text())
    document = window.session.document
    assert document is not None and np.array_equal(read_photo(out).pixels, document.picture())


def test_a_failed_export_says_why(window: Window, portrait: Path, qtbot: QtBot, tmp_path: Path) -> None:
    """A folder that is not there: it is not made, and the work stays as it was."""
    open_and_paint(window, portrait, qtbot)
    document = window.session.document
    window.files.export_to(tmp_path / "nowhere" / "out.png")
    qtbot.waitUntil(lambda: "folder does not exist" in window.messages.text())
    assert not (tmp_path / "nowhere").exists()
    assert window.session.document is document and window.files.unsaved()


def test_copy_and_paste_as_new(window: Window, portrait: Path, qtbot: QtBot) -> None:
    """The copied picture opens as a photo of its own."""
    open_and_paint(window, portrait, qtbot)
    document = window.session.document
    assert document is not None
    window.acts["copy"].trigger()
    qtbot.waitUntil(lambda: "Copied" in window.messages.text())
    window.acts["paste"].trigger()
    qtbot.waitUntil(lambda: window.session.document is not document)
    pasted = window.session.document
    assert pasted is not None and np.array_equal(pasted.photo.pixels, document.picture())


def test_pasting_nothing_says_so(window: Window) -> None:
    """Words on the clipboard are no picture."""
    QGuiApplication.clipboard().setText("words")
    window.acts["paste"].trigger()
    assert "no picture" in window.messages.text()


def test_dropping_a_file_opens_it(window: Window, portrait: Path, qtbot: QtBot) -> None:
    """On the start page as on the canvas."""
    from editor.canvas.drop import taken

    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(portrait))])
    start = window.findChild(StartPage)
    assert start is not None
    start.dropped.emit(taken(data))
    qtbot.waitUntil(lambda: window.session.document is not None)


@pytest.mark.parametrize(
    ("answer", "closes", "saved"), [("Save", True, True), ("Discard", True, False), ("Cancel", False, False)]
)
def test_closing_asks_about_unsaved_changes(
    window: Window,
    portrait: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    closes: bool,
    saved: bool,
) -> None:
    """Save, throw away, or stay."""
    open_and_paint(window, portrait, qtbot)
    path = portrait.with_suffix(".ganvas")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: BUTTONS[answer])
    assert window.close() is closes
    assert path.exists() is saved
    assert window.files.unsaved() is not saved
    monkeypatch.setattr(QMessageBox, "question", lambda *_: BUTTONS.Discard)


def test_a_save_that_fails_keeps_the_window_open(
    window: Window, portrait: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is lost for a full disk or a wrong folder."""
    open_and_paint(window, portrait, qtbot)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "nowhere" / "a.ganvas"), ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: BUTTONS.Save)
    assert not window.close()
    assert "could not be saved" in window.messages.text() and window.files.unsaved()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: BUTTONS.Discard)


def test_unsaved_work_is_kept_and_found_again(window: Window, portrait: Path, qtbot: QtBot, tmp_path: Path) -> None:
    """Not offered while this program holds it; offered to the next one when it is gone; forgotten once saved."""
    open_and_paint(window, portrait, qtbot)
    folder = tmp_path / "home" / "recovery"
    window.files.recovery.keep()
    qtbot.waitUntil(lambda: len(list(folder.glob("[!.]*.ganvas"))) == 1)
    (kept,) = folder.glob("[!.]*.ganvas")
    document = window.session.document
    assert document is not None and np.array_equal(load(kept).picture(), document.picture())
    assert window.files.recovery.found() == []
    another = Recovery(Session(SynchronousEngine()), window.files.background, folder)
    assert another.found() == []
    window.files.recovery._lock.unlock()  # as when the program is gone
    assert another.found() == [kept]
    window.files.recovery.forget()
    qtbot.waitUntil(lambda: not kept.exists())


def test_many_changes_are_kept_without_waiting(window: Window, portrait: Path, qtbot: QtBot, tmp_path: Path) -> None:
    """Every few changes, even while the hand never rests."""
    open_and_paint(window, portrait, qtbot)
    for opacity in (0.9, 0.8, 0.7, 0.6, 0.5):
        window.session.painting.set_opacity(opacity)
        window.session.painting.end_gesture()
    folder = tmp_path / "home" / "recovery"
    qtbot.waitUntil(lambda: len(list(folder.glob("[!.]*.ganvas"))) == 1)
    (kept,) = folder.glob("[!.]*.ganvas")
    assert load(kept).edits[0].opacity in (0.9, 0.8, 0.7, 0.6, 0.5)
    assert window.files.unsaved()


def test_recovered_work_opens_as_unsaved(
    window: Window, painted: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the question offers is opened, and still has to be saved."""
    folder = tmp_path / "home" / "recovery"
    folder.mkdir(parents=True)
    document = painted.document
    assert document is not None
    save(document, folder / "lost.ganvas")
    monkeypatch.setattr(RecoveringDialog, "exec", lambda self: 1)
    offer(window, window.files)
    qtbot.waitUntil(lambda: window.session.document is not document)
    recovered = window.session.document
    assert recovered is not None and np.array_equal(recovered.picture(), document.picture())
    assert window.session.brush.tool == "color"  # ready to go on painting
    assert window.files.unsaved() and window.files.path is None
    # Another safety copy takes its place, so that it is not offered twice, and is never gone in between.
    qtbot.waitUntil(lambda: not (folder / "lost.ganvas").exists())
    (kept,) = folder.glob("[!.]*.ganvas")
    assert np.array_equal(load(kept).picture(), document.picture())


def test_recovery_shows_what_the_files_hold(painted: Session, tmp_path: Path, qtbot: QtBot) -> None:
    """A small picture of a whole file; a broken one is still listed."""
    document = painted.document
    assert document is not None
    whole, broken = tmp_path / "whole.ganvas", tmp_path / "broken.ganvas"
    save(document, whole)
    broken.write_bytes(whole.read_bytes()[:200])
    assert seen_in(whole).width() > 10 and seen_in(broken).isNull()
    dialog = RecoveringDialog([whole, broken])
    qtbot.addWidget(dialog)
    assert dialog.list.count() == 2 and dialog.chosen() == whole


def test_discarding_removes_all(
    window: Window, painted: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And keeping for later removes nothing."""
    folder = tmp_path / "home" / "recovery"
    folder.mkdir(parents=True)
    document = painted.document
    assert document is not None
    save(document, folder / "lost.ganvas")
    monkeypatch.setattr(RecoveringDialog, "exec", lambda self: 0)
    offer(window, window.files)
    assert (folder / "lost.ganvas").exists()

    def discard(dialog: RecoveringDialog) -> int:
        next(b for b in dialog.findChildren(QAbstractButton) if "Discard" in b.text()).click()
        return 0

    monkeypatch.setattr(RecoveringDialog, "exec", discard)
    offer(window, window.files)
    assert not (folder / "lost.ganvas").exists()
