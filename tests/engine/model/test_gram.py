"""Gram matrices, losses and moments against what a hand computes."""

from __future__ import annotations

import pytest
import torch

from engine.model import gram

TAP = torch.tensor([[[[1.0, 2.0]], [[0.0, 3.0]]]])  # N = 2 channels at M = 2 positions


def random_tap(seed: int, channels: int = 3, height: int = 4, width: int = 5) -> torch.Tensor:
    return torch.randn(1, channels, height, width, generator=torch.Generator().manual_seed(seed))


def test_gram_is_the_sum_over_positions() -> None:
    assert gram.gram(TAP)[0].tolist() == [[5.0, 6.0], [6.0, 9.0]]
    assert gram.gram_per_position(TAP)[0].tolist() == [[2.5, 3.0], [3.0, 4.5]]


def test_gram_under_a_mask_sees_only_the_mask() -> None:
    mask = torch.tensor([[[[0.0, 1.0]]]])
    assert gram.gram_per_position(TAP, mask)[0].tolist() == [[4.0, 6.0], [6.0, 9.0]]


def test_a_full_mask_changes_nothing() -> None:
    tap = random_tap(0)
    torch.testing.assert_close(gram.gram_per_position(tap, torch.ones(1, 1, 4, 5)), gram.gram_per_position(tap))


def test_content_loss_is_half_the_sum_of_squares() -> None:
    assert gram.content_loss(TAP, TAP - torch.tensor([1.0, 2.0])).item() == pytest.approx((1 + 4 + 1 + 4) / 2)


def test_layer_loss_is_the_formula_and_positions_cancel() -> None:
    other = random_tap(1, 2, 1, 2)
    own, wanted = gram.gram(TAP)[0], gram.gram(other)[0]
    by_hand = sum((own[i, j] - wanted[i, j]) ** 2 for i in range(2) for j in range(2)) / (4 * 2**2 * 2**2)
    assert gram.layer_loss(own, wanted, 2).item() == pytest.approx(by_hand.item())
    assert gram.layer_loss_per_position(own / 2, wanted / 2).item() == pytest.approx(by_hand.item())


def test_gradient_of_the_style_loss_is_gatys_own() -> None:
    """Gatys 2016, eq. 6: dE_l/dF = 1 / (N^2 M^2) F^T (G - A), where F > 0."""
    tap = random_tap(2).abs().requires_grad_()
    wanted = gram.gram(random_tap(3).abs())[0]
    gram.layer_loss(gram.gram(tap)[0], wanted, 20).backward()
    assert tap.grad is not None
    by_hand = (gram.gram(tap)[0] - wanted) @ tap[0].flatten(1) / (3**2 * 20**2)
    torch.testing.assert_close(tap.grad[0].flatten(1), by_hand.detach())


def test_style_loss_with_equal_weights_is_one_for_a_grey_nothing() -> None:
    wanted = [gram.gram_per_position(random_tap(seed))[0] for seed in (4, 5)]
    nothing = [torch.zeros(1, 3, 2, 2)] * 2
    assert gram.style_loss(nothing, wanted, gram.equal_weights(wanted)).item() == pytest.approx(2)


def test_moments_agree_with_those_of_the_gram_matrix() -> None:
    tap = random_tap(6)
    mean, deviation = gram.moments(tap)
    again = gram.moments_of_gram(mean[0], gram.gram_per_position(tap)[0])
    torch.testing.assert_close(again[1], deviation[0])
    assert deviation[0, 0].item() == pytest.approx(tap[0, 0].std(correction=0).item())


def test_moments_under_a_mask_are_those_of_the_part() -> None:
    tap, mask = random_tap(7), torch.zeros(1, 1, 4, 5)
    mask[..., :2] = 1
    for whole, part in zip(gram.moments(tap, mask), gram.moments(tap[..., :2]), strict=True):
        torch.testing.assert_close(whole, part)


def test_renormalized_has_the_moments_asked_for() -> None:
    mean, deviation = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[0.5, 1.0, 2.0]])
    found = gram.moments(gram.renormalized(random_tap(8), mean, deviation))
    torch.testing.assert_close(found[0], mean)
    torch.testing.assert_close(found[1], deviation, rtol=1e-3, atol=1e-3)


def test_total_variation_of_a_step_and_of_nothing() -> None:
    step = torch.zeros(1, 1, 4, 4)
    step[..., 2:] = 0.5
    assert gram.total_variation(step).item() == pytest.approx(4 * 0.5 / 16, abs=2e-4)
    assert gram.total_variation(step, 2).item() == pytest.approx(4 * 0.25 / 16, abs=1e-4)
    assert gram.total_variation(torch.ones(1, 1, 4, 4)).item() < 2e-4


def test_neighbourhoods_hold_shifted_copies() -> None:
    picture = random_tap(9, 2, 5, 6)
    found = gram.neighbourhoods(picture)
    assert found.shape == (1, 18, 3, 4)
    assert torch.equal(found[:, 8:10], picture[:, :, 1:4, 1:5])  # the middle one is the pixel itself


@pytest.mark.parametrize("masked", [False, True])
def test_means_and_their_slopes_are_the_formulas(masked: bool) -> None:
    torch.manual_seed(4)
    tap = torch.randn(2, 3, 4, 5, requires_grad=True)
    mask = torch.rand(2, 1, 4, 5) if masked else None
    weight = torch.ones(2, 1, 4, 5) if mask is None else mask
    total = weight.sum(dim=(2, 3))
    second = torch.einsum("bihw,bjhw,bkhw->bij", tap, tap, weight) / total[..., None]
    first = (tap * weight).sum(dim=(2, 3)) / total
    found = gram.gram_and_mean(tap, mask)
    torch.testing.assert_close(found, (second, first))
    pulls = torch.randn(2, 3, 3), torch.randn(2, 3)
    slopes = [torch.autograd.grad((a * pulls[0]).sum() + (b * pulls[1]).sum(), tap)[0]
              for a, b in (found, (second, first))]
    torch.testing.assert_close(*slopes)
