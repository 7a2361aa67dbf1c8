"""Background: file work that takes long, done on Qt's thread pool; the answer arrives on the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from engine.document.errors import InputError

log = logging.getLogger(__name__)

Answer = Callable[[object], None]


class _Task(QRunnable):
    """One piece of work. Its result, or its error, leaves through `report`."""

    def __init__(self, number: int, work: Callable[[], object], report: Callable[[int, object], None]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._number, self._work, self._report = number, work, report

    def run(self) -> None:
        """On a thread of the pool."""
        try:
            result = self._work()
        except InputError as error:
            result = error
        except Exception as error:
            log.exception("file work failed")
            result = InputError(f"Something went wrong ({type(error).__name__}: {error}). It was noted in the log.")
        self._report(self._number, result)


class Background(QObject):
    """Runs work; `answer` gets what it returned, or the InputError it raised."""

    _done = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)  # in order: a later save never ends up under an earlier one
        self._open: dict[int, tuple[_Task, Answer]] = {}
        self._number = 0
        self._done.connect(self._deliver)

    def run(self, work: Callable[[], object], answer: Answer) -> None:
        """Do `work` elsewhere, then call `answer` here."""
        self._number += 1
        task = _Task(self._number, work, self._done.emit)
        self._open[self._number] = (task, answer)
        self._pool.start(task)

    def busy(self) -> bool:
        """Whether something is still being done."""
        return bool(self._open)

    def finish(self) -> None:
        """Wait for what is being done; what has not begun is dropped."""
        self._pool.clear()
        self._pool.waitForDone()

    def _deliver(self, number: int, result: object) -> None:
        _, answer = self._open.pop(number)
        answer(result)
