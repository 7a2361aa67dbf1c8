"""What a family of manifolds is: the networks it brings, and which module of `engine.train` teaches them.

A family is one file in `networks` that says `FAMILY = Family(...)`, and one in `engine.train` with a function `course`.
Nothing else names it: what is asked of a generator is `Generator`, and whatever keeps to it can be trained, sampled,
projected onto, painted on, slid along, morphed and kept as a pack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

Tensors = Mapping[str, Tensor]
"""A network's state."""


class Drawing(nn.Module):
    """Bxwidth standard normal numbers -> BxW styles.

    centred: whether styles nearer their mean show what is likelier (Karras et al. 2019, section 2.2 and appendix B).
    """

    width: int
    centred: bool = True

    @property
    def wide(self) -> Drawing:
        """Draws as wide as latents of pictures lie, to measure by: itself, but for one that draws the likely only."""
        return self


class Generator(nn.Module):
    """A picture from a latent: `synthesis` takes BxLxW to Bx3xSxS in about [-1, 1]; `mapping` draws styles.

    Where it is told classes, the mapping also takes B whole numbers.
    """

    size: int
    layers: int
    mapping: Drawing
    synthesis: nn.Module

    def cut(self, latents: Tensor) -> Tensor | None:
        """BxLxW -> Bx1xSxS in 0..1: how far each pixel belongs to the thing shown; None where that is not known."""
        return None

    def whole(self, latents: Tensor) -> Tensor:
        """BxLxW -> Bx3xSxS: with what an edit leaves to the photo, such as grain. For pictures that stand alone."""
        picture: Tensor = self.synthesis(latents)
        return picture

    def ways(self) -> tuple[Way, ...]:
        """What can be set of its pictures one by one; nothing, but for a generator that takes such inputs."""
        return ()


@dataclass(frozen=True, eq=False)
class Way:
    """One input of a generator as a slider. style: W, what one step adds. limit: steps either way."""

    name: str
    tip: str
    style: Tensor
    limit: float


@dataclass(frozen=True)
class Family:
    """name: as people ask for it. taught_by: a module of engine.train. classed: whether it can be told classes.

    generator: (size, shares of the classes or nothing) -> a new one. critic: (size, shares, tensors) -> a new one of
    the shape of the tensors, or of the program's own if they are None. encoder: (generator, coordinates, tensors) ->
    the same; where it is None the family brings none, and one is taught after it. least: pixels of a side.
    """

    name: str
    taught_by: str
    generator: Callable[..., Generator]
    critic: Callable[..., nn.Module] | None = None
    encoder: Callable[[Generator, int, Tensors], nn.Module] | None = None
    classed: bool = False
    least: int = 16
