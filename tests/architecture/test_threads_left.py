"""The rule of `tests/conftest.py` that no test leaves a QThread running, proven on a thread that is left and ended."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QThread

from tests.architecture.house import ROOT


class Work(QThread):
    """Runs until it is asked to stop."""

    def run(self) -> None:
        while not self.isInterruptionRequested():
            self.msleep(5)


@pytest.fixture
def rules(request: pytest.FixtureRequest) -> ModuleType:
    """The conftest module that pytest itself uses."""
    plugins = request.config.pluginmanager.get_plugins()
    return next(plugin for plugin in plugins if Path(getattr(plugin, "__file__", "")) == ROOT / "tests" / "conftest.py")


def test_a_thread_left_running_is_noticed_and_an_ended_one_is_not(rules: ModuleType) -> None:
    work = Work()
    work.start()
    assert rules.still_running() == [work]
    work.requestInterruption()
    assert work.wait(5000)
    work.start()
    work.requestInterruption()
    assert rules.still_running() == []


def test_a_thread_that_was_deleted_is_not_touched(rules: ModuleType) -> None:
    work = Work()
    work.start()
    work.requestInterruption()
    assert work.wait(5000)
    work.deleteLater()
    del work
    assert rules.still_running() == []
