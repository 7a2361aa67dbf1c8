"""Start: settings, engine thread, window. `python -m editor [FILE]`.

The window is on the screen first; torch is loaded by the engine thread while the artist looks for a photo.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from editor import messages, theme
from editor.places import home
from editor.recovering import offer
from editor.session import Session
from editor.window import Window
from engine.run.thread import EngineThread

LOG_BYTES = 1 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the editor; returns the exit code."""
    parser = argparse.ArgumentParser("ganvas-editor", description="Edit photos so that they stay plausible.")
    parser.add_argument("file", nargs="?", help="a photo or a .ganvas document")
    chosen = parser.parse_args(arguments)
    keep_log(home())
    messages.sort_out()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends it; unsaved work is offered again
    app = QApplication(sys.argv[:1])
    app.setApplicationName("ganvas")
    app.setApplicationDisplayName("Ganvas")
    app.setOrganizationName("ganvas")
    theme.dress(app)
    engine = EngineThread()
    session = Session(engine)
    window = Window(session, QSettings())
    sys.excepthook = Faults(session).note
    engine.start()
    window.show()
    window.commands.offer_pack()
    if chosen.file:
        window.files.open_path(chosen.file)
    else:
        offer(window, window.files)
    window.commands.offer_training()
    try:
        return app.exec()
    finally:
        engine.stop()


class Faults:
    """What becomes of a fault in the window's own code: noted in the log, and said in one line."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """As sys.excepthook."""
        logging.getLogger("editor").error("fault in the window", exc_info=(kind, fault, trace))
        self._session.say(
            f"Something went wrong and was noted in the log; nothing is lost. ({kind.__name__})", "", True
        )


def keep_log(folder: Path) -> None:
    """Note errors in `ganvas.log` in the user's data folder; on the terminal where that cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "ganvas.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        logging.basicConfig(filename=path, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    except OSError:
        logging.basicConfig()


if __name__ == "__main__":
    sys.exit(main())
