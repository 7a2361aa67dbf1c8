"""What the flow of latents is taught by, and the latents that are drawn with it once it has been."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from engine.model.device import shortened
from engine.model.family import Drawing
from engine.model.networks.coded import LATENT, Places

DRAWN = 4
"""Latents that are drawn between two pauses."""


def missed(places: Places, latents: Tensor, told: Tensor | None, random: torch.Generator) -> Tensor:
    """BxLATENT of pictures, and their classes -> a scalar: by how much the field misses the straight way to each.

    From anywhere in the Gaussian, at any time, mostly the middle of it, where it is hardest to say (Esser et al. 2024,
    "Scaling Rectified Flow Transformers", section 3.1). The square of it, for each number of a code. random: on the
    processor.
    """
    device = latents.device
    times = torch.randn(len(latents), generator=random).sigmoid().to(device)
    begun = places.lying.clouds(torch.randn(len(latents), LATENT, generator=random).to(device), told)
    there = places.laid(begun.lerp(latents, times[:, None]))
    with shortened(device):
        along = places.velocity(there, times, told)
    return (along.float() - places.laid(latents - begun)).square().mean()


@torch.no_grad()
def drawn(drawing: Drawing, count: int, device: torch.device, random: torch.Generator) -> Generator[None, None, Tensor]:
    """countxW, of classes as frequent as they are. random: on the processor. Pauses."""
    some = []
    for z in torch.randn(count, drawing.width, generator=random).split(DRAWN):
        some.append(drawing(z.to(device)))
        yield
    return torch.cat(some)
