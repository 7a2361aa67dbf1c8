"""VGG networks from a file on the user's disk: the features that Gatys' papers used, for those who want exactly those.

Read are torchvision's state dicts of VGG-19 and VGG-16 (.pth, opened so that nothing in it can run, or .safetensors)
and files of convolutions named as in the paper's own release (conv1_1.weight ...), whose pictures are BGR and 0..255.
Simonyan and Zisserman 2014. Average pooling, as Gatys recommends. Only the convolutions up to the last tap are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.segments import Linear, Segment, of_compact, of_convolutions

OWN = "compact"
"""Name of the program's own network."""
CHANNELS = (64, 128, 256, 512, 512)
LARGEST = 700 << 20
"""Bytes: VGG-19 with its fully connected layers has 575 million."""

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's RGB in 0..1, as torchvision's weights expect them taken off and divided out."""
BGR_MEAN = (103.939, 116.779, 123.68)
"""Of BGR in 0..255, as the original release expects it taken off."""


@dataclass(frozen=True)
class Family:
    """blocks: convolutions in each. taps: (block, convolution), from 0, in order. style, content: which of the taps."""

    name: str
    blocks: tuple[int, ...]
    taps: tuple[tuple[int, int], ...]
    style: tuple[int, ...]
    content: tuple[int, ...]


VGG19 = Family("VGG-19", (2, 2, 4, 4, 4), ((0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (4, 0)), (0, 1, 2, 3, 5), (4,))
"""Gatys 2016: style from relu1_1, 2_1, 3_1, 4_1 and 5_1, content from relu4_2."""

VGG16 = Family("VGG-16", (2, 2, 3, 3, 3), ((0, 1), (1, 1), (2, 2), (3, 0)), (0, 1, 2, 3), (2, 3))
"""The depths that the compact network was taught."""


@dataclass(frozen=True)
class Extractor:
    """segments: the network. style, content: numbers of the taps that carry either."""

    name: str
    segments: tuple[Segment, ...]
    style: tuple[int, ...]
    content: tuple[int, ...]

    @property
    def device(self) -> torch.device:
        """Where it is."""
        return self.segments[0].weight.device

    def on(self, device: torch.device) -> Extractor:
        """The same there; itself where it is there already."""
        if device == self.device:
            return self
        return replace(self, segments=tuple(segment.on(device) for segment in self.segments))


def compact(features: Features) -> Extractor:
    """The program's own network in the same form."""
    return Extractor(OWN, of_compact(features.network), (0, 1, 2, 3), (2, 3))


def read_vgg(path: Path) -> Extractor:
    """The network in the file; InputError where it is not one of those this module knows."""
    weights = _read(path)
    if "conv1_1.weight" in weights:
        family = VGG19 if "conv3_4.weight" in weights else VGG16
        return _assembled(family, weights, _paper_names(family), path, _blue_first())
    # The eighth convolution of torchvision's VGG-16 follows a pooling; VGG-19's does not.
    family = VGG19 if "features.16.weight" in weights else VGG16
    return _assembled(family, weights, _torchvision_names(family), path, _normalised())


def _read(path: Path) -> Mapping[str, Tensor]:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path.name} is larger than any VGG network: choose torchvision's vgg19 weights.")
        if path.suffix == ".safetensors":
            return load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or error}. Choose another file.") from error
    except InputError:
        raise
    except Exception as error:  # a hostile file makes the readers raise anything, assertions too
        raise InputError(f"{path.name} holds no weights that are safe to read: choose torchvision's vgg19.") from error
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError(f"{path.name} is no plain table of weights: choose torchvision's vgg19 weights.")
    return found


def _paper_names(family: Family) -> list[list[str]]:
    return [[f"conv{b + 1}_{c + 1}" for c in range(count)] for b, count in enumerate(family.blocks)]


def _torchvision_names(family: Family) -> list[list[str]]:
    names, place = [], 0
    for count in family.blocks:
        names.append([f"features.{place + 2 * c}" for c in range(count)])
        place += 2 * count + 1  # convolution and ReLU each; the pooling
    return names


def _assembled(family: Family, weights: Mapping[str, Tensor], names: Sequence[Sequence[str]], path: Path,
               enter: Linear) -> Extractor:
    last = family.taps[-1]
    blocks: list[list[tuple[Tensor, Tensor]]] = []
    inputs = 3
    for b, block in enumerate(names[:last[0] + 1]):
        blocks.append([])
        for name in block[:last[1] + 1] if b == last[0] else block:
            blocks[-1].append(_convolution(weights, name, (CHANNELS[b], inputs, 3, 3), family.name, path))
            inputs = CHANNELS[b]
    segments = of_convolutions(blocks, lambda b, c: (b, c) in family.taps, enter)
    return Extractor(family.name, segments, family.style, family.content)


def _convolution(weights: Mapping[str, Tensor], name: str, shape: tuple[int, ...], family: str, path: Path,
                 ) -> tuple[Tensor, Tensor]:
    weight, bias = weights.get(f"{name}.weight"), weights.get(f"{name}.bias")
    if weight is None or bias is None or weight.shape != shape or bias.shape != shape[:1]:
        raise InputError(f"{path.name} is not {family}: {name} is missing or of another shape. Choose another file.")
    if not (weight.is_floating_point() and torch.isfinite(weight).all() and torch.isfinite(bias).all()):
        raise InputError(f"{path.name} is damaged: {name} holds what is no number. Choose another file.")
    return weight.float().contiguous(memory_format=torch.channels_last), bias.float()


def _blue_first() -> Linear:
    return Linear(127.5 * torch.eye(3).flip(0), 127.5 - torch.tensor(BGR_MEAN))


def _normalised() -> Linear:
    mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)
    return Linear(torch.diag(0.5 / deviation), (0.5 - mean) / deviation)
