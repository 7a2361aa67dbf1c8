"""Pictures cut out for an autoencoder, the codes that it makes of all of them, and the axes of these."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from engine.model.networks.autoencoder import CODE, STRIDE, CodeEncoder
from engine.model.networks.clouds import Clouds
from engine.model.networks.coded import LATENT, CodedGenerator
from engine.train.photos import to_tensor

CROP = 64
"""Side of a cut-out."""

NITER = 3
"""Times that the axes are made more exact."""

ENCODED = 16
"""Pictures that become codes between two pauses."""


def cut_out(pictures: Tensor, random: torch.Generator) -> Tensor:
    """BxCxSxS -> BxCxCROPxCROP: of each picture a part from anywhere."""
    return cut_at(pictures, corners(len(pictures), pictures.shape[-1] - CROP + 1, random), CROP)


def corners(count: int, places: int, random: torch.Generator) -> Tensor:
    """2xcount whole numbers below places."""
    return torch.randint(places, (2, count), generator=random)


def cut_at(pictures: Tensor, corners: Tensor, side: int) -> Tensor:
    """BxCxSxS -> BxCxsidexside: of each picture the part whose first row and column are the corners, 2xB."""
    parts = [picture[:, y:y + side, x:x + side]
             for picture, (y, x) in zip(pictures, corners.T.tolist(), strict=True)]
    return torch.stack(parts).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def encoded(encoder: CodeEncoder, pictures: np.ndarray, device: torch.device) -> Generator[None, None, Tensor]:
    """NxSxSx3 uint8 -> 2xNxCODExS/8xS/8, half precision, on the processor: as they are, and flipped. Pauses."""
    side = pictures.shape[1] // STRIDE
    codes = torch.empty(2, len(pictures), CODE, side, side, dtype=torch.float16)
    for first in range(0, len(pictures), ENCODED):
        some = slice(first, first + ENCODED)
        shown = to_tensor(pictures[some]).to(device).contiguous(memory_format=torch.channels_last)
        for flipped, each in enumerate((shown, shown.flip(3))):
            codes[flipped, some] = encoder(each).half().cpu()
            yield
    return codes


@torch.no_grad()
def lay_out(generator: CodedGenerator, codes: Tensor, told: Tensor | None) -> None:
    """Give a generator the axes of codes 2xNxCODExhxw, longest first, and where they lie along them, by N classes.

    Where there are fewer codes than axes, the last axes are nought.
    """
    synthesis, places = generator.synthesis, generator.mapping
    flat = codes.flatten(2).flatten(0, 1).to(synthesis.mean.device).float()
    mean = flat.mean(dim=0)
    with torch.random.fork_rng():
        torch.manual_seed(0)  # the axes are found by a random projection
        _, _, axes = torch.pca_lowrank(flat, min(LATENT, *flat.shape), niter=NITER)
    synthesis.mean.copy_(mean)
    synthesis.axes.zero_()[:axes.shape[1]] = axes.T
    places.axes.copy_(synthesis.axes)
    latents = (flat - mean) @ synthesis.axes.T
    enclose(places.lying.clouds, latents, None if told is None else told.repeat(2))


def enclose(clouds: Clouds, vectors: Tensor, told: Tensor | None) -> None:
    """Put the cloud of each class where the vectors NxK of that class lie."""
    for kind in range(len(clouds.mean)):
        some = vectors if told is None else vectors[told == kind]
        if len(some):
            clouds.mean[kind], clouds.square[kind] = some.mean(dim=0), some.T @ some / len(some)
    clouds.settle()
