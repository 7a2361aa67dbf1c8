"""Sequencing: keeping states as keyframes, and changing their order and times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from engine.document.sequence import EditSequence, Keyframe

if TYPE_CHECKING:
    from editor.session import Session


class Sequencing(QObject):
    """Changes of the document's sequence. Each is one undo step and needs no model."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def keyframes(self) -> tuple[Keyframe, ...]:
        """The kept states in order of time."""
        document = self._session.document
        return () if document is None else document.sequence.keyframes

    def keep(self) -> None:
        """Keep the state on the screen as the last keyframe."""
        document = self._session.document
        if document is None or not document.edits:
            self._session.say("There is nothing to keep yet: change something first.")
            return
        keyframe = Keyframe(document.edits, self._session.entry.label)
        self._session.commit("Keep", document.with_keyframe(keyframe))

    def delete(self, id: str) -> None:
        """Drop a keyframe."""
        self._commit("Delete keyframe", tuple(k for k in self.keyframes() if k.id != id))

    def reorder(self, ids: tuple[str, ...]) -> None:
        """Put the keyframes in the order of `ids`."""
        by_id = {k.id: k for k in self.keyframes()}
        if ids != tuple(by_id):
            self._commit("Reorder keyframes", tuple(by_id[id] for id in ids))

    def retime(self, id: str, **changes: Any) -> None:
        """Change seconds, hold, easing or caption of a keyframe."""
        keyframes = tuple(replace(k, **changes) if k.id == id else k for k in self.keyframes())
        self._commit("Keyframe timing", keyframes, group=f"timing {id} {' '.join(changes)}")

    def restore(self, id: str) -> None:
        """Go back to the edits of a keyframe."""
        document = self._session.document
        for keyframe in self.keyframes():
            if keyframe.id == id and document is not None and keyframe.edits != document.edits:
                self._session.requests.cancel()
                self._session.live = None
                self._session.show_overlay(None)
                self._session.commit(f"Return to “{keyframe.caption}”", replace(document, edits=keyframe.edits))
                self._session.placing.recall()
                self._session.settle()

    def _commit(self, label: str, keyframes: tuple[Keyframe, ...], group: str = "") -> None:
        document = self._session.document
        if document is not None:
            self._session.commit(label, replace(document, sequence=EditSequence(keyframes)), group=group)
