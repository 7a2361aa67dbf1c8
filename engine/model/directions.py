"""Directions of a manifold: ways on which a picture changes in one respect. What its sliders are made of.

Two kinds are found without a label. The principal axes of the cloud of latents (Harkonen et al. 2020, "GANSpace:
Discovering Interpretable GAN Controls"): a manifold's own basis. And the directions that the weights which first meet
the latent stretch most (Shen and Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs"): eigenvectors of
their A'A, nothing sampled. Each works on a band of layers: coarse ones hold pose and shape, middle ones features, fine
ones light and colour.

A generator that takes inputs has a slider for each. A manifold that was told classes has a slider towards each, from
the mean of all, and one from each to each other.

What of these does one clear thing has a name and is shipped as coordinates, in `resources/directions/MANIFOLD.json`.
Every direction is as long as one standard deviation of the cloud along it, so that sliders compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import combinations, product
from typing import Annotated

import msgspec
import numpy as np
import torch
from msgspec import Meta
from torch import Tensor, nn

from engine.document.direction import Direction
from engine.document.job import ListDirections, Step
from engine.model import direction_cache
from engine.model.manifold import Manifold
from resources import ROOT

COUNT = 12
"""Of each kind and band."""

EDGES = (0.18, 0.43)
"""Shares of the layers at which middle and fine layers begin: 4 to 8, 16 to 32, and from 64 pixels on in faces."""
BANDS = ("coarse", "middle", "fine")

NAMED, PRINCIPAL, FACTORISED, CLASS = "named", "principal axis", "factor of the weights", "class"
"""Sources of directions. `own` are the user's."""


class Named(msgspec.Struct, forbid_unknown_fields=True):
    """A shipped direction. layers: from and up to which it works, in shares of all. tip: what it does, in plain words.

    coordinates: whitened, along the first of the manifold's principal axes.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    layers: tuple[float, float]
    limit: Annotated[float, Meta(gt=0, le=10)]
    coordinates: Annotated[tuple[float, ...], Meta(min_length=1, max_length=512)]
    tip: str = ""


class NamedFile(msgspec.Struct, forbid_unknown_fields=True):
    """`resources/directions/MANIFOLD.json`."""

    manifold: str
    directions: tuple[Named, ...]


def list_directions(job: ListDirections, manifold: Manifold) -> Iterator[Step]:
    """One settled step: the manifold's directions, the named first."""
    yield Step(ticket=job.ticket, note="Looking for sliders")
    found = (*named(manifold), *inputs(manifold), *classes(manifold), *unsupervised(manifold))
    yield Step(ticket=job.ticket, settled=True, directions=found, fraction=1.0, note="Done")


def band(name: str, layers: int) -> slice:
    """The layers of a band, of so many; empty where there are fewer layers than bands."""
    first = max(1, round(EDGES[0] * layers))
    second = max(first + 1, round(EDGES[1] * layers))
    edges = (0, min(first, layers), min(second, layers), layers)
    place = BANDS.index(name)
    return slice(edges[place], edges[place + 1])


def on_layers(manifold: Manifold, style: Tensor, layers: slice) -> np.ndarray:
    """LxW float32: a change (W) of the style of those layers."""
    values = torch.zeros(manifold.layers, manifold.width)
    values[layers] = style.float()
    return values.numpy()


def named(manifold: Manifold) -> tuple[Direction, ...]:
    """The directions that are shipped for the manifold; none for one that nobody has named any of."""
    file = ROOT / "directions" / f"{manifold.id}.json"
    if not file.is_file():
        return ()
    content = msgspec.json.decode(file.read_bytes(), type=NamedFile)
    return tuple(_named(each, manifold) for each in content.directions)


def _named(named: Named, manifold: Manifold) -> Direction:
    start, end = (round(share * manifold.layers) for share in named.layers)
    coordinates = torch.tensor(named.coordinates)
    style = coordinates @ manifold.basis[: len(coordinates)].cpu()
    values = on_layers(manifold, style, slice(start, end))
    return Direction(named.name, values, manifold.id, named.limit, NAMED, f"{manifold.id}/{named.name}", named.tip)


def inputs(manifold: Manifold) -> tuple[Direction, ...]:
    """What can be set of its pictures one by one, where the generator takes such inputs."""
    every = slice(0, manifold.layers)
    return tuple(Direction(way.name, on_layers(manifold, way.style, every), manifold.id, way.limit, NAMED,
                           f"{manifold.id}/input/{way.name}", way.tip) for way in manifold.ways)


