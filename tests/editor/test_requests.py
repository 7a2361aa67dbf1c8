"""Who hears which answer, when requests replace one another."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from editor.requests import Requests
from engine.document.job import Describe, Failure, Job, Step

PIXELS = np.zeros((2, 2, 3), np.uint8)


class Silent(QObject):
    """An engine that answers what the test says."""

    stepped, ready = Signal(), Signal()

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Step | Failure] = []

    def submit(self, job: Job) -> None:
        """Nothing."""

    def cancel(self, ticket: int | None = None) -> None:
        """Nothing."""

    def take(self) -> tuple[Step | Failure, ...]:
        """What the test left."""
        taken, self.waiting = tuple(self.waiting), []
        return taken

    def say(self, *answers: Step | Failure) -> None:
        """All in one delivery."""
        self.waiting.extend(answers)
        self.stepped.emit()


class Asker:
    """Asks and listens."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self.heard: list[int] = []

    def hear(self, step: Step) -> None:
        """Note it."""
        self.heard.append(step.ticket)

    def ask(self, trailing: bool) -> int:
        """One more interactive request."""
        return self._requests.ask(Describe, "", self.hear, trailing=trailing, pixels=PIXELS, name="")


@pytest.fixture
def engine(qapp: object) -> Silent:
    return Silent()


@pytest.fixture
def asker(engine: Silent) -> Asker:
    requests = Requests(engine)
    requests.setParent(engine)
    return Asker(requests)


def test_what_was_replaced_is_not_heard(engine: Silent, asker: Asker) -> None:
    old, new = asker.ask(False), asker.ask(False)
    engine.say(Step(ticket=old, note="late"), Step(ticket=new))
    assert asker.heard == [new]


def test_a_hand_that_outruns_the_engine_still_sees_it_follow(engine: Silent, asker: Asker) -> None:
    first, second, third = asker.ask(True), asker.ask(True), asker.ask(True)
    engine.say(Step(ticket=second))
    engine.say(Step(ticket=first))  # older than what is seen
    engine.say(Step(ticket=third))
    engine.say(Step(ticket=second))
    assert asker.heard == [second, third]


def test_late_answers_end_with_the_hand(engine: Silent, asker: Asker) -> None:
    first = asker.ask(True)
    asker.ask(True)
    asker._requests.cancel()
    engine.say(Step(ticket=first))
    moving = asker.ask(True)
    asker.ask(True)
    asker.ask(False)
    engine.say(Step(ticket=moving))
    assert asker.heard == []


def test_a_late_end_is_none(engine: Silent, asker: Asker) -> None:
    late = asker.ask(True)
    asker.ask(True)
    engine.say(Step(ticket=late, settled=True), Failure(ticket=late, text="no"))
    assert asker.heard == []
