"""Qt's messages: in the log, without the one that says nothing."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType

from editor import messages

PROGRAM = """
import logging
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QApplication, QMainWindow
from editor import messages
logging.basicConfig(format="%(name)s: %(message)s")
messages.sort_out()
app = QApplication([])
window = QMainWindow()
window.resize(200, 100)
window.show()
app.processEvents()
qWarning("the printer is on fire")
"""


@pytest.mark.parametrize("kind", [QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg])
def test_a_message_is_logged_at_its_level(kind: QtMsgType, caplog: pytest.LogCaptureFixture) -> None:
    messages.note(kind, QMessageLogContext(), "something is wrong")
    (record,) = caplog.records
    assert record.levelno == messages.LEVELS[kind] >= logging.WARNING
    assert record.name.startswith("qt.") and record.getMessage() == "something is wrong"


def test_the_idle_line_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    line = "This plugin does not support propagateSizeHints()"
    messages.note(QtMsgType.QtWarningMsg, QMessageLogContext(), line)
    assert not caplog.records


def test_a_program_without_a_screen_says_only_what_matters() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "" and done.stderr == "qt.default: the printer is on fire\n"
