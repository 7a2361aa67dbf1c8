"""Projection finds pictures that lie on the manifold, and the frame they lie in."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.job import Project
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import descent
from engine.edit.descent import descend, enough, levels
from engine.edit.project import project
from engine.edit.recipe import Recipe
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold, to_array, to_uint8
from engine.model.networks.compact_vgg import CompactVGG


@pytest.fixture
def features() -> Features:
    torch.manual_seed(0)
    return Features(CompactVGG())


def photo_of(manifold: Manifold, frame: Frame, seed: int = 5) -> tuple[Photo, np.ndarray]:
    """A photo in which a sample of the manifold lies under `frame`, on grey."""
    import cv2

    picture = to_uint8(manifold.picture(manifold.sample(1, seed)))
    matrix = frame.matrix(picture.shape[0])
    matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    return Photo(cv2.warpAffine(picture, matrix, (160, 140), borderValue=(128, 128, 128))), picture


def test_descent_finds_a_picture_of_the_manifold(tiny_manifold: Manifold, features: Features) -> None:
    frame = Frame(80, 70, 96)
    photo, picture = photo_of(tiny_manifold, frame)
    target, on = Target(photo, frame, tiny_manifold), Recipe(still=-1.0)
    moments = list(descend(tiny_manifold, features, target, 80, guess=True, recipe=on))
    assert [m.step for m in moments] == list(range(81)) and moments[-1].cost < 0.3 * moments[0].cost
    assert moments[-1].full is not None and moments[-1].better(moments[-2])
    assert np.abs(to_array(moments[-1].picture) - picture / 255).mean() < 0.06


def sketched(manifold: Manifold) -> Manifold:
    """The same with two sketches: its picture at a quarter of the side and at half of it."""

    class Averaged(torch.nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()
            self.size, self.looks = size, 0

        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            self.looks += 1
            return torch.nn.functional.adaptive_avg_pool2d(manifold.picture(latents), self.size)

    return replace(manifold, sketches=(Averaged(8), Averaged(16)))


def test_coarse_to_fine_ends_in_the_full_picture(tiny_manifold: Manifold, features: Features) -> None:
    frame, manifold = Frame(80, 70, 96), sketched(tiny_manifold)
    photo, picture = photo_of(tiny_manifold, frame)
    recipe = Recipe(shares=(0.7, 0.3), still=-1.0)
    moments = list(descend(manifold, features, Target(photo, frame, manifold), 60, True, recipe))
    assert [network.looks for network in manifold.sketches] == [42, 18]
    assert [m.level for m in moments] == sorted(m.level for m in moments) and moments[-1].level == 2
    assert moments[-1].picture.shape[-1] == manifold.preview_size
    assert all(m.picture.shape[-1] == manifold.preview_size for m in moments)
    assert np.abs(to_array(moments[-1].picture) - picture / 255).mean() < 0.08


@pytest.mark.parametrize("steps", [1, 2, 3, 24])
def test_every_step_has_its_network(steps: int, tiny_manifold: Manifold) -> None:
    for manifold, count in ((tiny_manifold, 2), (sketched(tiny_manifold), 2)):
        ends = [end for _, _, end in levels(manifold, Recipe(shares=(0.7, 0.3)), steps)]
        assert len(ends) == count and ends == sorted(ends) and ends[-1] == steps


def test_refine_moves_the_frame_towards_the_truth(tiny_manifold: Manifold) -> None:
    true = Frame(80, 70, 96, 0.0)
    photo, _ = photo_of(tiny_manifold, true)
    off = Frame(82, 69, 98, 0.04)
    target = Target(photo, off, tiny_manifold)
    for _ in range(4):
        target.refine(tiny_manifold.picture(tiny_manifold.sample(1, 5)), tiny_manifold.importance)

    def away(frame: Frame) -> float:
        return float(np.abs(frame.corners() - true.corners()).mean())

    assert away(target.frame) < 0.5 * away(off)


def test_refine_stays_within_its_limits(tiny_manifold: Manifold) -> None:
    frame = Frame(80, 70, 96)
    photo, _ = photo_of(tiny_manifold, Frame(95, 70, 96))
    target = Target(photo, frame, tiny_manifold)
    for _ in range(20):
        target.refine(tiny_manifold.picture(tiny_manifold.sample(1, 5)), tiny_manifold.importance)
    assert math.hypot(target.frame.x - 80, target.frame.y - 70) <= 0.09 * 96


@pytest.mark.parametrize(("layout", "stays"), [("scene", True), ("", False)])
def test_the_frame_of_a_place_stays_where_it_was_put(layout: str, stays: bool, tiny_manifold: Manifold,
                                                     features: Features) -> None:
    photo, _ = photo_of(tiny_manifold, Frame(80, 70, 96))
    off, manifold = Frame(82, 69, 98, 0.04), replace(tiny_manifold, layout=layout)
    *_, end = descend(manifold, features, Target(photo, off, manifold), 12, True)
    assert (end.frame == off) is stays


@pytest.mark.parametrize("size", [(1, 1), (3, 200)])
def test_job_on_odd_photos_settles(size: tuple[int, int], tiny_manifold: Manifold) -> None:
    photo = Photo(np.full((*size, 3), 90, np.uint8))
    job = Project(ticket=1, photo=photo, frame=Frame(0.5, 0.5, 2), manifold="tiny", steps=3)
    steps = list(project(job, tiny_manifold))
    assert steps[-1].settled and len(steps[-1].candidates) == 1 and np.isfinite(steps[-1].candidates[0].cost)
    assert all(not s.settled for s in steps[:-1])


def test_a_manifold_that_cannot_be_tuned_counts_no_tuning(tiny_manifold: Manifold) -> None:
    photo = Photo(np.full((40, 40, 3), 90, np.uint8))
    job = Project(ticket=1, photo=photo, frame=Frame(20, 20, 30), manifold="tiny", steps=4, quality=30)
    fractions = [step.fraction for step in project(job, tiny_manifold)]
    assert max(fractions[:-1]) >= 0.75


@pytest.mark.parametrize(("size", "steps"), [(64, 96), (128, 48), (256, 24)])
def test_small_pictures_are_given_more_steps(size: int, steps: int, tiny_manifold: Manifold) -> None:
    assert enough(replace(tiny_manifold, size=size)) == steps
    assert enough(replace(sketched(tiny_manifold), size=size)) == 24


def test_a_descent_at_rest_ends_and_its_best_is_kept(
    tiny_manifold: Manifold, features: Features, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descent, "at_rest", lambda costs, patience, still: len(costs) == 10)
    frame = Frame(80, 70, 96)
    photo, _ = photo_of(tiny_manifold, frame)
    fast = Recipe(rate=1.5, refine_every=1000)  # it runs past the best, to and fro
    moments = list(descend(tiny_manifold, features, Target(photo, frame, tiny_manifold), 300, True, fast))
    assert len(moments) == 21  # ten looks through the preview, ten through the full network, and the end
    assert moments[-1].cost <= 1.0001 * min(moment.cost for moment in moments)
