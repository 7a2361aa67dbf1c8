"""Session: the one mutable object. The open document, its history, and what has been asked of the engine.

Every change of the document is committed to the history at once, and what the engine still has to compute for it is
noted there as owed. `settle` asks for what is owed, and the answer completes the entry it belongs to. So one gesture
is one undo step however late the answer comes, and undo shows a kept state without asking anything.

The work is divided by what the artist does: `placing` finds the face, `painting` follows strokes, `sliding` moves it
along directions, `layering` paints styles and textures over the photo, `learning` makes them out of pictures,
`sequencing` keeps states, and `settling` asks for what is owed. Widgets read the session and call it; the session knows
no widget.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from editor.brush import Brush
from editor.debts import freshened, unpainted
from editor.history import Entry, History, Owes, Wall
from editor.inspecting import Inspecting
from editor.layering import Layering
from editor.learning import Learning
from editor.manifolds import Manifolds
from editor.painting import Painting
from editor.placing import Placing
from editor.refining import Refining
from editor.requests import Answer, Engine, Requests
from editor.sequencing import Sequencing
from editor.settling import Settling
from editor.sliding import Sliding
from editor.training import Training
from engine.document.document import Document
from engine.document.edit import Edit, Layer, ManifoldEdit
from engine.document.job import Failure, FindRegions, Install, Project, Step
from engine.document.latent import Latent
from engine.document.photo import Photo

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """One line for the artist. action: id of an action to offer as a button. serious: stays until it is read."""

    text: str
    action: str = ""
    serious: bool = False


class Session(QObject):
    """What is open and what has been done to it."""

    opened = Signal()  # another document
    changed = Signal()  # another state of the document
    overlaid = Signal(object)  # Step with an overlay to show over the photo, or None
    contested = Signal(object)  # tuple[Candidate, ...]: the answers as they come along, not to be chosen yet
    said = Signal(object)  # Message

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.requests = Requests(engine, self)
        self.requests.failed.connect(self._report)
        self.brush = Brush(self)
        self.history: History | None = None
        self.live: Latent | None = None  # the newest previewed latent: the next solve starts there
        self.showing: str | None = None  # id of the layer whose preview lies over the photo
        self.manifolds = Manifolds(self)
        self.placing = Placing(self)
        self.painting = Painting(self)
        self.settling = Settling(self)
        self.learning = Learning(self)
        self.sliding = Sliding(self)
        self.inspecting = Inspecting(self)
        self.layering = Layering(self)
        self.refining = Refining(self)
        self.sequencing = Sequencing(self)
        self.training = Training(self)

    # What is open

    def open_photo(self, photo: Photo) -> None:
        """Start a new document on `photo` and look for faces."""
        self._start(Entry("Open", Document(photo)))
        self.placing.find()

    def open_document(self, document: Document) -> None:
        """Go on with a saved document."""
        owes = dict.fromkeys(unpainted(document), Owes.PATCH)
        self._start(Entry("Open", document, document.edits[-1].id if document.edits else None, owes))
        if document.edits:
            self.placing.recall()
            self.settle()
        else:
            self.placing.find()

    def _start(self, entry: Entry) -> None:
        self.requests.cancel()
        self.learning.clear()
        self.history, self.live = History(entry), None
        self.placing.clear()
        self.opened.emit()
        self.changed.emit()
        self.show_overlay(None)

    @property
    def entry(self) -> Entry:
        """The state on the screen; only where a document is open."""
        if self.history is None:
            raise LookupError("no document is open")
        return self.history.entry

    @property
    def document(self) -> Document | None:
        """The open document."""
        return None if self.history is None else self.history.entry.document

    @property
    def current(self) -> Edit | None:
        """The edit being worked on, of whatever sort."""
        return None if self.history is None else self.history.entry.edit()

    @property
    def edit(self) -> ManifoldEdit | None:
        """The manifold edit being worked on; None while that is a layer."""
        current = self.current
        return current if isinstance(current, ManifoldEdit) else None

    @property
    def layer(self) -> Layer | None:
        """The style or texture layer being worked on; None while that is a manifold edit."""
        current = self.current
        return None if isinstance(current, ManifoldEdit) else current

    def say(self, text: str, action: str = "", serious: bool = False) -> None:
        """Tell the artist something, in one line."""
        self.said.emit(Message(text, action, serious))

    # How it changes

    def commit(
        self,
        label: str,
        document: Document,
        owes: Mapping[str, Owes] | None = None,
        current: str | None = None,
        walls: Mapping[str, Wall] | None = None,
        group: str = "",
    ) -> None:
        """Make `document` the newest state, and ask for what it owes beyond what was owed before.

        Layers above what has changed are painted anew.
        """
        assert self.history is not None
        before = self.history.entry
        edits, stale = freshened(before.document.edits, document.edits)
        if edits != document.edits:
            document = replace(document, edits=edits)
        owes = dict.fromkeys(stale, Owes.PATCH) | dict(owes or {})
        ids = [e.id for e in document.edits]
        debts = {id: owed for id, owed in before.owes.items() if id in ids}
        debts |= {id: max(owed, debts.get(id, owed)) for id, owed in owes.items()}
        current = current or before.current
        if current not in ids:
            current = ids[-1] if ids else None
        self.history.push(Entry(label, document, current, debts, {**before.walls, **(walls or {})}, group))
        self.changed.emit()
        if owes:
            self.settle()

    def select(self, id: str) -> None:
        """Work on the edit of that id. Not an undo step: nothing of the document changes."""
        if self.history is not None and id != self.entry.current:
            self.history.amend(current=id)
            self.live = None
            self.placing.point_at(id)
            self.changed.emit()

    def settle(self) -> None:
        """Ask for what the state on the screen still waits for."""
        self.settling.ask()

    def show_overlay(self, step: Step | None, layer: str | None = None) -> None:
        """Show a preview over the photo; layer: the id of the layer it is of, if any. None takes it off."""
        self.showing = None if step is None else layer
        self.overlaid.emit(step)

    def install(self, pack: str, answer: Answer) -> None:
        """Download a model pack by name."""
        self.requests.ask(Install, "Getting the model", answer, pack=pack)

    # Undo and cancel

    def undo(self) -> None:
        """Show the state before; nothing is computed again."""
        self._travel(self.history is not None and self.history.undo())

    def redo(self) -> None:
        """Show the state after; nothing is computed again."""
        self._travel(self.history is not None and self.history.redo())

    def _travel(self, moved: bool) -> None:
        if not moved:
            return
        self.requests.cancel()
        self.live = None
        self.placing.recall()
        self.show_overlay(None)
        self.changed.emit()
        self.settle()  # only a state whose answer was interrupted owes anything

    def cancel(self) -> None:
        """Stop the interactive job and keep the best it has found so far."""
        request = self.requests.interactive()
        if request is None:
            return
        self.requests.cancel()
        if self.refining.stopped(request.job):
            return
        self.show_overlay(None)
        if isinstance(request.job, FindRegions):
            self.placing.add()
        elif isinstance(request.job, Project):
            self.placing.keep_best()
        else:
            self.learning.give_up()
            self.settling.stopped(request.job)

    def _report(self, failure: Failure) -> None:
        self.show_overlay(None)
        if failure.trace:
            log.error("job %d: %s\n%s", failure.ticket, failure.text, failure.trace)
            self.say(
                f"Something went wrong; your work is safe, and it was noted in the log ({failure.text}).", "", True
            )
        else:
            self.say(_sentence(failure.text), serious=True)


def _sentence(text: str) -> str:
    """As the artist reads it: with a capital and a stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", "`")) else ".")
