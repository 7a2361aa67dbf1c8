"""Networks for the tests of textures."""

from __future__ import annotations

import torch

from engine.model.endless import Window, noise
from engine.model.networks.texture_pyramid import WIDTHS, TexturePyramid


def lively() -> TexturePyramid:
    """A network that has learned nothing but its moments: its picture is not flat."""
    torch.manual_seed(0)
    network = TexturePyramid()
    levels = [noise(9, k, Window(0, 0, 96 >> k, 96 >> k)) for k in range(len(WIDTHS))]
    with torch.no_grad():
        for _ in range(20):
            network.learning(levels)
    return network
