"""L-BFGS: finds minima, beats Adam where curvature differs, never goes up."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.adam import Adam, Group
from engine.model.lbfgs import LBFGS

CURVATURE = torch.logspace(0, 3, 30)


def quadratic(x: Tensor) -> tuple[float, Tensor]:
    return float((CURVATURE * x.square()).sum() / 2), CURVATURE * x


def rosenbrock(x: Tensor) -> tuple[float, Tensor]:
    free = x.detach().requires_grad_()
    loss = (100 * (free[1:] - free[:-1].square()).square() + (1 - free[:-1]).square()).sum()
    loss.backward()
    assert free.grad is not None
    return loss.item(), free.grad


def test_beats_adam_on_a_quadratic() -> None:
    way, free = LBFGS(torch.ones(30)), torch.ones(30)
    adam = Adam([Group([free], 0.05)])
    for _ in range(60):
        way.update(*quadratic(way.point))
        free.grad = quadratic(free)[1]
        adam.step()
    assert way.loss < 0.1 * quadratic(free)[0]


def test_finds_the_bottom_of_a_curved_valley() -> None:
    way = LBFGS(torch.tensor([-1.2, 1.0]))
    for _ in range(120):
        way.update(*rosenbrock(way.point))
    assert (way.best - 1).abs().max() < 1e-2


def test_never_goes_up_and_takes_back_what_is_worse() -> None:
    way, losses, refused = LBFGS(torch.full((30,), 3.0), first=50.0), [], 0
    for _ in range(40):
        refused += not way.update(*quadratic(way.point))
        losses.append(way.loss)
    assert refused > 0
    assert all(after <= before for before, after in zip(losses, losses[1:], strict=False))


def test_first_step_has_the_size_asked_for() -> None:
    way = LBFGS(torch.ones(30), first=0.03)
    way.update(*quadratic(way.point))
    assert abs(float((way.point - 1).square().mean().sqrt()) - 0.03) < 1e-6


def test_what_is_no_number_is_taken_back() -> None:
    way = LBFGS(torch.ones(30))
    way.update(*quadratic(way.point))
    kept = way.best
    assert not way.update(float("nan"), torch.full((30,), float("nan")))
    assert way.best is kept
    assert torch.isfinite(way.point).all()
