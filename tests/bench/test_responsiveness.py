"""How the window feels while the engine works, with the installed faces: `make bench` prints the figures.

A timer of 8 ms stands for the window. An export runs in the background; a hand paints a growing stroke, one point
every 15 ms, each point a new Solve, with pauses. Then the export is cancelled.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Slot
from pytestqt.qtbot import QtBot

from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch
from engine.document.errors import InputError
from engine.document.job import Export, Failure, Solve
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.stroke import Stroke, StrokeKind
from engine.run.thread import EngineThread

pytestmark = [pytest.mark.slow, pytest.mark.pack, pytest.mark.timeout(600)]
STROKES, POINTS = 12, 40


class Window(QObject):
    """Notes when its timer ticks and when pictures come."""

    def __init__(self, engine: EngineThread) -> None:
        super().__init__()
        self.engine = engine
        self.ready = False
        self.ticks: list[float] = []
        self.pictures: list[tuple[int, float]] = []
        self.fraction = 0.0
        self.failures: list[Failure] = []
        engine.stepped.connect(self.collect)
        engine.ready.connect(self.note_ready)
        self.timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=8)
        self.timer.timeout.connect(self.tick)

    @Slot()
    def note_ready(self) -> None:
        self.ready = True

    @Slot()
    def tick(self) -> None:
        self.ticks.append(time.perf_counter())

    @Slot()
    def collect(self) -> None:
        for answer in self.engine.take():
            if isinstance(answer, Failure):
                self.failures.append(answer)
            elif answer.ticket == 0:
                self.fraction = answer.fraction
            elif answer.overlay is not None:
                self.pictures.append((answer.ticket, time.perf_counter()))


@pytest.fixture
def document() -> Document:
    """A photo of 2000 x 1500 with a model's face, and a movie from it to another."""
    from engine.model.catalog import faces
    from engine.model.manifold import to_uint8

    try:
        manifold, _ = faces(with_encoder=False)
    except InputError as error:
        pytest.skip(str(error))
    here, there = (manifold.latent(manifold.sample(1, seed)) for seed in (1, 2))
    pixels = np.full((1500, 2000, 3), 128, np.uint8)
    pixels[200:1224, 400:1424] = to_uint8(manifold.picture(manifold.tensor(here)))
    edit = ManifoldEdit(Frame(912, 712, 1024), here, here)
    patch = np.zeros((1500, 2000), np.uint8)
    patch[250:1150, 450:1350] = 255
    moved = replace(edit, latent=there, patch=Patch(0, 0, pixels, patch))
    return Document(Photo(pixels), (edit,), EditSequence((Keyframe((edit,), seconds=60.0), Keyframe((moved,)))))


def test_the_window_while_a_solve_and_an_export_run(document: Document, tmp_path: Path, qtbot: QtBot) -> None:
    engine = EngineThread()
    window = Window(engine)
    engine.start()
    try:
        qtbot.waitUntil(lambda: window.ready, timeout=120_000)
        engine.submit(Export(ticket=0, document=document, path=tmp_path / "morph.apng", long_side=1024))
        qtbot.waitUntil(lambda: window.fraction > 0 or bool(window.failures), timeout=120_000)
        window.timer.start()
        first, every = painted(window, document, qtbot)
        qtbot.wait(2000)
        window.timer.stop()
        began = time.perf_counter()
        engine.cancel(0)
        qtbot.waitUntil(lambda: not list(tmp_path.iterdir()), timeout=60_000)
        cancelled = time.perf_counter() - began
    finally:
        engine.stop()
    assert not window.failures and first
    tell("GUI timer of 8 ms, gap", np.diff(window.ticks))
    tell("press to first changed pixels", first)
    tell("point to its picture, when it got one", every)
    print(f"cancel of the export: {1000 * cancelled:.0f} ms, the half-written file gone")


def painted(window: Window, document: Document, qtbot: QtBot) -> tuple[list[float], list[float]]:
    """Paint strokes; seconds from each press, and from each point that was answered, to the picture."""
    edit, submitted, presses = document.edits[0], {}, []
    ticket = 0
    for number in range(STROKES):
        points = np.array([(600 + 40 * number, 500 + 3 * p, 1) for p in range(POINTS)], np.float32)
        presses.append(ticket + 1)
        for count in range(1, POINTS + 1):
            ticket += 1
            stroke = Stroke(StrokeKind.COLOR, points[:count], 30, color=(200, 60, 40))
            job = Solve(ticket=ticket, photo=document.photo, edit=replace(edit, strokes=(stroke,)), starts=(edit.base,))
            submitted[ticket] = time.perf_counter()
            window.engine.submit(job)
            qtbot.wait(15)
        qtbot.waitUntil(lambda last=ticket: any(t == last for t, _ in window.pictures), timeout=60_000)
        window.engine.cancel()
        qtbot.wait(300)
    came: dict[int, float] = {}
    for answered, when in window.pictures:
        came.setdefault(answered, when)
    first = [
        min((when for t, when in came.items() if press <= t < press + POINTS), default=np.inf) - submitted[press]
        for press in presses
    ]
    return first, [when - submitted[t] for t, when in came.items()]


def tell(name: str, seconds: list[float] | np.ndarray) -> None:
    """One line of figures."""
    values = 1000 * np.asarray(seconds)[np.isfinite(seconds)]
    if not len(values):
        print(f"{name}: never, of {len(seconds)}")
        return
    middle, late, last = np.percentile(values, [50, 95, 99])
    print(
        f"{name}: median {middle:.1f} ms, p95 {late:.1f}, p99 {last:.1f}, most {values.max():.1f}; "
        f"{len(values)} of {len(seconds)}"
    )
