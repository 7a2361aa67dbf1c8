"""Judging encoders: a table of every way on pictures held out, in which knowing nothing is seen to be worse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from engine.judge import encoders
from engine.judge.encoders import held_out, judge, measured
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG
from engine.train.squares import Listing, Squares

COUNT, LEARNED = 60, 57
PICTURES = np.random.default_rng(0).integers(0, 256, (COUNT, 16, 16, 3), np.uint8)


@pytest.fixture(autouse=True)
def features(monkeypatch: pytest.MonkeyPatch) -> Features:
    """Features that know nothing; few pictures generated."""
    torch.manual_seed(0)
    network = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: network)
    monkeypatch.setattr(encoders, "MADE", 6)
    return network


class Knowing(nn.Module):
    """An encoder of the generated pictures it was told of."""

    def __init__(self, manifold: Manifold, latents: Tensor, made: Tensor) -> None:
        super().__init__()
        self.made, self.answers = made, manifold.coordinates(latents)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Of each picture, the answers for the one that is nearest."""
        near = torch.cdist(pictures.flatten(1), self.made.flatten(1)).argmin(dim=1)
        return self.answers[0][near], self.answers[1][near]


def test_the_truth_has_no_error_and_nothing_has_all(tiny_manifold: Manifold, features: Features) -> None:
    held = held_out(tiny_manifold, PICTURES[:3])
    nothing = measured("average", tiny_manifold, held, features)
    knowing = replace(tiny_manifold, encoder=Knowing(tiny_manifold, held.latents, held.made))
    truth = measured("truth", knowing, held, features)
    assert truth.style < 1e-6 and truth.made_features < 1e-6 < nothing.made_features
    assert nothing.style == pytest.approx(float(held.latents.square().mean()), rel=1e-5)
    grey = tiny_manifold.picture(tiny_manifold.average())
    assert nothing.rmse == pytest.approx(float((grey - held.real).square().mean().sqrt()), rel=1e-5)


def test_a_row_for_each_way_and_a_sheet(tiny_manifold: Manifold, tmp_path: Path) -> None:
    squares = Squares(PICTURES, Listing("", 16, [""] * COUNT, [], []))
    moments = list(judge(tiny_manifold, squares, ("pairs", "again+reversal"), 1, tmp_path))
    rows = moments[-1].rows
    assert [row.way for row in rows] == ["average", "pairs", "again+reversal"]
    assert list(rows[2].right) == ["reversal"] and rows[2].seconds > 0 == rows[0].seconds
    fractions = [moment.fraction for moment in moments]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    with Image.open(tmp_path / "encoders.png") as sheet:
        pictures, columns = COUNT - LEARNED, 2 + 2
        assert sheet.size == tuple(8 * (2 + 18 * count) for count in (columns, pictures))
