"""Judging taught sliders without a hand: labels come from what can be measured on a face, and so does the truth.

Random faces are drawn by the preview network. The face mesh tells how far the head is turned and how wide the mouth is,
pixels tell where the light comes from and how light the hair is. A label is whether that is above the median, so many
are hard ones. So many labels are given, the rest is held out, and three ways are compared: ridge regression on whitened
coordinates alone; the pooled features' own classifier; and the direction that is taught, from both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from engine.document.job import Candidate, Sample
from engine.model.features import Features
from engine.model.landmarks import SIDE as MESH_SIDE
from engine.model.landmarks import Face, Landmarks
from engine.model.manifold import Manifold
from engine.model.teach import AXES, pointing, pooled, sample, scored, similarity

LABELS = (20, 50, 100)
SPLITS = 8
PRESENT = 0.9
"""Score of the mesh from which a picture counts as a face."""


@dataclass(frozen=True)
class Row:
    """Accuracies 0..1 on held-out faces, means over the splits. estimate: what leaving one out had promised."""

    name: str
    labels: int
    coordinates: float
    features: float
    taught: float
    estimate: float


@dataclass(frozen=True, eq=False)
class Faces:
    """N faces: latents NxLxW, similarity of their features NxN, what was measured (N each, by name)."""

    latents: torch.Tensor
    kernel: np.ndarray
    measured: dict[str, np.ndarray]


def judge(manifold: Manifold, landmarks: Landmarks, count: int, told: Callable[[float], None]) -> list[Row]:
    """A row for each property and number of labels, of `count` random faces. told: the fraction done."""
    faces = measured(manifold, landmarks, count, told)
    numbers = [n for n in LABELS if n <= len(faces.latents) - 40]
    return [_row(manifold, faces, name, labels) for name in faces.measured for labels in numbers]


def measured(manifold: Manifold, landmarks: Landmarks, count: int, told: Callable[[float], None]) -> Faces:
    """Draw the faces and measure them; what the mesh does not take for a face is left out."""
    features = Features.load()
    kept: list[Candidate] = []
    rows, found = [], []
    for index in range(count):
        (candidate,) = list(sample(Sample(ticket=0, count=1, seed=10_000 + index), manifold))[-1].candidates
        square = cv2.resize(candidate.picture, (MESH_SIDE, MESH_SIDE), interpolation=cv2.INTER_LINEAR)
        face = landmarks.mesh(square.astype(np.float32) / 255)
        if face.score >= PRESENT:
            kept.append(candidate)
            rows.append(pooled(candidate.picture, features))
            found.append(_properties(square, face))
        told((index + 1) / count)
    names = found[0]
    values = {name: np.array([each[name] for each in found]) for name in names}
    latents = torch.cat([manifold.tensor(candidate.latent) for candidate in kept])
    return Faces(latents, similarity(np.stack(rows)), values)


def _properties(square: np.ndarray, face: Face) -> dict[str, float]:
    """What can be measured of a face that fills two thirds of its square."""
    between = float(np.linalg.norm(face.eyes[1] - face.eyes[0]))
    light = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across, down = face.eyes[1] - face.eyes[0], face.mouth.mean(0) - face.eyes.mean(0)
    cheeks = [face.mouth[i] - 0.45 * down + (i - 0.5) * 0.35 * across for i in (0, 1)]
    left, right = (_patch(light, place) for place in cheeks)
    crown = face.eyes.mean(0) - 1.35 * down
    return {
        "turn": float((face.points[2] - face.eyes.mean(0))[0]) / between,
        "smile": float(np.linalg.norm(face.mouth[1] - face.mouth[0])) / between,
        "light from the left": float(np.log(left + 8) - np.log(right + 8)),
        "hair lightness": _patch(light, crown),
    }


def _patch(light: np.ndarray, place: np.ndarray, radius: int = 9) -> float:
    """Mean of the square around a place, as far as it lies in the picture."""
    x, y = np.clip(place, radius, len(light) - radius).astype(int)
    return float(light[y - radius : y + radius, x - radius : x + radius].mean())


def _row(manifold: Manifold, faces: Faces, name: str, labels: int) -> Row:
    truth = np.where(faces.measured[name] > np.median(faces.measured[name]), 1.0, -1.0)
    random = np.random.default_rng(0)
    results = [_split(manifold, faces, truth, random.permutation(len(truth)), labels) for _ in range(SPLITS)]
    coordinates, features, taught, estimate = (float(value) for value in np.mean(results, axis=0))
    return Row(name, labels, coordinates, features, taught, estimate)


def _split(
    manifold: Manifold, faces: Faces, truth: np.ndarray, order: np.ndarray, labels: int
) -> tuple[float, float, float, float]:
    """The first `labels` of the order are judged; half of the rest is seen unjudged, the other half is held out."""
    rest = len(order) - labels
    judged, seen, held_out = np.split(order, [labels, labels + rest // 2])
    likes = np.zeros(len(order))
    likes[judged] = truth[judged]
    scores, estimate = scored(faces.kernel, likes)
    alone = pointing(manifold, faces.latents[judged], truth[judged])
    known = np.concatenate([judged, seen])
    both = pointing(manifold, faces.latents[known], scores[known])

    def right(found: np.ndarray) -> float:
        return float((np.sign(found[held_out]) == truth[held_out]).mean())

    found = (_along(manifold, faces, alone, judged), scores, _along(manifold, faces, both, known))
    coordinates, features, taught = (right(each) for each in found)
    return coordinates, features, taught, estimate


def _along(manifold: Manifold, faces: Faces, direction: np.ndarray, known: np.ndarray) -> np.ndarray:
    """How far every face lies along the direction, from the middle of the known ones."""
    places = manifold.coordinates(faces.latents)[0][:, 0, :AXES]
    way = manifold.coordinates(manifold.average() + torch.tensor(direction)[None])[0][0, 0, :AXES]
    found = (places @ way).numpy()
    return np.asarray(found - np.median(found[known]))
