"""Measures the cloud of styles that a mapping network makes of Gaussian z.

Whitened coordinates a of a style (w = mean + a @ basis) have unit variance in that cloud: their length tells how
plausible the style is, the same in every direction (Karras et al. 2020, "Analyzing and Improving the Image Quality of
StyleGAN", regularise in such coordinates; Wulff and Torralba 2020, "Improving Inversion and Generation Diversity in
StyleGAN using a Gaussianized Latent Space"). Everything is computed in double precision from a fixed seed and signs are
fixed: documents may keep whitened coordinates, so every machine must arrive at the same axes.
"""

from __future__ import annotations

import copy
from collections.abc import Generator
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

SAMPLES = 10_000
SEED = 2021
CHUNK = 250


class Mapping(Protocol):
    """A network from Bxwidth standard normal z to BxW styles."""

    width: int

    def __call__(self, z: Tensor) -> Tensor:
        """The styles."""

    def double(self) -> Mapping:
        """Itself, in double precision."""


def measure(mapping: Mapping, samples: int = SAMPLES) -> Generator[float, None, dict[str, Tensor]]:
    """Yields the fraction done; returns float32 `stats.mean` [W], `stats.basis` [K,W] and `stats.scale` [K].

    scale is the standard deviation along each principal axis, falling; the rows of basis are the axes times scale. K
    leaves out directions in which the cloud has no extent (below a millionth of the largest).
    """
    styles = []
    exact = copy.deepcopy(mapping).double()
    width = exact.width
    generator = np.random.default_rng(SEED)
    for start in range(0, samples, CHUNK):
        z = generator.standard_normal((min(CHUNK, samples - start), width))
        with torch.no_grad():
            styles.append(exact(torch.from_numpy(z)))
        yield (start + len(z)) / samples
    return {f"stats.{name}": value.float().contiguous() for name, value in _principal_axes(torch.cat(styles)).items()}


def _principal_axes(styles: Tensor) -> dict[str, Tensor]:
    mean = styles.mean(dim=0)
    centred = styles - mean
    variance, axes = torch.linalg.eigh(centred.T @ centred / (len(styles) - 1))
    scale, axes = variance.flip(0).clamp(min=0).sqrt(), axes.T.flip(0)
    useful = scale > 1e-6 * scale[0]
    scale, axes = scale[useful], axes[useful]
    largest = axes.gather(1, axes.abs().argmax(dim=1, keepdim=True))
    return {"mean": mean, "basis": axes * largest.sign() * scale[:, None], "scale": scale}
