"""Where faces are and what is where on them: MediaPipe's face detector and face mesh, run by OpenCV.

The detector (BlazeFace, full range; Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile
GPUs") sees a square of 192 pixels and finds upright faces, roughly. The mesh (Kartynnik et al. 2019, "Real-time Facial
Surface Geometry from Monocular Video on Mobile GPUs") sees a square around one upright face and tells 468 points on it,
and whether there is a face at all. Both come with the `landmarks` pack, as TFLite files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.arrays import frozen
from engine.model import packs

SIDE = 192
"""Side of the square that both networks see, in pixels."""

CELLS = 48
"""The detector answers for each of 48 x 48 cells of its square."""
DETECTOR_PLACES, DETECTOR_SCORES = "reshaped_regressor_face_4", "reshaped_classifier_face_4"
EVIDENCE = 10
"""The mesh's own score is 25 to 60 on a face that it sees upright, below 10 on one upside down, negative elsewhere."""
MESH_POINTS, MESH_SCORE = "conv2d_20", "conv2d_30"

# Mesh points: both corners and four points of the lids of each eye, tip of the nose, corners of the mouth. An eye is
# the mean of its six, as it is in the face layout FFHQ (there from dlib's points, which lie at the same places).
RIGHT_EYE, LEFT_EYE = (33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380)
NOSE, MOUTH = 1, (61, 291)


@dataclass(frozen=True, eq=False)
class Face:
    """A face on a picture, in its pixels (pixel centres at integer + 0.5).

    points: 5x2 float64 (x, y): the eyes (the one that is left on an upright picture first), the nose, the corners of
    the mouth. centre (2,) and side: the square around all of the face, from brow to chin. score: 0..1.
    """

    points: np.ndarray
    centre: np.ndarray
    side: float
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", frozen(self.points, np.float64))
        object.__setattr__(self, "centre", frozen(self.centre, np.float64))

    @property
    def eyes(self) -> np.ndarray:
        """2x2: the centres of the eyes."""
        return self.points[:2]

    @property
    def mouth(self) -> np.ndarray:
        """2x2: the corners of the mouth."""
        return self.points[3:]

    def moved(self, matrix: np.ndarray) -> Face:
        """The face taken along by a 2x3 similarity transform."""
        turn = matrix[:, :2]
        side = self.side * math.sqrt(abs(np.linalg.det(turn)))
        return Face(self.points @ turn.T + matrix[:, 2], turn @ self.centre + matrix[:, 2], side, self.score)


class Landmarks:
    """The two networks. detector, mesh: the contents of the TFLite files, uint8."""

    def __init__(self, detector: np.ndarray, mesh: np.ndarray) -> None:
        self._detector = cv2.dnn.readNetFromTFLite(detector)
        self._mesh = cv2.dnn.readNetFromTFLite(mesh)

    def detect(self, picture: np.ndarray, threshold: float = 0.3) -> list[Face]:
        """Upright faces on a hxwx3 uint8 picture of any size, which is seen as a square of 192 pixels.

        The same face is usually found several times, and now and then something that is no face. The detector knows
        but the middle of the mouth, so both corners of it are there.
        """
        square, scale = _square(picture)
        _show(self._detector, square.astype(np.float32) / 127.5 - 1)
        scores = _sigmoid(self._detector.forward(DETECTOR_SCORES).reshape(-1))
        seen = np.flatnonzero(scores > threshold)
        if not len(seen):
            return []  # which spares the network a second run: OpenCV 5 gives one output at a time
        cells = (np.stack([seen % CELLS, seen // CELLS], 1) + 0.5) * (SIDE / CELLS)
        places = self._detector.forward(DETECTOR_PLACES).reshape(-1, 8, 2)[seen].astype(np.float64) / scale
        cells /= scale
        return [Face(p[[2, 3, 4, 5, 5]] + cell, p[0] + cell, float(p[1].max()), float(score))
                for p, cell, score in zip(places, cells, scores[seen], strict=True)]

    def mesh(self, square: np.ndarray) -> Face:
        """The face on a 192x192x3 float32 picture in 0..1, upright in the middle of it and two thirds as large.

        The score tells whether it is one, and upright; where it is not, the points mean nothing.
        """
        _show(self._mesh, square)
        mesh = self._mesh.forward(MESH_POINTS).reshape(-1, 3)[:, :2].astype(np.float64)
        score = _sigmoid(self._mesh.forward(MESH_SCORE).reshape(-1) / EVIDENCE)[0]
        points = [mesh[list(RIGHT_EYE)].mean(0), mesh[list(LEFT_EYE)].mean(0), mesh[NOSE], *mesh[list(MOUTH)]]
        low, high = mesh.min(0), mesh.max(0)
        return Face(np.stack(points), (low + high) / 2, float((high - low).max()), float(score))


def open_landmarks() -> Landmarks:
    """The networks of the installed pack. InputError when it is not installed or was changed."""
    _, files = packs.load("landmarks")
    return Landmarks(files["detector"].numpy(), files["mesh"].numpy())


def _show(network: cv2.dnn.Net, square: np.ndarray) -> None:
    network.setInput(np.ascontiguousarray(square.transpose(2, 0, 1)[None]))


def _square(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture in the top left of a black square of 192 pixels, and the scale that took it there."""
    scale = SIDE / max(picture.shape[:2])
    height, width = (max(1, round(n * scale)) for n in picture.shape[:2])
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return square, scale


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(values.astype(np.float64), -80, 80)))
