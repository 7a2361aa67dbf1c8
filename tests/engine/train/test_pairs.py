"""Pairs are complete, reproducible, and go on where they were interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model.networks.mobilestylegan import Mapping, Synthesis
from engine.train.pairs import SIDE, PairFolder, draw_latents, make_pairs, offsets


def networks() -> tuple[Mapping, Synthesis, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return Mapping(8, 2), Synthesis((8, 8, 4), 8).eval().requires_grad_(False), torch.zeros(8), torch.eye(8)


def test_interrupted_and_whole_runs_make_the_same_pairs(tmp_path: Path) -> None:
    mapping, synthesis, mean, basis = networks()
    assert list(make_pairs(tmp_path / "whole", mapping, synthesis, mean, basis, 16, seed=3)) == [4, 8, 12, 16]
    next(make_pairs(tmp_path / "parts", mapping, synthesis, mean, basis, 16, seed=3))
    list(make_pairs(tmp_path / "parts", mapping, synthesis, mean, basis, 16, seed=3))
    whole, parts = (PairFolder(tmp_path / n, synthesis.layers, 8).open() for n in ("whole", "parts"))
    assert np.array_equal(whole[0], parts[0]) and np.array_equal(whole[1], parts[1])
    assert whole[1].shape == (16, SIDE, SIDE, 3) and len(np.unique(whole[0].reshape(16, -1), axis=0)) == 16


def test_half_of_the_latents_are_single_styles() -> None:
    mapping, synthesis, mean, _ = networks()
    latents = draw_latents(mapping, mean, synthesis.layers, 200, torch.Generator().manual_seed(0))
    single = (latents == latents[:, :1]).all(dim=2).all(dim=1).float().mean()
    assert 0.35 < single < 0.65


def test_offsets_are_as_spread_as_the_latents_found_for_portraits() -> None:
    """Their figures stand in the module; the layers share a part of it."""
    basis = torch.diag(torch.tensor([2.0, 1.0, 0.5]))
    latents = offsets(torch.ones(3), basis, 6, 2000, torch.Generator().manual_seed(0))
    whitened = (latents - 1) @ torch.linalg.inv(basis)
    assert whitened.std(dim=0) == pytest.approx((0.55**2 + 0.42**2) ** 0.5, rel=0.1)
    assert (whitened[:, 0] * whitened[:, 5]).mean() == pytest.approx(0.55**2, rel=0.1)
