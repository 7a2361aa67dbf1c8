"""The solver obeys strokes, keeps the rest, and never leaves without the best it has seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.edit import ManifoldEdit
from engine.document.job import Solve, Step
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.energy import Energy, Weights
from engine.edit.solve import Descent, solve
from engine.model.manifold import Manifold, to_uint8


@pytest.fixture
def job(tiny_manifold: Manifold) -> Solve:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    base = Latent(np.zeros((tiny_manifold.layers, tiny_manifold.width), np.float32), "tiny")
    edit = ManifoldEdit(Frame(40, 32, 48), base, base)
    return Solve(ticket=3, photo=Photo(pixels), edit=edit, starts=(base,), settle=True, candidates=4, steps=40)


def red(weight: float = 1.0) -> Stroke:
    points = np.array([(36, 32, 1), (44, 32, 1)], np.float32)
    return Stroke(StrokeKind.COLOR, points, 8, color=(255, 40, 40), weight=weight)


def painted(job: Solve, *strokes: Stroke) -> Solve:
    return replace(job, edit=replace(job.edit, strokes=strokes))


def done(job: Solve, manifold: Manifold) -> list[Step]:
    """The job's steps, without the pauses in between."""
    steps = list(solve(job, manifold))
    return [step for step, before in zip(steps, [None, *steps], strict=False) if step is not before][1:]


def last(job: Solve, manifold: Manifold) -> Step:
    steps = done(job, manifold)
    assert [s.settled for s in steps] == [False] * (len(steps) - 1) + [True]
    return steps[-1]


def energy(job: Solve, manifold: Manifold, latent: Latent) -> float:
    with torch.no_grad():
        return float(Energy(job, manifold, Weights()).of(*manifold.coordinates(manifold.tensor(latent))))


def test_without_strokes_nothing_moves(job: Solve, tiny_manifold: Manifold) -> None:
    step = last(job, tiny_manifold)
    np.testing.assert_allclose(step.candidates[0].latent.values, job.edit.base.values, atol=1e-6)
    assert step.patch is not None and step.patch.support.max() == 0


def test_a_stroke_lowers_the_energy_and_colours_its_place(job: Solve, tiny_manifold: Manifold) -> None:
    job = painted(job, red())
    step = last(job, tiny_manifold)
    best = step.candidates[0]
    assert energy(job, tiny_manifold, best.latent) < 0.8 * energy(job, tiny_manifold, job.edit.base)
    before = last(painted(job), tiny_manifold).candidates[0].picture[6:10, 5:11].astype(float).mean(axis=(0, 1))
    after = best.picture[6:10, 5:11].astype(float).mean(axis=(0, 1))
    assert after[0] - after[2] > before[0] - before[2] + 20


def test_candidates_are_ranked_and_differ(job: Solve, tiny_manifold: Manifold) -> None:
    candidates = last(painted(job, red()), tiny_manifold).candidates
    costs = [c.cost for c in candidates]
    assert len(candidates) == 4 and costs == sorted(costs)
    assert not np.allclose(candidates[0].latent.values, candidates[-1].latent.values, atol=1e-3)


def test_heavier_strokes_are_obeyed_more(job: Solve, tiny_manifold: Manifold) -> None:
    def distance(weight: float) -> float:
        picture = last(painted(job, red(weight)), tiny_manifold).candidates[0].picture
        return float(np.abs(picture[7:9, 6:10].astype(float) - (255, 40, 40)).mean())

    assert distance(4) < distance(0.1)


def test_same_seed_same_answer(job: Solve, tiny_manifold: Manifold) -> None:
    first, second = (last(painted(job, red()), tiny_manifold).candidates[0] for _ in range(2))
    assert np.array_equal(first.latent.values, second.latent.values)


def test_while_the_hand_moves_every_step_is_a_preview(job: Solve, tiny_manifold: Manifold) -> None:
    steps = done(replace(painted(job, red()), settle=False, steps=5), tiny_manifold)
    assert len(steps) == 5 and not any(s.settled for s in steps)
    assert all(s.overlay is not None and s.overlay.shape == (16, 16, 4) for s in steps)
    assert steps[-1].candidates[0].cost < steps[0].candidates[0].cost


def test_protected_pixels_have_no_support(job: Solve, tiny_manifold: Manifold) -> None:
    guard = Stroke(StrokeKind.PROTECT, np.array([(40, 44, 1)], np.float32), 6)
    patch = last(painted(job, red(4), guard), tiny_manifold).patch
    assert patch is not None and patch.support.max() > 0
    rows, columns = np.nonzero(patch.support)
    assert np.hypot(columns + patch.x + 0.5 - 40, rows + patch.y + 0.5 - 44).min() > 2


