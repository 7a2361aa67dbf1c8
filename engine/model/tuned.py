"""Tuned: a manifold whose network was changed a little for one picture. Everything else is shared with the original."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.document.latent import Latent
from engine.document.tuning import Tuning
from engine.model.manifold import Manifold


@runtime_checkable
class Tunable(Protocol):
    """A generator that says which of its weights may be tuned to one picture."""

    def late(self) -> tuple[str, ...]:
        """Names of modules whose `weight` is a matrix per pixel."""


def late_weights(manifold: Manifold) -> tuple[str, ...]:
    """Of the full network; none for a manifold that cannot be tuned."""
    return manifold.generator.late() if isinstance(manifold.generator, Tunable) else ()


def for_latent(manifold: Manifold, latent: Latent) -> Manifold:
    """The manifold as that latent was found in it."""
    return manifold if latent.tuning is None else tuned(manifold, latent.tuning)


@lru_cache(maxsize=3)  # a manifold remembers some of its pictures, 12 MB each for faces
def tuned(manifold: Manifold, tuning: Tuning) -> Manifold:
    """The manifold with that change; InputError where it was made for another network."""
    generator, light, *sketches = shallow((manifold.generator, manifold.light, *manifold.sketches))
    for name, (up, down) in tuning.factors.items():
        try:
            _add(generator.get_submodule(name), up, down)
        except (AttributeError, ValueError) as error:
            raise InputError("The face was made finer for another version of the model: find it again.") from error
    return replace(manifold, generator=generator, light=light, sketches=tuple(sketches), tuning=tuning)


def _add(layer: nn.Module, up: np.ndarray, down: np.ndarray) -> None:
    """Give the layer a weight of its own; ValueError where it has another shape."""
    weight = layer.get_parameter("weight")
    if (len(weight), weight[0].numel()) != (up.shape[0], down.shape[1]):
        raise ValueError(f"{tuple(weight.shape)} is not {up.shape[0]} x {down.shape[1]}")
    changed = weight + torch.from_numpy(up @ down).to(weight.device).reshape(weight.shape)
    layer.weight = nn.Parameter(changed, requires_grad=False)


def shallow(networks: tuple[nn.Module, ...]) -> tuple[nn.Module, ...]:
    """Networks whose modules are new and whose tensors are the old ones; what they share they share again."""
    tensors: chain[Tensor] = chain.from_iterable(chain(m.parameters(), m.buffers()) for m in networks)
    return deepcopy(networks, {id(tensor): tensor for tensor in tensors})
