"""The variational autoencoder: it learns, goes on, and its latent is where its pictures lie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model import own_manifold
from engine.model.networks.vae import LATENT, Cloud
from engine.train.course import Task
from engine.train.vae import Lying, Variational, course, divergence

RANDOM = np.random.default_rng(0)
PICTURES = np.broadcast_to(RANDOM.integers(0, 256, (24, 1, 1, 3), np.uint8), (24, 16, 16, 3)).copy()


def task(path: Path, resume: bool = False) -> Task:
    return Task("vae", 16, PICTURES, ("",) * 24, np.arange(24), (), 1e9, path, 1e6, resume, 0, torch.device("cpu"))


def run(one: Variational, steps: int) -> float:
    pieces, made = one.pieces(), 0
    for step in pieces:
        made += step is not None
        if made == steps:
            break
    pieces.close()
    return one.loss


def test_divergence_is_that_of_gaussians() -> None:
    assert divergence(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0
    mean, spread = torch.tensor([[1.0]]), torch.tensor([[0.5]])
    one, other = torch.distributions.Normal(1.0, float(np.exp(0.25))), torch.distributions.Normal(0, 1)
    wanted = torch.distributions.kl_divergence(one, other)
    torch.testing.assert_close(divergence(mean, spread)[0], wanted)


def test_a_resumed_run_is_the_same_run(tmp_path: Path) -> None:
    torch.manual_seed(0)
    whole = course(task(tmp_path / "whole.pt"))
    run(whole, 3)
    torch.manual_seed(0)
    run(course(task(tmp_path / "parts.pt")), 2)
    resumed = course(task(tmp_path / "parts.pt", resume=True))
    assert resumed.step == 2
    run(resumed, 1)
    for name, value in resumed.averaged().state_dict().items():
        torch.testing.assert_close(value, whole.averaged().state_dict()[name], msg=name)


def test_it_learns_to_show_again_what_it_sees(tmp_path: Path) -> None:
    torch.manual_seed(0)
    one = course(task(tmp_path / "run.pt"))
    first = run(one, 1)
    run(one, 40)
    generator = one.averaged().eval()
    mean, basis = own_manifold.cloud(generator)
    encoder = one.encoder_kept(mean, basis).eval()
    manifold = own_manifold.manifold_of("plain", generator, mean, basis, encoder)
    pictures = torch.from_numpy(PICTURES).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        shown = manifold.picture(manifold.latents(*manifold.guess(pictures)))
        average = pictures.mean(dim=0)
        assert (shown - pictures).square().mean() < 0.8 * (average - pictures).square().mean()
        seen, _ = encoder.clouds(pictures)
        answer = manifold.latents(*manifold.guess(pictures))[:, 0]
        assert (answer - seen).square().mean() < 0.02 < seen.square().mean()  # 24 pictures do not span all axes
    assert one.loss < first
    scale = basis.norm(dim=1)
    assert (scale[:-1] >= scale[1:]).all()  # the first axes are those that pictures differ by most


def test_the_cloud_is_fitted_to_points() -> None:
    random = torch.Generator().manual_seed(0)
    points = torch.randn(4000, LATENT, generator=random) * torch.linspace(2, 0.1, LATENT) + 1
    cloud = Cloud()
    cloud.fit(points.mean(dim=0), torch.cov(points.T))
    z = torch.randn(4000, LATENT, generator=random)
    drawn = cloud(z)
    torch.testing.assert_close(drawn.mean(dim=0), torch.ones(LATENT), atol=0.15, rtol=0)
    torch.testing.assert_close(drawn.std(dim=0), points.std(dim=0), atol=0.1, rtol=0.1)
    other = points[:2000]
    cloud.fit(other.mean(dim=0), torch.cov(other.T))
    moved = (cloud(z) - drawn).norm(dim=1).mean() / points.std(dim=0).norm()
    assert moved < 0.15, "a cloud that changes a little: the same z is nearly the same place"


def test_where_points_lie_is_measured_as_they_come() -> None:
    random = torch.Generator().manual_seed(0)
    points = torch.randn(600, LATENT, generator=random) * torch.linspace(2, 0.1, LATENT) + 1
    lying = Lying()
    for some in points.split(4):
        lying.take(some)
    torch.testing.assert_close(lying.mean, points.mean(dim=0))
    torch.testing.assert_close(lying.covariance(), torch.cov(points.T, correction=0), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("share, beta", [(0.0, 0.0), (0.125, 0.5), (0.5, 1.0)])
def test_beta_rises_to_its_height(share: float, beta: float, tmp_path: Path) -> None:
    from engine.train import vae

    one = course(task(tmp_path / "run.pt"))
    one._training.seconds = share * 60 * 1e9
    assert one.beta() == pytest.approx(beta * vae.BETA)