def test_starts_are_used(job: Solve, tiny_manifold: Manifold) -> None:
    solved = last(painted(job, red()), tiny_manifold).candidates[0]
    again = replace(painted(job, red()), starts=(solved.latent,), settle=False, steps=1)
    (step,) = done(again, tiny_manifold)
    assert step.candidates[0].cost <= energy(again, tiny_manifold, solved.latent) * 1.001
    (fresh,) = done(replace(again, starts=()), tiny_manifold)
    assert fresh.candidates[0].cost > 1.2 * step.candidates[0].cost


def test_the_first_step_shows_what_the_first_gradient_did(job: Solve, tiny_manifold: Manifold) -> None:
    job = replace(painted(job, red()), settle=True)
    first = done(job, tiny_manifold)[0]
    assert len(first.candidates) == 1, "the one the artist watches, alone"
    assert first.candidates[0].cost < energy(job, tiny_manifold, job.edit.base)
    assert not np.array_equal(first.candidates[0].latent.values, job.edit.base.values)


def test_colour_alone_keeps_the_coarse_layers_nearly_in_place(job: Solve, tiny_manifold: Manifold) -> None:
    def share(*strokes: Stroke) -> float:
        """How far the coarse layer has gone, as a share of the others."""
        latent = done(replace(painted(job, *strokes), settle=False, steps=6), tiny_manifold)[-1].candidates[0].latent
        coarse, *fine = np.linalg.norm(latent.values - job.edit.base.values, axis=1)
        return float(coarse / min(fine))

    pull = Stroke(StrokeKind.WARP, np.array([(36, 32, 1), (42, 32, 1)], np.float32), 6)
    assert 0 < share(red()) < 0.25 < 0.4 < share(red(), pull)


def test_a_descent_that_has_come_to_rest_says_so(job: Solve, tiny_manifold: Manifold) -> None:
    descent = Descent(Energy(painted(job, red()), tiny_manifold, Weights()), tiny_manifold.tensor(job.edit.base))
    counts = 0
    while not descent.settled():
        finished(descent.step())
        counts += 1
    assert 5 < counts < 150
    assert descent.cost < 1.02 * min(descent.costs) and descent.cost < descent.costs[0]


def faulty(manifold: Manifold, answers: float, sketched: bool) -> Manifold:
    """Its light network is darker on one side, and answers to latents that much more strongly; sketches see truly."""

    class Faulty(torch.nn.Module):
        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            return manifold.generator(answers * latents) + 0.4 * torch.linspace(-1, 1, 16)

    class Averaged(torch.nn.Module):
        size = 8

        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.adaptive_avg_pool2d(manifold.picture(latents), self.size)

    return replace(manifold, light=Faulty(), sketches=(Averaged(), Averaged()) if sketched else ())


@pytest.mark.parametrize("sketched", [False, True])
def test_the_wall_shows_no_faults_of_the_light_network(
    sketched: bool, job: Solve, tiny_manifold: Manifold
) -> None:
    manifold = faulty(tiny_manifold, 1.0, sketched)
    step = last(painted(job, red()), manifold)
    assert len(step.candidates) == 4
    for candidate in step.candidates:
        true = to_uint8(manifold.picture(manifold.tensor(candidate.latent)))
        assert np.abs(candidate.picture.astype(float) - true).mean() < 8


def test_a_leader_whose_first_steps_climb_goes_on(job: Solve, tiny_manifold: Manifold) -> None:
    costs = [0.143, 0.196, 0.245, 0.164, 0.183, 0.187, 0.155, 0.133]
    descent = Descent(Energy(painted(job, red()), tiny_manifold, Weights()), tiny_manifold.tensor(job.edit.base))
    for cost in costs:
        descent.costs.append(cost)
        assert not descent.settled()


def test_a_stroke_is_obeyed_by_the_full_network_where_a_sketch_agrees_with_it(
    job: Solve, tiny_manifold: Manifold
) -> None:
    manifold, stroke = faulty(tiny_manifold, 3.0, True), red(4.0)
    found = last(painted(job, stroke), manifold).candidates[0].latent
    alone = last(painted(job, stroke), replace(manifold, sketches=())).candidates[0].latent

    def asked(latent: Latent) -> float:
        return energy(painted(job, stroke), tiny_manifold, latent)

    assert asked(found) < asked(alone) < asked(job.edit.base)
