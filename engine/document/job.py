"""Jobs and steps: what the editor asks of the engine and what comes back. Only these cross the thread.

A job holds all its inputs and a ticket. Interactive jobs replace one another: only the newest matters. Background
jobs wait in a queue and advance one step at a time. A step that is not `settled` is a preview: a newer one may
overwrite it before anybody looked. A settled step is always delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from engine.document.arrays import frozen
from engine.document.direction import Direction
from engine.document.document import Document
from engine.document.edit import Edit, Layer, ManifoldEdit, Patch
from engine.document.latent import Frame, Latent
from engine.document.lens import Lens
from engine.document.manifold_entry import ManifoldEntry
from engine.document.photo import Photo
from engine.document.sequence import EditSequence
from engine.document.style import Style
from engine.document.texture import Texture
from engine.document.training import FolderLook, Pace, TrainingMoment


@dataclass(frozen=True, eq=False, kw_only=True)
class Job:
    """What all jobs have. ticket: rises with every job; an answer to an old ticket may be ignored.

    background: it waits in a queue instead of replacing what is done. brief: it is over in a moment, and goes before
    the background jobs that take minutes. patient: it takes hours, and goes on only while there is nothing else to do.
    """

    ticket: int
    background: ClassVar[bool] = False
    brief: ClassVar[bool] = False
    patient: ClassVar[bool] = False


@dataclass(frozen=True, eq=False, kw_only=True)
class FindRegions(Job):
    """Propose frames for the manifold on the photo (faces, for `faces`). Settled step: `frames`, best first."""

    photo: Photo
    manifold: str = "faces"


@dataclass(frozen=True, eq=False, kw_only=True)
class Project(Job):
    """Find the latent of what is under `frame` (iGAN's hybrid: encoder guess, then descent).

    steps: of the descent; None for as many as suit the manifold: where its pictures are small there is time for more.
    quality: steps in which the network learns what of the photo no latent shows; the candidate's latent has the tuning.

    Steps: the guess first, then the descent; settled: one candidate and the frame as refined on the way.
    """

    photo: Photo
    frame: Frame
    manifold: str = "faces"
    steps: int | None = None
    seed: int = 0
    quality: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Linearise(Job):
    """Get ready for strokes on that edit, with `others` on the wall beside it: their first look comes at once then."""

    photo: Photo
    edit: ManifoldEdit
    others: tuple[Latent, ...] = ()
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Inspect(Job):
    """Look at `edit` through a lens. Settled step: the map as overlay, and the way back to what is plausible as one of
    `directions`; that alone where there is no lens.
    """

    photo: Photo
    edit: ManifoldEdit
    lens: Lens | None = None
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Solve(Job):
    """Move `edit`'s latent so that it obeys the edit's strokes, starting from `starts` (best first).

    settle=False while the hand moves: previews only, until replaced; the first, where it was got ready, from all the
    starts. settle=True when it lifts: more steps, several candidates, and at the end the patch of the best one at the
    photo's size.
    """

    photo: Photo
    edit: ManifoldEdit
    starts: tuple[Latent, ...]
    settle: bool = False
    candidates: int = 4
    steps: int = 40
    seed: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Transfer(Job):
    """Render the change from edit.base to edit.latent on the photo at full size. Settled step: `patch`.

    settle=False while a slider is dragged: the settled step has an overlay by the preview network and no patch.
    """

    photo: Photo
    edit: ManifoldEdit
    settle: bool = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Paint(Job):
    """Render a style or texture layer over the photo and the edits below it.

    settle=False while the hand moves: overlays of the whole photo, no larger than `long_side` pixels. settle=True:
    those at once, and at the end the patch at the photo's size. finish=False takes what the optimisation of a layer
    that is refined has reached so far; with the patch then comes how far that is.
    """

    photo: Photo
    below: tuple[Edit, ...]
    edit: Layer
    settle: bool = True
    finish: bool = True
    long_side: int = 1024


@dataclass(frozen=True, eq=False, kw_only=True)
class Describe(Job):
    """Take the manner of a picture (HxWx3 uint8 or uint16, any size). Settled step: `style`."""

    pixels: np.ndarray
    name: str


@dataclass(frozen=True, eq=False, kw_only=True)
class LearnTexture(Job):
    """Train the texture's network for so many more seconds of work. Steps: `texture`, better every time."""

    texture: Texture
    seconds: float = 60.0
    seed: int = 0
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class FitStyle(Job):
    """Find by descent, on crops of `photo`, how the style network is best told of a style. Settled step: `style`."""

    style: Style
    photo: Photo
    steps: int = 60
    seed: int = 0
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class LearnStyle(Job):
    """Train a network for one style that has an exemplar, on crops of `photo`. Steps: `style`, better every time."""

    style: Style
    photo: Photo
    seconds: float = 600.0
    seed: int = 0
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Scrub(Job):
    """The picture of `sequence` at `seconds`, no larger than `long_side` pixels. Settled step: `picture`."""

    photo: Photo
    sequence: EditSequence
    seconds: float
    long_side: int = 1024


@dataclass(frozen=True, eq=False, kw_only=True)
class Export(Job):
    """Write `document`'s sequence as a movie. The suffix of `path` chooses the format; a folder gets PNG frames.

    loop: whether a GIF, APNG or WebP repeats. ping_pong: run back to the first keyframe. lossless: for WebP.
    """

    document: Document
    path: Path
    fps: int = 24
    long_side: int = 1080
    loop: bool = True
    ping_pong: bool = False
    lossless: bool = False
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Install(Job):
    """Fetch and install a model pack by name."""

    pack: str
    background: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class ListManifolds(Job):
    """Say which manifolds are installed, each with a swatch. Settled step: `manifolds`, the faces first."""

    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class ListDirections(Job):
    """Find the ways along a manifold that sliders can go. Settled step: `directions`, the named ones first."""

    manifold: str = "faces"
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Sample(Job):
    """Draw so many random pictures of a manifold. Steps: `candidates`, more every time; settled with all of them."""

    manifold: str = "faces"
    count: int = 12
    seed: int = 0
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False)
class Example:
    """A picture (SxSx3 uint8) and where it lies. liked: whether it has what is taught; None where nobody has said."""

    latent: Latent
    picture: np.ndarray
    liked: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", frozen(self.picture, np.uint8))


