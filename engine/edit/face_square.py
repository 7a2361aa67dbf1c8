"""The largest face of a picture as a square, laid as the faces' manifold lays them: for training on portraits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.document.pauses import finished
from engine.edit.align import crop, frame_of
from engine.edit.regions import networks, search

SMALLEST = 0.5
"""Of a face's frame in pixels, over the side of the square: smaller ones would only be blur."""


def face_square(path: Path, size: int) -> np.ndarray:
    """sizexsizex3 uint8. InputError, in a few words, for a file that is no picture or shows no face large enough."""
    photo = read_photo(path)
    frames = [frame_of(face) for face in finished(search(photo, networks()))]
    if not frames:
        raise InputError("shows no face")
    largest = max(frames, key=lambda frame: frame.size)
    if largest.size < SMALLEST * size:
        raise InputError(f"shows a face of only {largest.size:.0f} px")
    return np.rint(255 * crop(photo, largest, size)).astype(np.uint8)
