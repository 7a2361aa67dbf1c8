"""Latency: how soon the picture answers a hand. `python -m editor.latency [FILE]`.

Recorded strokes are replayed by mouse, at the pace of a hand, through the real window with the real engine. Measured
are the time from a press to the moment when a changed picture has been painted (and the processor's time for it, which
depends less on what else the machine does), and how many changed pictures are painted a second while the hand moves:
first on a face nothing has been done to, then with a slider set, then with the four answers of a stroke on the wall.
The stroke's own ink, which is drawn at once, does not count.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from editor.canvas.drop import DOCUMENT
from editor.demo import Director, Play, Script, dressed, portrait
from editor.session import Session
from editor.window import Window
from engine.document.direction import Direction
from engine.document.errors import InputError
from engine.run.thread import EngineThread

LIMIT = 600.0
HAND_MS = 16  # between two moves of the mouse
SPACING = 0.004  # of the frame: how far a hand gets in that time
PRESSES = 10
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Times:
    """first: seconds from each press to changed pixels. work: of the processor, by all threads, in that time.

    dragged: seconds of moving. updates: changed pictures then.
    """

    first: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    dragged: float = 0.0
    updates: int = 0

    def facts(self) -> dict[str, float]:
        """Milliseconds, and pictures a second."""
        first = 1000 * np.array(self.first)
        return {
            "presses": len(first), "median_ms": round(float(np.median(first)), 1),
            "p95_ms": round(float(np.percentile(first, 95)), 1), "worst_ms": round(float(first.max()), 1),
            "median_work_ms": round(1000 * float(np.median(self.work)), 1),
            "updates_per_second": round(self.updates / max(self.dragged, 1e-9), 1),
        }  # fmt: skip


class Watch(QObject):
    """Notes when a picture other than the one before has come onto the canvas."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.seen: list[tuple[float, float]] = []
        self._fresh = self._painted = False
        window.session.overlaid.connect(self._overlaid)
        window.canvas.installEventFilter(self)

    def _overlaid(self, step: object) -> None:
        self._fresh = step is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is painted now is on the screen when the next event comes."""
        if event.type() is QEvent.Type.Paint and self._fresh:
            self._fresh = False
            QTimer.singleShot(0, self, self._note)
        return False

    def _note(self) -> None:
        self.seen.append((time.perf_counter(), time.process_time()))


class Replay(Play):
    """The recorded colour strokes again and again, each time given up at the end."""

    def __init__(self, window: Window, photo: Path, out: Path, presses: int) -> None:
        super().__init__(window, photo, out)
        self._presses, self._watch = presses, Watch(window)
        self.times: dict[str, Times] = {}

    def script(self) -> Script:
        """Untouched, with a slider, with answers on the wall."""
        session = self._session
        self._window.files.open_path(self._photo)
        if self._photo.suffix.lower() != DOCUMENT:
            yield "the face to be found", lambda: bool(session.placing.frames) and self._idle()
            self._window.acts["project"].trigger()
        yield "the projection", lambda: session.edit is not None and self._idle()
        assert session.edit is not None
        self._found = session.edit.frame
        session.sliding.ask()
        yield "the engine to be ready", self._still
        yield from self._measured("untouched face")
        session.sliding.set(self._slider(), 1.5)
        yield "the slider", self._still
        yield from self._measured("with a slider set")
        session.sliding.reset()
        yield "the slider to be at rest", self._still
        yield from self._paint("demo-color.json", "")
        yield "the answers to be ready", self._still
        yield from self._measured("four answers on the wall")

    def _still(self) -> bool:
        return self._idle() and not self._session.entry.owes and not self._session.requests.background()

    def _slider(self) -> Direction:
        directions = self._session.sliding.named() or self._session.sliding.more()
        if not directions:
            raise LookupError("the model has no sliders")
        return directions[0]

    def _measured(self, name: str) -> Script:
        times = self.times[name] = Times()
        strokes = self._recorded("demo-color.json")
        for number in range(self._presses):
            stroke = strokes[number % len(strokes)]
            self._take_in_hand(stroke)
            way = walked(stroke.points[:, :2], SPACING * self._found.size)
            start = number * len(way) // (2 * self._presses)  # each press comes down elsewhere
            yield from self._dragged(way[start:], times)
            yield "the hand to rest", self._still

    def _dragged(self, way: np.ndarray, times: Times) -> Script:
        canvas, seen = self._window.canvas, self._watch.seen
        places = [self._place(x, y) for x, y in way]
        seen.clear()
        pressed, worked = time.perf_counter(), time.process_time()
        QTest.mousePress(canvas, LEFT, NONE, places[0])
        yield "changed pixels", lambda: bool(seen)
        times.first.append(seen[0][0] - pressed)
        times.work.append(seen[0][1] - worked)
        began, before = time.perf_counter(), len(seen)
        for number, place in enumerate(places[1:]):
            QTest.mouseMove(canvas, place)
            yield "the hand", lambda due=began + (number + 1) * HAND_MS / 1000: time.perf_counter() >= due  # type: ignore[misc]
        times.dragged += time.perf_counter() - began
        times.updates += len(seen) - before
        canvas.cancel()
        QTest.mouseRelease(canvas, LEFT, NONE, places[-1])


def walked(path: np.ndarray, spacing: float) -> np.ndarray:
    """Nx2 -> Mx2: the same path in steps of one length."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    stops = np.arange(0, along[-1], spacing)
    return np.column_stack([np.interp(stops, along, path[:, axis]) for axis in (0, 1)])


def run(photo: Path | None, presses: int = PRESSES, limit: float = LIMIT) -> dict[str, dict[str, float]]:
    """The facts of `Times` for each situation; InputError where the replay did not come to its end."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = EngineThread()
        window = Window(Session(engine), QSettings(f"{scratch}/latency.ini", QSettings.Format.IniFormat))
        replay = Replay(window, photo or portrait(Path(scratch)), Path(scratch), presses)
        window.show()
        engine.start()
        director = Director(window, replay.script(), limit, poll_ms=1)
        QApplication.exec()
        window.files.close()
        engine.stop()
        if director.error:
            raise InputError(director.error)
        return {name: times.facts() for name, times in replay.times.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser("editor.latency", description="Measure how soon the picture answers the hand.")
    what = "a portrait, or a document with a face that was found; scikit-image's astronaut by default"
    parser.add_argument("photo", nargs="?", type=Path, help=what)
    parser.add_argument("--presses", type=int, default=PRESSES, help=f"for each situation (default {PRESSES})")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds after which it gives up")
    chosen = parser.parse_args(arguments)
    _app = dressed()
    try:
        print(json.dumps(run(chosen.photo, chosen.presses, chosen.limit), indent=1))
    except (InputError, OSError) as trouble:
        print(f"not measured: {trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
