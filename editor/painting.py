"""Painting: what strokes, candidates and the dials do to the edit being worked on.

Where that is a layer, its strokes go to `layering`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from editor.debts import PAINTS
from editor.history import Owes, Wall
from engine.document.edit import ManifoldEdit
from engine.document.job import Linearise, Solve, Step
from engine.document.latent import Latent
from engine.document.stroke import Stroke, StrokeKind

if TYPE_CHECKING:
    from editor.session import Session

ASKING = {StrokeKind.COLOR, StrokeKind.SKETCH, StrokeKind.WARP}
NAMES = {
    StrokeKind.COLOR: "Colour stroke",
    StrokeKind.SKETCH: "Sketch stroke",
    StrokeKind.WARP: "Warp stroke",
    StrokeKind.ERASE: "Erase",
    StrokeKind.PROTECT: "Protect",
    StrokeKind.STYLE: "Style stroke",
    StrokeKind.TEXTURE: "Texture stroke",
}


class Painting(QObject):
    """Turns gestures into changes of the current edit, and follows a moving stroke with previews."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._ready: tuple[Latent, Latent] | None = None  # where the edit began and is, of what was got ready
        self._asked: int | None = None
        self._others: tuple[Latent, ...] = ()  # where the other answers of the wall have come while the hand moves
        session.changed.connect(self._get_ready)

    def _get_ready(self) -> None:
        """Where strokes may come next, their first look is prepared while the hand is still on its way."""
        edit, document = self._session.edit, self._session.document
        if edit is None or document is None:
            return
        self._others = self._wall(edit)
        place = edit.origin(), edit.latent
        if place != self._ready:
            if self._asked is not None:
                self._session.requests.cancel(self._asked)
            self._ready = place
            self._asked = self._session.requests.ask(
                Linearise, "Getting ready for strokes", _done, photo=document.photo, edit=edit, others=self._others
            )

    def _wall(self, edit: ManifoldEdit) -> tuple[Latent, ...]:
        """The answers on the wall that were not taken."""
        return tuple(c.latent for c in self._session.entry.wall().candidates if c.latent is not edit.latent)

    # Strokes from the canvas

    def follow(self, stroke: Stroke) -> None:
        """Preview a stroke the hand is still drawing, from where the last preview had come."""
        if self._is_for_layer(stroke):
            self._session.layering.follow(stroke)
            return
        edit = self._edit_under(stroke)
        document = self._session.document
        if edit is None or document is None:
            return
        edit = replace(edit, strokes=(*edit.strokes, stroke))
        starts = (self._session.live or edit.latent, *self._others)
        self._session.requests.ask(
            Solve, "Following the stroke", self._previewed,
            trailing=True, photo=document.photo, edit=edit, starts=starts,
        )  # fmt: skip

    def finish(self, stroke: Stroke) -> None:
        """Add a finished stroke, and solve for it."""
        if self._is_for_layer(stroke):
            self._session.layering.finish(stroke)
            return
        edit = self._edit_under(stroke)
        if edit is None:
            beside = self._session.edit is not None
            self._session.say("There is nothing to paint here: stay within the frame, or set another." if beside
                              else "Find it in the model first: set the frame on it and press Enter.", "project")
            return
        self._commit_strokes(NAMES[stroke.kind], (*edit.strokes, stroke))

    def drop(self) -> None:
        """The stroke was given up: back to the picture as it was, and to what it still waited for."""
        self._session.layering.following = False
        if self._session.history is not None:
            self._session.requests.cancel()
            self._session.live = None
            self._session.show_overlay(None)
            if self._session.edit is not None:
                self._others = self._wall(self._session.edit)
                self._session.changed.emit()  # the wall is the state's own again
            self._session.settle()

    def _is_for_layer(self, stroke: Stroke) -> bool:
        return self._session.layer is not None or stroke.kind in PAINTS

    def _previewed(self, step: Step) -> None:
        if step.candidates:
            self._session.live = step.candidates[0].latent
        if len(step.candidates) > 1:
            self._others = tuple(candidate.latent for candidate in step.candidates[1:])
            self._session.contested.emit(step.candidates)
        if step.overlay is not None:
            self._session.show_overlay(step)

    def _edit_under(self, stroke: Stroke) -> ManifoldEdit | None:
        """The edit whose frame holds the stroke's first point, or else is touched by it; it becomes the current one.

        None where there is none.
        """
        document, current = self._session.document, self._session.edit
        if document is None or current is None:
            return None
        edits = (current, *reversed(document.manifold_edits))
        points = stroke.points[:, :2]
        edit = next((edit for some, radius in ((points[:1], 0.0), (points, stroke.radius))
                     for edit in edits if _inside(edit, some, radius)), None)
        if edit is not None and edit is not current:
            self._session.select(edit.id)
        return edit

    # The strokes list

    def show(self, id: str, visible: bool) -> None:
        """Let a stroke count, or not."""
        self._change("Show stroke" if visible else "Hide stroke", id, visible=visible)

    def weigh(self, id: str, weight: float) -> None:
        """Obey a stroke more or less, 0..4."""
        self._change("Stroke weight", id, group=f"weight {id}", weight=weight)

    def delete(self, id: str) -> None:
        """Remove a stroke."""
        current = self._session.current
        if current is not None:
            self._commit_strokes("Delete stroke", tuple(s for s in current.strokes if s.id != id))

    def reorder(self, ids: tuple[str, ...]) -> None:
        """Put the strokes in the order of `ids`; later strokes count over earlier ones where they meet."""
        current = self._session.current
        if current is not None and ids != tuple(s.id for s in current.strokes):
            by_id = {s.id: s for s in current.strokes}
            self._commit_strokes("Reorder strokes", tuple(by_id[id] for id in ids))

    def clear(self) -> None:
        """Remove all strokes of the current edit: of a face, back to the photo."""
        current = self._session.current
        if current is not None and current.strokes:
            self._commit_strokes("Clear strokes", ())

    def _change(self, label: str, id: str, group: str = "", **changes: object) -> None:
        current = self._session.current
        if current is not None:
            strokes = tuple(replace(s, **changes) if s.id == id else s for s in current.strokes)  # type: ignore[arg-type]
            self._commit_strokes(label, strokes, group)

    def _commit_strokes(self, label: str, strokes: tuple[Stroke, ...], group: str = "") -> None:
        """New strokes on the current edit. Without any that count, the answer is the photo and needs no model."""
        session, edit = self._session, self._session.edit
        if edit is None:
            session.layering.set_strokes(label, strokes, group)
            return
        assert session.document is not None
        if any(s.visible for s in strokes):
            document = session.document.with_edit(replace(edit, strokes=strokes))
            session.commit(label, document, owes={edit.id: Owes.SOLUTION}, group=group)
            return
        session.requests.cancel()
        session.live = None
        bare = replace(edit, strokes=strokes, latent=edit.origin(), patch=None)
        if bare.moved():  # by sliders
            document = session.document.with_edit(replace(bare, patch=edit.patch))
            session.commit(label, document, owes={edit.id: Owes.PATCH}, walls={edit.id: Wall()}, group=group)
            return
        session.commit(label, session.document.with_edit(bare), walls={edit.id: Wall()}, group=group)
        session.settling.forgive(edit.id)

    # Candidates and dials

    def answer_again(self) -> None:
        """Look for answers to the strokes once more: a document keeps the one that was taken, not the others."""
        edit = self._session.edit
        if edit is not None and asks(edit):
            self._commit_strokes("Find answers again", edit.strokes)

    def choose(self, index: int) -> None:
        """Take another of the candidates."""
        session, edit = self._session, self._session.edit
        if session.document is None or edit is None:
            return
        wall = session.entry.wall()
        if not 0 <= index < len(wall.candidates) or index == wall.chosen:
            return
        latent = wall.candidates[index].latent
        session.live = latent
        session.commit(
            f"Candidate {index + 1}",
            session.document.with_edit(replace(edit, latent=latent)),
            owes={edit.id: Owes.PATCH},
            walls={edit.id: Wall(wall.candidates, index)},
        )

    def set_realism(self, realism: float) -> None:
        """From the photo warped (0) to the model's own picture (1)."""
        self._dial("Realism", True, realism=realism)

    def set_opacity(self, opacity: float) -> None:
        """How much of the change is mixed over the photo, 0..1."""
        self._dial("Opacity", False, opacity=opacity)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the change."""
        self._dial("Show edit" if visible else "Hide edit", False, visible=visible)

    def end_gesture(self) -> None:
        """The hand let go of a dial: the next move is an undo step of its own."""
        if self._session.history is not None:
            self._session.history.end_gesture()

    def _dial(self, label: str, renders: bool, **change: object) -> None:
        session, edit = self._session, self._session.edit
        if session.document is None or edit is None:
            return
        owes = {edit.id: Owes.PATCH} if renders and edit.moved() else None
        document = session.document.with_edit(replace(edit, **change))  # type: ignore[arg-type]
        session.commit(label, document, owes=owes, group=f"{label} {edit.id}")


def asks(edit: ManifoldEdit) -> bool:
    """Whether there is a stroke to which there can be several answers."""
    return any(stroke.visible and stroke.kind in ASKING for stroke in edit.strokes)


def _inside(edit: ManifoldEdit, points: np.ndarray, radius: float) -> bool:
    """Whether any of Nx2 photo coordinates is at most so many photo pixels from the frame."""
    units, margin = edit.frame.to_model(points, 1), radius / edit.frame.size
    return bool(((units >= -margin) & (units <= 1 + margin)).all(axis=1).any())


def _done(step: Step) -> None:
    """The engine keeps what it has prepared."""
