"""The table of taught sliders: rows for what can be held out, accuracies that tell learning from guessing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.judge import directions
from engine.judge.directions import Faces, Row, judge, measured
from engine.model import teach
from engine.model.features import Features
from engine.model.landmarks import Face
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG


class Mesh:
    """Sees a face in every picture but the first; its mouth is as wide as the picture is red."""

    def __init__(self) -> None:
        self.seen = 0

    def mesh(self, square: np.ndarray) -> Face:
        self.seen += 1
        wide = 20 + 40 * float(square[..., 0].mean())
        points = np.array([[70, 80], [120, 80], [95, 100], [95 - wide, 130], [95 + wide, 130]], float)
        return Face(points, np.array([95.0, 95.0]), 120.0, 0.0 if self.seen == 1 else 1.0)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    monkeypatch.setattr(teach, "SIDE", 32)
    monkeypatch.setattr(directions, "SPLITS", 2)


def test_what_is_no_face_is_left_out(tiny_manifold: Manifold) -> None:
    told: list[float] = []
    faces = measured(tiny_manifold, Mesh(), 4, told.append)  # type: ignore[arg-type]
    assert faces.latents.shape == (3, 3, 8) and faces.kernel.shape == (3, 3) and told[-1] == 1
    assert set(faces.measured) == {"turn", "smile", "light from the left", "hair lightness"}


def test_a_row_for_every_number_of_labels_that_leaves_some_out(tiny_manifold: Manifold) -> None:
    rows = judge(tiny_manifold, Mesh(), 64, lambda fraction: None)  # type: ignore[arg-type]
    assert {row.labels for row in rows} == {20}
    smile = next(row for row in rows if row.name == "smile")
    assert smile.features > 0.6 and all(0 <= v <= 1 for v in (smile.coordinates, smile.taught, smile.estimate))


def test_labels_without_meaning_are_guessed(tiny_manifold: Manifold) -> None:
    random = np.random.default_rng(0)
    latents = tiny_manifold.sample(120, 1)
    rows = random.standard_normal((120, 40))
    faces = Faces(latents, teach.similarity(rows), {"nothing": random.standard_normal(120)})
    row: Row = directions._row(tiny_manifold, faces, "nothing", 50)
    assert 0.3 < row.taught < 0.7 and 0.3 < row.features < 0.7
