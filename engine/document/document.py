"""Document: a photo, the edits above it, and the sequence of kept states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from engine.document.edit import Edit, ManifoldEdit, picture
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe


@dataclass(frozen=True, eq=False)
class Document:
    """Everything that is saved. Editing makes a new Document that shares the unchanged parts."""

    photo: Photo
    edits: tuple[Edit, ...] = ()
    sequence: EditSequence = EditSequence()

    def picture(self) -> np.ndarray:
        """The picture as the artist sees it: HxWx3 in the photo's dtype."""
        return picture(self.photo, self.edits)

    def edit(self, id: str) -> Edit:
        """The edit of that id; KeyError where there is none."""
        return self.edits[self.place(id)]

    @property
    def manifold_edits(self) -> tuple[ManifoldEdit, ...]:
        """The edits that move along a manifold, lowest first."""
        return tuple(edit for edit in self.edits if isinstance(edit, ManifoldEdit))

    def manifold_edit(self, id: str) -> ManifoldEdit:
        """The manifold edit of that id; KeyError where there is none."""
        for edit in self.manifold_edits:
            if edit.id == id:
                return edit
        raise KeyError(id)

    def place(self, id: str) -> int:
        """Where the edit of that id lies, from 0 at the bottom; KeyError where there is none."""
        for place, edit in enumerate(self.edits):
            if edit.id == id:
                return place
        raise KeyError(id)

    def below(self, id: str) -> tuple[Edit, ...]:
        """The edits that lie below the one of that id, lowest first; all of them where it is not there yet."""
        return tuple(takewhile(lambda edit: edit.id != id, self.edits))

    def with_edit(self, edit: Edit) -> Document:
        """The document with `edit` in the place of the edit of its id; a new one lies on top of those of its sort."""
        if any(e.id == edit.id for e in self.edits):
            return replace(self, edits=tuple(edit if e.id == edit.id else e for e in self.edits))
        return replace(self, edits=_sorted((*self.edits, edit)))

    def without_edit(self, id: str) -> Document:
        """The document without the edit of that id."""
        return replace(self, edits=tuple(e for e in self.edits if e.id != id))

    def with_order(self, ids: tuple[str, ...]) -> Document:
        """The document with its edits in the order of `ids`, lowest first; manifold edits stay below the layers."""
        return replace(self, edits=_sorted(tuple(self.edit(id) for id in ids)))

    def with_keyframe(self, keyframe: Keyframe) -> Document:
        """The document with one more keyframe at the end of its sequence."""
        return replace(self, sequence=EditSequence((*self.sequence.keyframes, keyframe)))


def _sorted(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """In the same order, but manifold edits lowest: they change what is in the photo, layers repaint it."""
    return tuple(sorted(edits, key=lambda edit: not isinstance(edit, ManifoldEdit)))
