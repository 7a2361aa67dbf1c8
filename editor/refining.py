"""Refining: a layer's slow optimisation in the artist's hands. To stop it is to be content with what there is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.document.edit import StyleEdit, TextureEdit
from engine.document.job import Failure, Job, Paint, Step

if TYPE_CHECKING:
    from editor.session import Session


class Refining(QObject):
    """Keeps of a layer what its optimisation has reached, and in the layer how far that was."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def stopped(self, job: Job) -> bool:
        """The artist stopped `job`. Where a layer was being refined, have it as it is by now; else False."""
        if not (isinstance(job, Paint) and job.settle and job.finish):
            return False
        if not isinstance(job.edit, (StyleEdit, TextureEdit)) or job.edit.refine <= 0:
            return False
        id = job.edit.id
        self._session.requests.ask(
            Paint, "Keeping what was reached", partial(self._kept, id), partial(self._failed, id),
            photo=job.photo, below=job.below, edit=job.edit, finish=False,
        )  # fmt: skip
        return True

    def _kept(self, id: str, step: Step) -> None:
        if not step.settled:
            if step.overlay is not None:
                self._session.show_overlay(step, id)
            return
        reached = step.refined or 0.0
        self._session.settling.answer(id, None, patch=step.patch, refine=reached)
        self._session.say(f"Stopped at {reached:.0%}. The layer keeps what was reached, and can be refined further.")

    def _failed(self, id: str, failure: Failure) -> None:
        self._session.settling.forgive(id)
