"""Learning: makes styles and textures out of pictures. A style is described at once, a texture learns meanwhile.

A picture that is to become a style waits until nothing else is being done, so that neither the search for a face nor
a stroke is lost; a stroke that comes in between only delays it. Styles and textures can be painted with at once; what
is learned of them in the background - how a style is best painted, a texture's network - takes the place of what was
there in every state that has it, which is no undo step. A network for one style is put into its layer when it is
done, or when the artist stops it; that is an undo step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from editor.debts import is_bare
from editor.history import Owes, paints_with
from editor.requests import Request
from engine.document.edit import StyleEdit, TextureEdit
from engine.document.job import Describe, Failure, FitStyle, LearnStyle, LearnTexture, Step
from engine.document.style import Style
from engine.document.texture import Texture

if TYPE_CHECKING:
    from editor.session import Session

FIRST_SECONDS, MORE_SECONDS = 60.0, 120.0
OFTENER = 1.8  # a texture that has learned so many times longer than the one that is shown takes its place
Use = Callable[[Style], None]
LEARNING = (FitStyle, LearnStyle, LearnTexture)
"""What goes on in the background for a layer's sake, and may be dropped with it."""


class Learning(QObject):
    """Pictures that wait to be described, and textures that learn."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._waiting: list[tuple[str, np.ndarray, Use | None]] = []
        self._newest: dict[str, Texture | Style] = {}  # learned, and not shown yet
        self._trained: dict[str, tuple[Style, bool]] = {}  # the same of styles, by the layer's id; whether it is done
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self.go_on)
        session.requests.finished.connect(self._wait_for_rest)

    def clear(self) -> None:
        """Another document: nothing of the one before is wanted any more."""
        for request in self._session.requests.background():
            if isinstance(request.job, LEARNING):
                self._session.requests.cancel(request.job.ticket)
        self._waiting = [each for each in self._waiting if each[2] is not None]
        self._newest, self._trained = {}, {}

    def _wait_for_rest(self, request: Request) -> None:
        """Something has ended, perhaps because the artist stopped it."""
        self._idle.start()

    # Styles

    def describe(self, name: str, pixels: np.ndarray, use: Use | None = None) -> None:
        """Take the manner of a picture (HxWx3 uint8), then `use` the style: as a new layer, unless told otherwise."""
        self._waiting.append((name, pixels, use))
        self.go_on()

    def give_up(self) -> None:
        """What waits to be described is not wanted any more."""
        self._waiting = []

    def go_on(self) -> None:
        """While nothing else is being done: describe what waits, or show what has been learned."""
        session = self._session
        if session.requests.interactive() is not None or session.layering.following:
            return
        if self._waiting:
            name, pixels, _ = self._waiting[0]
            title = f"Looking at “{name}”"
            session.requests.ask(Describe, title, self._described, self._not_described, pixels=pixels, name=name)
        elif session.history is not None:
            stopped = [id for id, (style, _) in self._trained.items() if not self.is_learning(style.id)]
            if stopped:
                self._show_trained(stopped[0])
            elif self._newest:
                self._show_learned()

    def _described(self, step: Step) -> None:
        if step.settled and self._waiting:
            _, _, use = self._waiting.pop(0)
            if step.style is not None:
                (use or self._session.layering.add_style)(step.style)

    def _not_described(self, failure: Failure) -> None:
        del self._waiting[:1]

    # Networks

    def fit(self, style: Style) -> None:
        """Find out in the background how the style is best painted, unless that is known."""
        photo = self._session.entry.document.photo
        title = f"Finding the hand of “{style.name}”"
        self._session.requests.ask(FitStyle, title, partial(self._fitted, style), style=style, photo=photo)

    def _fitted(self, style: Style, step: Step) -> None:
        if step.settled and step.style is not None and step.style is not style:
            self._newest[style.id] = step.style
            self._idle.start()

    def learn(self, texture: Texture, seconds: float = FIRST_SECONDS) -> None:
        """Let the texture learn in the background."""
        self._session.requests.ask(
            LearnTexture, f"Learning “{texture.name}”", partial(self._learned, texture.id),
            texture=texture, seconds=seconds,
        )  # fmt: skip

    def learn_more(self) -> None:
        """Train what the current layer paints with for longer: its texture, or a network for its style alone."""
        session, layer = self._session, self._session.layer
        if isinstance(layer, TextureEdit) and not self.is_learning(layer.texture.id):
            newest = self._newest.get(layer.texture.id)
            self.learn(newest if isinstance(newest, Texture) else layer.texture, MORE_SECONDS)
        elif isinstance(layer, StyleEdit) and layer.styles[0].exemplar is not None:
            style = layer.styles[0]
            if self.is_learning(style.id):
                return
            session.requests.ask(
                LearnStyle, f"Training “{style.name}”", partial(self._train, layer.id),
                style=style, photo=session.entry.document.photo,
            )  # fmt: skip
        elif isinstance(layer, StyleEdit):
            session.say("Only a style that comes from a picture of yours can be trained.")

    def is_learning(self, id: str) -> bool:
        """Whether the texture or the style of that id is learning just now."""
        return self._request(id) is not None

    def _request(self, id: str) -> Request | None:
        for request in self._session.requests.background():
            job = request.job
            texture = isinstance(job, LearnTexture) and job.texture.id == id
            if texture or (isinstance(job, LearnStyle) and job.style.id == id):
                return request
        return None

    def _learned(self, id: str, step: Step) -> None:
        session, request = self._session, self._request(id)
        if request is not None and (session.history is None or not session.history.holds(id)):
            session.requests.cancel(request.job.ticket)
        elif step.texture is not None:
            self._newest[id] = step.texture
            self._idle.start()

    def _show_learned(self) -> None:
        """Put what has been learned in the place of what is shown, where it is worth it, and paint it."""
        session, history = self._session, self._session.history
        assert history is not None
        owes, better = dict(session.entry.owes), False
        for id, item in list(self._newest.items()):
            layers = [edit for edit in session.entry.document.edits if paints_with(edit, id)]
            shown = max((layer.texture.seconds for layer in layers if isinstance(layer, TextureEdit)), default=0.0)
            if isinstance(item, Texture) and self.is_learning(id) and item.seconds < OFTENER * shown:
                continue
            del self._newest[id]
            history.relearn(item)
            better = True
            owes |= {e.id: Owes.PATCH for e in layers if e.visible and not is_bare(e)}
        if better:
            history.amend(owes=owes)
            session.changed.emit()
            session.settle()

    def _train(self, id: str, step: Step) -> None:
        """The style's own network is better than before; it is shown when it is done, or stopped."""
        if step.style is not None:
            self._trained[id] = step.style, step.settled
        if step.settled:
            self._idle.start()

    def _show_trained(self, id: str) -> None:
        """Where the layer is still there, it paints with the style's own network now."""
        session, (style, done) = self._session, self._trained.pop(id)
        assert session.document is not None
        for edit in session.document.edits:
            if isinstance(edit, StyleEdit) and edit.id == id:
                trained = replace(edit, styles=(style, *edit.styles[1:]))
                session.commit("Train this style", session.document.with_edit(trained), owes={id: Owes.PATCH})
                if not done:
                    session.say(f"“{style.name}” is painted by what has been learned so far: Train longer goes on, "
                                "Undo takes it back.")  # fmt: skip
