"""Manifolds: which models there are to choose from for a frame, asked of the engine and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.document.job import ListManifolds, Step
from engine.document.manifold_entry import FFHQ, ManifoldEntry

if TYPE_CHECKING:
    from editor.session import Session


class Manifolds(QObject):
    """entries: those that are installed, the faces first; empty until the engine has answered."""

    listed = Signal()  # there are others than before

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.entries: tuple[ManifoldEntry, ...] = ()
        session.requests.woke.connect(self.ask)

    def ask(self) -> None:
        """Look again at what is installed."""
        self._session.requests.ask(ListManifolds, self.tr("Looking at the models"), self._list)

    def ids(self) -> tuple[str, ...]:
        """Of all that can be chosen."""
        return tuple(entry.id for entry in self.entries)

    def layout(self, id: str) -> str:
        """Of that one; the faces' where it is not known."""
        return next((entry.layout for entry in self.entries if entry.id == id), FFHQ)

    def _list(self, step: Step) -> None:
        if step.settled:
            self.entries = step.manifolds
            self.listed.emit()
