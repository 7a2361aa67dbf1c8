"""Opens manifolds by id: the installed pack's generator together with this program's own networks around it, or one
that was trained here from a folder of pictures.
"""

from __future__ import annotations

from typing import TypeVar

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.model import faces_pack, own_manifold, packs
from engine.model.halved import halved
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import depths_of
from engine.model.networks.folded import Folded
from engine.model.networks.mobilestylegan import Mapping
from engine.model.networks.style_encoder import StyleEncoder
from engine.model.networks.style_preview import Preview, PreviewHead
from resources import ROOT, path

Module = TypeVar("Module", bound=nn.Module)

PREVIEW_SIDE = 256
SKETCHED = (64, 128, 256)
"""Sides of the pictures through which a face is looked for, coarse to fine."""


def open_manifold(id: str) -> Manifold:
    """The manifold of that id, ready to use. InputError when there is none or its pack is not installed."""
    if id == "faces":
        return faces()[0]
    if id not in packs.trained():
        raise InputError(f"there is no manifold called {id!r}; there is: {', '.join(('faces', *packs.trained()))}")
    return own_manifold.open_own(id)


def faces(with_encoder: bool = True) -> tuple[Manifold, Mapping]:
    """The face manifold and the network that draws its styles."""
    _, tensors = packs.load("faces")
    mapping, synthesis = faces_pack.build(tensors)
    head = _ready(PreviewHead(), _shipped("faces-preview"))
    encoder = _encoder(synthesis.layers, len(tensors["stats.basis"])) if with_encoder else None
    for part in (mapping, synthesis):
        part.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    manifold = Manifold(
        id="faces", layers=synthesis.layers, size=synthesis.resolution, preview_size=PREVIEW_SIDE,
        mean=tensors["stats.mean"], basis=tensors["stats.basis"], generator=synthesis,
        light=Preview(synthesis, head), draw=lambda count, seed: _styles(mapping, count, seed),
        importance=face_importance(PREVIEW_SIDE), encoder=encoder,
        sketches=tuple(Folded(synthesis, size) for size in SKETCHED), axes=_axes(),
        halve=halved,
    )
    return manifold, mapping


def _encoder(layers: int, coordinates: int) -> StyleEncoder:
    """The shipped one, with the copy of the features that it was fitted to."""
    weights = _shipped("faces-encoder")
    return _ready(StyleEncoder(layers, coordinates, depths=depths_of(weights)), weights)


def _axes() -> Tensor | None:
    """None while they are not measured yet."""
    there = (ROOT / "models" / "faces-axes.safetensors").is_file()
    return _shipped("faces-axes")["axes"].float() if there else None


def _shipped(name: str) -> dict[str, Tensor]:
    return load_file(path("models", f"{name}.safetensors"))


def _ready(network: Module, weights: dict[str, Tensor]) -> Module:
    """The network with those weights, frozen."""
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def _styles(mapping: Mapping, count: int, seed: int) -> Tensor:
    with torch.no_grad():
        return mapping(torch.randn(count, mapping.width, generator=torch.Generator().manual_seed(seed)))


def face_importance(side: int) -> Tensor:
    """1x1xsidexside, mean 1: eyes four times, mouth twice, corners half of the face's weight, in the FFHQ layout."""
    y, x = torch.meshgrid(torch.linspace(0, 1, side), torch.linspace(0, 1, side), indexing="ij")

    def bump(cx: float, cy: float, rx: float, ry: float) -> Tensor:
        return torch.exp(-((x - cx) / rx).square() - ((y - cy) / ry).square())

    weight = 0.5 + 0.5 * bump(0.5, 0.52, 0.42, 0.5)
    eyes = bump(0.375, 0.47, 0.075, 0.05) + bump(0.625, 0.47, 0.075, 0.05)
    weight = weight + 3 * eyes + bump(0.5, 0.71, 0.13, 0.07)
    return (weight / weight.mean())[None, None]
