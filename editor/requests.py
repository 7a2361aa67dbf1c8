"""Requests: who asked the engine for what. Gives out tickets and brings each answer to the one who asked.

Interactive jobs replace one another, so only the newest ticket is listened to; background jobs are listened to until
they settle or fail. The engine's signal is connected to a bound method of this QObject, which lives on the GUI
thread, so that every answer arrives there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance

from engine.document.job import Failure, Job, Step

Answer = Callable[[Step], None]


class Engine(Protocol):
    """What the editor needs of the engine thread, or of its synchronous stand-in."""

    stepped: SignalInstance
    ready: SignalInstance

    def submit(self, job: Job) -> None:
        """Do this job; an interactive one replaces the interactive one before it."""

    def cancel(self, ticket: int | None = None) -> None:
        """Drop the job of that ticket; the interactive job where it is None."""

    def take(self) -> tuple[Step | Failure, ...]:
        """What has come since the last call."""


@dataclass(frozen=True)
class Request:
    """One open request. title: what is being done, in plain words."""

    job: Job
    title: str
    answer: Answer
    failed: Callable[[Failure], None] | None = None


class Requests(QObject):
    """Open requests to one engine."""

    asked = Signal(object)  # Request: it was submitted
    progressed = Signal(object)  # (Request, Step): something moved
    finished = Signal(object)  # Request: it settled, failed or was dropped
    failed = Signal(object)  # Failure
    woke = Signal()  # the engine has come up, and answers from now on

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._ticket = 0
        self._open: dict[int, Request] = {}
        self._interactive: int | None = None
        self._late: dict[int, Request] = {}  # replaced, and what they show is still newer than what is seen
        self.awake = False
        engine.stepped.connect(self.collect)
        engine.ready.connect(self._wake)

    def ask(
        self,
        kind: type[Job],
        title: str,
        answer: Answer,
        failed: Callable[[Failure], None] | None = None,
        *,
        trailing: bool = False,
        **inputs: Any,
    ) -> int:
        """Submit a job of `kind` with `inputs`; `answer` gets its steps. Returns the ticket.

        trailing: the job follows a hand, and replaces one that followed the same hand. Previews of that one which come
        before any of this are answered still: a hand that is quicker than the engine would see none otherwise.
        """
        self._ticket += 1
        ticket = self._ticket
        request = Request(kind(ticket=ticket, **inputs), title, answer, failed)
        if not kind.background:
            before = self._open.get(self._interactive or 0)
            if not trailing:
                self._late = {}
            elif before is not None and before.answer == answer:
                self._late[before.job.ticket] = before
            self._forget(self._interactive)
            self._interactive = ticket
        self._open[ticket] = request
        self.asked.emit(request)
        self._engine.submit(request.job)
        return ticket

    def cancel(self, ticket: int | None = None) -> None:
        """Drop one request; the interactive one where no ticket is given. Nothing of it is answered any more."""
        ticket = self._interactive if ticket is None else ticket
        if ticket == self._interactive:
            self._late = {}
        if ticket in self._open:
            self._engine.cancel(ticket)
            self._forget(ticket)

    def interactive(self) -> Request | None:
        """The interactive request that is open, if any."""
        return self._open.get(self._interactive) if self._interactive is not None else None

    def background(self) -> tuple[Request, ...]:
        """The background requests that are open, oldest first."""
        return tuple(r for r in self._open.values() if r.job.background)

    def _wake(self) -> None:
        self.awake = True
        self.woke.emit()

    def collect(self) -> None:
        """Take what the engine has and hand it out."""
        for item in self._engine.take():
            request = self._open.get(item.ticket)
            if request is not None:
                if not request.job.background:
                    self._late = {}
                self._hand_out(request, item)
            elif item.ticket in self._late:
                self._hand_out_late(item)
            elif item.ticket == 0 and isinstance(item, Failure):  # the engine could not even warm up
                self.failed.emit(item)

    def _hand_out(self, request: Request, item: Step | Failure) -> None:
        if isinstance(item, Failure):
            self._forget(item.ticket)
            if request.failed is not None:
                request.failed(item)
            self.failed.emit(item)
            return
        if item.settled:
            self._forget(item.ticket)
        else:
            self.progressed.emit((request, item))
        request.answer(item)

    def _hand_out_late(self, item: Step | Failure) -> None:
        request = self._late[item.ticket]
        self._late = {ticket: late for ticket, late in self._late.items() if ticket >= item.ticket}
        if isinstance(item, Step) and not item.settled:
            request.answer(item)

    def _forget(self, ticket: int | None) -> None:
        if ticket is None:
            return
        if ticket == self._interactive:
            self._interactive = None
        request = self._open.pop(ticket, None)
        if request is not None:
            self.finished.emit(request)
