"""Changes before the critic: each does what it says, and gradients pass."""

from __future__ import annotations

import torch

from engine.train.augment import CUT, augmented, coloured, cut, shifted


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_shifts_are_whole_pixels_with_grey_behind() -> None:
    picture = torch.zeros(32, 3, 16, 16)
    picture[:, :, 8, 8] = 1
    moved = shifted(picture, random())
    assert torch.equal(moved.sum(dim=(2, 3)), torch.ones(32, 3))
    places = moved[:, 0].flatten(1).argmax(dim=1)
    rows, columns = places // 16, places % 16
    assert rows.min() == 6 and rows.max() == 10 and columns.min() == 6 and columns.max() == 10


def test_a_square_is_cut_out() -> None:
    made = cut(torch.ones(64, 3, 20, 20), random())
    share = 1 - made.mean(dim=(1, 2, 3))
    assert share.max() <= (round(20 * CUT / 2) * 2) ** 2 / 400 + 1e-6 and share.min() > 0.02
    assert set(made.unique().tolist()) == {0.0, 1.0}


def test_colours_change_and_structure_stays() -> None:
    picture = torch.rand(8, 3, 12, 12, generator=random(1)) * 2 - 1
    made = coloured(picture, random())
    greys = [x.mean(dim=1).flatten(1) for x in (picture, made)]
    for before, after in zip(*greys, strict=True):
        assert float(torch.corrcoef(torch.stack([before, after]))[0, 1]) > 0.999
    assert (made - picture).abs().mean() > 0.1


def test_gradients_reach_the_picture_and_the_seed_decides() -> None:
    picture = torch.rand(4, 3, 16, 16, generator=random(1)).requires_grad_()
    made = augmented(picture, random(5))
    made.square().sum().backward()
    assert picture.grad is not None and (picture.grad.abs().sum(dim=(1, 2, 3)) > 0).all()
    torch.testing.assert_close(made, augmented(picture, random(5)))
    assert not torch.equal(made, augmented(picture, random(6)))
