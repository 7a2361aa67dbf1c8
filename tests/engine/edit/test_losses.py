"""The energy's terms are zero where they should be, positive elsewhere, and pull the right way."""

from __future__ import annotations

import torch

from engine.edit import losses


def ramp(side: int = 64) -> torch.Tensor:
    """A picture with a vertical edge in the middle."""
    picture = -torch.ones(1, 3, side, side)
    picture[..., side // 2:] = 1
    return picture


def test_color_is_zero_on_target_and_grows_away_from_it() -> None:
    target, mask = torch.full((1, 3, 32, 32), 0.25), torch.zeros(1, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1
    pictures = torch.cat([target, target + 0.1, target + 0.4])
    cost = losses.color(pictures, target, mask)
    assert cost[0] < 1e-6 and cost[0] < cost[1] < cost[2]


def test_color_ignores_what_is_outside_the_mask() -> None:
    target, mask = torch.zeros(1, 3, 32, 32), torch.zeros(1, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1
    painted = target.clone()
    painted[..., :4] = 1
    assert losses.color(painted, target, mask) < 1e-6


def test_color_allows_texture_more_than_a_wrong_mean() -> None:
    target, mask = torch.zeros(1, 3, 32, 32), torch.ones(1, 1, 32, 32)
    strands = target.clone()
    strands[..., ::2] = 0.3
    strands[..., 1::2] = -0.3
    assert losses.color(strands, target, mask) < 0.5 * losses.color(target + 0.3, target, mask)


def test_histogram_does_not_depend_on_contrast_but_on_direction() -> None:
    edge = ramp()
    faint = losses.orientation_histogram(0.3 * edge)
    full = losses.orientation_histogram(edge)
    across = losses.orientation_histogram(edge.transpose(2, 3))
    middle = (slice(None), slice(None), 4, 4)
    assert faint[middle].norm() > 0.75 * full[middle].norm()  # without normalisation it would be 0.3
    assert torch.nn.functional.cosine_similarity(full[middle], across[middle]).abs() < 0.2


def test_edges_gradient_moves_a_picture_towards_the_sketch() -> None:
    target, mask = ramp(), torch.ones(1, 1, 64, 64)
    picture = (0.05 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))).requires_grad_()
    before = losses.edges(picture, target, mask)
    (grad,) = torch.autograd.grad(before.sum(), picture)
    after = losses.edges(picture - 0.05 * grad / grad.abs().max(), target, mask)
    assert after < before


def test_kept_is_zero_without_change_and_without_places_to_keep() -> None:
    picture = ramp()
    assert losses.kept(picture, picture, torch.zeros(1, 1, 64, 64)).abs() < 1e-6
    assert losses.kept(-picture, picture, torch.ones(1, 1, 64, 64)) == 0
    assert losses.kept(-picture, picture, torch.zeros(1, 1, 64, 64)) > 0.5


def test_each_candidate_is_judged_alone() -> None:
    pictures = torch.cat([ramp(), -ramp()])
    mask = torch.ones(1, 1, 64, 64)
    together = losses.color(pictures, ramp(), mask)
    assert torch.allclose(together[0], losses.color(pictures[:1], ramp(), mask)[0])
    assert torch.allclose(together[1], losses.color(pictures[1:], ramp(), mask)[0])


def test_realism_falls_with_the_score() -> None:
    cost = losses.realism(torch.tensor([-2.0, 0.0, 2.0]))
    assert cost[0] > cost[1] > cost[2] > 0


def test_smoothness_does_not_depend_on_how_a_step_is_split() -> None:
    random = torch.Generator().manual_seed(1)
    shared, own = torch.randn(2, 1, 5, generator=random), torch.randn(2, 4, 5, generator=random)
    moved = losses.smoothness(shared + 0.7, own - 0.7, 0.3, 0.9)
    assert torch.allclose(losses.smoothness(shared, own, 0.3, 0.9), moved)
    assert losses.smoothness(0 * shared, 0 * own, 0.3, 0.9).abs().max() == 0
