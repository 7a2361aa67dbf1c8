"""The reader: latents on the sphere, a slope that brings pictures nearer, a contest that shows pictures again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model.networks.style_generator import StyleGenerator
from engine.train.adversarial import Contest, Recipe, networks
from engine.train.reading import Reader
from engine.train.trainer import Budget

PICTURES = np.kron(np.random.default_rng(0).integers(0, 256, (12, 2, 2, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)


@pytest.fixture
def generator() -> StyleGenerator:
    torch.manual_seed(0)
    return StyleGenerator(16)


def test_what_is_read_lies_where_random_latents_do(generator: StyleGenerator) -> None:
    reader = Reader(generator)
    latents, uneven = reader.read(torch.rand(4, 3, 16, 16) * 2 - 1, generator)
    assert latents.shape == (4, generator.layers, generator.mapping.width)
    assert torch.isfinite(uneven) and uneven < 1e-5  # all at one place: zero, and less the farther they are apart
    random = generator.mapping(torch.randn(64, generator.mapping.width)).detach()
    assert float(latents.detach()[:, 0].square().mean()) == pytest.approx(float(random.square().mean()), rel=0.5)


def test_evenness_parts_what_is_read_alike(generator: StyleGenerator) -> None:
    reader, pictures = Reader(generator), torch.rand(4, 3, 16, 16)
    optimizer = torch.optim.Adam(reader.parameters, 2e-3)
    first = None
    for _ in range(5):
        _, uneven = reader.read(pictures, generator)
        first = float(uneven.detach()) if first is None else first
        optimizer.zero_grad()
        uneven.backward()
        optimizer.step()
    assert first is not None and uneven < first - 0.01


def test_along_the_slope_pictures_come_nearer(generator: StyleGenerator) -> None:
    reader = Reader(generator)
    real, made = torch.rand(2, 3, 16, 16), torch.zeros(2, 3, 16, 16)
    slope, far = reader.slope(made, real)
    _, nearer = reader.slope(made - 20 * slope, real)
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
        real, told = contest._real(16, torch.Generator().manual_seed(0))
        assert contest.reader is not None
        with torch.no_grad():
            read, _ = contest.reader.read(real, contest.generator, told)  # type: ignore[arg-type]
            shown = contest.generator(read)
        far.append(contest.reader.slope(shown, real)[1])
    assert np.mean(far[-4:]) < 0.9 * np.mean(far[:4])
