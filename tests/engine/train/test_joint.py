"""The joint critic: each side's lesson moves that side alone, and an encoder learns the generator's inverse by it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.train.joint import JointCritic


def test_each_side_learns_its_own() -> None:
    torch.manual_seed(0)
    critic, pictures = JointCritic(3, 4), torch.rand(2, 3, 16, 16)
    answer = torch.randn(2, 3, 4, requires_grad=True)
    judged, deceived = critic.real(pictures, answer)
    assert all(p.requires_grad for p in critic.parameters())
    judged.backward()
    assert answer.grad is None and critic.latent.weight.grad is not None
    before = critic.latent.weight.grad.clone()
    deceived.backward()
    assert answer.grad is not None and answer.grad.abs().max() > 0
    assert torch.equal(critic.latent.weight.grad, before)


def test_layers_of_a_group_count_together() -> None:
    torch.manual_seed(0)
    critic, pictures = JointCritic(6, 4), torch.rand(2, 3, 32, 32)
    latents = torch.randn(2, 6, 4)
    swapped = latents[:, [1, 0, 3, 2, 5, 4]]
    torch.testing.assert_close(critic(pictures, latents), critic(pictures, swapped))
    assert not torch.allclose(critic(pictures, latents), critic(pictures, latents[:, [2, 1, 0, 3, 4, 5]]))


def shown(latents: Tensor) -> Tensor:
    """Bx1x2 -> Bx3x16x16, plain colours."""
    return torch.cat([latents[:, 0], -latents[:, 0, :1]], dim=1)[:, :, None, None].expand(-1, -1, 16, 16).tanh()


def test_an_encoder_learns_the_inverse_from_the_critic_alone() -> None:
    torch.manual_seed(0)
    critic, encoder = JointCritic(1, 2), nn.Linear(3, 2)
    judge = torch.optim.Adam(critic.parameters(), 3e-3, betas=(0.5, 0.99))
    reader = torch.optim.Adam(encoder.parameters(), 5e-3, betas=(0.5, 0.99))
    held = torch.randn(100, 1, 2)

    def wrong() -> float:
        with torch.no_grad():
            return float((encoder(shown(held)[:, :, 0, 0])[:, None] - held).square().mean())

    first = wrong()
    for _ in range(150):
        latents, real = torch.randn(2, 32, 1, 2)
        pictures = shown(real)
        judged, deceived = critic.real(pictures, encoder(pictures[:, :, 0, 0])[:, None])
        judge.zero_grad()
        reader.zero_grad()
        (critic.generated(shown(latents), latents) + judged + deceived).backward()
        judge.step()
        reader.step()
    assert wrong() < 0.4 * first
