"""Mailbox: what lies between the editor's thread and the engine's. The only place with a lock.

Towards the engine: one waiting interactive job, overwritten by the next one, and three queues of background jobs: of
those that are over in a moment (brief ones), of those that take minutes, and of those that take hours (patient ones).
Towards the editor: settled steps and failures in order, all of them kept, and of the previews only the newest (one for
the interactive job, one for the background job, so that a progress bar cannot swallow the last look of a stroke).
"""

from __future__ import annotations

import threading
from collections import deque

from engine.document.job import Failure, Job, Step

Answer = Step | Failure


class Mailbox:
    """Thread-safe; both sides only ever hold its lock for a few assignments."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._interactive: Job | None = None
        self._background: deque[Job] = deque()
        self._brief: deque[Job] = deque()
        self._patient: deque[Job] = deque()
        self._running: dict[int, bool] = {}
        self._cancelled: set[int] = set()
        self._stopped = False
        self._settled: list[Answer] = []
        self._previews: dict[bool, Step] = {}
        self._announced = False

    def submit(self, job: Job) -> None:
        """Leave a job. An interactive one overwrites the interactive one that was still waiting."""
        with self._changed:
            if job.background:
                (self._brief if job.brief else self._patient if job.patient else self._background).append(job)
            else:
                self._interactive = job
            self._changed.notify()

    def cancel(self, ticket: int | None = None) -> None:
        """Forget the job of that ticket, waiting or running; where it is None, whichever interactive one there is."""
        with self._changed:
            if self._interactive is not None and ticket in (None, self._interactive.ticket):
                self._interactive = None
            self._background = deque(j for j in self._background if j.ticket != ticket)
            self._brief = deque(j for j in self._brief if j.ticket != ticket)
            self._patient = deque(j for j in self._patient if j.ticket != ticket)
            self._cancelled |= {
                t for t, background in self._running.items() if t == ticket or (ticket is None and not background)
            }
            self._changed.notify()

    def stop(self) -> None:
        """Tell the engine to end after the step it is at."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def take(self) -> tuple[Answer, ...]:
        """All that came back since the last call: settled steps and failures in order, the newest previews last."""
        with self._changed:
            answers = (*self._settled, *(self._previews[key] for key in sorted(self._previews, reverse=True)))
            self._settled, self._previews, self._announced = [], {}, False
            return answers

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def is_cancelled(self, ticket: int) -> bool:
        """Whether the running job of that ticket was cancelled since it was taken out."""
        return ticket in self._cancelled

    def is_replaced(self) -> bool:
        """Whether a newer interactive job waits."""
        return self._interactive is not None

    def next_interactive(self) -> Job | None:
        """Take out the waiting interactive job, if there is one."""
        with self._changed:
            job, self._interactive = self._interactive, None
            return self._started(job)

    def next_background(self) -> Job | None:
        """Take out the background job that has waited longest, if there is one."""
        with self._changed:
            return self._started(self._background.popleft() if self._background else None)

    def next_brief(self) -> Job | None:
        """Take out the brief background job that has waited longest, if there is one."""
        with self._changed:
            return self._started(self._brief.popleft() if self._brief else None)

    def next_patient(self) -> Job | None:
        """Take out the patient job that has waited longest, if there is one."""
        with self._changed:
            return self._started(self._patient.popleft() if self._patient else None)

    def ended(self, ticket: int) -> None:
        """The job of that ticket runs no longer."""
        with self._changed:
            self._running.pop(ticket, None)
            self._cancelled.discard(ticket)

    def wait(self) -> None:
        """Sleep until there is a job or the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._interactive is not None
                                   or bool(self._background or self._brief or self._patient))  # fmt: skip

    def put(self, answer: Answer, background: bool) -> bool:
        """Leave an answer for the editor. True where the editor has to be told: it has collected all before this."""
        with self._changed:
            if isinstance(answer, Step) and not answer.settled:
                self._previews[background] = answer
            else:
                self._settled.append(answer)
                waiting = self._previews.get(background)
                if waiting is not None and waiting.ticket == answer.ticket:
                    del self._previews[background]
            announce, self._announced = not self._announced, True
            return announce

    def _started(self, job: Job | None) -> Job | None:
        if job is not None:
            self._running[job.ticket] = job.background
        return job
