"""The axes of slopes: what gradients share is found, and descents along it come further."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from engine.document.pauses import finished
from engine.model.manifold import Manifold
from engine.train.axes import measured, principal, reached


class Slanted(nn.Module):
    """Few of the ways through the latents show, and those lie across the coordinates."""

    def __init__(self, layers: int, width: int, size: int) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(3)
        axes = torch.linalg.qr(torch.randn(width, width, generator=random))[0]
        strengths = torch.logspace(0, -3, width)
        coarse = torch.randn(layers, width, 3, 4, 4, generator=random)
        shown = torch.einsum("kj,ljchw->lkchw", axes * strengths, coarse)
        smooth = nn.functional.interpolate(shown.flatten(0, 1), size=size, mode="bicubic", align_corners=False)
        self.register_buffer("pictures", smooth.flatten(1) * 0.4)
        self.size = size

    def forward(self, latents: Tensor) -> Tensor:
        return torch.tanh(latents.flatten(1) @ self.get_buffer("pictures")).reshape(-1, 3, self.size, self.size)


def test_gradients_that_lie_in_a_plane_have_its_axes() -> None:
    random = torch.Generator().manual_seed(0)
    plane = torch.linalg.qr(torch.randn(6, 2, generator=random))[0].T
    gradients = torch.randn(40, 3, 2, generator=random) @ plane
    axes = principal(gradients)
    assert axes.shape == (3, 6, 6)
    torch.testing.assert_close(axes @ axes.mT, torch.eye(6).expand(3, 6, 6), atol=1e-5, rtol=0)
    torch.testing.assert_close(axes[:, :2].mT @ axes[:, :2], (plane.T @ plane).expand(3, 6, 6), atol=1e-5, rtol=0)


def test_descents_come_further_along_them(tiny_manifold: Manifold) -> None:
    width, network = 64, Slanted(tiny_manifold.layers, 64, tiny_manifold.size)

    def draw(count: int, seed: int) -> Tensor:
        return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))

    manifold = replace(tiny_manifold, mean=torch.zeros(width), basis=torch.eye(width), draw=draw)
    axes = finished(measured(manifold, network, 8, seed=0))
    assert axes.shape == (manifold.layers, width, width)
    along, without = (reached(replace(manifold, axes=each), network, 4, seed=1) for each in (axes, None))
    assert along < 0.8 * without


def test_it_is_the_same_every_time(tiny_manifold: Manifold) -> None:
    one, other = (finished(measured(tiny_manifold, tiny_manifold.generator, 2, seed=0)) for _ in range(2))
    assert torch.equal(one, other)
