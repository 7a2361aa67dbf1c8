"""What Qt says: noted in the log like all else, but for the one line that says nothing.

A platform without a screen remarks of every window that it knows no size hints; nobody can do anything about that.
"""

from __future__ import annotations

import logging

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

IDLE = "propagateSizeHints"
LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def sort_out() -> None:
    """Take over Qt's messages, from now to the end of the process."""
    qInstallMessageHandler(note)


def note(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """As qInstallMessageHandler."""
    if IDLE not in text:
        logging.getLogger(f"qt.{context.category or 'default'}").log(LEVELS.get(kind, logging.WARNING), text)
