"""Placing: finding the faces, setting the frame, and projecting what is under it onto the manifold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from editor.history import Owes, Wall
from editor.requests import Request
from engine.document.document import Document
from engine.document.edit import ManifoldEdit
from engine.document.job import Candidate, Failure, FindRegions, Project, Step
from engine.document.latent import Frame
from engine.document.manifold_entry import FACES, called
from engine.document.offered import offered
from engine.document.sequence import Keyframe
from engine.document.tuning import QUALITIES

if TYPE_CHECKING:
    from editor.session import Session


NEED_NOTHING = ("pick", "lasso", "style", "texture")


class Placing(QObject):
    """frames: where faces are or may be. ids: the edit of each frame, None where it is not projected yet. models: the
    manifold in which what is under each frame was found or will be.

    current: index of the frame that is chosen. active: the artist is setting frames rather than painting. quality: how
    far the model learns what it finds, one of QUALITIES.
    """

    changed = Signal()
    projected = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.frames: tuple[Frame, ...] = ()
        self.ids: tuple[str | None, ...] = ()
        self.models: tuple[str, ...] = ()
        self.current: int | None = None
        self.active = False
        self.quality = next(iter(QUALITIES))
        self._best: tuple[Frame, Candidate] | None = None
        session.requests.asked.connect(self._follow)
        session.requests.finished.connect(self._follow)

    def _follow(self, request: Request) -> None:
        if isinstance(request.job, Project):
            self.changed.emit()

    def clear(self) -> None:
        """Forget all frames."""
        self.frames, self.ids, self.models, self.current, self.active = (), (), (), None, False
        self.changed.emit()

    def recall(self) -> None:
        """Show the frames of the document's edits, and those proposals that are not projected."""
        document = self._session.document
        assert document is not None
        known = {e.id for e in document.manifold_edits}
        rest = list(zip(self.frames, self.ids, self.models, strict=True))
        proposals = [(frame, model) for frame, id, model in rest if id is None]
        proposals += [(frame, model) for frame, id, model in rest if id is not None and id not in known]
        self._show(document, proposals)
        current = self._session.entry.current
        self.current = self.ids.index(current) if current in self.ids else (0 if self.frames else None)
        self.active = not document.edits
        self.changed.emit()

    def _show(self, document: Document, proposals: Iterable[tuple[Frame, str]]) -> None:
        """The frames of the document's edits, and after them what is proposed."""
        found = document.manifold_edits
        shown: list[tuple[Frame, str | None, str]] = [(e.frame, e.id, e.base.manifold) for e in found]
        shown += [(frame, None, model) for frame, model in proposals]
        self.frames, self.ids, self.models = tuple(zip(*shown, strict=True)) if shown else ((), (), ())

    @property
    def manifold(self) -> str:
        """Of the chosen frame."""
        return FACES if self.current is None else self.models[self.current]

    @property
    def projecting(self) -> bool:
        """Whether a projection is under way: the frame must not move meanwhile."""
        request = self._session.requests.interactive()
        return request is not None and isinstance(request.job, Project)

    def find(self) -> None:
        """Look for faces on the photo."""
        document = self._session.document
        if document is not None:
            self.start()
            self._session.requests.ask(
                FindRegions, "Looking for faces", self._found, self._not_found, photo=document.photo
            )

    def start_or_find(self) -> None:
        """Set frames; look for faces where there is none to set."""
        if self.frames:
            self.start()
        else:
            self.find()

    def start(self) -> None:
        """Set frames rather than paint."""
        self.active = True
        self.changed.emit()

    def leave(self) -> None:
        """Go back to painting; only where there is something to paint on, or nothing is needed for the tool in hand."""
        if self._session.current is not None or self._session.brush.tool in NEED_NOTHING:
            self.active = False
            self.changed.emit()

    def _found(self, step: Step) -> None:
        if not step.settled:
            return
        document = self._session.document
        assert document is not None
        self._show(document, ((frame, FACES) for frame in step.frames))
        if step.frames:
            self._session.say("Set the frame on the face, then press Enter.", "project")
        else:
            self._propose()
            self._session.say(step.note or "No face was found. Drag the frame over one, then press Enter.", "project")
        self.current = len(document.manifold_edits)
        self.active = True
        self.changed.emit()

    def _not_found(self, failure: Failure) -> None:
        """The search itself failed; the hand can still set a frame."""
        self.add()

    def _propose(self) -> None:
        """Offer a frame in the middle of the photo, for the hand to move."""
        document, usual = self._session.document, self._usual()
        assert document is not None
        frame = self._proposed(document, usual)
        self.frames, self.ids, self.models = (*self.frames, frame), (*self.ids, None), (*self.models, usual)

    def _proposed(self, document: Document, manifold: str) -> Frame:
        return offered(document.photo, self._session.manifolds.layout(manifold))

    def _usual(self) -> str:
        """The faces; where they are not installed, what there is."""
        ids = self._session.manifolds.ids()
        return FACES if FACES in ids or not ids else ids[0]

    def add(self) -> None:
        """One more frame in the middle of the photo."""
        if self._session.document is not None:
            self._propose()
            self.current = len(self.frames) - 1
            self.start()

    def choose(self, index: int) -> None:
        """Work with the frame of that index."""
        self.current = index
        id = self.ids[index]
        if id is not None:
            self._session.select(id)
        else:
            self.active = True
            what = "Set the frame on the face" if self.manifold == FACES else "Set the frame"
            self._session.say(f"{what}, then press Enter.", "project")
        self.changed.emit()

    def look_in(self, manifold: str) -> None:
        """Look for what is under the chosen frame in that model; what was found in another is kept until then.

        A frame that was proposed for another model, and that no hand has moved, becomes the one for this model.
        """
        document = self._session.document
        if document is not None and self.current is not None and manifold != self.manifold and not self.projecting:
            if self.ids[self.current] is None and self.frames[self.current] == self._proposed(document, self.manifold):
                self.move(self._proposed(document, manifold))
            self.models = tuple(manifold if i == self.current else model for i, model in enumerate(self.models))
            self.active = True
            self._session.say(f"Set the frame, then press Enter: it is looked for in {called(manifold)}.", "project")
            self.changed.emit()

    def set_quality(self, quality: str) -> None:
        """How far the model is to learn what it finds: one of QUALITIES."""
        self.quality = quality
        self.changed.emit()

    def point_at(self, id: str) -> None:
        """The edit of that id is being worked on."""
        self.current = self.ids.index(id) if id in self.ids else self.current
        self.changed.emit()

    def move(self, frame: Frame) -> None:
        """Put the chosen frame there."""
        if self.current is not None:
            self.frames = tuple(frame if i == self.current else f for i, f in enumerate(self.frames))
            self.changed.emit()

    def project(self) -> None:
        """Find what is under the chosen frame on the manifold."""
        document = self._session.document
        if document is None or self.current is None:
            return
        self._best = None
        frame, manifold = self.frames[self.current], self.manifold
        title = "Finding this face in the model" if manifold == FACES else f"Finding this in {called(manifold)}"
        self._session.requests.ask(
            Project, title, self._projected, photo=document.photo, frame=frame, manifold=manifold,
            quality=QUALITIES[self.quality] if manifold == FACES else 0,
        )

    def _projected(self, step: Step) -> None:
        if step.candidates and self.current is not None:
            self._best = (step.frame or self.frames[self.current], step.candidates[0])
        if step.settled:
            self.keep_best()
        elif step.overlay is not None:
            self._session.show_overlay(step)

    def keep_best(self) -> None:
        """Take the best projection so far into the document."""
        if self._best is None or self.current is None:
            return
        (frame, candidate), self._best = self._best, None
        id = self.ids[self.current]
        if id is None:
            self._add(frame, candidate)
        else:
            self._replace(id, frame, candidate)
        self._session.show_overlay(None)
        self.projected.emit()

    def _add(self, frame: Frame, candidate: Candidate) -> None:
        session = self._session
        assert session.document is not None and self.current is not None
        edit = ManifoldEdit(frame, candidate.latent, candidate.latent)
        self._settle_frame(frame, edit.id)
        document = session.document.with_edit(edit)
        if not document.sequence.keyframes:
            document = document.with_keyframe(Keyframe(document.edits, "Photo"))
        session.live = None
        label = "Find this face" if candidate.latent.manifold == FACES else "Find this in the model"
        session.commit(label, document, current=edit.id, walls={edit.id: Wall((candidate,))})

    def _replace(self, id: str, frame: Frame, candidate: Candidate) -> None:
        """The frame of a projected face was moved, or another model is to know it: new base, the strokes stay and are
        solved again. Another model knows nothing of the sliders of the one before."""
        session = self._session
        assert session.document is not None
        old = session.document.manifold_edit(id)
        same = old.base.manifold == candidate.latent.manifold
        slides = old.slides if same else ()
        edit = replace(old, frame=frame, base=candidate.latent, slides=slides, patch=None)
        edit = replace(edit, latent=edit.origin())
        self._settle_frame(frame, id)
        session.live = None
        owes = {id: Owes.PATCH} if edit.moved() else None
        owes = {id: Owes.SOLUTION} if any(s.visible for s in edit.strokes) else owes
        walls = {id: Wall((candidate,))}
        label = "Move the frame" if same else "Change the model"
        session.commit(label, session.document.with_edit(edit), owes=owes, current=id, walls=walls)

    def _settle_frame(self, frame: Frame, id: str) -> None:
        self.frames = tuple(frame if i == self.current else f for i, f in enumerate(self.frames))
        self.ids = tuple(id if i == self.current else each for i, each in enumerate(self.ids))
        self.active = False
        self.changed.emit()
