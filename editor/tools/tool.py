"""What a tool is: a generator from pointer events to a mark, with the words and the key an artist knows it by.

A drag is one call of `drag`. The press starts the generator, which at once yields the first mark; every move is sent
in and answered by the grown mark; the release (an event that is `last`) makes it return the finished mark, or None
where nothing came of it (a pull that pulled nothing). Closing the generator cancels the drag. Tools see photo
coordinates only, so they know nothing of zoom, widgets or pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from engine.document.latent import Frame
from engine.document.stroke import Stroke, StrokeKind


class Cursor(Enum):
    """What follows the pointer while a tool is in hand."""

    CIRCLE = auto()  # the brush, at its true size
    CROSS = auto()
    ARROW = auto()


@dataclass(frozen=True)
class PointerEvent:
    """Where the pointer is. x, y: photo pixels. pressure: 0..1, 1 for a mouse. eraser: the pen's other end.

    view_pixel: the side of one screen pixel in photo pixels. shift: the Shift key is held. last: the release.
    """

    x: float
    y: float
    pressure: float = 1.0
    eraser: bool = False
    view_pixel: float = 1.0
    shift: bool = False
    last: bool = False


@dataclass(frozen=True)
class Hand:
    """What the hand holds. radius: photo pixels. color: sRGB 0..255. weight: 0..4. frame: the chosen one."""

    radius: float = 20.0
    color: tuple[int, int, int] = (255, 255, 255)
    weight: float = 1.0
    frame: Frame | None = None


@dataclass(frozen=True)
class Pick:
    """Take the colour that is seen at (x, y), in photo pixels."""

    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Lasso:
    """A line drawn around a part of the photo. points: Nx2 float32, in photo pixels; the end joins the beginning."""

    points: np.ndarray


Mark = Stroke | Frame | Pick | Lasso
Drag = Generator[Mark, PointerEvent, Mark | None]


@dataclass(frozen=True)
class Tool:
    """One tool. id: its name in settings. text, tip: for the artist. shortcut: key. icon: file in resources/icons.

    kind: of the strokes it makes, None where it makes none. drag: see the module.
    """

    id: str
    text: str
    tip: str
    shortcut: str
    icon: str
    kind: StrokeKind | None
    cursor: Cursor
    drag: Callable[[PointerEvent, Hand], Drag]
