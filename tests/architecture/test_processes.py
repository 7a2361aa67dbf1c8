"""What only a fresh process shows: what an import loads, and a signal that outlives many emits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.architecture.house import ROOT, module_name, program_files

EMIT = """
from PySide6.QtCore import QObject, Signal

class Source(QObject):
    changed = Signal(object)

class Sink(QObject):
    def __init__(self):
        super().__init__()
        self.heard = 0
    def hear(self, value):
        self.heard += 1

source, sink = Source(), Sink()
source.changed.connect(sink.hear)
for number in range(100_000):
    source.changed.emit(number)
print(sink.heard)
"""


def output(code: str) -> str:
    """What a fresh Python prints; the test fails when it does not end well."""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_a_signal_survives_100_000_emits() -> None:
    # PySide6 6.12 on Python 3.11 drops a reference to True with every emit and aborts after some hundred.
    assert output(EMIT) == "100000"


def loaded_by(chosen: Callable[[str], bool], package: str) -> bool:
    """Whether importing the program's chosen modules in a fresh process loads a package."""
    modules = [name for name in map(module_name, program_files()) if chosen(name)]
    return output(f"import sys, {', '.join(modules)}; print({package!r} in sys.modules)") == "True"


def test_importing_the_editor_does_not_load_torch() -> None:
    assert not loaded_by(lambda name: name.partition(".")[0] == "editor", "torch")


def test_the_engine_needs_no_qt_but_in_its_bridge() -> None:
    apart = {"engine.run.thread", "engine.command.__main__"}  # the bridge, and what runs when it is imported
    assert not loaded_by(lambda name: name.partition(".")[0] == "engine" and name not in apart, "PySide6")
    assert loaded_by(lambda name: name == "engine.run.thread", "PySide6")
