"""Proposes the regions of a photo that a manifold can take on: finds its faces and frames them.

Flow (`search`):
1. The detector looks at a copy of at most 1280 pixels: in a black margin, for faces that fill the photo; as it is; and
   at its overlapping halves. So it sees faces down to 35 pixels of the copy.
2. Only when there is nobody, it looks at turned copies: it knows faces that are upright or tilted by up to 45 degrees.
3. The mesh looks at each sighting on the photo itself, through the frame that it found the last time, until that stays
   the same. It says where the eyes are, which way is up, and what is no face.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from engine.document.job import FindRegions, Step
from engine.document.latent import Frame
from engine.document.manifold_entry import FACES, FFHQ, SCENE
from engine.document.offered import offered
from engine.document.pauses import retold
from engine.document.photo import Photo
from engine.edit.align import crop, frame_of
from engine.model import packs
from engine.model.card import read_card
from engine.model.landmarks import SIDE, Face, Landmarks, open_landmarks

NO_FACE = (
    "No face found. For another thing choose a model above and set the frame by hand; or drag a style from the "
    "Library onto the photo."
)

COPY = 1280
SMALLEST_TILE = 640
TURNS = (60, -60, 120, -120, 180)
MESH_MARGIN = 1.5
"""Side of the square that the mesh sees, over the side of the face."""
HOPELESS, PRESENT, SURE = 0.4, 0.65, 0.88
"""Scores of the mesh below which there is no face, from which on there is one, and from which on it is upright too."""
PASSES = 5
SAME = 0.4
"""Faces whose centres are nearer than this share of the larger one are one face."""
MOST = 40
"""Sightings that the mesh looks at; a crowd has more faces than anybody wants frames."""


@cache
def networks() -> Landmarks:
    """The landmark networks, opened once. InputError, which is not kept, when their pack is not installed."""
    return open_landmarks()


def find_regions(job: FindRegions) -> Iterator[Step]:
    """A frame for every face of the photo, the largest and surest first; none, and a note, where no face is found.

    For a manifold that was not taught faces there is nothing to look for: the frame that is offered. For one of scenes
    it covers the photo: at the side of a smaller one an evening sky would end.
    """
    layout = _layout(job.manifold)
    if layout != FFHQ:
        note = "The whole photo" if layout == SCENE else "The middle of the photo"
        yield Step(ticket=job.ticket, settled=True, frames=(offered(job.photo, layout),), fraction=1.0, note=note)
        return
    looking = Step(ticket=job.ticket, note="Looking for faces")
    faces = yield from retold(search(job.photo, networks()), lambda done: replace(looking, fraction=done))
    found = sorted(((frame_of(face), face.score) for face in faces), key=lambda pair: -pair[0].size * pair[1])
    note = {0: NO_FACE, 1: "One face found"}.get(len(found), f"{len(found)} faces found")
    yield Step(ticket=job.ticket, settled=True, frames=tuple(f for f, _ in found), fraction=1.0, note=note)


def _layout(manifold: str) -> str:
    if manifold == FACES:
        return FFHQ
    return read_card(packs.folder(manifold) / packs.CARD).layout if manifold in packs.trained() else ""


def search(photo: Photo, networks: Landmarks) -> Generator[float, None, tuple[Face, ...]]:
    """Yields the fraction done; returns the faces, surest first, in photo coordinates."""
    copy, scale = _copy(photo)
    found: list[Face] = []
    for index, turn in enumerate((0, *TURNS)):
        sighted: list[Face] = []
        for faces in _look(copy, turn, networks):
            sighted += faces
            yield index / (len(TURNS) + 1)
        for face in _distinct(sighted)[:MOST]:
            found += _measured(photo, face.moved(np.eye(2, 3) / scale), networks)
            yield index / (len(TURNS) + 1)
        if turn == 0 and found:
            break
    return tuple(_distinct(found))


def _copy(photo: Photo) -> tuple[np.ndarray, float]:
    """The photo as uint8 with at most 1280 pixels on the long side, and the scale that took it there."""
    scale = min(1.0, COPY / max(photo.width, photo.height))
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    pixels = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else photo.pixels
    return cv2.convertScaleAbs(pixels, alpha=255 / photo.white), scale


def _look(picture: np.ndarray, turn: int, networks: Landmarks) -> Iterator[list[Face]]:
    """What the detector sees in the picture when it is turned by `turn` degrees: in the picture's coordinates."""
    matrix, size = _turn(picture, turn)
    turned = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR) if turn else picture
    for x, y, tile in _tiles(turned):
        back = cv2.invertAffineTransform(matrix - [[0, 0, x], [0, 0, y]])
        yield [face.moved(back) for face in networks.detect(tile)]


