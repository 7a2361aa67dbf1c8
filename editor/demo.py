"""Demo: a recorded edit, played through the real window with the real engine. `python -m editor.demo [PHOTO]`.

Opens a portrait, lets the face be found and projected, paints the recorded colour stroke with real mouse events, keeps
states, pulls with the warp brush, and writes what an artist would have at the end. It is the proof that the whole way
works on this machine, on a screen or without one; anything that fails, or takes too long, ends it with one line.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import resources
from editor import messages, theme
from editor.session import Message, Session
from editor.window import Window
from engine.document.errors import InputError
from engine.document.image_files import write_photo
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.store import save
from engine.document.stroke import Stroke
from engine.document.stroke_files import read_strokes
from engine.run.thread import EngineThread

LIMIT = 420.0  # seconds for everything
POLL_MS = 15
GRABBED_AFTER = 12  # previews: the change is then plain to see
RECORDED_ON = 512  # side of the photo the strokes were recorded on
RECORDED_FRAME = Frame(224.9, 106.4, 176.3, 0.057)  # where its face is found
Wait = Callable[[], bool]
Script = Generator[tuple[str, Wait], None, None]


class Director(QObject):
    """Drives a script: each step names what it waits for. error: why it ended, empty when all went well."""

    def __init__(self, window: Window, script: Script, limit: float, poll_ms: int = POLL_MS) -> None:
        super().__init__(window)
        self.error = ""
        self._script, self._wait, self._what = script, (lambda: True), "the start"
        self._deadline = time.monotonic() + limit
        window.session.said.connect(self._hear)
        self._timer = QTimer(self)
        self._timer.setInterval(poll_ms)
        self._timer.timeout.connect(self._poll)
        self._timer.start()

    def _hear(self, message: Message) -> None:
        if message.serious:
            self._end(message.text)

    def _poll(self) -> None:
        if time.monotonic() > self._deadline:
            self._end(f"it took too long, while waiting for {self._what}")
        elif self._timer.isActive():
            self._advance()

    def _advance(self) -> None:
        try:
            if self._wait():
                self._what, self._wait = next(self._script)
        except StopIteration:
            self._end("")
        except (InputError, OSError, LookupError) as error:
            self._end(str(error))

    def _end(self, error: str) -> None:
        if not self._timer.isActive():  # the first fault is the one that counts
            return
        self._timer.stop()
        self.error = error
        QApplication.exit(1 if error else 0)


class Play(QObject):
    """The recorded edit. out: the folder that gets the results."""

    def __init__(self, window: Window, photo: Path, out: Path) -> None:
        super().__init__(window)
        self._window, self._session, self._photo, self._out = window, window.session, photo, out
        self._previews = 0
        self._found = RECORDED_FRAME
        self._drawing: subprocess.Popen[bytes] | None = None
        window.session.overlaid.connect(self._count)

    def script(self) -> Script:
        """The whole edit, in the order of an artist's hand."""
        session, acts = self._session, self._window.acts
        self._window.files.open_path(self._photo)
        yield "the face to be found", lambda: bool(session.placing.frames) and self._idle()
        self._found = session.placing.frames[session.placing.current or 0]
        self._write_picture("photo.png")
        acts["project"].trigger()
        yield "the projection", lambda: session.edit is not None and self._idle()
        save(session.entry.document, self._out / "document.ganvas")
        self._drawing = draw_projection(self._out / "document.ganvas", self._out / "projection.png")
        yield "the projection at full size", self._is_drawn
        yield from self._paint("demo-color.json", "window.png")
        acts["keep"].trigger()
        yield from self._paint("demo-warp.json", "")
        acts["keep"].trigger()
        self._write_picture("edited.png")
        self._write_document()
        for name, fps, side, ping_pong in (("morph.mp4", 15, 512, False), ("morph.gif", 8, 320, True)):
            self._window.commands.write_movie(self._out / name, fps, side, True, ping_pong)
            yield name, lambda: not session.requests.background()
            self._note(self._out / name)

    def _paint(self, recording: str, grab: str) -> Script:
        """Draw recorded strokes by mouse, one after another; grab the window before the last one is let go."""
        strokes = self._recorded(recording)
        for stroke in strokes:
            self._take_in_hand(stroke)
            yield from self._draw(stroke, grab if stroke is strokes[-1] else "")
        yield "the answer to the strokes", lambda: not self._session.entry.owes and self._idle()

    def _draw(self, stroke: Stroke, grab: str) -> Script:
        canvas, left = self._window.canvas, Qt.MouseButton.LeftButton
        places = [self._place(x, y) for x, y, _ in stroke.points]
        before = self._previews
        QTest.mousePress(canvas, left, Qt.KeyboardModifier.NoModifier, places[0])
        for place in places[1:]:
            QTest.mouseMove(canvas, place)
            yield "the hand", lambda: True
        if grab:
            yield "previews", lambda: self._previews >= before + GRABBED_AFTER
            self._grab(grab)
        else:
            yield "a preview", lambda: self._previews > before
        QTest.mouseRelease(canvas, left, Qt.KeyboardModifier.NoModifier, places[-1])

    def _take_in_hand(self, stroke: Stroke) -> None:
        brush = self._session.brush
        self._window.tool_actions[stroke.kind.value].trigger()
        brush.set_radius(stroke.radius)
        brush.set_weight(stroke.weight)
        if stroke.color is not None:
            brush.set_color(stroke.color)

    def _recorded(self, name: str) -> tuple[Stroke, ...]:
        """The recorded strokes, carried from the face they were drawn on to the one that is found here."""
        strokes = read_strokes(resources.path("strokes", name), RECORDED_ON, RECORDED_ON)
        return tuple(_carried(stroke, self._found) for stroke in strokes)

    def _place(self, x: float, y: float) -> QPoint:
        return self._window.canvas.to_view(float(x), float(y)).toPoint()

    def _count(self, step: object) -> None:
        self._previews += step is not None

    def _idle(self) -> bool:
        return self._session.requests.interactive() is None

    # What is left behind

    def _write_picture(self, name: str) -> None:
        document = self._session.entry.document
        write_photo(document.picture(), document.photo, self._out / name)
        self._note(self._out / name)

    def _is_drawn(self) -> bool:
        """Whether the projection is there; LookupError when it could not be drawn."""
        if self._drawing is None or self._drawing.poll() is None:
            return False
        self._note(self._out / "projection.png")
        return True

    def stop(self) -> None:
        """End what runs beside the window."""
        if self._drawing is not None and self._drawing.poll() is None:
            self._drawing.kill()
            self._drawing.wait()

    def _write_document(self) -> None:
        save(self._session.entry.document, self._out / "document.ganvas")
        self._note(self._out / "document.ganvas")

    def _grab(self, name: str) -> None:
        if not self._window.grab().save(str(self._out / name)):
            raise OSError(f"{self._out / name} could not be written")
        self._note(self._out / name)

    def _note(self, path: Path) -> None:
        if not path.is_file() or path.stat().st_size == 0:
            raise LookupError(f"{path} was not written")
        print(f"{path}  {path.stat().st_size / 1000:,.0f} kB", flush=True)


