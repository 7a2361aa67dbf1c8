"""Recovery: an unsaved document is kept in the user's data folder, and offered again after a crash.

Each running program holds a lock beside its recovery file; a file whose lock nobody holds belongs to a program that
did not end well. The file is written atomically in the background, every few changes and once the hand rests.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer

from editor.background import Background
from editor.places import recovery_folder
from editor.session import Session
from engine.document.document import Document
from engine.document.errors import InputError
from engine.document.store import save

EVERY = 5  # changes
REST_MS = 4000


class Recovery(QObject):
    """Keeps the session's document safe while it has unsaved changes."""

    def __init__(self, session: Session, background: Background, folder: Path | None = None) -> None:
        super().__init__(background)  # it ends with those who write for it
        self._session, self._background = session, background
        self._folder = folder or recovery_folder()
        self._path = self._folder / f"{uuid.uuid4().hex}.ganvas"
        self._lock: QLockFile | None = None
        self._kept: Document | None = None
        self._changes = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self.keep)
        session.opened.connect(self.forget)
        session.changed.connect(self._count)

    def found(self) -> list[Path]:
        """Recovery files that no running program holds, newest first."""
        files = [p for p in self._folder.glob("[!.]*.ganvas") if p != self._path and _abandoned(p)]
        return sorted(files, key=lambda p: p.stat().st_mtime, reverse=True)

    def keep(self) -> None:
        """Write the document as it is now, unless that is what was written last."""
        document = self._session.document
        self._timer.stop()
        self._changes = 0
        if document is None or document is self._kept or not document.edits:
            return
        self._kept = document
        if self._hold_lock():
            self._background.run(lambda: save(document, self._path), self._written)

    def adopt(self, path: Path) -> None:
        """The document was opened from another program's recovery file: take its place, then remove it."""
        self._kept = None
        self.keep()
        self._background.run(lambda: discard(path) if self._path.exists() else None, self._written)

    def forget(self) -> None:
        """The document is saved, or was given up: nothing to recover."""
        self._timer.stop()
        self._background.run(lambda: self._path.unlink(missing_ok=True), self._written)
        self._kept = self._session.document
        self._changes = 0

    def close(self) -> None:
        """The program ends as it should."""
        self._timer.stop()
        self._background.finish()
        self._path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.unlock()

    def _count(self) -> None:
        if self._session.document is self._kept:
            return
        self._changes += 1
        if self._changes >= EVERY:
            self.keep()
        else:
            self._timer.start()

    def _hold_lock(self) -> bool:
        if self._lock is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                self._session.say(f"Unsaved work cannot be kept in {self._folder} ({error.strerror}): save often.")
                return False
            self._lock = QLockFile(str(self._path.with_suffix(".lock")))
            self._lock.setStaleLockTime(0)
            self._lock.tryLock(0)
        return True

    def _written(self, result: object) -> None:
        if isinstance(result, InputError):
            self._session.say(f"The safety copy could not be written: {result}", serious=True)


def discard(path: Path) -> None:
    """Remove a recovery file and its lock."""
    path.unlink(missing_ok=True)
    path.with_suffix(".lock").unlink(missing_ok=True)


def _abandoned(path: Path) -> bool:
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    free = lock.tryLock(0)  # a lock whose process is gone counts as free
    lock.unlock()
    return free
