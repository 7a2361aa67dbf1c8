"""The flow of latents: where it leads, what it is told, what it is taught, and what is drawn with it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.document.pauses import finished
from engine.model import own_manifold
from engine.model.networks import coded, flow
from engine.model.networks.autoencoder import CODE
from engine.model.networks.coded import LATENT, CodedGenerator
from engine.model.networks.flow import Velocity, flown
from engine.model.networks.style_generator import StyleGenerator
from engine.train.codes import enclose
from engine.train.flowing import drawn, missed


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A narrow one."""
    torch.manual_seed(0)
    monkeypatch.setattr(flow, "WIDTHS", (8, 16, 32))


def test_what_is_drawn_goes_together_as_it_does_in_the_pictures() -> None:
    """Latents on a circle: a Gaussian fills its middle, the flow leaves it."""
    random = torch.Generator().manual_seed(0)
    generator = CodedGenerator(64)
    places, latents = generator.mapping, torch.zeros(400, LATENT)
    angles = torch.rand(400, generator=random) * 2 * torch.pi
    latents[:, 0], latents[:, 1] = 24 * angles.cos(), 24 * angles.sin()
    axes = torch.linalg.qr(torch.randn(CODE * 64, CODE * 64, generator=random))[0]
    generator.synthesis.axes.copy_(axes)
    places.axes.copy_(axes)
    enclose(places.lying.clouds, latents, None)
    optimizer = torch.optim.Adam(places.velocity.parameters(), 2e-3)
    for _ in range(120):
        optimizer.zero_grad()
        some = latents[torch.randint(400, (32,), generator=random)]
        missed(places, some, None, random).backward()
        optimizer.step()
    z = torch.randn(300, places.width, generator=random)
    with torch.no_grad():
        lengths = places(z)[:, :2].norm(dim=1), places.wide(z)[:, :2].norm(dim=1)
    inside = [float((length < 14).float().mean()) for length in lengths]
    assert inside[0] < 0.5 * inside[1]
    mean, basis = own_manifold.cloud(generator)
    assert basis.square().sum() == pytest.approx(576, rel=0.1), "what is whitened is as wide as the latents lie"


@torch.no_grad()
def test_a_flow_is_guided_away_from_the_gaussian_only_where_it_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    places, z = CodedGenerator(64).mapping, torch.randn(200, LATENT, generator=torch.Generator().manual_seed(0))
    places.axes.copy_(torch.linalg.qr(torch.randn(CODE * 64, CODE * 64))[0])
    places.lying.clouds.mean.fill_(3.0)

    def between_gaussians(codes: Tensor, times: Tensor, told: Tensor | None) -> Tensor:
        now = times[:, None, None, None]
        return (2 * now - 1) / (now.square() + (1 - now).square()) * (codes - places.laid(torch.full((1, LATENT), 3.0)))

    monkeypatch.setattr(places.velocity, "forward", between_gaussians)
    torch.testing.assert_close(places(z), places.wide(z), atol=0.15, rtol=0.05)
    aside = places.laid(torch.full((1, LATENT), 2.0))
    monkeypatch.setattr(places.velocity, "forward", lambda *given: between_gaussians(*given) + aside)
    guided = float((places(z) - places.wide(z)).mean())
    monkeypatch.setattr(coded, "AWAY", 0.0)
    assert guided == pytest.approx(1.4 * float((places(z) - places.wide(z)).mean()), rel=0.02)


def test_a_flow_arrives_where_its_velocities_lead() -> None:
    begun = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    goal = torch.tensor([4.0, -2.0, 0.5])
    arrived = flown(begun, lambda places, times: (goal - places) / (1 - times[:, None]).clamp(min=1e-6))
    torch.testing.assert_close(arrived, goal.expand(5, 3), msg="straight ways")
    grown = flown(begun, lambda places, times: times[:, None] * places)
    torch.testing.assert_close(grown, begun * torch.e**0.5, rtol=0.06, atol=0)


def test_velocities_are_told_time_place_and_class() -> None:
    torch.manual_seed(0)
    velocity, codes = Velocity(CODE, 8, 2), torch.randn(1, CODE, 8, 8).expand(4, -1, -1, -1)
    times, kinds = torch.tensor([0.2, 0.7, 0.2, 0.2]), torch.tensor([0, 0, 1, 0])
    assert not velocity(codes, times, kinds).any(), "a new one stays where it is"
    for weight in velocity.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.1)
    found = velocity(codes, times, kinds)
    torch.testing.assert_close(found[0], found[3], atol=1e-4, rtol=1e-4)
    assert (found[0] - found[1]).abs().max() > 1e-2 < (found[0] - found[2]).abs().max()
    even = velocity(torch.ones(1, CODE, 8, 8), times[:1], kinds[:1])
    assert even.std(dim=(2, 3)).min() > 1e-3, "where in the picture it is"


def test_latents_are_drawn_of_classes_as_frequent_as_they_are() -> None:
    random = torch.Generator().manual_seed(0)
    generator = CodedGenerator(64, (0.8, 0.2))
    places, told = generator.mapping, (torch.arange(600) % 5 == 0).long()
    latents = torch.randn(600, LATENT, generator=random)
    latents[:, 0] += 20 * told
    enclose(places.lying.clouds, latents, told)
    found = finished(drawn(places, 400, torch.device("cpu"), random))
    assert found.shape == (400, LATENT)
    assert (found[:, 0] > 10).float().mean() == pytest.approx(0.2, abs=0.06)


def test_what_is_drawn_is_not_drawn_to_the_mean_as_other_families_samples_are() -> None:
    flowing, styled = CodedGenerator(64), StyleGenerator(16)
    for generator in (flowing, styled):
        width = own_manifold.styles(generator, 1, 0).shape[1]
        manifold = own_manifold.manifold_of("some", generator, torch.ones(width), torch.eye(width))
        alike = torch.equal(manifold.sample(3, 1, 0.5), manifold.sample(3, 1, 1.0))
        assert alike == (generator is flowing)
