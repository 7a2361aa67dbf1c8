"""Files: opening, saving, exporting, dropping and pasting, and the question about unsaved changes.

Reading and writing happen in the background, so a large photo never freezes the window. What cannot be used is
answered by one line in the message bar; the session is then as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from editor import thumbnails
from editor.background import Background
from editor.canvas.drop import DOCUMENT, taken
from editor.opening import prepared
from editor.recovery import Recovery
from editor.session import Session
from engine.document.document import Document
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.photo import Photo
from engine.document.store import load, save

PHOTOS = "*.jpg *.jpeg *.png *.webp *.tif *.tiff *.bmp *.gif *.avif"
RECENT = 10


class Files(QObject):
    """The files of one session. path: of the document, None until it is saved or opened."""

    changed = Signal()  # path, saved or not, recent files
    folder_found = Signal(object)  # Path: a folder was dropped

    def __init__(self, session: Session, settings: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window
        self.background = Background(self)
        self.recovery = Recovery(session, self.background)
        self.path: Path | None = None
        self._saved: Document | None = None
        self._recovered: Path | None = None  # the recovery file that is being opened
        session.changed.connect(self.changed)

    # What is open

    def title(self) -> str:
        """The name of what is open."""
        document = self._session.document
        if self.path is not None:
            return self.path.name
        return "" if document is None else document.photo.name

    def unsaved(self) -> bool:
        """Whether closing would lose work: an opened photo by itself is none."""
        document = self._session.document
        return document is not None and document is not self._saved and bool(document.edits)

    def recent(self) -> list[str]:
        """Paths of files that were open lately and still exist, newest first."""
        kept = self._settings.value("recent")
        paths = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
        return [p for p in paths if Path(p).is_file()]

    # Opening

    def open(self) -> None:
        """Ask for a file and open it."""
        folder = str(self._settings.value("folder", str(Path.home())))
        filters = f"Photos and documents ({PHOTOS} *{DOCUMENT});;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open"), folder, filters)
        if name:
            self.open_path(name)

    def open_path(self, path: Path | str) -> None:
        """Open a photo or a document, once it is clear what becomes of the one that is open."""
        path = Path(path)
        if not self.may_leave():
            return
        read = load if path.suffix.lower() == DOCUMENT else read_photo
        self._read(lambda: (path, prepared(read(path))))

    def recover(self, path: Path) -> None:
        """Open a recovery file as a document that is not saved yet."""
        self._recovered = path
        self._read(lambda: (None, prepared(load(path))))

    def take(self, found: list[Path] | bytes | None) -> None:
        """Open what was dropped or pasted."""
        if isinstance(found, list) and found and found[0].is_dir():
            self.folder_found.emit(found[0])
        elif isinstance(found, list) and found:
            self.open_path(found[0])
        elif isinstance(found, bytes) and self.may_leave():
            self._read(lambda: (None, prepared(read_photo(found, "pasted"))))
        else:
            self._session.say(self.tr("There is no picture in what was dropped or pasted."))

    def paste(self) -> None:
        """Open the picture that is on the clipboard."""
        self.take(taken(QGuiApplication.clipboard().mimeData()))

    def _read(self, work: Callable[[], object]) -> None:
        QGuiApplication.setOverrideCursor(Qt.CursorShape.BusyCursor)
        self.background.run(work, self._opened)

    def _opened(self, result: object) -> None:
        QGuiApplication.restoreOverrideCursor()
        if isinstance(result, InputError):
            self._session.say(str(result), serious=True)
            return
        assert isinstance(result, tuple)
        path, content = result
        self.path = path if isinstance(content, Document) else None
        if isinstance(content, Document):
            self._session.open_document(content)
            self._saved = content if path is not None else None
            if path is None and self._recovered is not None:
                self.recovery.adopt(self._recovered)
        else:
            assert isinstance(content, Photo)
            self._session.open_photo(content)
        if path is not None:
            self._remember(path)
        self.changed.emit()

    def _remember(self, path: Path) -> None:
        path = path.absolute()
        self._settings.setValue("folder", str(path.parent))
        self._settings.setValue("recent", [str(path), *(p for p in self.recent() if p != str(path))][:RECENT])

    # Saving

    def save(self) -> None:
        """Save under the document's name; ask for one where it has none."""
        if self.path is None:
            self.save_as()
        else:
            self._save(self.path)

    def save_as(self) -> bool:
        """Ask for a name and save; False where none was given."""
        path = self._ask_name(self.tr("Save As"), DOCUMENT, f"Ganvas documents (*{DOCUMENT})")
        if path is not None:
            self._save(path)
        return path is not None

    def _save(self, path: Path) -> None:
        document = self._session.document
        if document is None:
            return

        def work() -> tuple[Path, Document]:
            save(document, path)
            return path, document

        self.background.run(work, self._was_saved)

    def _was_saved(self, result: object) -> None:
        if isinstance(result, InputError):
            self._session.say(str(result), serious=True)
            return
        assert isinstance(result, tuple)
        self.path, self._saved = result
        if self._saved is self._session.document:
            self.recovery.forget()
        self._remember(result[0])
        self._session.say(self.tr("Saved {name}.").format(name=result[0].name))
        self.changed.emit()

    def export_picture(self) -> None:
        """Ask for a name and write the picture at the photo's full size."""
        filters = "PNG (*.png);;JPEG (*.jpg);;TIFF (*.tif);;WebP (*.webp);;AVIF (*.avif)"
        path = self._ask_name(self.tr("Export Picture"), ".png", filters)
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Write the picture at the photo's full size, with its profile and metadata."""
        document = self._session.document
        if document is None:
            return

        def work() -> Path:
            write_photo(document.picture(), document.photo, path)
            return path

        self.background.run(work, self._was_exported)

    def _was_exported(self, result: object) -> None:
        if isinstance(result, InputError):
            self._session.say(str(result), serious=True)
        elif isinstance(result, Path):
            self._session.say(self.tr("Wrote {name}.").format(name=result.name))

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        document = self._session.document
        if document is not None:
            self.background.run(lambda: thumbnails.of_picture(document), self._was_composed)

    def _was_composed(self, result: object) -> None:
        if isinstance(result, InputError):
            self._session.say(str(result), serious=True)
        elif isinstance(result, QImage):
            QGuiApplication.clipboard().setImage(result)
            self._session.say(self.tr("Copied the picture."))

    def folder(self) -> Path:
        """Where new files are offered to be written: beside the document, or where one was opened or written last."""
        return self.path.parent if self.path else Path(str(self._settings.value("folder", str(Path.home()))))

    def _ask_name(self, title: str, suffix: str, filters: str) -> Path | None:
        document = self._session.document
        if document is None:
            return None
        start = self.folder() / f"{Path(self.title()).stem}{'' if suffix == DOCUMENT else '-edited'}{suffix}"
        name, chosen = QFileDialog.getSaveFileName(self._window, title, str(start), filters)
        if not name:
            return None
        wanted = chosen.rpartition("*")[2].rstrip(")") or suffix
        if Path(name).suffix and suffix != DOCUMENT or name.lower().endswith(wanted):
            return Path(name)
        return Path(f"{name}{wanted}")

    # Leaving

    def may_leave(self) -> bool:
        """Whether the open document may be left: asks where there are unsaved changes."""
        if not self.unsaved():
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            self.tr("Unsaved changes"),
            self.tr("“{name}” has changes that are not saved. Save them?").format(name=self.title()),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        if answer == buttons.Save:
            return self._save_and_wait()
        return bool(answer == buttons.Discard)

    def close(self) -> None:
        """The program ends: finish what is being written, and drop what was kept for a crash."""
        self.background.finish()
        self.recovery.close()

    def _save_and_wait(self) -> bool:
        document = self._session.document
        path = self.path or self._ask_name(self.tr("Save As"), DOCUMENT, f"Ganvas documents (*{DOCUMENT})")
        if path is None or document is None:
            return False
        try:
            save(document, path)
        except InputError as error:
            self._session.say(str(error), serious=True)
            return False
        self._was_saved((path, document))
        return True
