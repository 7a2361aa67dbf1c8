"""Sets the time of a projection beside iGAN's: its generator, its number of starts, its number of steps.

Zhu et al. 2016 ("Generative Visual Manipulation on the Natural Image Manifold") let 64 starts of a DCGAN of 64 pixels
descend for 40 steps each; published for a GPU of its time. Here both run on this machine, on untrained networks: what a
pass takes does not depend on the weights. Theirs is timed with squared error alone, which favours it, and by some of
its steps, which are all alike; ours in full, from the photo to the picture at the end, with as many steps as a
manifold of that size gets.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit.descent import descend, enough
from engine.edit.recipe import Recipe
from engine.edit.target import Target
from engine.model import own_manifold
from engine.model.adam import Adam, Group
from engine.model.families import FAMILIES
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.picture_encoder import PictureEncoder

STARTS, STEPS = 64, 40
LATENT, BASE, SIZE = 100, 128, 64
UNCEASING = Recipe(still=-1.0)
"""An untrained network has come to rest at once: no step is spared it."""


@dataclass(frozen=True)
class Race:
    """Seconds of work of one projection; theirs is `STEPS` times its median step."""

    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        """Above one, ours is faster."""
        return self.theirs / self.ours


class Published(nn.Sequential):
    """Bx100 -> Bx3x64x64, iGAN's layers: 1024 features at 4 pixels, halved with every doubling; 5x5 kernels."""

    def __init__(self, base: int = BASE) -> None:
        widths = [8 * base, 4 * base, 2 * base, base]
        parts: list[nn.Module] = [nn.Linear(LATENT, widths[0] * 16, bias=False), nn.Unflatten(1, (widths[0], 4, 4))]
        for inputs, outputs in zip(widths, [*widths[1:], 3], strict=True):
            parts += [nn.BatchNorm2d(inputs), nn.ReLU(), nn.ConvTranspose2d(inputs, outputs, 5, 2, 2, 1, bias=False)]
        super().__init__(*parts, nn.Tanh())


def race(repeats: int = 1, starts: int = STARTS, base: int = BASE) -> Race:
    """Both on one random photo. starts, base: theirs."""
    torch.manual_seed(0)
    photo = Photo(np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8))
    return Race(_ours(photo), STEPS * _step(photo, repeats, starts, base))


def own() -> Manifold:
    """One such as is trained here by default, untrained."""
    generator = FAMILIES["style"].generator(SIZE)
    mean, basis = own_manifold.cloud(generator)
    return own_manifold.manifold_of("own", generator, mean, basis, PictureEncoder(generator.layers, len(basis)))


def _ours(photo: Photo) -> float:
    manifold, features = own(), Features.load()
    began = time.process_time()
    target = Target(photo, Frame(SIZE / 2, SIZE / 2, SIZE), manifold)
    *_, last = descend(manifold, features, target, enough(manifold), True, UNCEASING)
    assert last.full is not None
    return time.process_time() - began


def _step(photo: Photo, repeats: int, starts: int, base: int) -> float:
    """Median seconds of a step of all starts."""
    network = Published(base).eval().requires_grad_(False)
    wanted = torch.from_numpy(photo.pixels.copy()).permute(2, 0, 1)[None] / 127.5 - 1
    z: Tensor = torch.randn(starts, LATENT).requires_grad_()
    adam, taken = Adam([Group([z], 0.1, (0.5, 0.999))]), []
    for _ in range(repeats + 1):
        began = time.process_time()
        adam.clear()
        (network(z) - wanted).square().sum().backward()
        adam.step()
        taken.append(time.process_time() - began)
    return median(taken[1:])
