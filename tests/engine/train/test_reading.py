"""The reader: clouds and what they cost, a slope that brings pictures nearer, a contest that shows pictures again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model.networks.clouds import Clouds
from engine.model.networks.style_generator import LATENT, STYLE_WIDTH, StyleGenerator
from engine.train.adversarial import Contest, networks
from engine.train.reading import BETA, SPREAD, Reader
from engine.train.recipe import Recipe
from engine.train.trainer import Budget

PICTURES = np.kron(np.random.default_rng(0).integers(0, 256, (12, 2, 2, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)


@pytest.fixture
def generator() -> StyleGenerator:
    torch.manual_seed(0)
    return StyleGenerator(16)


def test_what_is_read_is_a_style_and_costs_its_divergence(generator: StyleGenerator) -> None:
    reader, random = Reader(generator), torch.Generator().manual_seed(0)
    latents, cost = reader.read(torch.rand(4, 3, 16, 16) * 2 - 1, generator, random)
    assert latents.shape == (4, generator.layers, STYLE_WIDTH)
    least = LATENT * 0.5 * (np.exp(SPREAD) - 1 - SPREAD)  # of so narrow a cloud at the middle
    assert float(cost.detach()) > 0.5 * BETA * least
    styles = generator.mapping(torch.randn(64, generator.mapping.width)).detach()
    assert float(latents.detach()[:, 0].square().mean()) == pytest.approx(float(styles.square().mean()), rel=0.5)


def test_latents_are_drawn_from_where_read_ones_lie() -> None:
    torch.manual_seed(0)
    clouds, axes = Clouds(2, 3), torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.2, 0.3], [0.0, 0.0, 2.0]])
    read = torch.randn(4000, 3) @ axes
    told = torch.arange(4000) % 2
    for some in torch.arange(4000).split(8):
        clouds.note(read[some] + 5 * told[some][:, None], told[some])
    z = torch.randn(4000, 3)
    torch.testing.assert_close(clouds(z, told) - clouds.mean[told], z)  # spread is drawn from when it is settled
    clouds.settle()
    for kind in (0, 1):
        drawn = clouds(z[told == kind], told[told == kind])
        torch.testing.assert_close(drawn.mean(dim=0), read.mean(dim=0) + 5 * kind, atol=0.2, rtol=0.0)
        torch.testing.assert_close(torch.cov(drawn.T), torch.cov(read.T), atol=0.5, rtol=0.1)


def test_along_the_slope_pictures_come_nearer(generator: StyleGenerator) -> None:
    reader = Reader(generator)
    real, made = torch.rand(2, 3, 16, 16), torch.zeros(2, 3, 16, 16)
    slope, far = reader.slope(made, real, torch.Generator().manual_seed(0))
    _, nearer = reader.slope(made - 20 * slope, real, torch.Generator().manual_seed(0))
    assert 0 < nearer < far


def test_a_contest_learns_to_show_pictures_again(tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = Recipe(batch=4, half_life=10.0)
    contest = Contest(*networks("style", 16), PICTURES, np.arange(4), Budget(1e6, 2e-3, checkpoint_minutes=1e6),
                      tmp_path / "c.pt", recipe, seed=1)
    far = []
    for _ in range(24):
        for _ in contest.advance():
            pass
        random = torch.Generator().manual_seed(0)
        real, told = contest._real(16, random)
        assert contest.reader is not None
        with torch.no_grad():
            read, _ = contest.reader.read(real, contest.generator, random, told)  # type: ignore[arg-type]
            shown = contest.generator(read)
        far.append(contest.reader.slope(shown, real, random)[1])
    assert np.mean(far[-4:]) < 0.9 * np.mean(far[:4])
