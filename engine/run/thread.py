"""EngineThread: the bridge between the window and the engine. The only Qt file in engine/.

The window puts jobs in with `submit` and is told by `stepped` that there is something to `take`. The signal carries
nothing and is not sent again until the window has collected, so a fast engine cannot flood a slow window. Connect it
to methods of QObjects of the window's thread: a lambda or a plain function would run on the engine's thread.
Torch is loaded inside `run`, on the engine's thread.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QThread, Signal

from engine.document.job import Job
from engine.run.mailbox import Answer, Mailbox
from engine.run.process import prepare
from engine.run.pump import Pump
from engine.run.steps import OpenManifold, Steps


class EngineThread(QThread):
    """The engine on a thread of its own. open_manifold: how manifolds are opened (the installed packs by default).

    steps: what begins jobs and warms up, in place of the table of `engine.run.steps`.
    """

    stepped = Signal()
    """Something waits to be taken."""
    ready = Signal()
    """The engine is warm."""

    def __init__(
        self, open_manifold: OpenManifold | None = None, *, steps: Steps | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        prepare()  # here, as no thread of ours has begun and torch is not loaded yet
        self.setObjectName("engine")
        self._mailbox = Mailbox()
        self._steps = steps or Steps(open_manifold)

    def submit(self, job: Job) -> None:
        """Ask for a job; returns at once. A newer interactive job replaces the one before it."""
        self._mailbox.submit(job)

    def cancel(self, ticket: int | None = None) -> None:
        """Stop the job of that ticket between two of its steps (the interactive one if None); returns at once."""
        self._mailbox.cancel(ticket)

    def take(self) -> tuple[Answer, ...]:
        """What came back since the last call: settled steps and failures in order, then the newest previews."""
        return self._mailbox.take()

    def stop(self) -> None:
        """End the thread and wait for it: as long as the step it is at, since generators are closed between steps."""
        self._mailbox.stop()
        self.wait()

    def run(self) -> None:
        """The engine's thread: warm up, say so, then pump until stopped."""
        pump = Pump(self._mailbox, self._steps.begin, self.stepped.emit)
        pump.attempt(self._steps.warm_up)
        self.ready.emit()
        pump.run()
