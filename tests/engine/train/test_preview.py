"""Teaching the preview's head: it comes nearer, leaves the generator's affine maps alone, and goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.model.networks.mobilestylegan import Mapping, Synthesis
from engine.model.networks.style_preview import PreviewHead
from engine.train import preview
from engine.train.pairs import make_pairs
from engine.train.preview import evaluate, teach
from engine.train.trainer import Budget

CHANNELS, WIDTH = (8, 8, 8, 8, 8, 4), 6
"""Of a generator of 256 px, so that the preview has the size of the stored pictures."""


def test_it_comes_nearer_and_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "HELD_OUT", 4)
    monkeypatch.setattr(preview, "LOOKED_AT", 4)
    torch.manual_seed(0)
    synthesis = Synthesis(CHANNELS, WIDTH).eval().requires_grad_(False)
    synthesis.constant.normal_()
    list(make_pairs(tmp_path, Mapping(WIDTH, 2), synthesis, torch.zeros(WIDTH), torch.eye(WIDTH), 8, seed=0))
    head = PreviewHead(CHANNELS, style_width=WIDTH, middle=(4, 3), fine=2)
    budget = Budget(1, 1e-2, warm_up=2, steps=12)
    _, steps = teach(synthesis, head, tmp_path, budget, tmp_path / "last.pt", resume=False)
    before, affine = evaluate(synthesis, head, tmp_path), head.head_style.weight.clone()
    list(steps)
    after = evaluate(synthesis, head, tmp_path)
    assert after < 0.97 * before
    assert torch.equal(head.head_style.weight, affine)
    other = PreviewHead(CHANNELS, style_width=WIDTH, middle=(4, 3), fine=2)
    teach(synthesis, other, tmp_path, budget, tmp_path / "last.pt", resume=True)
    assert evaluate(synthesis, other, tmp_path) == pytest.approx(after)
