"""The library's panel: what it shows, what it says, what leaves it under the hand, and what is dropped on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QInputDialog, QMessageBox
from pytestqt.qtbot import QtBot

from editor.canvas.drop import STYLE_MIME, TEXTURE_MIME
from editor.panels.library import FAVOURITES, STYLES, TEXTURES, LibraryPanel
from editor.panels.shelf import star_of, surname, swatch_of
from editor.session import Message, Session
from engine.document.edit import TextureEdit
from engine.document.job import Describe, Step
from engine.document.library import Library
from engine.document.library_files import CHANNELS
from engine.document.photo import Photo
from engine.document.style import Style
from engine.document.texture import Texture
from tests.editor import synchronous_engine


def style(name: str, artist: str = "", year: str = "", id: str = "a") -> Style:
    """A style of no picture in particular."""
    means = tuple(np.zeros(channels, np.float32) for channels in CHANNELS)
    return Style(name, means, tuple(np.eye(channels, dtype=np.float32) for channels in CHANNELS), artist, year, id=id)


def describe(job: Describe) -> Iterator[Step]:
    """At once."""
    yield Step(ticket=job.ticket, settled=True, style=style(job.name, id=f"of-{job.name}"))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two shipped styles; of the user's own one style and one texture."""
    shipped = Library(tmp_path / "shipped", tmp_path / "none")
    shipped.add(style("The Night", "Vincent van Gogh", "1889", "night"))
    shipped.add(style("Waves", "after Katsushika Hokusai", "", "waves"))
    library = Library(tmp_path / "own", tmp_path / "shipped")
    library.add(style("Mine", id="mine"))
    library.add(Texture("Bark", np.full((16, 16, 3), 90, np.uint8), id="bark"))
    return library


