"""What every test stands on: Qt without a screen, one thread for tensors, and no thread left running."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # small tensors: more threads only wait for one another

try:
    from PySide6.QtCore import QThread
except ImportError:  # a training machine without Qt still runs the engine's tests
    QThread = None  # type: ignore[assignment,misc]

started: list[QThread] = []


def record_started_threads() -> None:
    """Make QThread.start note its thread in `started`, so that a test can be held to what it began."""
    start = QThread.start

    def noted_start(self: QThread, *args: object) -> None:
        started.append(self)
        start(self, *args)

    QThread.start = noted_start  # type: ignore[method-assign]


if QThread is not None:
    record_started_threads()


def still_running() -> list[QThread]:
    """The threads begun since the last call that are still running; waits a moment for those on their way out."""
    from shiboken6 import isValid

    left = [thread for thread in started if isValid(thread) and not thread.wait(500)]
    started.clear()
    return left


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the faces pack are skipped where it is not installed."""
    wanting = [item for item in items if item.get_closest_marker("pack")]
    if wanting and not has_faces():
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason="the faces pack is not installed: ganvas models get faces"))


def has_faces() -> bool:
    """Whether `ganvas models get faces` has been run."""
    from engine.model.packs import states

    return any(state.name == "faces" and state.installed for state in states())


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail the test that leaves a QThread running."""
    yield
    if started:
        left = still_running()
        for thread in left:
            thread.requestInterruption()
            thread.quit()
            thread.wait(5000)
        assert not left, f"the test left {len(left)} QThread running: {left}"