def _carried(stroke: Stroke, frame: Frame) -> Stroke:
    points = stroke.points.copy()
    points[:, :2] = frame.to_photo(RECORDED_FRAME.to_model(points[:, :2], 1), 1)
    return Stroke(stroke.kind, points, stroke.radius * frame.size / RECORDED_FRAME.size, stroke.color, stroke.weight)


def draw_projection(document: Path, out: Path) -> subprocess.Popen[bytes]:
    """Have the model draw, at its full size, what was found in `document`: the window shows a smaller picture."""
    words = ["project", str(document), "--out", str(out)]
    return subprocess.Popen([sys.executable, "-m", "engine.command", *words], stdout=subprocess.DEVNULL)


def portrait(folder: Path) -> Path:
    """scikit-image's `astronaut` (NASA, public domain) as a file; InputError where scikit-image is missing."""
    try:
        from skimage.data import astronaut
    except ImportError as error:
        raise InputError("the demo's portrait is part of scikit-image: install it, or name a photo.") from error
    path = folder / "astronaut.png"
    write_photo(astronaut(), Photo(astronaut()), path)
    return path


def run(photo: Path | None, out: Path, limit: float) -> str:
    """Play the demo; what went wrong in one line, empty when nothing did."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        engine = EngineThread()
        session = Session(engine)
        window = Window(session, QSettings(f"{scratch}/demo.ini", QSettings.Format.IniFormat))
        play = Play(window, photo or portrait(Path(scratch)), out)
        window.show()
        engine.start()
        director = Director(window, play.script(), limit)
        QApplication.exec()
        play.stop()
        window.files.close()
        engine.stop()
        return director.error


def dressed() -> QApplication:
    """The application as the artist sees it; without a display, offscreen. To be held as long as windows are shown."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    messages.sort_out()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme.dress(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser("editor.demo", description="Play a recorded edit and write what comes of it.")
    parser.add_argument("photo", nargs="?", type=Path, help="a portrait; scikit-image's astronaut by default")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the results")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds after which it gives up")
    chosen = parser.parse_args(arguments)
    _app = dressed()
    began = time.monotonic()
    try:
        error = run(chosen.photo, chosen.out, chosen.limit)
    except (InputError, OSError) as trouble:
        error = str(trouble)
    print(f"demo failed: {error}" if error else f"demo done in {time.monotonic() - began:.0f} s", flush=True)
    return 1 if error else 0


if __name__ == "__main__":
    sys.exit(main())
