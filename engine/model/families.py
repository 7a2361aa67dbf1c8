"""The families of generators that a manifold of one's own can be of.

A family is a file in `networks` with a generator and its critic. What the rest of the program asks of a generator is
`Generator`: styles from z, a picture from one style for each layer. Whatever keeps to it can be trained, projected
onto, painted on and morphed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.model.networks.critic import Critic
from engine.model.networks.dcgan import DCCritic, DCGenerator
from engine.model.networks.style_generator import StyleGenerator

Generator = StyleGenerator | DCGenerator
"""Has `size`, `layers`, a `mapping` (Bxwidth standard normal -> BxW styles) and a `synthesis` (BxLxW -> Bx3xSxS)."""

Judge = Critic | DCCritic


@dataclass(frozen=True)
class Family:
    """generator, critic: made new for a size, and for the shares of classes where it can be told them (`classed`)."""

    generator: Callable[..., Generator]
    critic: Callable[..., Judge]
    classed: bool = False


def _critic(size: int, shares: Sequence[float] = ()) -> Critic:
    return Critic(size, classes=len(shares))


def _reference(size: int, shares: Sequence[float] = ()) -> DCGenerator:
    return DCGenerator(size)


def _reference_critic(size: int, shares: Sequence[float] = ()) -> DCCritic:
    return DCCritic(size)


FAMILIES = {"style": Family(StyleGenerator, _critic, classed=True), "dcgan": Family(_reference, _reference_critic)}

SIZES = (16, 32, 64, 128, 256)
"""Of pictures; people are offered the last three, the others are for trying out."""
