"""Makes faces_reference.json: what OpenVINO, executing the published graphs literally, answers for a few inputs.

Run once, in an environment with openvino and numpy: `python tests/engine/model/faces_reference.py UNPACKED_WHEEL`.
The program itself never needs openvino; the tests need only the figures.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_suffix(".json")
LAYERS = 23
GRID = slice(31, None, 64)
"""Rows and columns of the 1024 px picture that are kept."""


def gaussian_like(seed: int) -> np.ndarray:
    """1x512 float32: zero mean, unit variance, from a formula rather than from a generator of some version."""
    k = np.arange(1, 513, dtype=np.float64)
    return (np.sqrt(2) * np.sin(k * k * (0.1 + seed)))[None].astype(np.float32)


def between(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A different style for every layer: 1x23x512, in equal steps through the middle half of the way between two w."""
    share = 0.25 + 0.5 * np.arange(LAYERS, dtype=np.float32)[:, None] / np.float32(LAYERS - 1)
    return first[:, None] + (second - first)[:, None] * share


def per_layer(model: Any, core: Any) -> Any:
    """The synthesis graph with an input of its own for every style affine, in the order of the layers."""
    import openvino as ov
    from openvino import opset1

    source = model.inputs[0].node
    affines = [node for node in model.get_ordered_ops() if node.get_type_name() == "MatMul"
               and node.input_value(0).get_node() == source]
    order = {node.get_friendly_name(): int(node.get_friendly_name().split("_")[1].split("/")[0]) for node in affines}
    inputs = []
    for node in sorted(affines, key=lambda node: order[node.get_friendly_name()]):
        inputs.append(opset1.parameter([1, 512], ov.Type.f32))
        inputs[-1].output(0).get_tensor().set_names({f"w{len(inputs) - 1}"})
        node.input(0).replace_source_output(inputs[-1].output(0))
    model.add_parameters(inputs)
    return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def main(folder: Path) -> None:
    """Write the figures: for two z the sampled w and picture, and the picture of the styles between the two."""
    import openvino as ov

    core = ov.Core()
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    data = folder / "random_face/data"
    mapping, synthesis = (core.compile_model(core.read_model(data / f"{name}Network.xml"), "CPU", exact)
                          for name in ("Mapping", "Synthesis"))
    styles = [mapping(gaussian_like(seed))[0].copy() for seed in (0, 1)]
    pictures = [synthesis(w)[0].copy() for w in styles]
    layered = per_layer(core.read_model(data / "SynthesisNetwork.xml"), core)
    latents = between(*styles)
    mixed = layered({f"w{layer}": latents[:, layer] for layer in range(LAYERS)} | {"style": styles[0]})[0]
    kept = [np.round(x[0][:, GRID, GRID].astype(np.float64), 6).tolist() for x in (*pictures, mixed)]
    REFERENCE.write_text(json.dumps({
        "styles": [np.round(w[0, ::16].astype(np.float64), 6).tolist() for w in styles],
        "pictures": kept[:2],
        "between": kept[2],
    }))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
