"""Settling: asks the engine for what the state on the screen still owes, and completes that state with the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from editor.history import Owes, Wall
from editor.requests import Answer, Request
from engine.document.edit import FusionEdit, Layer, ManifoldEdit, StyleEdit, TextureEdit
from engine.document.job import Failure, Job, Paint, Solve, Step, Transfer
from engine.document.latent import Latent

if TYPE_CHECKING:
    from editor.session import Session

PAINTING: dict[type[Layer], str] = {
    StyleEdit: "Painting the style", TextureEdit: "Painting the texture", FusionEdit: "Blending the pictures",
}  # fmt: skip


class Settling(QObject):
    """held: a dial is being dragged, so that layers are only previewed until it is let go.

    A preview of a layer takes longer than the hand takes to its next move. So one is always let finish, and what is
    asked for meanwhile waits, the newest only; otherwise a steady hand would never see any.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.held = False
        self._preview: Request | None = None  # the preview that is under way
        self._arrived = False
        self._wanted: Layer | None = None  # what is to be previewed next
        session.requests.finished.connect(self._end_preview)

    def ask(self) -> None:
        """Ask for what the state on the screen waits for; nothing where it waits for nothing."""
        debt = self._session.entry.debt()
        if debt is None:
            return
        edit = self._session.entry.document.edit(debt[0])
        if not isinstance(edit, ManifoldEdit):
            self._paint(edit)
        elif debt[1] is Owes.SOLUTION:
            self._solve(edit)
        else:
            photo, answer = self._session.entry.document.photo, partial(self._transferred, edit.id)
            self._session.requests.ask(Transfer, "Rendering at full size", answer, photo=photo, edit=edit)

    def _solve(self, edit: ManifoldEdit) -> None:
        session = self._session
        starts = (session.live or edit.latent,)
        session.requests.ask(
            Solve, "Finding plausible pictures", partial(self._solved, edit.id),
            photo=session.entry.document.photo, edit=edit, starts=starts, settle=True,
        )  # fmt: skip

    def _paint(self, layer: Layer) -> None:
        if self.held:
            self.preview(layer)
        else:
            self._ask_paint(layer, partial(self._painted, layer.id), settle=True)

    def preview(self, layer: Layer) -> None:
        """Show how the layer would be as it is given, over what lies below the one of its id."""
        if self._preview is not None and self._preview is self._session.requests.interactive():
            self._wanted = layer
        else:
            self._wanted, self._arrived = None, False
            self._ask_paint(layer, partial(self._previewed, layer.id), settle=False)
            self._preview = None if self._arrived else self._session.requests.interactive()

    def _ask_paint(self, layer: Layer, answer: Answer, settle: bool) -> None:
        document = self._session.entry.document
        self._session.requests.ask(
            Paint, PAINTING[type(layer)], answer, partial(self._failed, layer.id),
            photo=document.photo, below=document.below(layer.id), edit=layer, settle=settle,
        )  # fmt: skip

    def _failed(self, id: str, failure: Failure) -> None:
        """The layer stays as it was: asking for it again would fail again."""
        self.forgive(id)

    def _previewed(self, id: str, step: Step) -> None:
        if step.overlay is not None:
            self._session.show_overlay(step, id)
            self._preview, self._arrived = None, True
            if self._wanted is not None:
                self.preview(self._wanted)

    def _end_preview(self, request: Request) -> None:
        if request is self._preview:
            self._preview = self._wanted = None

    def _solved(self, id: str, step: Step) -> None:
        session = self._session
        if step.candidates:
            session.live = step.candidates[0].latent
        if not step.settled:
            if step.overlay is not None:  # the last preview stays until the patch is there
                session.show_overlay(step)
                session.contested.emit(step.candidates)
        elif step.candidates:
            self.answer(id, Wall(step.candidates), latent=step.candidates[0].latent, patch=step.patch)

    def _transferred(self, id: str, step: Step) -> None:
        if step.settled:
            self.answer(id, None, patch=step.patch)
        elif step.overlay is not None:
            self._session.show_overlay(step)

    def _painted(self, id: str, step: Step) -> None:
        if step.settled:
            self.answer(id, None, patch=step.patch)
        elif step.overlay is not None:
            self._session.show_overlay(step, id)

    def answer(self, id: str, wall: Wall | None, **changes: object) -> None:
        """Complete every state that waits for this very answer, and ask for what is still owed."""
        session = self._session
        history = session.history
        if history is None or id not in session.entry.owes:
            return
        owed = session.entry.owes[id]
        old = session.entry.document.edit(id)
        new = replace(old, **changes)  # type: ignore[arg-type]
        history.complete(old, new, wall)
        if isinstance(new, ManifoldEdit) and new.patch is None and new.moved() and owed is Owes.SOLUTION:
            history.amend(owes={**session.entry.owes, id: Owes.PATCH})
        session.changed.emit()
        session.show_overlay(None)
        self.ask()

    def forgive(self, id: str) -> None:
        """Nothing is owed to that edit any more."""
        session = self._session
        assert session.history is not None
        session.history.amend(owes={other: owed for other, owed in session.entry.owes.items() if other != id})
        session.show_overlay(None)
        self.ask()

    def stopped(self, job: Job) -> None:
        """The artist stopped `job`: keep the best it has found so far."""
        if isinstance(job, Solve) and job.settle and self._session.live is not None:
            self._stop_here(job.edit.id, self._session.live)
        elif isinstance(job, Paint) and job.settle:
            self._session.say("Stopped. The layer shows what it was before; any change paints it again.")

    def _stop_here(self, id: str, latent: Latent) -> None:
        session = self._session
        assert session.history is not None
        document = session.entry.document
        document = document.with_edit(replace(document.manifold_edit(id), latent=latent))
        session.history.amend(document=document, owes={**session.entry.owes, id: Owes.PATCH})
        self.ask()
