"""A property that is seen is learned from a few labels, and better with pictures nobody judged."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.document.job import Example, Sample, Teach
from engine.document.latent import Latent
from engine.model import teach as module
from engine.model.manifold import Manifold
from engine.model.teach import pointing, sample, scored, similarity, teach


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIDE", 32)


def examples(manifold: Manifold, count: int, judged: int) -> tuple[tuple[Example, ...], np.ndarray]:
    """Random pictures; liked are those whose top is redder than their bottom, of the first `judged`."""
    candidates = list(sample(Sample(ticket=1, manifold="tiny", count=count, seed=3), manifold))[-1].candidates
    redder = np.array([c.picture[:8, :, 0].mean() - c.picture[8:, :, 0].mean() for c in candidates])
    made = tuple(
        Example(c.latent, c.picture, bool(redder[i] > 0) if i < judged else None) for i, c in enumerate(candidates)
    )
    return made, redder


def test_samples_come_one_by_one(tiny_manifold: Manifold) -> None:
    steps = list(sample(Sample(ticket=1, manifold="tiny", count=3, seed=5), tiny_manifold))
    assert [len(s.candidates) for s in steps] == [1, 2, 3] and [s.settled for s in steps] == [False, False, True]
    again = list(sample(Sample(ticket=1, manifold="tiny", count=3, seed=5), tiny_manifold))[-1]
    np.testing.assert_array_equal(again.candidates[2].picture, steps[-1].candidates[2].picture)


def test_what_is_liked_is_more_along_the_direction(tiny_manifold: Manifold) -> None:
    given, _ = examples(tiny_manifold, 60, 30)
    step = list(teach(Teach(ticket=1, name="Red top", examples=given), tiny_manifold))[-1]
    assert step.accuracy is not None and step.accuracy > 0.75
    (direction,) = step.directions
    base = np.zeros((1, 3, 8), np.float32)
    for way, sign in ((2.0, 1), (-2.0, -1)):
        picture = tiny_manifold.picture(torch.from_numpy(base + way * direction.values))[0, 0]
        assert sign * float(picture[:8].mean() - picture[8:].mean()) > 0.03
    shared, _ = tiny_manifold.coordinates(torch.tensor(direction.values)[None])
    assert abs(float(shared.norm()) - 1) < 1e-4  # one standard deviation


def test_too_few_of_either_sort_teach_nothing(tiny_manifold: Manifold) -> None:
    given, _ = examples(tiny_manifold, 8, 0)
    liked = tuple(Example(e.latent, e.picture, True) for e in given)
    step = list(teach(Teach(ticket=1, name="All", examples=liked), tiny_manifold))[-1]
    assert step.settled and step.directions == () and step.accuracy is None and "2 pictures" in step.note


def test_left_out_one_by_one_agrees_with_doing_so() -> None:
    random = np.random.default_rng(0)
    rows = random.standard_normal((12, 30))
    kernel, likes = similarity(rows), np.sign(random.standard_normal(12))
    _, accuracy = scored(kernel, likes)
    right = []
    for i in range(12):
        rest = np.arange(12) != i
        weights = np.linalg.solve(kernel[np.ix_(rest, rest)] + 1 + 0.3 * np.eye(11), likes[rest])
        right.append(np.sign((kernel[i, rest] + 1) @ weights) == likes[i])
    both = [np.mean([r for r, like in zip(right, likes, strict=True) if like == sort]) for sort in (-1, 1)]
    assert accuracy == np.mean(both)


def test_labels_that_mean_nothing_are_told_at_about_half() -> None:
    random = np.random.default_rng(1)
    found = [scored(similarity(random.standard_normal((40, 60))), np.sign(random.standard_normal(40)))[1]
             for _ in range(20)]  # fmt: skip
    assert 0.4 < np.mean(found) < 0.6


def test_a_direction_points_where_the_scores_rise(tiny_manifold: Manifold) -> None:
    latents = tiny_manifold.sample(200, 2, 1.0)
    way = pointing(tiny_manifold, latents, latents[:, 0, 3].numpy())
    assert way.shape == (3, 8) and way[0].argmax() == 3 and way[0, 3] > 0.9


def test_features_are_computed_once_for_a_picture(tiny_manifold: Manifold) -> None:
    latent = Latent(np.zeros((3, 8), np.float32), "tiny")
    grey = np.full((16, 16, 3), 99, np.uint8)
    given = (*examples(tiny_manifold, 6, 6)[0], Example(latent, grey, True))
    steps = [list(teach(Teach(ticket=1, name="x", examples=given), tiny_manifold)) for _ in range(2)]
    np.testing.assert_array_equal(steps[0][-1].directions[0].values, steps[1][-1].directions[0].values)
