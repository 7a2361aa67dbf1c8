"""The encoder's parts: augmentation that keeps its range, a split that can be undone, a fit that finds the truth."""

from __future__ import annotations

import numpy as np
import torch

from engine.model.manifold import Manifold
from engine.model.networks.style_encoder import SIDE, StyleEncoder, descriptor_width
from engine.train.encoder import augment, fit


def encoder() -> StyleEncoder:
    torch.manual_seed(0)
    return StyleEncoder(layers=3, coordinates=8, own_coordinates=4)


def test_augmented_pictures_stay_in_range_and_differ() -> None:
    pictures = torch.rand(3, 3, 160, 160, generator=torch.Generator().manual_seed(0)) * 2 - 1
    made = augment(pictures, np.random.default_rng(0))
    assert made.shape == (3, 3, SIDE, SIDE) and made.min() >= -1 and made.max() <= 1
    assert not torch.equal(made, augment(pictures, np.random.default_rng(1)))
    assert torch.equal(made, augment(pictures, np.random.default_rng(0)))


def test_join_undoes_split() -> None:
    network = encoder()
    read = torch.randn(5, network.read.out_features, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network.join(*network.split(read)), read)


def test_the_answer_has_a_coordinate_for_every_layer() -> None:
    shared, own = encoder()(torch.zeros(2, 3, 64, 64))
    assert shared.shape == (2, 1, 8) and own.shape == (2, 3, 8) and own[:, :, 4:].abs().max() == 0


def test_fit_finds_a_linear_truth(tiny_manifold: Manifold) -> None:
    network, random = encoder(), torch.Generator().manual_seed(0)
    hidden = torch.randn(120, 6, generator=random)
    described = hidden @ torch.randn(6, descriptor_width(), generator=random) + 0.3
    answers = hidden @ torch.randn(6, network.read.out_features, generator=random) - 1
    found = fit(tiny_manifold, network, described, answers)
    assert found.error < 0.01
    torch.testing.assert_close(network.read(described), answers, atol=0.3, rtol=0.1)
    shuffled = fit(tiny_manifold, network, described, answers[torch.randperm(120, generator=random)])
    assert shuffled.error > 0.5
