"""A stand-in for the engine thread: the same signals and methods, on the caller's own thread, with toy answers.

The toy manifold is one number a layer: a colour stroke sets it, and the patch is a flat square inside the frame. So
the editor's tests need neither torch nor a thread, and can stop a job at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.document.direction import Direction
from engine.document.edit import FusionEdit, Layer, ManifoldEdit, Patch, StyleEdit, picture
from engine.document.errors import InputError
from engine.document.job import (
    Candidate,
    Describe,
    Export,
    Failure,
    FindRegions,
    FitStyle,
    Inspect,
    Job,
    LearnStyle,
    LearnTexture,
    Linearise,
    Paint,
    Project,
    Sample,
    Scrub,
    Solve,
    Step,
    Teach,
    Transfer,
)
from engine.document.latent import Frame, Latent
from engine.document.lens import PULL
from engine.document.map_jobs import DrawMap
from engine.document.photo import Photo
from engine.document.stroke import StrokeKind
from engine.document.style import Style
from tests.editor.toy_models import MODELS
from tests.editor.toy_training import TRAINING

SIDE = 16  # of toy model pictures
REFINED: dict[str, float] = {}


class SynchronousEngine(QObject):
    """submitted: every job ever asked for, but what is to be got ready (readied).

    hold: jobs wait until `advance`, else they run when they are submitted.
    """

    stepped = Signal()
    ready = Signal()

    def __init__(self, hold: bool = False) -> None:
        super().__init__()
        self.hold = hold
        self.submitted: list[Job] = []
        self.readied: list[Latent] = []
        self.failing: dict[type[Job], str] = {}
        self._running: list[tuple[Job, Iterator[Step]]] = []
        self._answers: list[Step | Failure] = []

    def start(self) -> None:
        """As the thread; there is none."""
        self.ready.emit()

    def stop(self) -> None:
        """As the thread; what runs is dropped."""
        self._running = []

    def submit(self, job: Job) -> None:
        """Begin a job; an interactive one replaces the interactive one before it. There is nothing to get ready for."""
        if isinstance(job, Linearise):
            self.readied.append(job.edit.origin())
            self._answers += linearise(job)
            self.stepped.emit()
            return
        self.submitted.append(job)
        if not job.background:
            self._running = [r for r in self._running if r[0].background]
        self._running.append((job, TOYS[type(job)](job)))
        if not self.hold:
            self.advance()

    def cancel(self, ticket: int | None = None) -> None:
        """Drop a job; the interactive one without a ticket."""
        self._running = [r for r in self._running if (r[0].ticket != ticket if ticket is not None else r[0].background)]

    def take(self) -> tuple[Step | Failure, ...]:
        """What has come since the last call."""
        answers, self._answers = tuple(self._answers), []
        return answers

    def advance(self, steps: int = 1000) -> None:
        """Take that many steps of the newest job."""
        for _ in range(steps):
            if not self._running:
                return
            job, generator = self._running[-1]
            if type(job) in self.failing:
                self._running.pop()
                self._answers.append(Failure(ticket=job.ticket, text=self.failing[type(job)]))
            else:
                try:
                    self._answers.append(next(generator))
                except StopIteration:
                    self._running.pop()
                    continue
                except InputError as error:
                    self._running.pop()
                    self._answers.append(Failure(ticket=job.ticket, text=str(error)))
            self.stepped.emit()

    def kinds(self) -> list[str]:
        """The names of the jobs submitted so far."""
        return [type(job).__name__ for job in self.submitted]


def find_regions(job: FindRegions) -> Iterator[Step]:
    """One face in the left half, one in the right."""
    width, height = job.photo.width, job.photo.height
    size = 0.4 * min(width, height)
    frames = (Frame(width * 0.25, height / 2, size), Frame(width * 0.75, height / 2, size))
    yield Step(ticket=job.ticket, settled=True, frames=frames, fraction=1)


def project(job: Project) -> Iterator[Step]:
    """Three steps towards the grey 128."""
    for i in range(1, 4):
        found = candidate(40 * i + 8, job.manifold)
        yield Step(
            ticket=job.ticket, settled=i == 3, candidates=(found,), frame=job.frame, overlay=overlay(40 * i + 8),
            fraction=i / 3, note="Finding the face",
        )  # fmt: skip


def solve(job: Solve) -> Iterator[Step]:
    """Half way to the red of the last visible colour stroke, then all the way with four candidates."""
    start = float(job.starts[0].values[0, 0])
    goals = [s.color[0] for s in job.edit.strokes if s.visible and s.color is not None] or [int(start) + 10]
    half, model = (start + goals[-1]) / 2, job.starts[0].manifold
    yield Step(ticket=job.ticket, candidates=(candidate(half, model),), overlay=overlay(half), fraction=0.5)
    if not job.settle:
        found = (candidate(goals[-1], model),)
        yield Step(ticket=job.ticket, settled=True, candidates=found, overlay=overlay(goals[-1]))
        return
    found = tuple(candidate(goals[-1] - 5 * i, model) for i in range(job.candidates))
    edit = replace(job.edit, latent=found[0].latent)
    yield Step(ticket=job.ticket, settled=True, candidates=found, patch=patch(job.photo, edit), fraction=1)


def transfer(job: Transfer) -> Iterator[Step]:
    """The flat square; while a slider is dragged only the overlay."""
    if not job.settle:
        grey = float(job.edit.latent.values[0, 0])
        yield Step(ticket=job.ticket, settled=True, overlay=overlay(grey), frame=job.edit.frame, fraction=1)
        return
    yield Step(ticket=job.ticket, settled=True, patch=patch(job.photo, job.edit), fraction=1)


def inspect(job: Inspect) -> Iterator[Step]:
    """A map of one colour, and half the way to black."""
    values = np.asarray(-0.5 * job.edit.latent.values, np.float32)
    way = Direction("Pull back", values, job.edit.base.manifold, 1.0, PULL)
    seen = None if job.lens is None else overlay(50)
    yield Step(ticket=job.ticket, settled=True, overlay=seen, frame=job.edit.frame, directions=(way,), fraction=1)


def sample(job: Sample) -> Iterator[Step]:
    """Greys that follow from the seed."""
    found = tuple(candidate(10 * ((job.seed + i) % 20) + 20) for i in range(job.count))
    yield Step(ticket=job.ticket, settled=True, candidates=found, fraction=1)


def draw_map(job: DrawMap) -> Iterator[Step]:
    """A sheet as light as the middle, then settled."""
    level = int(np.clip(job.start.values[0, 0], 0, 255))
    whole = job.count * job.side
    yield Step(ticket=job.ticket, settled=True, picture=np.full((whole, whole, 3), level, np.uint8), fraction=1)


def teach(job: Teach) -> Iterator[Step]:
    """Lighter is what is meant, as surely as there are examples; nothing without one of either sort."""
    likes = {e.liked for e in job.examples}
    if not {True, False} <= likes:
        yield Step(ticket=job.ticket, settled=True, fraction=1, note="Judge pictures either way")
        return
    judged = sum(e.liked is not None for e in job.examples)
    way = Direction(job.name, np.full((2, 3), 10, np.float32), job.examples[0].latent.manifold)
    yield Step(ticket=job.ticket, settled=True, directions=(way,), accuracy=1 - 1 / judged, fraction=1)


def paint(job: Paint) -> Iterator[Step]:
    """The layer flat, at half the photo's size; then, when the hand has lifted, as a patch.

    It is refined by a quarter a step, and each quarter makes it lighter by ten; REFINED has how far it is by its id.
    """
    asked = getattr(job.edit, "refine", 0.0)
    while True:
        reached = REFINED.get(job.edit.id, 0.0) if asked else 0.0
        patch = layer_patch(job, round(40 * reached))
        small = np.dstack([patch.pixels, patch.support])[::2, ::2]
        small = small // np.array([job.photo.white // 255] * 3 + [1], small.dtype)
        yield Step(ticket=job.ticket, overlay=small.astype(np.uint8), fraction=0.3)
        if not (job.settle and job.finish and reached < asked):
            break
        REFINED[job.edit.id] = reached + 0.25
    if job.settle:
        yield Step(ticket=job.ticket, settled=True, patch=patch, refined=reached if asked else None, fraction=1)


def layer_patch(job: Paint, lighter: int = 0) -> Patch:
    """The whole photo in one level, half the layer's own and half the mean of what lies below it, and some lighter."""
    photo = job.photo
    below = float(picture(photo, job.below).mean()) / (photo.white // 255)
    value = (int((level(job.edit) + below) / 2) + lighter) * (photo.white // 255)
    pixels = np.full((photo.height, photo.width, 3), value, photo.pixels.dtype)
    support = np.full((photo.height, photo.width), 255 if job.edit.whole else 0, np.uint8)
    for stroke in job.edit.strokes:
        low, high = stroke.points[:, :2].min(0) - stroke.radius, stroke.points[:, :2].max(0) + stroke.radius
        (x0, y0), (x1, y1) = np.maximum(low, 0).astype(int), np.maximum(high, 0).astype(int)
        paints = stroke.kind in (StrokeKind.STYLE, StrokeKind.TEXTURE)
        support[y0:y1, x0:x1] = 255 * float(stroke.points[-1, 2]) if paints and stroke.visible else 0
    return Patch(0, 0, pixels, support)


def level(layer: Layer) -> float:
    """Of a style its first mean times the strength; of a texture the mean of its exemplar, and what it has learned."""
    if isinstance(layer, StyleEdit):
        return float(layer.styles[0].means[0][0]) * layer.strength
    if isinstance(layer, FusionEdit):
        return float(layer.motif.pixels.mean()) * layer.amount * layer.depth / 2
    return float(layer.texture.exemplar.mean()) + layer.texture.seconds + layer.seed


def describe(job: Describe) -> Iterator[Step]:
    """At once: the mean of the picture is its manner."""
    yield Step(ticket=job.ticket, settled=True, style=toy_style(float(job.pixels.mean()), job.name), fraction=1)


def toy_style(value: float, name: str = "toy") -> Style:
    """A style of one channel an octave."""
    means = tuple(np.full(1, value, np.float32) for _ in range(4))
    return Style(name, means, tuple(np.full((1, 1), value * value + 1, np.float32) for _ in range(4)))


def learn_texture(job: LearnTexture) -> Iterator[Step]:
    """Four times better, the last time settled."""
    for part in (0.05, 0.06, 0.5, 1.0):
        seconds = job.texture.seconds + part * job.seconds
        learned = replace(job.texture, seconds=seconds, network={"w": np.full(2, seconds, np.float32)})
        yield Step(ticket=job.ticket, settled=part == 1.0, texture=learned, fraction=part)


def fit_style(job: FitStyle) -> Iterator[Step]:
    """Only a style called `stiff` is not fitted yet."""
    yield Step(ticket=job.ticket, fraction=0.5)
    style = job.style
    if style.name == "stiff" and style.fitted is None:
        style = replace(style, fitted=np.ones((4, 3), np.float32), fitted_to="toy")
    yield Step(ticket=job.ticket, settled=True, style=style, fraction=1.0)


def learn_style(job: LearnStyle) -> Iterator[Step]:
    """A network of one number, which is how much of it is learned."""
    for part in (0.0, 0.5, 1.0):
        trained = replace(job.style, network={"w": np.full(1, part, np.float32)}) if part else None
        yield Step(ticket=job.ticket, settled=part == 1, style=trained, fraction=part)


def scrub(job: Scrub) -> Iterator[Step]:
    """A grey that rises with time."""
    height, width = job.photo.height, job.photo.width
    scale = min(1.0, job.long_side / max(height, width))
    shape = (max(1, round(height * scale)), max(1, round(width * scale)), 3)
    yield Step(ticket=job.ticket, settled=True, picture=np.full(shape, int(10 * job.seconds) % 256, np.uint8))


def export(job: Export) -> Iterator[Step]:
    """Two steps, then a file with a few bytes."""
    yield Step(ticket=job.ticket, fraction=0.5, note="Writing")
    job.path.write_bytes(b"movie")
    yield Step(ticket=job.ticket, settled=True, path=job.path, fraction=1)


def linearise(job: Linearise) -> Iterator[Step]:
    """There is nothing to get ready for."""
    yield Step(ticket=job.ticket, settled=True)


TOYS: dict[type[Job], Callable[..., Iterator[Step]]] = {
    FindRegions: find_regions,
    Project: project,
    Linearise: linearise,
    Solve: solve,
    Transfer: transfer,
    Paint: paint,
    Describe: describe,
    LearnTexture: learn_texture,
    FitStyle: fit_style,
    LearnStyle: learn_style,
    Scrub: scrub,
    Export: export,
    Inspect: inspect,
    **MODELS,
    **TRAINING,
    DrawMap: draw_map,
    Sample: sample,
    Teach: teach,
}


def candidate(value: float, manifold: str = "faces") -> Candidate:
    """The toy latent of that value, and its flat picture."""
    level = int(np.clip(value, 0, 255))
    return Candidate(Latent(np.full((2, 3), value), manifold), np.full((SIDE, SIDE, 3), level, np.uint8))


def overlay(value: float) -> np.ndarray:
    """A half-covering flat overlay."""
    rgba = np.full((SIDE, SIDE, 4), int(np.clip(value, 0, 255)), np.uint8)
    rgba[..., 3] = 128
    return rgba


def patch(photo: Photo, edit: ManifoldEdit) -> Patch | None:
    """A flat square of the latent's value, half as large as the frame, in its middle; the lift is the realism."""
    if not edit.moved():
        return None
    side = max(int(edit.frame.size / 2), 1)
    level = float(edit.latent.values[0, 0]) * (0.5 + edit.realism / 2)
    value = int(np.clip(level, 0, 255)) * (photo.white // 255)
    pixels = np.full((side, side, 3), value, photo.pixels.dtype)
    return Patch(
        int(edit.frame.x - side / 2), int(edit.frame.y - side / 2), pixels, np.full((side, side), 255, np.uint8)
    )
