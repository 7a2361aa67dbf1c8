"""Inspecting: looks at the current face through a lens, and pulls it back to what is plausible.

The map is asked for anew whenever the face is another; until it comes the old one stays. Pulling back is a slide along
a direction that the engine finds from where the face is: it is shown, undone and saved as any slider is. The way is
found once for each time the hand takes the dial, from the face as it would be without any pull.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.document.direction import Direction, Slide, set_to
from engine.document.edit import ManifoldEdit
from engine.document.job import Failure, Inspect, Step
from engine.document.latent import Latent
from engine.document.lens import PULL, Lens

if TYPE_CHECKING:
    from editor.session import Session


class Inspecting(QObject):
    """lens: which is in use."""

    seen = Signal(object)  # (Lens, Step) with its map, or None
    changed = Signal()  # another lens, or none

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.lens: Lens | None = None
        self._looked: tuple[Lens, Latent, Latent] | None = None
        self._asked: int | None = None  # ticket of the map
        self._way: Direction | None = None
        self._from: Latent | None = None  # where the face is from which the way leads, or is being found
        self._finding: int | None = None  # ticket of the way
        self._amount: float | None = None  # where the dial is wanted, while the way there is not known
        self._let_go = False
        session.changed.connect(self._look)
        session.opened.connect(self._forget)

    # The lens

    def use(self, lens: Lens | None) -> None:
        """Look through that lens, or through none."""
        if lens is not self.lens:
            self.lens = lens
            self._clear()
            self._look()
            self.changed.emit()

    def _forget(self) -> None:
        self._drop_way()
        self._clear()

    def _clear(self) -> None:
        """No map, and none on its way: what is usual for a model may take a minute to learn."""
        self._cancel(self._asked)
        self._looked = self._asked = None
        self.seen.emit(None)

    def _cancel(self, ticket: int | None) -> None:
        """That answer is not wanted any more."""
        if ticket is not None:
            self._session.requests.cancel(ticket)

    def _look(self) -> None:
        edit = self._session.edit
        if self.lens is None or edit is None:
            if self._looked is not None:
                self._clear()
            return
        self.look_at(edit)

    def look_at(self, edit: ManifoldEdit) -> None:
        """Ask for the map of an edit, which may be of a slider that is still being dragged."""
        document = self._session.document
        if self.lens is None or document is None:
            return
        looked = self.lens, edit.base, edit.latent
        if looked == self._looked:
            return
        if self._looked is not None and self._looked[1] is not edit.base:
            self.seen.emit(None)  # of another face
        self._looked = looked
        self._cancel(self._asked)
        self._asked = self._session.requests.ask(
            Inspect, "Looking through the lens", self._seen, photo=document.photo, edit=edit, lens=self.lens
        )

    def _seen(self, step: Step) -> None:
        if step.settled and step.overlay is not None and self.lens is not None:
            self.seen.emit((self.lens, step))

    # Pulling back

    def amount(self) -> float:
        """How far the current face is pulled back, 0..1."""
        edit = self._session.edit
        slide = None if edit is None else _pull(edit)
        return 0.0 if slide is None else slide.amount

    def drag(self, amount: float) -> None:
        """Show the face pulled back so far; nothing of the document changes."""
        edit, way = self._session.edit, self._known()
        if way is None or edit is None:
            self._find(amount, False)
            return
        self._session.sliding.drag(way, amount)
        self.look_at(edit.slid(set_to(edit.slides, way, amount)))

    def leave(self, amount: float) -> None:
        """Leave it there: one undo step."""
        way, waiting = self._known(), self._amount is not None
        if way is not None:
            self._drop_way()
            self._session.sliding.set(way, amount)
            self._look()  # also where it was left as it had been
        elif waiting or amount != self.amount():
            self._find(amount, True)

    def _known(self) -> Direction | None:
        """The way, if it leads from where the face is now."""
        edit = self._session.edit
        return None if edit is None or edit.latent is not self._from else self._way

    def _drop_way(self) -> None:
        self._cancel(self._finding)
        self._way = self._from = self._amount = self._finding = None

    def _find(self, amount: float, let_go: bool) -> None:
        edit, document = self._session.edit, self._session.document
        if edit is None or document is None:
            return
        if self._amount is None or edit.latent is not self._from:
            self._drop_way()
            self._amount, self._let_go, self._from = amount, let_go, edit.latent
            free = edit.slid(tuple(slide for slide in edit.slides if slide.direction.source != PULL))
            self._finding = self._session.requests.ask(
                Inspect, "Finding the way back", self._found, self._not_found, photo=document.photo, edit=free
            )
        else:
            self._amount, self._let_go = amount, let_go

    def _not_found(self, failure: Failure) -> None:
        self._drop_way()

    def _found(self, step: Step) -> None:
        """What was wished meanwhile is done; nothing where the face has become another one."""
        edit, amount = self._session.edit, self._amount
        if not step.settled:
            return
        if amount is None or edit is None or edit.latent is not self._from or not step.directions:
            self._drop_way()
            return
        slide, self._amount = _pull(edit), None
        self._way = step.directions[0] if slide is None else replace(step.directions[0], id=slide.direction.id)
        if self._let_go:
            self.leave(amount)
        else:
            self.drag(amount)


def _pull(edit: ManifoldEdit) -> Slide | None:
    return next((slide for slide in edit.slides if slide.direction.source == PULL), None)
