"""The lenses light up what is wrong, and the way back leads to what is plausible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.document.edit import ManifoldEdit
from engine.document.job import Inspect, Step
from engine.document.latent import Frame, Latent
from engine.document.lens import PULL, Lens
from engine.document.photo import Photo
from engine.edit.lens import MOST, USUAL, inspect, missed, pulled_back, shaded
from engine.edit.quick import Ground
from engine.model import usual
from engine.model.manifold import Manifold, to_uint8


@pytest.fixture
def base(tiny_manifold: Manifold) -> Latent:
    return Latent(np.zeros((tiny_manifold.layers, tiny_manifold.width), np.float32), "tiny")


def looked(manifold: Manifold, edit: ManifoldEdit, photo: Photo, lens: Lens | None) -> Step:
    return list(inspect(Inspect(ticket=1, photo=photo, edit=edit, lens=lens), manifold))[-1]


def photo_of(manifold: Manifold, latent: Latent) -> Photo:
    with torch.no_grad():
        return Photo(to_uint8(manifold.preview(manifold.tensor(latent))))


def test_the_residual_is_lit_where_the_photo_is_another() -> None:
    before = np.full((64, 64, 3), 0.4, np.float32)
    crop = before.copy()
    crop[10:30, 10:30] += 0.5
    heat = missed(Ground(crop, before))
    assert heat[14:26, 14:26].min() > 0.9 and heat[40:, 40:].max() == 0


def test_a_plausible_lens_brings_a_map_and_the_way_back(
    tiny_manifold: Manifold, base: Latent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    for name, value in (("PATCH", 2), ("SAMPLES", 20), ("FURTHER", 6), ("COORDINATES", 4)):
        monkeypatch.setattr(usual, name, value)
    monkeypatch.setattr(usual, "_known", {})
    edit = ManifoldEdit(Frame(8, 8, 16), base, Latent(base.values + 6, "tiny"))
    step = looked(tiny_manifold, edit, photo_of(tiny_manifold, base), Lens.PLAUSIBLE)
    assert step.settled and step.overlay is not None and step.overlay.shape == (16, 16, 4)
    assert step.frame == edit.frame and step.directions[0].source == PULL


def test_what_is_plausible_is_left(tiny_manifold: Manifold, base: Latent) -> None:
    within = Latent(base.values + 0.5, "tiny")
    assert not pulled_back(tiny_manifold, within, base).values.any()


def test_a_face_that_is_unusual_stays_who_it_is(tiny_manifold: Manifold, base: Latent) -> None:
    began = Latent(base.values + 1.2, "tiny")
    assert not pulled_back(tiny_manifold, began, began).values.any()
    values = began.values.copy()
    values[1] = 4.0
    there = values + pulled_back(tiny_manifold, Latent(values, "tiny"), began).values
    np.testing.assert_allclose(there, began.values, atol=1e-5)


def test_all_of_the_way_leads_to_what_is_plausible(tiny_manifold: Manifold, base: Latent) -> None:
    values = base.values.copy()
    values[1, :2], values[2] = 9.0, -1.2
    way = pulled_back(tiny_manifold, Latent(values, "tiny"), base)
    there = values + way.values
    assert not way.values[0].any()  # that layer had nothing wrong
    np.testing.assert_allclose(there[1, :2], USUAL, atol=1e-5)
    np.testing.assert_allclose(there[2], -USUAL, atol=1e-5)
    wild = Latent(base.values + 5, "tiny")
    np.testing.assert_allclose(5 + pulled_back(tiny_manifold, wild, wild).values, MOST, atol=1e-5)


def test_nothing_is_clear() -> None:
    assert not shaded(np.zeros((4, 4), np.float32), 16, Lens.PLAUSIBLE)[..., 3].any()
    assert shaded(np.ones((4, 4), np.float32), 16, Lens.RESIDUAL)[..., 3].min() > 180
