"""The shipped library: its styles and textures, made by the functions that make and paint the user's own.

A style of the user's is fitted on the photo it is dropped on; those that are shipped have been, on many photos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.document.style import Style
from engine.paint.describe import style_of
from engine.paint.render import drawn
from engine.paint.studio import Studio
from engine.train.features import Teacher
from engine.train.library import make, make_textures
from engine.train.photos import to_tensor
from engine.train.style import STYLE_SIDE, Pictures
from engine.train.style_fit import SIDE, Judge, fitted, fitting
from engine.train.style_single import found
from engine.train.surfaces import SURFACES
from engine.train.trainer import TrainingStep

STEPS = 60
"""Of fitting, a style."""


def styles(data: tuple[Path, ...], out: Path, studio: Studio | None = None, teacher: Path | None = None,
           ) -> Iterator[TrainingStep]:
    """Writes them into `out` from the folder of paintings, the first of `data`; the others have photos to fit them on.

    teacher: VGG16, to judge what is painted in place of the program's own features. InputError where the paintings or
    the style network are missing.
    """
    if not data:
        raise InputError("the built-in styles are made of paintings: name their folder with --data FOLDER.")
    studio = studio or Studio()
    features = Teacher(teacher) if teacher else studio.features.network
    photos = Pictures(data[1:], np.random.default_rng(0))

    def describe(pixels: np.ndarray, name: str) -> Style:
        style = style_of(pixels, name, studio.features)
        if not len(photos):
            return style
        short = cv2.resize(pixels, None, fx=(scale := STYLE_SIDE / min(pixels.shape[:2])), fy=scale,
                           interpolation=cv2.INTER_AREA)
        with torch.no_grad():
            goal = [found(tap) for tap in features(to_tensor(short[None]))]
        work = fitting(studio.network, Judge(features, goal), studio.embedding(style), photos_of(photos), STEPS)
        return fitted(style, finished(work), studio.fingerprint)

    def render(picture: np.ndarray, style: Style) -> np.ndarray:
        return finished(drawn(picture, StyleEdit((style,), snap=0.0), studio, 1.0))[0]

    return make(data[0], out, describe, render)


def photos_of(photos: Pictures) -> Callable[[], Tensor]:
    """Crops of any of them."""
    return lambda: photos.batch(1, SIDE)


def textures(out: Path, minutes: float, seed: int = 0) -> Iterator[TrainingStep]:
    """Writes them into `out`; all together learn for so many minutes."""
    return make_textures(out, 60 * minutes / len(SURFACES), seed)
