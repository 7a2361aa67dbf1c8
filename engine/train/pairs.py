"""Pairs of latent and picture made by a generator: what its encoder and its light preview learn from.

The generator is asked for single styles at several truncations and for mixtures (coarse, middle and fine layers from
different styles, and a little noise a layer), because projection and strokes will leave the single styles too; and for
latents in which every layer has gone its own way, as it does in those that are found for photos. Pairs are appended to
a folder of plain arrays, so that training may read while more are made.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.networks.mobilestylegan import Mapping, Synthesis

SIDE = 256
"""Pixels of the stored pictures, area-averaged from the generator's own size."""
SHARED, OWN = 0.55, 0.42
"""Standard deviations, in whitened coordinates, of what the layers of latents found for portraits share and do not."""
FREE = 4
"""Every so many batches of latents are offsets."""


def draw_latents(mapping: Mapping, mean: Tensor, layers: int, count: int, generator: torch.Generator) -> Tensor:
    """count x layers x width, of styles that the mapping makes."""
    z = torch.randn(3 * count, mapping.width, generator=generator)
    return mixtures(mapping(z).reshape(3, count, 1, mapping.width), mean, layers, generator)


def mixtures(styles: Tensor, mean: Tensor, layers: int, generator: torch.Generator) -> Tensor:
    """3 x count x 1 x width -> count x layers x width: half plain styles, half mixtures of three.

    Drawn towards the mean first, by a truncation psi uniform in 0.5..1.
    """
    count = styles.shape[1]
    psi = 0.5 + 0.5 * torch.rand(1, count, 1, 1, generator=generator)
    styles = mean + psi * (styles - mean)
    mixed = (torch.rand(count, 1, 1, generator=generator) < 0.5).float()
    cuts = torch.sort(torch.randint(1, layers, (2, count, 1, 1), generator=generator), dim=0).values
    layer = torch.arange(layers).reshape(1, layers, 1)
    blend = torch.where(layer < cuts[0], styles[0], torch.where(layer < cuts[1], styles[1], styles[2]))
    latents = mixed * blend + (1 - mixed) * styles[0]
    spread = (styles[0] - mean).std(dim=0, keepdim=True)
    noise = torch.randn(latents.shape, generator=generator) * spread * 0.15
    return latents + mixed * noise


def offsets(mean: Tensor, basis: Tensor, layers: int, count: int, generator: torch.Generator) -> Tensor:
    """count x layers x width, as projections and strokes leave them: every layer goes its own way, along all axes.

    basis: KxW, of whitened coordinates. Latents found for portraits have such coordinates, to about a tenth.
    """
    shared = SHARED * torch.randn(count, 1, len(basis), generator=generator)
    own = OWN * torch.randn(count, layers, len(basis), generator=generator)
    return mean + (shared + own) @ basis


class PairFolder:
    """pictures.u8 (Nx256x256x3) and latents.f16 (NxLxW), grown by appending whole pairs."""

    def __init__(self, folder: Path, layers: int, width: int) -> None:
        self.folder, self.shape = folder, (layers, width)
        folder.mkdir(parents=True, exist_ok=True)

    def append(self, latents: Tensor, pictures: Tensor) -> None:
        """Bx layers x width and Bx3x256x256 in [-1, 1]. Latents are written last: they say how many are complete."""
        bytes_ = ((pictures.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
        with (self.folder / "pictures.u8").open("ab") as file:
            file.write(bytes_.tobytes())
        with (self.folder / "latents.f16").open("ab") as file:
            file.write(latents.half().numpy().tobytes())

    def __len__(self) -> int:
        path = self.folder / "latents.f16"
        return path.stat().st_size // (2 * self.shape[0] * self.shape[1]) if path.exists() else 0

    def open(self) -> tuple[np.ndarray, np.ndarray]:
        """Memory maps of what is complete now: NxLxW float16 and Nx256x256x3 uint8."""
        count = len(self)
        latents = np.memmap(self.folder / "latents.f16", np.float16, "r", shape=(count, *self.shape))
        return latents, np.memmap(self.folder / "pictures.u8", np.uint8, "r", shape=(count, SIDE, SIDE, 3))


def make_pairs(folder: Path, mapping: Mapping, synthesis: Synthesis, mean: Tensor, basis: Tensor, count: int,
               seed: int, minutes: float = float("inf"), batch: int = 4) -> Iterator[int]:
    """Append pairs until there are `count` or the time is over; yields how many there are."""
    pairs = PairFolder(folder, synthesis.layers, synthesis.style_width)
    end = time.monotonic() + 60 * minutes
    while len(pairs) < count and time.monotonic() < end:
        # Seeded by the position, so that an interrupted run goes on with the pairs it would have made anyway.
        generator = torch.Generator().manual_seed(seed * 1_000_003 + len(pairs))
        with torch.no_grad():
            if len(pairs) // batch % FREE == FREE - 1:
                latents = offsets(mean, basis, synthesis.layers, batch, generator)
            else:
                latents = draw_latents(mapping, mean, synthesis.layers, batch, generator)
            latents = latents.half().float()
            pairs.append(latents, F.interpolate(synthesis(latents), size=(SIDE, SIDE), mode="area"))
        yield len(pairs)
