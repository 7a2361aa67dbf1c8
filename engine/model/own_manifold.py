"""Manifolds trained from a folder of pictures: their pack's tensors <-> a Manifold of any family.

The pack holds generator, critic, encoder and the measured cloud of styles in one file. At 64 to 256 pixels the
generator is its own preview. Nothing is known of how the subject lies in the picture, so every place counts alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model import packs, style_space
from engine.model.card import Card
from engine.model.families import FAMILIES, SIZES
from engine.model.family import Drawing, Family, Generator, Tensors
from engine.model.kinds import Kinds, measured
from engine.model.manifold import Manifold
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import PictureEncoder

PREFIX = "own-"
"""Before a family's name on a card."""


def open_own(id: str) -> Manifold:
    """The manifold that was trained under that name. InputError when its pack is damaged or of a later program."""
    card, tensors = packs.load(id)
    family = FAMILIES.get(card.network.removeprefix(PREFIX)) if card.network.startswith(PREFIX) else None
    if family is None or card.resolution not in SIZES or card.classes and not family.classed:
        raise InputError(f"the manifold {id!r} is of a kind that is not known here ({card.network}): it was made by "
                         "another Ganvas")
    try:
        return _built(id, family, card, tensors)
    except (KeyError, RuntimeError, ValueError, IndexError) as error:
        raise InputError(f"the networks of {id!r} do not fit ({error}): train it again") from error


def _built(id: str, kind: Family, card: Card, tensors: dict[str, Tensor]) -> Manifold:
    shares = [1.0] * len(card.classes)  # the true ones are among the tensors
    generator = kind.generator(card.resolution, shares)
    critic = kind.critic and kind.critic(card.resolution, shares, part(tensors, "critic"))
    encoder = _encoder(kind, generator, len(tensors["stats.basis"]), part(tensors, "encoder"))
    networks: dict[str, nn.Module | None] = {"generator": generator, "critic": critic, "encoder": encoder}
    for name, network in networks.items():
        if network is not None:
            network.load_state_dict(part(tensors, name))
    mean, basis = tensors["stats.mean"], tensors["stats.basis"]
    if not all(value.isfinite().all() for value in tensors.values()):
        raise RuntimeError("some weights are no numbers")
    if (generator.layers, mean.shape) != (card.layers, (card.width,)) or basis.shape[1:] != mean.shape:
        raise RuntimeError(f"latents of {card.layers} x {card.width} and a mean of {tuple(mean.shape)}")
    kinds = kinds_of(generator, card.classes, tensors)
    manifold = manifold_of(id, generator, mean, basis, encoder, critic, kinds, _axes(tensors, generator.layers))
    return replace(manifold, layout=card.layout)


def _axes(tensors: Tensors, layers: int) -> Tensor | None:
    """Those of the slopes, where the pack has any."""
    axes = tensors.get("stats.axes")
    if axes is not None and (axes.ndim, len(axes), axes.shape[-1]) != (3, layers, len(tensors["stats.basis"])):
        raise RuntimeError(f"slopes of {tuple(axes.shape)}")
    return None if axes is None else axes.float()


def _encoder(family: Family, generator: Generator, coordinates: int, tensors: Tensors) -> nn.Module:
    if family.encoder is not None:
        return family.encoder(generator, coordinates, tensors)
    return PictureEncoder(generator.layers, coordinates, compact_like(tensors))


def part(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors of one network, in full precision."""
    prefix = f"{name}."
    return {key.removeprefix(prefix): value.float() if value.is_floating_point() else value
            for key, value in tensors.items() if key.startswith(prefix)}


def manifold_of(id: str, generator: Generator, mean: Tensor, basis: Tensor, encoder: nn.Module | None = None,
                critic: nn.Module | None = None, kinds: Kinds | None = None, axes: Tensor | None = None) -> Manifold:
    """The networks as one manifold, frozen (but for the encoder, which may have to learn yet)."""
    for frozen in filter(None, (generator, critic)):
        frozen.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    if encoder is not None:
        encoder.eval().to(memory_format=torch.channels_last)
    size, network = generator.size, generator.synthesis
    return Manifold(
        id=id, layers=generator.layers, size=size, preview_size=size, mean=mean, basis=basis, generator=network,
        light=network, draw=lambda count, seed: styles(generator, count, seed),
        importance=torch.ones(1, 1, size, size), encoder=encoder, critic=critic, kinds=kinds,
        cutter=generator.cut, finisher=generator.whole, ways=generator.ways(), axes=axes,
        centred=generator.mapping.centred,
    )


@torch.no_grad()
def styles(generator: Generator, count: int, seed: int) -> Tensor:
    """count x W: random styles."""
    z = torch.randn(count, generator.mapping.width, generator=torch.Generator().manual_seed(seed))
    found: Tensor = generator.mapping(z)
    return found


def kinds_of(generator: Generator, names: Sequence[str], tensors: Mapping[str, Tensor] | None = None) -> Kinds | None:
    """The classes of a generator that was told those; None for no names. tensors: of a pack, where they are measured.

    KeyError, RuntimeError where the tensors are not of so many classes.
    """
    if not names:
        return None

    def of(drawing: Drawing) -> Callable[[int, int, int], Tensor]:
        @torch.no_grad()
        def draw(kind: int, count: int, seed: int) -> Tensor:
            z = torch.randn(count, drawing.width, generator=torch.Generator().manual_seed(seed))
            found: Tensor = drawing(z, torch.full((count,), kind))
            return found
        return draw

    if tensors is None:
        means, axes = measured(of(generator.mapping.wide), len(names))
    else:
        means, axes = tensors["stats.kind_means"], tensors["stats.kind_axes"]
    if means.ndim != 2 or len(means) != len(names) or len(axes) != means.shape[1]:
        raise RuntimeError(f"{len(names)} classes and {tuple(means.shape)} means")
    return Kinds(tuple(names), means, axes, of(generator.mapping))


def cloud(generator: Generator) -> tuple[Tensor, Tensor]:
    """mean [W] and basis [K,W] of the styles."""
    found = finished(style_space.measure(generator.mapping.wide))
    return found["stats.mean"], found["stats.basis"]


def save_own(card: Card, manifold: Manifold, generator: Generator, critic: nn.Module | None) -> Path:
    """Puts the manifold among the packs under the card's id; its folder. Half precision: errors are far above it."""
    networks: dict[str, nn.Module | None] = {"generator": generator, "critic": critic, "encoder": manifold.encoder}
    tensors = {f"{name}.{key}": _half(value) for name, network in networks.items() if network is not None
               for key, value in network.state_dict().items()}
    tensors |= {"stats.mean": manifold.mean.contiguous(), "stats.basis": manifold.basis.contiguous()}
    if manifold.axes is not None:
        tensors["stats.axes"] = _half(manifold.axes)
    if manifold.kinds is not None:
        tensors |= {"stats.kind_means": manifold.kinds.means, "stats.kind_axes": manifold.kinds.axes}
    packs.write_own(card.id, card, tensors)
    return packs.folder(card.id)


def _half(value: Tensor) -> Tensor:
    return (value.detach().half() if value.is_floating_point() else value).contiguous()