@pytest.fixture
def panel(session: Session, library: Library, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> LibraryPanel:
    """The panel on the screen."""
    monkeypatch.setitem(synchronous_engine.TOYS, Describe, describe)
    panel = LibraryPanel(session, library)
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show()
    return panel


def shown(panel: LibraryPanel) -> list[str]:
    """The names on the shelf."""
    return [panel.shelf.item(i).text() for i in range(panel.shelf.count())]


def said(session: Session) -> list[str]:
    """A list that gets what the session says."""
    lines: list[str] = []
    session.said.connect(lambda message: lines.append(message.text) if isinstance(message, Message) else None)
    return lines


def test_tabs_and_search_leave_what_is_meant(panel: LibraryPanel) -> None:
    assert shown(panel) == ["Mine", "The Night", "Waves"]
    panel.search.setText("gogh 1889")
    assert shown(panel) == ["The Night"]
    panel.search.setText("nothing like it")
    assert shown(panel) == [] and panel.empty.isVisible() and not panel.shelf.isVisible()
    panel.search.clear()
    panel.tabs.setCurrentIndex(TEXTURES)
    assert shown(panel) == ["Bark"] and not panel.empty.isVisible()


def test_a_double_click_gives_the_value_itself(panel: LibraryPanel) -> None:
    chosen: list[object] = []
    panel.style_chosen.connect(chosen.append)
    panel.texture_chosen.connect(chosen.append)
    panel.shelf.itemDoubleClicked.emit(panel.shelf.item(1))
    panel.tabs.setCurrentIndex(TEXTURES)
    panel.shelf.itemDoubleClicked.emit(panel.shelf.item(0))
    first, second = chosen
    assert isinstance(first, Style) and first.name == "The Night"
    assert isinstance(second, Texture) and second.id == "bark"


def test_return_uses_and_delete_asks(panel: LibraryPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[Style] = []
    panel.style_chosen.connect(chosen.append)
    panel.shelf.setCurrentRow(0)
    qtbot.keyClick(panel.shelf, Qt.Key.Key_Return)
    assert [item.id for item in chosen] == ["mine"]
    answers = iter([QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes])
    monkeypatch.setattr(QMessageBox, "question", lambda *_: next(answers))
    qtbot.keyClick(panel.shelf, Qt.Key.Key_Delete)
    assert "Mine" in shown(panel)
    qtbot.keyClick(panel.shelf, Qt.Key.Key_Delete)
    assert "Mine" not in shown(panel)


def test_a_click_on_the_star_makes_a_favourite(panel: LibraryPanel, library: Library, qtbot: QtBot) -> None:
    star = star_of(swatch_of(panel.shelf.visualItemRect(panel.shelf.item(2)))).center()
    qtbot.mouseClick(panel.shelf.viewport(), Qt.MouseButton.LeftButton, pos=star)
    assert panel.shelf.current() is None, "the click also chose"
    panel.tabs.setCurrentIndex(FAVOURITES)
    assert shown(panel) == ["Waves"]
    again = Library(library.folder, library.folder.parent / "shipped")
    assert [entry.id for entry in again.entries(favourites=True)] == ["waves"]
    panel.star("waves")
    assert shown(panel) == []


def test_what_is_dragged_out_names_itself(panel: LibraryPanel) -> None:
    data = panel.shelf.mimeData([panel.shelf.item(1)])
    assert data.formats() == [STYLE_MIME] and bytes(data.data(STYLE_MIME).data()) == b"night"
    panel.tabs.setCurrentIndex(TEXTURES)
    data = panel.shelf.mimeData([panel.shelf.item(0)])
    assert data.formats() == [TEXTURE_MIME] and bytes(data.data(TEXTURE_MIME).data()) == b"bark"


def test_shipped_ones_cannot_be_renamed_or_deleted(panel: LibraryPanel, session: Session) -> None:
    enabled = {action.text(): action.isEnabled() for action in panel.menu("night").actions()}
    assert enabled == {"Use": True, "Favourite": True, "Rename…": False, "Delete…": False, "Show in Folder": True}
    assert all(action.isEnabled() for action in panel.menu("mine").actions())
    lines = said(session)
    panel.delete("night")
    assert lines == ["The Night comes with the program: only your own can be changed or removed."]
    assert "The Night" in shown(panel)


def test_renaming(panel: LibraryPanel, monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, text: (f"Not {text}", True))
    panel.rename("mine")
    assert shown(panel) == ["Not Mine", "The Night", "Waves"]
    lines = said(session)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, text: (" ", True))
    panel.rename("mine")
    assert lines == ["A name needs at least one letter."]


def drop(panel: LibraryPanel, data: QMimeData) -> bool:
    """Drag `data` over the panel and let it go there; whether it was taken."""
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    over = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, left, none)
    over.ignore()
    panel.dragEnterEvent(over)
    if over.isAccepted():
        panel.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, none))
    return over.isAccepted()


def test_what_comes_from_the_library_is_not_dropped_on_it(panel: LibraryPanel) -> None:
    assert not drop(panel, panel.shelf.mimeData([panel.shelf.item(0)]))


def test_a_dropped_file_becomes_a_style(
    panel: LibraryPanel, session: Session, photo: Photo, tmp_path: Path, qtbot: QtBot
) -> None:
    session.open_photo(photo)
    QImage(20, 30, QImage.Format.Format_RGB32).save(str(tmp_path / "rain.png"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "rain.png"))])
    panel.tabs.setCurrentIndex(FAVOURITES)
    assert drop(panel, data)
    panel.tabs.setCurrentIndex(STYLES)
    qtbot.waitUntil(lambda: "rain" in shown(panel), timeout=3000)


