"""Sliding: moves the current face along directions, shows it at once, and keeps the artist's own sliders.

While a slider is dragged the document stays as it is; the preview network draws where the face would go. One preview is
always let finish and only the newest wish waits, otherwise a steady hand would never see any. Letting go makes one undo
step, and the change is rendered at full size. What strokes have done moves along and is not solved anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from editor.history import Owes, Wall
from editor.places import home
from editor.requests import Request
from engine.document.direction import Direction, Slides, amount_of, set_to
from engine.document.direction_files import FOLDER, OWN, SUFFIX, file_id, keep, own
from engine.document.edit import ManifoldEdit
from engine.document.errors import InputError
from engine.document.job import Install, ListDirections, Step, Transfer

if TYPE_CHECKING:
    from editor.session import Session

NAMED = "named"


def titled(direction: Direction) -> str:
    """What its slider is called: kinds of things are named as their folders are, and read as all names here do."""
    return direction.name[:1].upper() + direction.name[1:]


class Sliding(QObject):
    """found: the directions of each manifold that was asked for, the named first. mine: the user's own, of any."""

    listed = Signal()  # other sliders to choose from

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.found: dict[str, tuple[Direction, ...]] = {}
        self.mine: tuple[Direction, ...] = tuple(own(home() / FOLDER))
        self._asked: set[str] = set()
        self._running: Request | None = None
        self._wanted: ManifoldEdit | None = None
        session.requests.finished.connect(self._ask_anew)

    # What there is

    def ask(self) -> None:
        """Ask for the sliders of the current face's manifold, once."""
        edit = self._session.edit
        if edit is not None and edit.base.manifold not in self._asked:
            self._asked.add(edit.base.manifold)
            self._session.requests.ask(ListDirections, "Looking for sliders", self._list, manifold=edit.base.manifold)

    def _ask_anew(self, request: Request) -> None:
        """What was not to be had may have been installed."""
        if isinstance(request.job, Install):
            self._asked &= set(self.found)

    def _list(self, step: Step) -> None:
        if step.settled and step.directions:
            self.found[step.directions[0].manifold] = step.directions
            self.listed.emit()

    def named(self) -> tuple[Direction, ...]:
        """The sliders that are always shown: the shipped ones of the current manifold, and the user's."""
        edit = self._session.edit
        if edit is None:
            return ()
        manifold, shape = edit.base.manifold, edit.base.values.shape
        shipped = tuple(d for d in self.found.get(manifold, ()) if d.source == NAMED)
        return (*shipped, *(d for d in self.mine if d.manifold == manifold and d.values.shape == shape))

    def more(self) -> tuple[Direction, ...]:
        """The directions that were found in the model and have no name of their own."""
        edit = self._session.edit
        return () if edit is None else tuple(d for d in self.found.get(edit.base.manifold, ()) if d.source != NAMED)

    def keep(self, direction: Direction) -> None:
        """Put a slider into the user's library."""
        kept = replace(direction, source=OWN, id=file_id(direction.id))
        try:
            keep(kept, home() / FOLDER)
        except InputError as error:
            self._session.say(str(error), serious=True)
            return
        self.mine = (*(d for d in self.mine if d.id != kept.id), kept)
        self._session.say(self.tr("{name} is in your library of sliders.").format(name=kept.name))
        self.listed.emit()

    def forget(self, id: str) -> None:
        """Take one of the user's sliders out of the library; documents that use it keep it."""
        try:
            (home() / FOLDER / f"{id}{SUFFIX}").unlink(missing_ok=True)
        except OSError as error:
            self._session.say(f"The slider could not be removed ({error.strerror}).", serious=True)
            return
        self.mine = tuple(d for d in self.mine if d.id != id)
        self.listed.emit()

    # Moving

    def amount(self, id: str) -> float:
        """Where the slider of that direction stands on the current face."""
        edit = self._session.edit
        return 0.0 if edit is None else amount_of(edit.slides, id)

    def drag(self, direction: Direction, amount: float) -> None:
        """Show the face with the slider there; nothing of the document changes."""
        self.drag_all(((direction, amount),))

    def drag_all(self, moves: Sequence[tuple[Direction, float]]) -> None:
        """The same with several sliders at once."""
        edit = self._session.edit
        if edit is None:
            return
        self._wanted = edit.slid(_moved(edit.slides, moves))
        if self._running is None or self._running is not self._session.requests.interactive():
            self._preview()

    def _preview(self) -> None:
        wanted, self._wanted = self._wanted, None
        document = self._session.document
        if wanted is None or document is None:
            return
        self._session.requests.ask(
            Transfer, "Following the slider", self._previewed, photo=document.photo, edit=wanted, settle=False
        )
        self._running = self._session.requests.interactive()

    def _previewed(self, step: Step) -> None:
        if step.settled:
            self._running = None
            if step.overlay is not None:
                self._session.show_overlay(step)
            self._preview()

    def _drop_preview(self) -> None:
        """Show no face but that of the document."""
        if self._running is not None and self._running is self._session.requests.interactive():
            self._session.requests.cancel()
        self._running = None
        self._session.show_overlay(None)

    def set(self, direction: Direction, amount: float) -> None:
        """Leave the slider there: one undo step for all of a gesture."""
        self.set_all(((direction, amount),))

    def set_all(self, moves: Sequence[tuple[Direction, float]]) -> None:
        """The same with several sliders at once."""
        edit = self._session.edit
        self._wanted = None
        if edit is None:
            return
        if all(amount == amount_of(edit.slides, direction.id) for direction, amount in moves):
            self._drop_preview()
            self._session.settle()
            return
        where = (f"{amount:+.1f}" if amount else "at rest" for _, amount in moves)
        label = ", ".join(f"{titled(way)} {there}" for (way, _), there in zip(moves, where, strict=True))
        group = f"slide {' '.join(direction.id for direction, _ in moves)} {edit.id}"
        self._commit(label, edit, _moved(edit.slides, moves), group)

    def reset(self) -> None:
        """All sliders of the current face at rest."""
        edit = self._session.edit
        if edit is not None and edit.slides:
            self._commit("Reset sliders", edit, ())

    def _commit(self, label: str, edit: ManifoldEdit, slides: Slides, group: str = "") -> None:
        session = self._session
        assert session.document is not None
        slid = edit.slid(slides)
        session.live = None
        walls = {edit.id: _shifted(session.entry.walls.get(edit.id, Wall()), edit, slid)}
        if slid.moved():
            document = session.document.with_edit(slid)
            session.commit(label, document, owes={edit.id: Owes.PATCH}, walls=walls, group=group)
            return
        session.requests.cancel()  # the answer is the photo, and needs no model
        session.commit(label, session.document.with_edit(replace(slid, patch=None)), walls=walls, group=group)
        session.settling.forgive(edit.id)

    def set_inside(self, inside: bool) -> None:
        """Whether the Protect brush marks where the change may show, and not where it may not."""
        session, edit = self._session, self._session.edit
        if session.document is None or edit is None or edit.inside == inside:
            return
        document = session.document.with_edit(replace(edit, inside=inside))
        owes = {edit.id: Owes.PATCH} if edit.moved() else None
        session.commit("Only inside the mask" if inside else "Everywhere but the mask", document, owes=owes)


def _moved(slides: Slides, moves: Sequence[tuple[Direction, float]]) -> Slides:
    """The slides with each of those directions at its amount."""
    for direction, amount in moves:
        slides = set_to(slides, direction, amount)
    return slides


def _shifted(wall: Wall, before: ManifoldEdit, after: ManifoldEdit) -> Wall:
    """The answers to the last stroke, moved along as the edit was: taking another one keeps the sliders."""
    offset = after.latent.values - before.latent.values
    moved = (replace(c.latent, values=c.latent.values + offset) for c in wall.candidates)
    return Wall(tuple(replace(c, latent=m) for c, m in zip(wall.candidates, moved, strict=True)), wall.chosen)
