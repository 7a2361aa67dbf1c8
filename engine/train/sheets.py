"""Sheets of pictures to look at: samples, and samples beside the pictures learned from that are most like them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from engine.document.atomic import replacing
from engine.model.features import Features
from engine.train.measure import described, nearest

COLUMNS = 8
ROWS = 6
LIKE = 5
GAP = 2


def sheet(pictures: np.ndarray, columns: int = COLUMNS, ground: int = 255) -> np.ndarray:
    """NxSxSx3 uint8 in rows with narrow gaps, of that grey level -> HxWx3 uint8."""
    side, rows = pictures.shape[1], -(-len(pictures) // columns)
    whole = np.full((rows * (side + GAP) + GAP, columns * (side + GAP) + GAP, 3), ground, np.uint8)
    for index, picture in enumerate(pictures):
        y, x = GAP + index // columns * (side + GAP), GAP + index % columns * (side + GAP)
        whole[y:y + side, x:x + side] = picture
    return whole


def beside(made: np.ndarray, learned: np.ndarray, features: Features) -> np.ndarray:
    """A row for each sample, NxSxSx3 uint8: itself, then the pictures learned from that are nearest, nearest first."""
    places, _ = nearest(described(made, features), described(learned, features), LIKE)
    rows = [picture for sample, row in zip(made, places, strict=True) for picture in (sample, *learned[row])]
    return sheet(np.stack(rows), LIKE + 1)


def write(pixels: np.ndarray, path: Path, scale: int = 1) -> None:
    """A PNG, whole or not at all."""
    image = Image.fromarray(pixels)
    with replacing(path) as temporary:
        image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST).save(temporary)
