"""The style recipe: its losses mean what they say, and a few steps of it learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine.model.gram import gram_and_mean
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_transfer import StyleTransfer
from engine.train import style as recipe
from engine.train.style import (
    Look,
    Pictures,
    Pool,
    content_loss,
    joined,
    look,
    octave_weights,
    recoloured,
    style_loss,
)
from engine.train.trainer import Budget


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    for number in range(25):
        pixels = random.integers(0, 256, (5, 7, 3), np.uint8)
        Image.fromarray(pixels).resize((70, 50), Image.Resampling.BICUBIC).save(tmp_path / f"{number:02}.png")
    return tmp_path


def test_held_out_pictures_are_not_learned_from(folder: Path) -> None:
    random = np.random.default_rng(0)
    kept, held = Pictures([folder], random), Pictures([folder], random, held_out=True)
    assert (len(kept), len(held)) == (23, 2)


def test_a_batch_is_crops_in_range(folder: Path) -> None:
    batch = Pictures([folder], np.random.default_rng(1)).batch(3, 32)
    assert batch.shape == (3, 3, 32, 32)
    assert -1 <= batch.min() < batch.max() <= 1


def test_recolouring_only_reorders_channels() -> None:
    batch = torch.rand(12, 3, 2, 2)
    found = recoloured(batch, np.random.default_rng(0))
    torch.testing.assert_close(found.sum(dim=1), batch.sum(dim=1))
    assert not torch.equal(found, batch)


def test_octave_weights_reach_from_nothing_to_all() -> None:
    weights = octave_weights(400, np.random.default_rng(0))
    whole, nothing = (weights == 1).all(dim=1).float().mean(), (weights == 0).all(dim=1).float().mean()
    assert 0.5 < whole < 0.7
    assert 0.05 < nothing < 0.16
    assert weights.min() >= 0
    assert weights.max() <= 1


def test_style_loss_is_nothing_at_what_it_asks_for() -> None:
    torch.manual_seed(0)
    own, other = ([torch.randn(2, 4, 8, 8)] * 4 for _ in range(2))
    mine, wanted = ([gram_and_mean(tap) for tap in taps] for taps in (own, other))
    ones = torch.ones(2, 4)
    assert style_loss(other, mine, wanted, ones).max() < 1e-10
    assert style_loss(own, mine, wanted, 0 * ones).max() < 1e-10
    assert style_loss(own, mine, wanted, ones).min() > 0.01
    assert content_loss(own, own[2:]).max() == 0
    torch.testing.assert_close(content_loss([2 * tap for tap in own], own[2:]), torch.ones(2))


def test_a_style_twice_as_strong_as_asked_costs_what_the_formula_says() -> None:
    tap = torch.ones(1, 1, 2, 2)  # Gram 1, no spread: only the first term counts
    found = style_loss([tap * 2**0.5] * 4, [gram_and_mean(tap)] * 4, [gram_and_mean(tap)] * 4, torch.ones(1, 4))
    torch.testing.assert_close(found, torch.ones(1), rtol=1e-4, atol=1e-4)


def test_folders_are_drawn_by_the_root_of_their_size(tmp_path: Path) -> None:
    for name, count, grey in (("many", 32, 0), ("few", 2, 255)):
        (tmp_path / name).mkdir()
        for number in range(count + 2):
            Image.new("RGB", (16, 16), (grey,) * 3).save(tmp_path / name / f"{number:02}.png")
    batch = Pictures([tmp_path / "many", tmp_path / "few"], np.random.default_rng(0)).batch(500, 8)
    assert 0.1 < float((batch[:, 0, 0, 0] > 0).float().mean()) < 0.35  # 1 of 5; by their numbers it were 1 of 13


def test_a_pool_looks_at_each_of_its_crops_once() -> None:
    looked: list[Tensor] = []

    def at(picture: Tensor) -> Look:
        looked.append(picture)
        return Look(picture, [picture.mean(dim=(2, 3))], [picture], [gram_and_mean(picture)])

    random = np.random.default_rng(0)
    pool = Pool(lambda: torch.rand(1, 3, 4, 4), at, 3, random)
    batches = [pool.batch(4) for _ in range(8)]
    assert len(looked) == 3
    assert batches[0].pictures.shape == (4, 3, 4, 4) and batches[0].moments[0][0].shape == (4, 3, 3)
    torch.testing.assert_close(batches[0].code[0], batches[0].pictures.mean(dim=(2, 3)))


def test_a_few_steps_lower_the_loss(folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    photos, styles = Pictures([folder], random), Pictures([folder], random)
    network, features = StyleTransfer(), CompactVGG().requires_grad_(False)
    teacher = features
    content, manner = (joined([look(pictures.batch(2, 32), features, teacher)]) for pictures in (photos, styles))
    weights = torch.ones(2, 4)
    before = float(recipe.loss(network, teacher, content, manner, weights).detach())
    training, steps = recipe.teach(network, features, teacher, photos, styles, Budget(60, 2e-3), tmp_path / "style.pt",
                                   False, random)  # fmt: skip
    found = [step for _, step in zip(range(4), steps, strict=False)]
    steps.close()  # type: ignore[attr-defined]
    after = float(recipe.loss(network, teacher, content, manner, weights).detach())
    assert after < before
    assert [step.step for step in found] == [1, 2, 3, 4]
    resumed, again = recipe.teach(StyleTransfer(), features, teacher, photos, styles, Budget(60, 2e-3),
                                  tmp_path / "style.pt", True, random)  # fmt: skip
    assert resumed.step == training.step == 4
    assert resumed.seconds == training.seconds
