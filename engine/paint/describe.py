"""Describe: the manner of a picture as numbers, whatever the picture's size, depth and shape.

The style network has learned from pictures whose shorter side has 224 pixels, so that is the size at which a manner is
measured: a larger picture is reduced first. A smaller one is enlarged at most twice, lest blur become its manner, and
beyond that goes on as its own mirror image.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import torch

from engine.document.job import Describe, Step
from engine.document.pauses import finished
from engine.document.style import Style
from engine.model.features import Features
from engine.paint.ground import eight_bit, resized
from engine.paint.pauses import Working, paused
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor

SHORT, LONG = 224, 512
"""Sides of the picture that is measured; LONG also limits the exemplar that is kept."""
ENLARGED, LEAST = 2.0, 32
"""How much a small picture is enlarged; more only until its shorter side has LEAST pixels."""


def style_of(pixels: np.ndarray, name: str, features: Features, artist: str = "", year: str = "") -> Style:
    """The style of a picture, HxWx3 uint8 or uint16 of any size, with an exemplar no larger than 512 px."""
    return _style(finished(exemplar(pixels)), name, features, artist, year)


def describe(job: Describe, studio: Studio) -> Iterator[Step]:
    """Reduces the picture, with pauses, and measures it; the settled step has the style."""
    step = Step(ticket=job.ticket, fraction=0.2, note="Looking at the picture")
    yield step
    small = yield from paused(exemplar(job.pixels), step)
    style = _style(small, job.name, studio.features)
    yield Step(ticket=job.ticket, settled=True, style=style, fraction=1.0, note="Done")


def exemplar(pixels: np.ndarray) -> Working[np.ndarray]:
    """The picture as it is kept: HxWx3 uint8, no larger than 512 px a side; of a very long one, the middle."""
    pixels = _middle(pixels)
    height, width = pixels.shape[:2]
    share = LONG / max(height, width)
    if share >= 1:
        return eight_bit(pixels)
    small = yield from resized(pixels, max(1, round(height * share)), max(1, round(width * share)))
    return eight_bit(small)


def measured(picture: np.ndarray) -> np.ndarray:
    """HxWx3 uint8 no larger than 512 px -> the picture whose statistics are the style: SHORT the shorter side."""
    height, width = picture.shape[:2]
    share = min(SHORT / min(height, width), max(ENLARGED, LEAST / min(height, width)))
    if share != 1:
        way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
        picture = cv2.resize(picture, (round(width * share), round(height * share)), interpolation=way)
    missing = [max(0, SHORT - side) for side in picture.shape[:2]]
    return np.pad(picture, ((0, missing[0]), (0, missing[1]), (0, 0)), "symmetric") if any(missing) else picture


def _middle(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture that is longer than two to one."""
    height, width = picture.shape[:2]
    high, wide = min(height, 2 * width), min(width, 2 * height)
    top, left = (height - high) // 2, (width - wide) // 2
    return picture[top : top + high, left : left + wide]


def _style(small: np.ndarray, name: str, features: Features, artist: str = "", year: str = "") -> Style:
    with torch.no_grad():
        flats = [tap.flatten(2)[0] for tap in features.network(to_tensor(measured(small), features.device))]
    means = tuple(flat.mean(dim=1).cpu().numpy() for flat in flats)
    grams = tuple((flat @ flat.T / flat.shape[1]).cpu().numpy() for flat in flats)
    return Style(name, means, grams, artist, year, exemplar=small)
