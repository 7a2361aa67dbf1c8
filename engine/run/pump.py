"""Pump: advances the generators of jobs, one step at a time, on whatever thread calls `run`.

Between two steps it looks into the mailbox. A waiting interactive job closes the running one and takes its place (but
every job that was begun gets at least one step, so that under a stream of strokes each of those begun shows something).
A generator that merely pauses yields its last step again, the same object, or a blank one before its first; such steps
are not delivered and do not count: they are there so that a cancel comes through.
Background jobs advance only while nothing interactive runs or waits, and keep their place meanwhile; a brief one goes
before those that take minutes, and is not dropped for a stroke; a patient one goes on while there is no other.
At the end, and when cancelled, generators are closed, so that their `finally` runs: that is where a half-written file
is deleted.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, fields

from engine.document.errors import InputError
from engine.document.job import Failure, Job, Step
from engine.run.mailbox import Answer, Mailbox

Begin = Callable[[Job], Iterator[Step]]


@dataclass(eq=False)
class _Running:
    """A job that was begun, the generator that does it, and the last step that was more than a pause."""

    job: Job
    steps: Iterator[Step]
    last: Step | None = None


class Pump:
    """begin: makes the generator of a job. announce: called when the mailbox has something after being empty."""

    def __init__(self, mailbox: Mailbox, begin: Begin, announce: Callable[[], None]) -> None:
        self._mailbox = mailbox
        self._begin = begin
        self._announce = announce
        self._interactive: _Running | None = None
        self._background: _Running | None = None
        self._brief: _Running | None = None
        self._patient: _Running | None = None

    def run(self) -> None:
        """Work until the mailbox is stopped, then close what is left."""
        try:
            while not self._mailbox.stopped:
                if not self.advance():
                    self._mailbox.wait()
        finally:
            for running in (self._interactive, self._brief, self._background, self._patient):
                self._close(running)

    def advance(self) -> bool:
        """Do one step of the most urgent job; False where there is nothing to do."""
        self._drop_unwanted()
        if self._interactive is None:
            self._interactive = self._open(self._mailbox.next_interactive())
        if self._interactive is not None:
            self._interactive = self._step(self._interactive)
            return True
        if self._brief is None:
            self._brief = self._open(self._mailbox.next_brief())
        if self._brief is not None:
            self._brief = self._step(self._brief)
            return True
        if self._background is None:
            self._background = self._open(self._mailbox.next_background())
        if self._background is not None:
            self._background = self._step(self._background)
            return True
        if self._patient is None:
            self._patient = self._open(self._mailbox.next_patient())
        if self._patient is not None:
            self._patient = self._step(self._patient)
            return True
        return False

    def attempt(self, work: Callable[[], object], ticket: int = 0) -> None:
        """Call `work`; if it fails, the editor gets the Failure under `ticket`."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  whatever a job raises must reach the user, not end the thread
            self._put(failure(ticket, error), background=False)

    def _drop_unwanted(self) -> None:
        running = self._interactive
        if running is not None and (self._is_replaced(running) or self._mailbox.is_cancelled(running.job.ticket)):
            self._close(running)
            self._interactive = None
        self._brief, self._background, self._patient = (
            self._unless_cancelled(r) for r in (self._brief, self._background, self._patient)
        )

    def _unless_cancelled(self, running: _Running | None) -> _Running | None:
        if running is None or not self._mailbox.is_cancelled(running.job.ticket):
            return running
        self._close(running)
        return None

    def _is_replaced(self, running: _Running) -> bool:
        return running.last is not None and self._mailbox.is_replaced()

    def _open(self, job: Job | None) -> _Running | None:
        if job is None:
            return None
        try:
            return _Running(job, self._begin(job))
        except Exception as error:  # noqa: BLE001  see attempt
            self._fail(job, error)
            return None

    def _step(self, running: _Running) -> _Running | None:
        """Advance by one step; None where that was the last."""
        try:
            step = next(running.steps, None)
        except Exception as error:  # noqa: BLE001  see attempt
            self._fail(running.job, error)
            return None
        if step is None:
            self._mailbox.ended(running.job.ticket)
            return None
        if step is running.last or is_blank(step):
            return running
        running.last = step
        if not self._mailbox.is_cancelled(running.job.ticket):  # nobody wants what was cancelled while at work
            self._put(step, running.job.background)
        return running

    def _close(self, running: _Running | None) -> None:
        if running is None:
            return
        if isinstance(running.steps, Generator):
            self.attempt(running.steps.close, running.job.ticket)
        self._mailbox.ended(running.job.ticket)

    def _fail(self, job: Job, error: Exception) -> None:
        self._mailbox.ended(job.ticket)
        self._put(failure(job.ticket, error), job.background)

    def _put(self, answer: Answer, background: bool) -> None:
        if self._mailbox.put(answer, background):
            self._announce()


_BLANK = tuple((field.name, field.default) for field in fields(Step) if field.name != "ticket")


def is_blank(step: Step) -> bool:
    """Whether it says nothing at all, not even how far the job is."""
    return all(getattr(step, name) is default for name, default in _BLANK)


def failure(ticket: int, error: Exception) -> Failure:
    """The Failure of an error: a bare text where the fault is in what was given, with a trace where it is ours."""
    if isinstance(error, InputError):
        return Failure(ticket=ticket, text=str(error))
    text = f"the engine failed: {type(error).__name__}: {error}".splitlines()[0]
    return Failure(ticket=ticket, text=text, trace="".join(traceback.format_exception(error)))
