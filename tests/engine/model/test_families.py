"""What the rest of the program asks of a family: styles, layers that act, pictures in range, a critic that judges."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.model.families import FAMILIES
from engine.model.networks.autoencoder import PatchCritic
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.critic import Critic, compact_like, spread
from engine.model.networks.dcgan import DCCritic
from engine.model.networks.picture_encoder import PictureEncoder
from engine.model.networks.style_generator import StyledConv, StyleGenerator


@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("times", [1, 2])
def test_a_family_makes_and_judges_pictures(family: str, times: int) -> None:
    torch.manual_seed(0)
    size = times * FAMILIES[family].least
    generator, make = FAMILIES[family].generator(size).eval(), FAMILIES[family].critic
    styles = generator.mapping(torch.randn(4, generator.mapping.width))
    pictures = generator.synthesis(styles[:, None].expand(-1, generator.layers, -1))
    assert pictures.shape == (4, 3, size, size) and pictures.isfinite().all()
    if make is not None:
        critic = make(size).eval()
        assert isinstance(critic, Critic | DCCritic | PatchCritic) and critic(pictures).shape == (4,)
        torch.testing.assert_close(critic.judgements(pictures).mean(dim=1), critic(pictures))


@torch.no_grad()
def test_every_layer_acts_from_its_octave_on() -> None:
    torch.manual_seed(0)
    generator = StyleGenerator(32)
    base = generator.mapping(torch.randn(1, generator.mapping.width))[:, None].expand(-1, generator.layers, -1)
    for layer in range(generator.layers):
        latents = base.clone()
        latents[:, layer] += torch.randn(128)
        assert (generator(latents) - generator(base)).abs().max() > 1e-3
        octave = 4 << (layer + 1) // 2  # 4 has one convolution, every later size two
        if octave > 4:
            torch.testing.assert_close(generator(latents, octave // 2), generator(base, octave // 2))


def test_scaling_activations_is_modulating_weights() -> None:
    torch.manual_seed(0)
    layer = StyledConv(6, 5, 8)
    x, style = torch.randn(3, 6, 7, 7), torch.randn(3, 8)
    made = layer(x, style)
    for picture, scales, wanted in zip(x, layer.style(style), made, strict=True):
        weight = layer.conv.weight * layer.conv.scale * scales[None, :, None, None]
        weight = weight * torch.rsqrt(weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8)
        plain = F.conv2d(picture[None], weight, layer.conv.bias, padding=1)
        torch.testing.assert_close(F.leaky_relu(plain, 0.2)[0] * 2**0.5, wanted, rtol=1e-4, atol=1e-5)


def test_sameness_within_a_batch_shows() -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 3, 4, 4)
    assert spread(x.expand(4, -1, -1, -1)).max() < 1e-3 < spread(torch.randn(4, 3, 4, 4)).min()
    assert spread(torch.randn(3, 3, 4, 4)).shape == (3, 1, 4, 4)


def test_the_critic_has_a_slope_at_every_picture() -> None:
    torch.manual_seed(0)
    pictures = torch.randn(2, 3, 16, 16, requires_grad=True)
    Critic(16)(pictures).sum().backward()
    assert pictures.grad is not None and (pictures.grad.abs().amax(dim=(1, 2, 3)) > 0).all()


@pytest.mark.parametrize("layers", [1, 2, 9])
def test_the_encoder_answers_for_every_layer(layers: int) -> None:
    torch.manual_seed(0)
    shared, own = PictureEncoder(layers, 20)(torch.randn(2, 3, 48, 48))
    assert shared.shape == (2, 1, 20) and own.shape == (2, layers, 20)
    assert own.abs().max() == 0  # corrections of single layers begin at nothing


def test_a_critic_saved_with_another_compact_network_is_read() -> None:
    saved = Critic(16, CompactVGG((4, 6, 8, 10), (1, 2, 1, 3))).state_dict()
    critic = Critic(16, compact_like(saved))
    critic.load_state_dict(saved)
    assert all(torch.equal(value, saved[name]) for name, value in critic.state_dict().items())
    saved = PictureEncoder(3, 5, CompactVGG((4, 6, 8, 10), (1, 2, 1, 3))).state_dict()
    encoder = PictureEncoder(3, 5, compact_like(saved))
    encoder.load_state_dict(saved)
    assert all(torch.equal(value, saved[name]) for name, value in encoder.state_dict().items())
