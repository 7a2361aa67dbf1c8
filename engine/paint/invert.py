"""Invert: what of a picture survives in its features at some depth.

Features are decoded by a network (Dosovitskiy and Brox 2016); the question is that of Mahendran and Vedaldi (2015).
`fusion` decodes mixtures of two pictures' features.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.paint.ground import eight_bit, resized
from engine.paint.pauses import Working
from engine.paint.tensors import to_tensor
from resources import path

WORKING = 512
"""Longer side in pixels at which pictures are looked at and decoded."""
BORDER = 32
MULTIPLE = 8
LOOKS = ((0, 0), (2, 4), (4, 6), (6, 2))
"""By so many pixels the deepest features' grid, of 8 pixels, is moved, down and to the right."""
BAND = 256
"""Rows of a full-size picture that are made at a time."""


@dataclass(frozen=True)
class Inverter:
    """The compact network, and the decoder of its features."""

    features: Features
    decoder: FeatureDecoder

    @classmethod
    def load(cls, weights: Path | None = None, features: Features | None = None) -> Inverter:
        """From a safetensors file, the program's own when none is named; InputError where it is missing."""
        weights = weights or path("models", "decoder.safetensors")
        if not weights.is_file():
            raise InputError("decoder weights are missing: install Ganvas again, or run `ganvas train decoder`.")
        decoder = FeatureDecoder()
        decoder.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
        features = features or Features.load()
        return cls(features, decoder.eval().requires_grad_(False).to(features.device))

    def told(self, pixels: np.ndarray, depth: float) -> Working[np.ndarray]:
        """hxwx3 float32 in 0..1: what the features at `depth` (1..4) tell of a picture (hxwx3 uint8).

        The mean of several looks, each with the features' grid in another place: the grid itself is not seen then.
        Between two whole depths the two answers are mixed.
        """
        size = pixels.shape[:2]
        total = np.zeros(pixels.shape, np.float32)
        upper, lower = math.floor(depth), math.ceil(depth)
        for shift in LOOKS:
            taps = yield from self.taps(pixels, shift, lower)
            picture = yield from self.decoded(taps[lower - 1], lower, shift, size)
            if upper < lower:
                other = yield from self.decoded(taps[upper - 1], upper, shift, size)
                picture = other + np.float32(depth - upper) * (picture - other)
            total += picture
        return total / len(LOOKS)

    @torch.no_grad()  # while it works, and not during its pauses
    def taps(self, pixels: np.ndarray, shift: tuple[int, int], depth: int) -> Working[list[Tensor]]:
        """The first `depth` taps of a picture (hxwx3 uint8), as the network's `forward` gives them, 1xCxH/2^ixW/2^i.

        The picture has a mirrored border, BORDER pixels wide and `shift` more above and on the left.
        """
        network = self.features.network
        x, taps = to_tensor(bordered(pixels, shift), self.features.device), []
        for index in range(depth):
            x = network.stages[index](x if index == 0 else F.avg_pool2d(x, 2))
            taps.append(network.taps[index](x))
            yield
        return taps

    @torch.no_grad()
    def decoded(self, tap: Tensor, depth: int, shift: tuple[int, int], size: tuple[int, int]) -> Working[np.ndarray]:
        """The picture in such a tap, without its border: height and width as given, float32 in 0..1.

        The same arithmetic as the decoder's own `forward` (a test holds the two together), with pauses.
        """
        net = self.decoder
        x = F.relu(net.enter[depth - 1](tap))
        for level in range(depth - 1, -1, -1):
            x = x + F.relu(net.stay[level](x))
            yield
            if level > 0:
                x = F.relu(F.pixel_shuffle(net.rise[level - 1](x), 2))
                yield
        picture = net.block(tap, depth) + net.colour(x)
        yield
        top, left = (BORDER + moved for moved in shift)
        inside = picture[0, :, top : top + size[0], left : left + size[1]]
        return (inside.permute(1, 2, 0).cpu().numpy() / 2 + 0.5).clip(0, 1)


def bordered(pixels: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    """hxw[xC] with a mirrored border, `shift` pixels wider above and on the left, up to sides the network asks for."""
    below, right = (
        BORDER + (-side - moved) % MULTIPLE for side, moved in zip(pixels.shape[:2], shift, strict=True)
    )  # fmt: skip
    top, left = (BORDER + moved for moved in shift)
    return cv2.copyMakeBorder(pixels, top, below, left, right, cv2.BORDER_REFLECT_101)


def survives(pixels: np.ndarray, depth: float, inverter: Inverter, size: int = WORKING) -> Working[np.ndarray]:
    """HxWx3 uint8 or uint16 -> the same: what a picture's features at `depth` tell of it; at 0 it is the picture.

    size: longer side at which it is looked at; the smaller, the larger are the places of which features tell.
    """
    if not 0 <= depth <= FeatureDecoder.DEPTHS:
        raise InputError(f"depth {depth:g} is out of range: choose from 0 to {FeatureDecoder.DEPTHS}.")
    if depth == 0:
        return pixels
    small = yield from reduced(pixels, *working_size(pixels, size))
    told = yield from inverter.told(small, max(depth, 1))
    share = np.float32(min(depth, 1))  # from nothing to the first depth the picture dissolves into what is told
    return (yield from _on_full_size(pixels, share * told, 1 - share))


def coarse(picture: np.ndarray, levels: int) -> np.ndarray:
    """hxwx3 float32 without its `levels` finest Laplacian bands (Burt and Adelson 1983)."""
    shapes = []
    for _ in range(levels):
        shapes.append(picture.shape[1::-1])
        picture = cv2.pyrDown(picture)
    for shape in reversed(shapes):
        picture = cv2.pyrUp(picture, dstsize=shape)
    return picture


def reduced(pixels: np.ndarray, height: int, width: int) -> Working[np.ndarray]:
    """HxWx3 uint8 or uint16 -> uint8 at that size."""
    return eight_bit((yield from resized(pixels, height, width)))


def working_size(pixels: np.ndarray, size: int) -> tuple[int, int]:
    """Height and width at which a picture is decoded: its own up to `size` a side, and at least a few pixels."""
    share = min(1.0, size / max(pixels.shape[:2]))
    height, width = (max(MULTIPLE, round(side * share)) for side in pixels.shape[:2])
    return height, width


def _on_full_size(pixels: np.ndarray, added: np.ndarray, kept: np.floating | float) -> Working[np.ndarray]:
    """`kept` times the photo plus hxwx3 float32 (0..1) enlarged to its size, a band of rows at a time."""
    height, width = pixels.shape[:2]
    white = np.float32(np.iinfo(pixels.dtype).max)
    down, across = added.shape[0] / height, added.shape[1] / width
    made = np.empty_like(pixels)
    for top in range(0, height, BAND):
        rows = min(BAND, height - top)
        back = np.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]])
        large = cv2.warpAffine(
            added, back, (width, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
        )
        values = np.float32(kept) * pixels[top : top + rows] + white * large
        made[top : top + rows] = np.rint(values).clip(0, white)
        yield
    return made
