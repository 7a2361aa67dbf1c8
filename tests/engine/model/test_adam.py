"""The program's own Adam against torch's."""

from __future__ import annotations

import subprocess
import sys

import torch
from torch import Tensor

from engine.model.adam import Adam, Group

RATES, BETAS = (0.05, 0.2), ((0.9, 0.95), (0.8, 0.999))


def start() -> list[Tensor]:
    random = torch.Generator().manual_seed(2)
    shapes = ((3, 5), (4,), (2,))
    return [torch.randn(shape, generator=random, dtype=torch.float64).requires_grad_() for shape in shapes]


def cost(parameters: list[Tensor], second: bool) -> Tensor:
    """A bent valley; the second parameter is left out where `second` is False."""
    a, b, c = parameters
    bent = (b.square() * b).sum() if second else 0
    return (a.square().sum() - 2).square() + a.sin().sum() + c.exp().sum() + bent


def ours(parameters: list[Tensor]) -> Adam:
    return Adam([Group(parameters[:2], RATES[0], BETAS[0]), Group(parameters[2:], RATES[1], BETAS[1])])


def theirs(parameters: list[Tensor]) -> torch.optim.Optimizer:
    groups = [{"params": part, "lr": rate, "betas": betas}
              for part, rate, betas in zip((parameters[:2], parameters[2:]), RATES, BETAS, strict=True)]
    return torch.optim.Adam(groups)


def descend(optimizer: Adam | torch.optim.Optimizer, parameters: list[Tensor], steps: int = 25) -> None:
    """Rates fall on the way, and the second parameter gets a gradient only now and then."""
    for index in range(steps):
        for parameter in parameters:
            parameter.grad = None
        cost(parameters, index % 3 > 0).backward()
        if index % 3 == 0:
            parameters[1].grad = None
        if index == 10:
            for group in (optimizer.groups if isinstance(optimizer, Adam) else ()):
                group.rate *= 0.5
            for table in ([] if isinstance(optimizer, Adam) else optimizer.param_groups):
                table["lr"] *= 0.5
        optimizer.step()


def test_it_is_torchs_adam() -> None:
    mine, reference = start(), start()
    descend(ours(mine), mine)
    descend(theirs(reference), reference)
    for a, b, begun in zip(mine, reference, start(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-9)
        assert (a - begun).abs().max() > 0.1


def test_reset_begins_anew() -> None:
    used, fresh = start(), start()
    optimizer = ours(used)
    descend(optimizer, used, 7)
    with torch.no_grad():
        for a, b in zip(used, start(), strict=True):
            a.copy_(b)
    optimizer.reset()
    descend(optimizer, used, 5)
    descend(ours(fresh), fresh, 5)
    for a, b in zip(used, fresh, strict=True):
        assert torch.equal(a, b)


def test_clear_drops_gradients_and_without_them_nothing_moves() -> None:
    parameters = start()
    optimizer = ours(parameters)
    cost(parameters, True).backward()
    optimizer.clear()
    optimizer.step()
    assert all(p.grad is None and torch.equal(p, q) for p, q in zip(parameters, start(), strict=True))


def test_parameters_are_moved_in_place() -> None:
    parameters = start()
    places = [p.data_ptr() for p in parameters]
    descend(ours(parameters), parameters, 2)
    assert [p.data_ptr() for p in parameters] == places


def test_a_step_imports_no_compiler() -> None:
    code = ("import sys, torch; from engine.model.adam import Adam, Group; p = torch.ones(3, requires_grad=True);"
            "p.sum().backward(); Adam([Group([p], 0.1)]).step();"
            "sys.exit(bool({'torch._dynamo', 'torch._inductor'} & set(sys.modules)))")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
