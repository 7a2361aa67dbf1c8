"""A variational autoencoder of latents (Kingma and Welling 2014): what it recalls, what it loses, where that lies."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.networks.coded import CodedGenerator, Places, Recall
from engine.train.codes import enclose
from engine.train.reading import divergence, drawn_from

SPREAD = 0.8
"""How far a latent may be from what is recalled of it, on every axis; a code's numbers have unit variance.

At 0.5 heads from picture scrolls had ghosts of others when they were drawn, at 1.0 they were blurred.
"""

REST = 0.6
"""How much of what is left out of a latent is drawn beside what is recalled: with all of it heads are cluttered."""


def recalled(recall: Recall, places: Places, latents: Tensor, told: Tensor | None, random: torch.Generator,
             ) -> tuple[Tensor, Tensor]:
    """BxLATENT, and their classes -> BxDRAWN from the cloud of each, and B nats that the clouds cost.

    random: on the processor.
    """
    mean, spread = recall(latents / places.reach, told)
    return drawn_from(mean, spread, random), divergence(mean, spread)


def lost(recall: Recall, generator: CodedGenerator, latents: Tensor, told: Tensor | None, random: torch.Generator,
         ) -> Tensor:
    """Nats for each number of a code, a scalar: of what is recalled wrongly, and of the clouds."""
    drawn, cost = recalled(recall, generator.mapping, latents, told, random)
    wrong = (generator.mapping.decoded(drawn, told) - latents).square().sum(dim=1) / (2 * SPREAD**2)
    return (wrong + cost).mean() / len(generator.synthesis.mean)


@torch.no_grad()
def settle(recall: Recall, places: Places, latents: Tensor, told: Tensor | None, random: torch.Generator) -> None:
    """Draw from where all that is recalled of latents NxLATENT lies, and what is left out of them, by classes."""
    drawn, _ = recalled(recall, places, latents, told, random)
    enclose(places.clouds, drawn, told)
    enclose(places.rest, REST * (latents - places.decoded(drawn, told)), told)
