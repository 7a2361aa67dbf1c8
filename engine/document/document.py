"""Document: a photo, the edits above it, and the sequence of kept states."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.document.edit import ManifoldEdit, picture
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe


@dataclass(frozen=True, eq=False)
class Document:
    """Everything that is saved. Editing makes a new Document that shares the unchanged parts."""

    photo: Photo
    edits: tuple[ManifoldEdit, ...] = ()
    sequence: EditSequence = EditSequence()

    def picture(self) -> np.ndarray:
        """The picture as the artist sees it: HxWx3 in the photo's dtype."""
        return picture(self.photo, self.edits)

    def edit(self, id: str) -> ManifoldEdit:
        """The edit of that id; KeyError where there is none."""
        for edit in self.edits:
            if edit.id == id:
                return edit
        raise KeyError(id)

    def with_edit(self, edit: ManifoldEdit) -> Document:
        """The document with `edit` in the place of the edit of its id, or on top of the stack if it is new."""
        if any(e.id == edit.id for e in self.edits):
            return replace(self, edits=tuple(edit if e.id == edit.id else e for e in self.edits))
        return replace(self, edits=(*self.edits, edit))

    def with_keyframe(self, keyframe: Keyframe) -> Document:
        """The document with one more keyframe at the end of its sequence."""
        return replace(self, sequence=EditSequence((*self.sequence.keyframes, keyframe)))
