"""Player: the movie in the window. Asks the engine for small pictures of moments, keeps them, and runs through them.

Each moment of the sequence is asked for once; while playing, moments that are not there yet are asked for one after
another, and the picture holds until they come, so that playing is slow the first time round and smooth from then on.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from editor.session import Session
from engine.document.job import Scrub, Step
from engine.document.sequence import EditSequence

RATE = 12  # moments a second
LONG_SIDE = 720
MOST = 300  # pictures kept, about a megabyte each


class Player(QObject):
    """moment: index of the moment that is shown, or None while the canvas shows the document."""

    shown = Signal(object)  # hxwx3 uint8 picture, or None: back to the document
    changed = Signal()  # moment, playing or the length

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._sequence = EditSequence()
        self._pictures: dict[int, object] = {}
        self._asked: int | None = None
        self.moment: int | None = None
        self.playing = False
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // RATE)
        self._timer.timeout.connect(self._tick)
        session.changed.connect(self._follow)

    def length(self) -> int:
        """Number of moments; 0 with fewer than two keyframes."""
        duration = self._sequence.duration()
        return 0 if duration == 0 else round(duration * RATE) + 1

    def seconds(self, moment: int) -> float:
        """The time of a moment; the last one is the very end."""
        return min(moment / RATE, self._sequence.duration())

    def cached(self) -> int:
        """How many moments are ready."""
        return len(self._pictures)

    def seek(self, moment: int) -> None:
        """Show that moment as soon as there is a picture of it."""
        if 0 <= moment < self.length():
            self.moment = moment
            self._show()
            self.changed.emit()

    def toggle(self) -> None:
        """Play, or hold."""
        if self.playing:
            self.pause()
        elif self.length() == 0:
            self._session.say("Keep at least two states to play between them.", "keep")
        else:
            self.playing = True
            self.moment = self.moment or 0
            self._timer.start()
            self._show()
            self.changed.emit()

    def pause(self) -> None:
        """Hold at the moment that is shown."""
        self._timer.stop()
        self.playing = False
        self.changed.emit()

    def leave(self) -> None:
        """Back to the document."""
        if self.moment is None:
            return
        self.pause()
        self.moment = None
        if self._asked is not None:
            self._asked = None
            self._session.requests.cancel()
            self._session.settle()
        self.shown.emit(None)
        self.changed.emit()

    def _follow(self) -> None:
        """The document changed: its pictures are old if the sequence is another."""
        document = self._session.document
        sequence = EditSequence() if document is None else document.sequence
        if self.moment is not None:
            self.leave()
        if sequence is not self._sequence:
            self._sequence, self._pictures = sequence, {}
            self.changed.emit()

    def _tick(self) -> None:
        assert self.moment is not None
        if self.moment in self._pictures:
            self.moment = (self.moment + 1) % self.length()
            self._show()
            self.changed.emit()

    def _show(self) -> None:
        if self.moment in self._pictures:
            self.shown.emit(self._pictures[self.moment])
        else:
            self._ask()

    def _ask(self) -> None:
        document = self._session.document
        if document is None or self.moment is None or self._asked == self.moment:
            return
        self._asked = self.moment
        self._session.requests.ask(
            Scrub, "Between the kept states", self._answer, self._failed, photo=document.photo,
            sequence=self._sequence, seconds=self.seconds(self.moment), long_side=LONG_SIDE,
        )  # fmt: skip

    def _answer(self, step: Step) -> None:
        if step.picture is None or not step.settled or self._asked is None:
            return
        if len(self._pictures) >= MOST:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[self._asked] = step.picture
        arrived, self._asked = self._asked, None
        if arrived == self.moment:
            self.shown.emit(step.picture)
        elif self.moment is not None:
            self._show()

    def _failed(self, failure: object) -> None:
        self._asked = None
        self.leave()
