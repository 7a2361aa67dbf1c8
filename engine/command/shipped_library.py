"""The shipped library: its styles and textures, made by the functions that make and paint the user's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.document.edit import StyleEdit
from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.document.style import Style
from engine.paint.describe import style_of
from engine.paint.render import drawn
from engine.paint.studio import Studio
from engine.train.library import make, make_textures
from engine.train.surfaces import SURFACES
from engine.train.trainer import TrainingStep


def styles(data: tuple[Path, ...], out: Path, studio: Studio | None = None) -> Iterator[TrainingStep]:
    """Writes them into `out` from the folder of paintings. InputError where that or the style network is missing."""
    if len(data) != 1:
        raise InputError("the built-in styles are made of paintings: name their folder with --data FOLDER.")
    studio = studio or Studio()

    def describe(pixels: np.ndarray, name: str) -> Style:
        return style_of(pixels, name, studio.features)

    def render(picture: np.ndarray, style: Style) -> np.ndarray:
        return finished(drawn(picture, StyleEdit((style,), snap=0.0), studio, 1.0))[0]

    return make(data[0], out, describe, render)


def textures(out: Path, minutes: float, seed: int = 0) -> Iterator[TrainingStep]:
    """Writes them into `out`; all together learn for so many minutes."""
    return make_textures(out, 60 * minutes / len(SURFACES), seed)
