"""Where the model picture lies on the photo: the layout of faces, and the photo's pixels under a frame.

The layout is FFHQ's (Karras et al. 2019, "A Style-Based Generator Architecture for GANs", appendix C): eyes level and
at most a quarter of the side apart, the square's centre a tenth of the way from the eyes to the mouth. Faces seen from
the side keep their size, because the distance from eyes to mouth counts as well.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.model.landmarks import Face

LARGER, BESIDE, BELOW = 1.02, 0.004, 0.0035
"""How the recipe, made for dlib's landmarks, has to be put right for the mesh's: measured on 60 generated faces, where
the true frame is the picture itself. What is left is scatter: 0.3 % of the side in place, 2 % in size, 0.5 degrees.
"""
BAND = 64
"""Rows of a crop that are made at a time, so that memory does not grow with the photo."""
MARGIN = 4
SAMPLES = 4
"""At most so many per pixel and direction; only a frame far larger than its photo would ask for more."""


def frame_of(face: Face) -> Frame:
    """The frame that puts the face into the FFHQ layout."""
    eyes, mouth = face.eyes.mean(0), face.mouth.mean(0)
    across, down = face.eyes[1] - face.eyes[0], mouth - eyes
    axis = across + [down[1], -down[0]]  # both run along the top of the upright square
    axis /= math.hypot(*axis)
    size = max(4.0 * math.hypot(*across), 3.6 * math.hypot(*down)) / LARGER
    x, y = eyes + 0.1 * down + size * (BESIDE * axis + BELOW * np.array([-axis[1], axis[0]]))
    return Frame(float(x), float(y), size, math.atan2(axis[1], axis[0]))


def crop(photo: Photo, frame: Frame, size: int) -> np.ndarray:
    """The photo under the frame: size x size x 3 float32 in 0..1, mirrored beyond the photo's borders.

    Where the photo is the larger, a pixel is the mean of what it covers; else it is interpolated (bicubic).
    """
    x, y, width, height = _reach(photo, frame)
    region = photo.pixels[y:y + height, x:x + width]
    shrink = max(1, math.ceil(frame.size / size / 2))
    if shrink > 1:
        region = cv2.resize(region, (-(-width // shrink), -(-height // shrink)), interpolation=cv2.INTER_AREA)
    scale = np.array([region.shape[1] / width, region.shape[0] / height])
    matrix = frame.matrix(size)
    matrix = np.column_stack([matrix[:, :2], matrix[:, 2] - (x, y)]) * scale[:, None]
    samples = min(SAMPLES, max(1, math.ceil(frame.size / size * scale.max() - 1e-6)))
    return np.clip(_sampled(region, matrix, size, samples) / np.float32(photo.white), 0, 1)


def _reach(photo: Photo, frame: Frame) -> tuple[int, int, int, int]:
    """x, y, width, height of the part of the photo that the crop looks at, directly or mirrored in a border."""
    corners = frame.corners()
    low, high = corners.min(0) - MARGIN, corners.max(0) + MARGIN
    spans = []
    for start, end, limit in zip(low, high, (photo.width, photo.height), strict=True):
        first = min(start, 2 * limit - end) if end > limit else start
        last = max(end, -start) if start < 0 else end
        first, last = min(max(0, math.floor(first)), limit - 1), min(limit, math.ceil(last))
        spans.append((first, max(1, last - first)))
    (x, width), (y, height) = spans
    return x, y, width, height


def _is_near(region: np.ndarray, matrix: np.ndarray, size: int) -> bool:
    """Whether no point is mirrored twice, which OpenCV's bicubic interpolation does not do."""
    sides = np.array(region.shape[1::-1])
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]]) @ matrix[:, :2].T + matrix[:, 2]
    return bool((corners > -sides).all() and (corners < 2 * sides).all())


def _sampled(region: np.ndarray, matrix: np.ndarray, size: int, samples: int) -> np.ndarray:
    """size x size x 3 float32: the region under the affine `matrix` (crop to region), samples x samples per pixel."""
    how = cv2.INTER_CUBIC if samples == 1 and _is_near(region, matrix, size) else cv2.INTER_LINEAR
    source = region.astype(np.float32) if samples == 1 else region
    result = np.empty((size, size, 3), np.float32)
    for top in range(0, size, BAND):
        rows = min(BAND, size - top)
        fine = matrix.copy()
        fine[:, 2] += matrix[:, 1] * top
        fine[:, :2] /= samples
        fine[:, 2] += fine[:, :2].sum(1) / 2 - 0.5  # pixel centres lie at integer + 0.5 here, at integers in OpenCV
        band = cv2.warpAffine(source, fine, (size * samples, rows * samples), flags=how | cv2.WARP_INVERSE_MAP,
                              borderMode=cv2.BORDER_REFLECT)
        result[top:top + rows] = cv2.resize(band.astype(np.float32), (size, rows), interpolation=cv2.INTER_AREA)
    return result