def test_a_dropped_image_becomes_a_texture_where_textures_are_shown(panel: LibraryPanel, qtbot: QtBot) -> None:
    panel.tabs.setCurrentIndex(TEXTURES)
    image = QImage(700, 350, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    data = QMimeData()
    data.setImageData(image)
    assert drop(panel, data)
    qtbot.waitUntil(lambda: len(shown(panel)) == 2, timeout=3000)
    made = panel._library.texture("dropped picture")
    assert made.exemplar.shape == (256, 512, 3) and (made.exemplar == (255, 0, 0)).all()


def test_somebody_elses_file_is_taken_as_what_it_is(panel: LibraryPanel, tmp_path: Path, session: Session) -> None:
    entry = Library(tmp_path / "theirs", tmp_path / "none").add(Texture("Felt", np.full((16, 16, 3), 50, np.uint8)))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(entry.path))])
    assert drop(panel, data)
    assert panel.tabs.currentIndex() == TEXTURES and shown(panel) == ["Bark", "Felt"]
    entry.path.write_bytes(b"nothing")
    lines = said(session)
    assert drop(panel, data)
    assert len(lines) == 1 and "is no style or texture of the library" in lines[0]


def test_what_is_no_picture_is_told_in_one_line(
    panel: LibraryPanel, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "letter.jpg").write_text("Dear friend")
    QImage(3, 3, QImage.Format.Format_RGB32).save(str(tmp_path / "dot.png"))
    lines = said(session)
    panel.tabs.setCurrentIndex(TEXTURES)
    panel.keeping.add([tmp_path / "letter.jpg", tmp_path / "dot.png"], as_textures=True)
    qtbot.waitUntil(lambda: len(lines) == 2, timeout=3000)
    assert lines[0].startswith("letter.jpg is text") and "3 × 3 pixels" in lines[1]
    assert shown(panel) == ["Bark"]


def test_what_a_layer_paints_with_can_be_kept(panel: LibraryPanel, session: Session, photo: Photo) -> None:
    assert not panel.keep_button.isEnabled()
    session.open_photo(photo)
    layer = TextureEdit(Texture("Moss", np.full((16, 16, 3), 70, np.uint8)))
    assert session.document is not None
    session.commit("Texture", session.document.with_edit(layer), current=layer.id)
    assert panel.keep_button.isEnabled()
    panel.keep_button.click()
    assert panel.tabs.currentIndex() == TEXTURES and shown(panel) == ["Bark", "Moss"]
    panel.keep_button.click()
    assert shown(panel) == ["Bark", "Moss"]
    lines = said(session)
    panel.keeping.keep(panel._library.style("night"))
    assert lines == ["“The Night” is in the library."] and not panel._library.find("night").own


def test_a_damaged_file_is_named_and_spoils_nothing(panel: LibraryPanel, library: Library) -> None:
    assert not panel.warning.isVisible()
    (library.folder / "bad.safetensors").write_bytes(b"bad")
    library.refresh()
    panel.refresh()
    assert panel.warning.isVisible() and "bad.safetensors" in panel.warning.toolTip()
    assert len(shown(panel)) == 3


def test_a_damaged_swatch_is_an_empty_tile(panel: LibraryPanel, library: Library, session: Session) -> None:
    path = library.find("mine").path
    data = path.read_bytes()
    path.write_bytes(data[:-64] + bytes(64))
    panel.shelf.forget("mine")
    panel.grab()
    lines = said(session)
    path.unlink()
    panel.use("mine")
    assert len(lines) == 1 and "does not exist" in lines[0]


@pytest.mark.parametrize(
    ("artist", "short"),
    [("Vincent van Gogh", "van Gogh"), ("after Katsushika Hokusai", "after Hokusai"), ("Munch", "Munch"), ("", "")],
)
def test_surnames_keep_their_small_words(artist: str, short: str) -> None:
    assert surname(artist) == short


def test_the_grid_fills_the_width(panel: LibraryPanel, qtbot: QtBot) -> None:
    for width, columns in ((160, 1), (230, 2), (320, 3)):
        panel.resize(width, 400)
        qtbot.waitUntil(lambda: panel.width() == width)  # noqa: B023
        rows = {panel.shelf.visualItemRect(panel.shelf.item(i)).top() for i in range(3)}
        assert len(rows) == -(-3 // columns), width
    assert panel.shelf.indexAt(QPoint(5, 5)).row() == 0
