"""A manifold small enough for a test: 8 numbers, 16 x 16 pixels, the same every time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from engine.model import packs
from engine.model.manifold import Manifold

sys.path.insert(0, str(Path(__file__).parent))  # what several folders share

LAYERS, WIDTH, SIZE = 3, 8, 16


@pytest.fixture(autouse=True)
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No manifold comes with the program, but where a test says so."""
    monkeypatch.setattr(packs, "SHIPPED", tmp_path / "none")


class TinyGenerator(nn.Module):
    """Smooth random pictures, linear in the latent before a tanh; the layers add up with falling weight."""

    def __init__(self) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(7)
        coarse = torch.randn(LAYERS * WIDTH, 3, 4, 4, generator=random)
        smooth = nn.functional.interpolate(coarse, size=SIZE, mode="bicubic", align_corners=False)
        falling = torch.repeat_interleave(torch.tensor([1.0, 0.5, 0.25]), WIDTH)
        self.register_buffer("pictures", smooth.reshape(LAYERS * WIDTH, -1) * falling[:, None] * 0.3)

    def forward(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3x16x16 in [-1, 1]."""
        return torch.tanh(latents.reshape(len(latents), -1) @ self.get_buffer("pictures")).reshape(-1, 3, SIZE, SIZE)


def draw(count: int, seed: int) -> Tensor:
    """count x 8 standard normal."""
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="session")
def tiny_manifold() -> Manifold:
    """8-d latents in 3 layers, 16 x 16 pictures, no encoder and no critic; its id is `tiny`."""
    generator = TinyGenerator().eval().requires_grad_(False)
    weights = torch.ones(1, 1, SIZE, SIZE)
    return Manifold(
        "tiny", LAYERS, SIZE, SIZE, torch.zeros(WIDTH), torch.eye(WIDTH), generator, generator, draw, weights
    )


@pytest.fixture
def elsewhere() -> Iterator[torch.device]:
    """A device of which everything is in ordinary memory, and which keeps to itself as a graphics card does."""
    from elsewhere import ELSEWHERE, Present

    with Present():
        yield ELSEWHERE
