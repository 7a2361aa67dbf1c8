"""Library: the panel of styles and textures.

A double-click (or Return) uses one: the panel says `style_chosen` or `texture_chosen` with the value itself. Dragged
out, one carries its id under STYLE_MIME or TEXTURE_MIME of `canvas.drop`; `Library.style(id)` and `Library.texture(id)`
give the value. Pictures that are dropped on the panel, or chosen in a dialog, are added to it: as styles, or as
textures where those are shown (see `keeping`).

In the window: `panel = LibraryPanel(session, Library(places.home() / library.FOLDER))`, the two signals to
`session.layering.add_style` and `add_texture`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from editor.canvas.drop import can_take, taken
from editor.files import PHOTOS
from editor.icons import icon
from editor.keeping import Keeping
from editor.panels.controls import button
from editor.panels.shelf import Shelf
from editor.session import Session
from engine.document.edit import StyleEdit, TextureEdit
from engine.document.library import Library
from engine.document.library_files import STYLE, SUFFIX, TEXTURE
from engine.document.library_names import Entry

STYLES, TEXTURES, FAVOURITES = range(3)


class LibraryPanel(QWidget):
    """Tabs, search, the shelf, and what can be done with what lies on it."""

    style_chosen = Signal(object)  # Style
    texture_chosen = Signal(object)  # Texture

    def __init__(self, session: Session, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._library = session, library
        self.keeping = Keeping(session, library, self)
        self.keeping.added.connect(self._show_added)
        self.setAcceptDrops(True)
        self._place()
        self.shelf.used.connect(self.use)
        self.shelf.starred.connect(self.star)
        self.shelf.dropped.connect(self.delete)
        self.shelf.customContextMenuRequested.connect(self._show_menu)
        self.search.textChanged.connect(self.refresh)
        self.tabs.currentChanged.connect(self.refresh)
        session.changed.connect(self._offer_keeping)
        rename = QShortcut(QKeySequence(Qt.Key.Key_F2), self.shelf)
        rename.setContext(Qt.ShortcutContext.WidgetShortcut)
        rename.activated.connect(self._rename_current)
        self._offer_keeping()
        self.refresh()

    def _place(self) -> None:
        self.tabs = QTabBar()
        for text in (self.tr("Styles"), self.tr("Textures"), self.tr("Favourites")):
            self.tabs.addTab(text)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("What is shown"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Name, painter or year"))
        self.search.setAccessibleName(self.tr("Search the library"))
        self.search.setClearButtonEnabled(True)
        self.shelf = Shelf(self._library.swatch)
        self.shelf.setAccessibleName(self.tr("Library"))
        self.shelf.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty, self.warning = QLabel(), QLabel()
        for label in (self.empty, self.warning):
            label.setProperty("faint", True)
            label.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        add = self.tr("Add pictures to the library: drop them here, or choose them")
        self.add_button = button(icon("add"), self.tr("Add pictures"), add, self.choose_pictures)
        keep = self.tr("Keep the layer’s style or texture in the library")
        self.keep_button = button(icon("keep"), self.tr("Keep"), keep, self.keeping.keep_layer)
        top, column = QHBoxLayout(), QVBoxLayout(self)
        for widget in (self.search, self.keep_button, self.add_button):
            top.addWidget(widget)
        column.setContentsMargins(6, 4, 6, 6)
        column.addWidget(self.tabs)
        column.addLayout(top)
        column.addWidget(self.empty, 1)
        column.addWidget(self.shelf, 1)
        column.addWidget(self.warning)

    def refresh(self) -> None:
        """Show what the tab and the search leave."""
        tab, words = self.tabs.currentIndex(), self.search.text()
        kind = {STYLES: STYLE, TEXTURES: TEXTURE}.get(tab, "")
        entries = self._library.entries(words, kind, tab == FAVOURITES)
        self.shelf.show_entries(entries)
        none = {
            STYLES: self.tr("No styles yet: drop a picture here."),
            TEXTURES: self.tr("No textures yet: drop a picture here, or keep the texture of a layer."),
            FAVOURITES: self.tr("No favourites yet: click the star of what you use often."),
        }[tab]
        self.empty.setText(self.tr("Nothing here is called that.") if words else none)
        self.empty.setVisible(not entries)
        self.shelf.setVisible(bool(entries))
        count = len(self._library.warnings)
        self.warning.setText(self.tr("%n file(s) could not be read", "", count))
        self.warning.setToolTip("\n".join(self._library.warnings))
        self.warning.setVisible(count > 0)

    def showEvent(self, event: QShowEvent) -> None:
        """The folder may have changed since it was looked at."""
        self._library.refresh()
        self.refresh()
        super().showEvent(event)

    # Using

    def use(self, id: str) -> None:
        """Say that this one was chosen."""

        def choose() -> None:
            if self._library.entry(id).kind == STYLE:
                self.style_chosen.emit(self._library.style(id))
            else:
                self.texture_chosen.emit(self._library.texture(id))

        self.keeping.attempt(choose)

    def star(self, id: str) -> None:
        """Make it a favourite, or no longer one."""
        self.keeping.attempt(lambda: self._library.set_favourite(id, not self._library.entry(id).favourite))
        self.refresh()

    # Adding

    def choose_pictures(self) -> None:
        """Ask for pictures and add them."""
        names, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Add Pictures to the Library"),
            str(Path.home()),
            f"{self.tr('Pictures')} ({PHOTOS} *{SUFFIX})",
        )
        self._add([Path(name) for name in names])

    def _add(self, sources: list[Path] | list[bytes]) -> None:
        self.keeping.add(sources, self.tabs.currentIndex() == TEXTURES)

    def _show_added(self, entry: Entry) -> None:
        """Show where something new lies."""
        self.shelf.forget(entry.id)
        self._session.say(self.tr("“{name}” is in the library.").format(name=entry.name))
        tab = STYLES if entry.kind == STYLE else TEXTURES
        if self.tabs.currentIndex() not in (tab, FAVOURITES):
            self.tabs.setCurrentIndex(tab)
        self.refresh()

    def _offer_keeping(self) -> None:
        self.keep_button.setEnabled(isinstance(self._session.layer, (StyleEdit, TextureEdit)))

    # The menu of one

    def _show_menu(self, at: QPoint) -> None:
        entry = self.shelf.current() if self.shelf.itemAt(at) is not None else None
        if entry is not None:
            self.menu(entry.id).exec(self.shelf.viewport().mapToGlobal(at))

    def menu(self, id: str) -> QMenu:
        """What can be done with this one."""
        entry = self._library.entry(id)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        favourite = self.tr("Not a Favourite") if entry.favourite else self.tr("Favourite")
        for text, do, own in (
            (self.tr("Use"), self.use, False), (favourite, self.star, False), (self.tr("Rename…"), self.rename, True),
            (self.tr("Delete…"), self.delete, True), (self.tr("Show in Folder"), self.show_in_folder, False),
        ):  # fmt: skip
            action = menu.addAction(text)
            action.setEnabled(entry.own or not own)
            action.triggered.connect(partial(_call, do, id))
        return menu

    def _rename_current(self) -> None:
        entry = self.shelf.current()
        if entry is not None:
            self.rename(entry.id)

    def rename(self, id: str) -> None:
        """Ask for another name."""
        entry = self.keeping.attempt(lambda: self._library.entry(id))
        if entry is not None:
            name, done = QInputDialog.getText(self, self.tr("Rename"), self.tr("Name"), text=entry.name)
            if done and name != entry.name:
                self.keeping.attempt(lambda: self._library.rename(id, name))
        self.refresh()

    def delete(self, id: str) -> None:
        """Remove one of the user's own from the disk, after asking."""
        entry = self.keeping.attempt(lambda: self._library.entry(id))
        if entry is not None:
            text = self.tr("Delete “{name}” from the library? Pictures it was used on keep it.").format(name=entry.name)
            yes = QMessageBox.StandardButton.Yes
            if not entry.own or QMessageBox.question(self, self.tr("Delete"), text) == yes:
                self.keeping.attempt(lambda: self._library.remove(id))
        self.refresh()

    def show_in_folder(self, id: str) -> None:
        """Open the folder of its file in the system's file manager."""
        entry = self.keeping.attempt(lambda: self._library.entry(id))
        if entry is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(entry.path.parent)))

    # Pictures dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures; what is dragged out of the library itself is none."""
        if can_take(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        found = taken(event.mimeData())
        if isinstance(found, list):
            self._add(found)
        elif found is not None:
            self._add([found])
        event.acceptProposedAction()


def _call(do: Callable[[str], None], id: str, _checked: bool = False) -> None:
    do(id)
