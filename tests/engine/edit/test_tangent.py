"""The tangent answers a stroke as the network would, and says what it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.direction import Direction, Slide
from engine.document.edit import ManifoldEdit
from engine.document.job import Solve
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit import tangent as module
from engine.edit.energy import Energy, Weights
from engine.edit.solve import solve
from engine.edit.tangent import Tangent, linearised
from engine.model.manifold import Manifold


@pytest.fixture
def base(tiny_manifold: Manifold) -> Latent:
    return Latent(np.zeros((tiny_manifold.layers, tiny_manifold.width), np.float32), "tiny")


@pytest.fixture
def tangent(tiny_manifold: Manifold, base: Latent) -> Tangent:
    return finished(linearised(tiny_manifold, base))


def moving(base: Latent, kind: StrokeKind = StrokeKind.COLOR, starts: tuple[Latent, ...] = ()) -> Solve:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    points = np.array([(36, 32, 1), (44, 32, 1)], np.float32)
    stroke = Stroke(kind, points, 8, color=(255, 40, 40) if kind is StrokeKind.COLOR else None)
    return Solve(ticket=3, photo=Photo(pixels), edit=ManifoldEdit(Frame(40, 32, 48), base, base, (stroke,)),
                 starts=starts, steps=2)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds until nothing changes."""
    monkeypatch.setattr(module, "ROUNDS", 60)


def cost(job: Solve, manifold: Manifold, latent: torch.Tensor) -> float:
    with torch.no_grad():
        return float(Energy(job, manifold, Weights()).of(*manifold.coordinates(latent)))


def test_its_answer_lowers_the_energy_of_the_network(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    job = moving(base)
    found = tangent.answer(Energy(job, tiny_manifold, Weights()))
    assert found is not None
    assert cost(job, tiny_manifold, found.latent) < 0.95 * cost(job, tiny_manifold, tiny_manifold.tensor(base))


def test_what_it_shows_is_near_what_the_network_shows(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    found = tangent.answer(Energy(moving(base), tiny_manifold, Weights()))
    assert found is not None
    with torch.no_grad():
        seen = tiny_manifold.preview(found.latent).clamp(-1, 1)
    change = (seen - tangent.origin.picture).abs().mean()
    assert (found.picture - seen).abs().mean() < 0.5 * change


def test_a_manifold_of_one_layer_has_no_coarse_ones(tiny_manifold: Manifold) -> None:
    generator = torch.nn.Sequential(Repeated(tiny_manifold.layers), tiny_manifold.generator)
    single = replace(tiny_manifold, layers=1, generator=generator, light=generator)
    base = Latent(np.zeros((1, single.width), np.float32), "tiny")
    job = moving(base)
    found = finished(linearised(single, base)).answer(Energy(job, single, Weights()))
    assert found is not None
    assert cost(job, single, found.latent) < cost(job, single, single.tensor(base))


class Repeated(torch.nn.Module):
    """The one style for every layer."""

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Bx1xW -> BxLxW."""
        return latents.expand(-1, self.layers, -1)


@pytest.mark.usefixtures("patient")
def test_asked_again_from_its_answer_it_stays(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    energy = Energy(moving(base), tiny_manifold, Weights())
    first = tangent.answer(energy)
    assert first is not None
    latent = tiny_manifold.latent(first.latent)
    tangent.hold(latent, first)
    again = tangent.answer(energy, latent)
    assert again is not None
    torch.testing.assert_close(again.moved, first.moved, atol=2e-2, rtol=0)


def test_places_are_found_along_its_directions(tangent: Tangent) -> None:
    wanted = torch.linspace(-1, 1, len(tangent.directions))
    latent = tangent.origin.latent + torch.einsum("n,nlw->lw", wanted, tangent.directions)
    torch.testing.assert_close(tangent.along(latent), wanted, atol=1e-4, rtol=0)


def test_a_sketch_is_not_for_it(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    assert tangent.answer(Energy(moving(base, StrokeKind.SKETCH), tiny_manifold, Weights())) is None


def test_a_moving_stroke_shows_its_answer_first(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    job = moving(base)
    steps = list(solve(job, tiny_manifold, tangent=tangent))
    new = [step for step, before in zip(steps, [None, *steps], strict=False) if step is not before]
    shown = [step for step in new if step.candidates]
    assert len(shown) == 3  # the answer, and the two steps that were asked for
    assert shown[0].overlay is not None
    follow = replace(job, starts=(shown[0].candidates[0].latent,))
    assert next(step for step in solve(follow, tiny_manifold, tangent=tangent) if step.candidates).overlay is not None


def test_slides_are_where_it_begins_then(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    direction = Direction("up", tiny_manifold.basis[3].numpy()[None].repeat(tiny_manifold.layers, 0), "tiny")
    job = moving(base)
    job = replace(job, edit=job.edit.slid((Slide(direction, 0.5),)))
    energy = Energy(job, tiny_manifold, Weights())
    found = tangent.answer(energy)
    assert found is not None
    began = float((found.latent - energy.base).norm())
    assert 0 < began < float((found.latent - tiny_manifold.tensor(base)).norm())
    assert cost(job, tiny_manifold, found.latent) < cost(job, tiny_manifold, energy.base)


def test_of_all_starts_one_is_shown_first(tiny_manifold: Manifold, base: Latent, tangent: Tangent) -> None:
    others = tuple(Latent(base.values + 0.1 * (i + 1), "tiny") for i in range(3))
    job = moving(base, starts=(base, *others))
    shown = [step for step in solve(job, tiny_manifold, tangent=tangent) if step.candidates]
    assert len(shown[0].candidates) == 4  # a hand that moves sees them come along
    stroke = job.edit.strokes[0]
    press = replace(job, edit=replace(job.edit, strokes=(replace(stroke, points=stroke.points[:1]),)))
    shown = [step for step in solve(press, tiny_manifold, tangent=tangent) if step.candidates]
    assert len(shown[0].candidates) == 1
    together = next(step for step in shown if len(step.candidates) == 4)
    assert together.overlay is shown[0].overlay and together.candidates[0] is shown[0].candidates[0]
    assert len({candidate.picture.tobytes() for candidate in together.candidates}) == 4
