"""Teaching: what the artist judges, and the slider that is learned from it while the judging goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.document.direction import Direction
from engine.document.job import Candidate, Example, Failure, Sample, Step, Teach

if TYPE_CHECKING:
    from editor.session import Session

PAGE, CHUNK = 24, 3
"""Pictures that are asked for at a time, and drawn by one job: between two of them what is judged is learned."""


class Teaching(QObject):
    """One slider in the making. pictures: what there is to judge. likes: what was said, by its place."""

    drawn = Signal()  # more pictures
    learned = Signal()  # another direction, or none any more

    def __init__(self, session: Session, manifold: str, first: tuple[Candidate, ...] = ()) -> None:
        super().__init__(session)
        self._session = session
        self._manifold = manifold
        self.pictures: list[Candidate] = list(first)
        self.likes: dict[int, bool] = {}
        self.direction: Direction | None = None
        self.accuracy: float | None = None
        self.name = "My slider"
        self._wanted = 0  # pictures still to be asked for
        self._seed = 1
        self._tickets: set[int] = set()
        self._drawing = self._teaching = self._stale = False

    def more(self) -> None:
        """Draw another page of random pictures."""
        self._wanted += PAGE
        if not self._drawing:
            self._draw()

    def _draw(self) -> None:
        count = min(CHUNK, self._wanted)
        self._drawing = count > 0
        if count:
            self._wanted -= count
            self._seed += 1
            ticket = self._session.requests.ask(
                Sample, "Drawing pictures", self._sampled, self._not_drawn,
                manifold=self._manifold, count=count, seed=self._seed,
            )  # fmt: skip
            self._tickets.add(ticket)

    def _sampled(self, step: Step) -> None:
        if step.settled:
            self.pictures += step.candidates
            self.drawn.emit()
            self._draw()

    def _not_drawn(self, failure: Failure) -> None:
        """The next page may be asked for again."""
        self._drawing, self._wanted = False, 0

    def judge(self, place: int, liked: bool | None) -> None:
        """Say whether that picture has what is taught; None takes it back."""
        if liked is None:
            self.likes.pop(place, None)
        else:
            self.likes[place] = liked
        self._learn()

    def counts(self) -> tuple[int, int]:
        """How many have it, and how many have it not."""
        return sum(self.likes.values()), sum(not liked for liked in self.likes.values())

    def _learn(self) -> None:
        """Learn from what has been said so far; what is said meanwhile is learned after it."""
        self._stale = self._teaching
        if self._teaching:
            return
        self._teaching = True
        examples = tuple(Example(c.latent, c.picture, self.likes.get(i)) for i, c in enumerate(self.pictures))
        ticket = self._session.requests.ask(
            Teach, "Learning the slider", self._taught, self._not_learned, name=self.name, examples=examples
        )
        self._tickets.add(ticket)

    def _taught(self, step: Step) -> None:
        if not step.settled:
            return
        self._teaching = False
        self.direction = step.directions[0] if step.directions else None
        self.accuracy = step.accuracy
        self.learned.emit()
        if self._stale:
            self._learn()

    def _not_learned(self, failure: Failure) -> None:
        """The next judgement is learned from again."""
        self._teaching = self._stale = False

    def stop(self) -> None:
        """Nothing more is wanted of the engine."""
        self._wanted = 0
        for ticket in self._tickets:
            self._session.requests.cancel(ticket)