def classes(manifold: Manifold) -> tuple[Direction, ...]:
    """Towards each class, named as it is; then from each to each other. One step is all of the way."""
    if manifold.kinds is None:
        return ()
    means = dict(zip(manifold.kinds.names, manifold.kinds.means, strict=True))
    middle = torch.stack(list(means.values())).mean(dim=0)
    towards = [_class(manifold, name, mean - middle, NAMED, f"Towards {name}, away from the others")
               for name, mean in means.items()]
    between = [_class(manifold, f"From {one} to {other}", means[other] - means[one], CLASS)
               for one, other in combinations(means, 2)]
    return (*towards, *between)


def _class(manifold: Manifold, name: str, style: Tensor, source: str, tip: str = "") -> Direction:
    values = on_layers(manifold, style, slice(0, manifold.layers))
    return Direction(name, values, manifold.id, 2.0, source, f"{manifold.id}/class/{name}", tip)


def unsupervised(manifold: Manifold, count: int = COUNT) -> tuple[Direction, ...]:
    """The first `count` of either kind in each band; computed once for a manifold, then kept in the cache."""
    key = _key(manifold, count)
    kept = direction_cache.read(key)
    if kept is None:
        kept = found(manifold, count)
        direction_cache.write(key, kept)
    return tuple(
        _numbered(manifold, source, name, number, style)
        for source, name in product((PRINCIPAL, FACTORISED), BANDS)
        for styles in [kept.get(f"{source}/{name}", ())]
        for number, style in enumerate(styles, 1)
    )


def _numbered(manifold: Manifold, source: str, name: str, number: int, style: Tensor) -> Direction:
    title = f"{source.capitalize()} {number}" + (f", {name}" if manifold.layers > 1 else "")
    values = on_layers(manifold, style, band(name, manifold.layers))
    return Direction(title, values, manifold.id, 3.0, source, f"{manifold.id}/{source}/{name}/{number}")


def found(manifold: Manifold, count: int = COUNT) -> dict[str, Tensor]:
    """`SOURCE/BAND` -> NxW float32 styles, N <= count, each one standard deviation long."""
    styles = {}
    weights = modulations(manifold)
    for name in BANDS:
        layers = band(name, manifold.layers)
        if layers.start == layers.stop:
            continue
        styles[f"{PRINCIPAL}/{name}"] = manifold.basis[:count].float().cpu().clone()
        if weights:
            styles[f"{FACTORISED}/{name}"] = factorised(manifold, weights[layers], count)
    return styles


def factorised(manifold: Manifold, weights: list[Tensor], count: int = COUNT) -> Tensor:
    """NxW, N <= count: the eigenvectors of A'A of those weights (each CxW), largest first, a standard deviation long.

    Layers count alike, however many channels they have and however large their weights are.
    """
    stacked = torch.cat([weight.double() / weight.double().norm() for weight in weights])
    _, axes = torch.linalg.eigh(stacked.T @ stacked)
    axes = axes.T.flip(0)[:count]
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    extent = (axes @ manifold.basis.cpu().double().T).norm(dim=1, keepdim=True)
    return (axes * largest.sign() * extent).float()


def modulations(manifold: Manifold) -> list[Tensor]:
    """For each layer weights (CxW) by which its style first acts; empty where the generator has none of a known kind.

    They are the linear maps that take a style's numbers, in the order of the network. Where there are more than layers
    (a convolution and its picture share one), their order still tells the layer; a generator from one z has one. All
    are copied to the processor, where directions are computed: a manifold has the same sliders on every device.
    """
    maps = [weight for module in manifold.generator.modules() if (weight := _map(module, manifold.width)) is not None]
    if not maps:
        return []
    share = len(maps) / manifold.layers if len(maps) > manifold.layers > 1 else 1
    return [maps[min(int(layer * share), len(maps) - 1)] for layer in range(manifold.layers)]


def _map(module: nn.Module, width: int) -> Tensor | None:
    """CxW of a module that takes W numbers; a transposed convolution from one place is one too."""
    if isinstance(module, nn.Linear) and module.in_features == width:
        return module.weight.detach().cpu()
    if isinstance(module, nn.ConvTranspose2d) and module.in_channels == width:
        return module.weight.detach().cpu().reshape(width, -1).T
    return None


def _key(manifold: Manifold, count: int) -> str:
    """Names the manifold's weights: one that was trained further has other directions."""
    digest = hashlib.sha256(f"1 {manifold.id} {manifold.layers} {count}".encode())
    for tensor in (manifold.basis, *modulations(manifold)):
        digest.update(np.ascontiguousarray(tensor.cpu().float().numpy()).tobytes())
    return digest.hexdigest()[:32]
