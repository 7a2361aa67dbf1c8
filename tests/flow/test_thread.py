"""The real thread between a toy window and toy generators: latency, coalescing, quitting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
from PySide6.QtCore import QObject, QThread, Slot

from engine.document.errors import InputError
from engine.document.job import Failure, Job, Step
from engine.run.mailbox import Answer
from engine.run.steps import Steps
from engine.run.thread import EngineThread


@dataclass(frozen=True, eq=False, kw_only=True)
class Stroke(Job):
    steps: int = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class Training(Stroke):
    background: ClassVar[bool] = True


class ToySteps(Steps):
    """Generators that sleep for `pause` seconds a step, in place of the engine's."""

    def __init__(self, pause: float = 0.003) -> None:
        super().__init__()
        self.pause = pause
        self.closed: dict[int, float] = {}
        self.advanced: dict[int, int] = {}

    def warm_up(self) -> None:
        """Nothing to load."""

    def begin(self, job: Job) -> Iterator[Step]:
        assert isinstance(job, Stroke)
        if job.steps == 0:
            raise InputError("nothing to do")
        try:
            for number in range(job.steps):
                time.sleep(self.pause)
                self.advanced[job.ticket] = number + 1
                yield Step(ticket=job.ticket, settled=number + 1 == job.steps, fraction=(number + 1) / job.steps)
        finally:
            self.closed[job.ticket] = time.perf_counter()


class Window(QObject):
    """Collects as the editor does: a slot of an object that lives on the window's thread."""

    def __init__(self, engine: EngineThread) -> None:
        super().__init__()
        self.engine = engine
        self.answers: list[Answer] = []
        self.signals = 0
        self.threads: set[int] = set()
        self.ready = False
        engine.stepped.connect(self.collect)
        engine.ready.connect(self.note_ready)

    @Slot()
    def collect(self) -> None:
        self.signals += 1
        self.threads.add(threading.get_ident())
        self.answers += self.engine.take()

    @Slot()
    def note_ready(self) -> None:
        self.ready = True

    def settled(self) -> list[int]:
        return [answer.ticket for answer in self.answers if isinstance(answer, Step) and answer.settled]


@pytest.fixture
def steps() -> ToySteps:
    return ToySteps()


@pytest.fixture
def window(qapp: object, steps: ToySteps) -> Iterator[Window]:
    engine = EngineThread(steps=steps)
    window = Window(engine)
    engine.start()
    yield window
    engine.stop()


@pytest.fixture
def engine(window: Window) -> EngineThread:
    return window.engine


def test_a_stroke_comes_back_on_the_windows_thread(engine: EngineThread, window: Window, qtbot: object) -> None:
    engine.submit(Stroke(ticket=1))
    qtbot.waitUntil(lambda: window.settled() == [1], timeout=3000)  # type: ignore[attr-defined]
    assert window.threads == {threading.get_ident()} and window.ready


def test_300_strokes_over_a_training_finish_with_the_last(
    engine: EngineThread, window: Window, steps: ToySteps, qtbot: object
) -> None:
    engine.submit(Training(ticket=1000, steps=100_000))
    qtbot.waitUntil(lambda: steps.advanced.get(1000, 0) > 3, timeout=3000)  # type: ignore[attr-defined]
    for ticket in range(300):
        engine.submit(Stroke(ticket=ticket, steps=20))
        time.sleep(0.002)
    before, began = window.signals, len(steps.closed)
    qtbot.wait(1)  # type: ignore[attr-defined]
    assert began > 20 and window.signals - before <= 3, "not signalled again while uncollected"
    assert steps.advanced[1000] < 200, "training gives way"
    qtbot.waitUntil(lambda: 299 in window.settled(), timeout=3000)  # type: ignore[attr-defined]
    trained = steps.advanced[1000]
    qtbot.waitUntil(lambda: steps.advanced[1000] > trained + 3, timeout=3000)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [Stroke, Training])
def test_cancel_closes_within_100_ms(
    engine: EngineThread, window: Window, steps: ToySteps, qtbot: object, kind: type[Stroke]
) -> None:
    steps.pause = 0.02
    engine.submit(kind(ticket=1, steps=10_000))
    qtbot.waitUntil(lambda: steps.advanced.get(1, 0) > 2, timeout=3000)  # type: ignore[attr-defined]
    asked = time.perf_counter()
    engine.cancel(1)
    qtbot.waitUntil(lambda: 1 in steps.closed, timeout=3000)  # type: ignore[attr-defined]
    assert steps.closed[1] - asked < 0.1


def test_stop_closes_what_is_suspended_and_is_quick(steps: ToySteps, qapp: object, qtbot: object) -> None:
    thread = EngineThread(steps=steps)
    thread.start()
    thread.submit(Training(ticket=1, steps=10_000))
    qtbot.waitUntil(lambda: 1 in steps.advanced, timeout=3000)  # type: ignore[attr-defined]
    thread.submit(Stroke(ticket=2, steps=10_000))
    qtbot.waitUntil(lambda: 2 in steps.advanced, timeout=3000)  # type: ignore[attr-defined]
    asked = time.perf_counter()
    thread.stop()
    assert time.perf_counter() - asked < 1
    assert set(steps.closed) == {1, 2} and thread.isFinished()
    thread.stop()  # a second time does no harm


def test_a_failure_reaches_the_window_and_the_engine_goes_on(
    engine: EngineThread, window: Window, qtbot: object
) -> None:
    engine.submit(Stroke(ticket=1, steps=0))
    qtbot.waitUntil(lambda: len(window.answers) == 1, timeout=3000)  # type: ignore[attr-defined]
    assert window.answers[0] == Failure(ticket=1, text="nothing to do")
    engine.submit(Stroke(ticket=2))
    qtbot.waitUntil(lambda: window.settled() == [2], timeout=3000)  # type: ignore[attr-defined]


def test_a_warm_up_that_fails_is_reported_and_the_engine_goes_on(qapp: object, qtbot: object) -> None:
    class Broken(ToySteps):
        def warm_up(self) -> None:
            raise ImportError("no torch")

    thread = EngineThread(steps=Broken())
    window = Window(thread)
    thread.start()
    try:
        thread.submit(Stroke(ticket=1))
        qtbot.waitUntil(lambda: window.settled() == [1], timeout=3000)  # type: ignore[attr-defined]
    finally:
        thread.stop()
    assert isinstance(window.answers[0], Failure) and "no torch" in window.answers[0].text


def test_the_thread_is_a_qthread_that_can_be_told_apart(engine: EngineThread) -> None:
    assert isinstance(engine, QThread) and engine.objectName() == "engine"