@dataclass(frozen=True, eq=False, kw_only=True)
class Teach(Job):
    """Learn a direction from examples, of which some are liked and some are not; the others help to see what is meant.

    Settled step: one of `directions`, and the `accuracy` of telling liked from not (left out one by one).
    """

    name: str
    examples: tuple[Example, ...]
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False, kw_only=True)
class UseFeatures(Job):
    """Refine layers by the features of the VGG network in that file from now on; by the program's own where it is None.

    Settled step: the network's name as `note`.
    """

    path: Path | None
    background: ClassVar[bool] = True
    brief: ClassVar[bool] = True


@dataclass(frozen=True, eq=False)
class Candidate:
    """One answer. picture: SxSx3 uint8 model picture. cost: lower is better."""

    latent: Latent
    picture: np.ndarray
    cost: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", frozen(self.picture, np.uint8))


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One step of a job. overlay: HxWx4 uint8 RGBA to be shown over the photo: at `frame`, where its sides are the
    model's; over the whole photo, where there is no frame. style, texture: of Describe and the Learn jobs. directions:
    of ListDirections and Teach. accuracy: 0..1, of Teach; None where too little was said for an estimate. manifolds: of
    ListManifolds. look, pace, training, made: of the jobs in training_jobs.

    candidates: best first, at most as many as asked for. frames: proposals of FindRegions. patch: full-size result.
    refined: 0..1, how far the layer of the patch has been refined; None where it is not. picture: hxwx3 uint8, of
    Scrub. fraction: 0..1 of the job done. note: what is happening, in plain words.
    """

    ticket: int
    settled: bool = False
    overlay: np.ndarray | None = None
    frame: Frame | None = None
    candidates: tuple[Candidate, ...] = ()
    frames: tuple[Frame, ...] = ()
    patch: Patch | None = None
    refined: float | None = None
    picture: np.ndarray | None = None
    path: Path | None = None
    style: Style | None = None
    texture: Texture | None = None
    directions: tuple[Direction, ...] = ()
    accuracy: float | None = None
    manifolds: tuple[ManifoldEntry, ...] = ()
    look: FolderLook | None = None
    pace: Pace | None = None
    training: TrainingMoment | None = None
    made: str = ""
    fraction: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("overlay", "picture"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, frozen(array, np.uint8))


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A job that could not go on. text: one line for the user. trace: empty when the fault is in the input."""

    ticket: int
    text: str
    trace: str = ""