def _turn(picture: np.ndarray, turn: int) -> tuple[np.ndarray, tuple[int, int]]:
    """2x3 rotation by `turn` degrees and (width, height) of the canvas that holds all of the turned picture."""
    size = np.array(picture.shape[1::-1])
    matrix = cv2.getRotationMatrix2D((0, 0), turn, 1.0)
    canvas = np.ceil(np.abs(matrix[:, :2]) @ size - 1e-6)
    matrix[:, 2] = canvas / 2 - matrix[:, :2] @ (size / 2)
    return matrix, (int(canvas[0]), int(canvas[1]))


def _tiles(picture: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """x, y and pixels: the whole in a black margin, for faces that fill it; the whole; then overlapping squares of half
    its long side, of a quarter, ... no smaller than 640 pixels.
    """
    height, width = picture.shape[:2]
    side = max(height, width)
    margin = side // 4
    yield -margin, -margin, cv2.copyMakeBorder(picture, margin, margin, margin, margin, cv2.BORDER_CONSTANT)
    yield 0, 0, picture
    while (side := side // 2) >= SMALLEST_TILE:
        for y in range(0, max(1, height - side // 2), side // 2):
            for x in range(0, max(1, width - side // 2), side // 2):
                yield x, y, picture[y:y + side, x:x + side]


def _measured(photo: Photo, face: Face, networks: Landmarks) -> list[Face]:
    """The face as the mesh sees it on the photo itself; empty when it sees none.

    The detector may have taken an upside-down face for an upright one; the mesh is surer of it the right way up.
    """
    best = _settled(photo, face, 0.0, networks)
    for turn in (math.pi, math.pi / 2, -math.pi / 2):
        if not HOPELESS < best.score < SURE:
            break
        best = max(best, _settled(photo, face, turn, networks), key=lambda f: f.score)
    return [best] if best.score > PRESENT else []


def _settled(photo: Photo, face: Face, turn: float, networks: Landmarks) -> Face:
    """What the mesh sees, looking again through the frame that it has found before until that stays the same."""
    for _ in range(PASSES):
        across = face.eyes[1] - face.eyes[0]
        angle = math.atan2(across[1], across[0]) + turn
        x, y = map(float, face.centre)
        frame = Frame(x, y, max(face.side, 1.0) * MESH_MARGIN, angle)
        before, face, turn = face, networks.mesh(_seen(photo, frame)).moved(frame.matrix(SIDE)), 0.0
        if face.score < HOPELESS or np.abs(face.points - before.points).max() < face.side / 100:
            break
    return face


def _seen(photo: Photo, frame: Frame) -> np.ndarray:
    """What the mesh is shown: 192x192x3 float32, grey beyond the photo. It takes a mirrored cheek for a wider face."""
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    x, y = frame.to_photo(np.stack([column.ravel(), row.ravel()], 1), SIDE).T
    outside = (x < 0) | (y < 0) | (x > photo.width) | (y > photo.height)
    square = crop(photo, frame, SIDE)
    square[outside.reshape(SIDE, SIDE)] = 0.5
    return square


def _distinct(faces: Sequence[Face]) -> list[Face]:
    """One of those that are the same face, the surest."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: -f.score):
        if all(math.dist(face.centre, other.centre) > SAME * max(face.side, other.side) for other in kept):
            kept.append(face)
    return kept
