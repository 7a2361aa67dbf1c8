"""Whitened coordinates of styles."""

from __future__ import annotations

import torch
from tiny_pack import WIDTH

from engine.model import style_space
from engine.model.networks.mobilestylegan import Mapping


def measured(samples: int = 10_000) -> tuple[Mapping, dict[str, torch.Tensor]]:
    torch.manual_seed(5)
    mapping = Mapping(WIDTH)
    steps = style_space.measure(mapping, samples)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return mapping, done.value


def test_whitened_styles_have_unit_variance() -> None:
    mapping, stats = measured()
    mean, basis, scale = (stats[f"stats.{name}"] for name in ("mean", "basis", "scale"))
    assert all(value.dtype == torch.float32 for value in stats.values())
    z = torch.randn(20_000, WIDTH, generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        whitened = (mapping(z) - mean) @ torch.linalg.pinv(basis)
    covariance = whitened.T.cov()
    torch.testing.assert_close(covariance, torch.eye(len(basis)), rtol=0, atol=0.2)
    assert torch.all(scale[:-1] >= scale[1:])
    torch.testing.assert_close(basis @ basis.T, torch.diag(scale.square()), rtol=1e-4, atol=1e-8)


def test_measuring_twice_gives_the_same_axes() -> None:
    first, second = measured()[1], measured()[1]
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_directions_without_extent_are_left_out() -> None:
    mapping = Mapping(WIDTH)
    with torch.no_grad():
        mapping.layers[-1].weight[-1] = mapping.layers[-1].weight[0]
        mapping.layers[-1].bias[-1] = mapping.layers[-1].bias[0]
    steps = style_space.measure(mapping, 300)
    result: dict[str, torch.Tensor] = {}
    while not result:
        try:
            next(steps)
        except StopIteration as done:
            result = done.value
    assert result["stats.basis"].shape == (WIDTH - 1, WIDTH)
