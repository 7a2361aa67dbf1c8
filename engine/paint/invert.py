"""Invert: what of a picture survives in its features at some depth, and the semantic blend of two pictures.

Features are decoded by a network (Dosovitskiy and Brox 2016); the question is that of Mahendran and Vedaldi (2015). A
blend mixes the features of two pictures at a depth and decodes the mixture: near the surface two pictures dissolve into
each other, deep down shapes meet and colours follow. Both are decoded small. What of the first picture the decoder does
not tell at all, everything finer than the features' grid, comes from the photo itself at its full size; what it tells
wrongly is put right as far as the blend is still the first picture: with nothing of the second it is the photo, bit for
bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

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
    def load(cls, weights: Path | None = None) -> Inverter:
        """From a safetensors file, the program's own when none is named; InputError where it is missing."""
        weights = weights or path("models", "decoder.safetensors")
        if not weights.is_file():
            raise InputError("decoder weights are missing: install Ganvas again, or run `ganvas train decoder`.")
        decoder = FeatureDecoder()
        decoder.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
        return cls(Features.load(), decoder.eval().requires_grad_(False))

    def told(self, shares: Sequence[tuple[np.ndarray, float]], depth: float) -> Working[np.ndarray]:
        """hxwx3 float32 in 0..1: what features at `depth` (1..4) tell, mixed of pictures (hxwx3 uint8) in shares.

        The mean of several looks, each with the features' grid in another place: the grid itself is not seen then.
        """
        height, width = shares[0][0].shape[:2]
        total = np.zeros((height, width, 3), np.float32)
        for shift in LOOKS:
            looks = []
            for pixels, share in shares:
                looks.append([share * tap for tap in self._taps(pixels, shift, math.ceil(depth))])
                yield
            mixed = [sum(parts[1:], parts[0]) for parts in zip(*looks, strict=True)]
            total += self._decoded(mixed, depth, shift, total)
            yield
        return total / len(LOOKS)

    def _taps(self, pixels: np.ndarray, shift: tuple[int, int], depth: int) -> list[Tensor]:
        """The taps of the picture with a mirrored border, `shift` pixels wider above and on the left."""
        (top, left), sides = shift, pixels.shape[:2]
        below, right = (BORDER + (-side - moved) % MULTIPLE for side, moved in zip(sides, shift, strict=True))
        bordered = cv2.copyMakeBorder(pixels, BORDER + top, below, BORDER + left, right, cv2.BORDER_REFLECT_101)
        with torch.no_grad():
            return list(self.features.network(to_tensor(bordered), depth))

    def _decoded(self, taps: Sequence[Tensor], depth: float, shift: tuple[int, int], like: np.ndarray) -> np.ndarray:
        """The picture in such taps, of the size of `like`; between two whole depths the two answers are mixed."""
        upper, lower = math.floor(depth), math.ceil(depth)
        with torch.no_grad():
            picture = self.decoder(taps[lower - 1], lower)
            if upper < lower:
                picture = self.decoder(taps[upper - 1], upper).lerp(picture, depth - upper)
        top, left = (BORDER + moved for moved in shift)
        inside = picture[0, :, top : top + like.shape[0], left : left + like.shape[1]]
        return (inside.permute(1, 2, 0).numpy() / 2 + 0.5).clip(0, 1)


def survives(pixels: np.ndarray, depth: float, inverter: Inverter, size: int = WORKING) -> Working[np.ndarray]:
    """HxWx3 uint8 or uint16 -> the same: what a picture's features at `depth` tell of it; at 0 it is the picture.

    size: longer side at which it is looked at; the smaller, the larger are the places of which features tell.
    """
    _check(depth, 0)
    if depth == 0:
        return pixels
    small = yield from reduced(pixels, *working_size(pixels, size))
    told = yield from inverter.told([(small, 1.0)], max(depth, 1))
    share = np.float32(min(depth, 1))  # from nothing to the first depth the picture dissolves into what is told
    return (yield from _on_full_size(pixels, share * told, 1 - share))


def blended(
    pixels: np.ndarray,
    other: np.ndarray,
    amount: float,
    depth: float,
    inverter: Inverter,
    detail: float = 1.0,
    size: int = WORKING,
) -> Working[np.ndarray]:
    """The semantic blend of two pictures (HxWx3 uint8 or uint16 each), in the size and depth of the first.

    amount: 0..1 of the other's features. depth: 1..4, where they are mixed. detail: 0..1, how much of the first
    picture's fine bands stays where the blend is all the other. The other is cropped to the first one's shape.
    """
    _check(depth, 1)
    if amount <= 0:
        return pixels
    small = yield from reduced(pixels, *working_size(pixels, size))
    height, width = small.shape[:2]
    second = yield from reduced(cropped(other, height / width), height, width)
    own = yield from inverter.told([(small, 1.0)], depth)
    mixed = yield from inverter.told([(small, 1 - amount), (second, amount)], depth)
    # The photo is taken apart at the features' grid: `told` are its coarse bands, the rest is its fine bands.
    told = own + coarse(small.astype(np.float32) / 255 - own, math.ceil(depth))
    kept = np.float32(1 - amount * (1 - detail))
    change = mixed - own + np.float32(1 - amount) * (told - own)
    return (yield from _on_full_size(pixels, own + change - kept * told, kept))


def coarse(picture: np.ndarray, levels: int) -> np.ndarray:
    """hxwx3 float32 without its `levels` finest Laplacian bands (Burt and Adelson 1983)."""
    shapes = []
    for _ in range(levels):
        shapes.append(picture.shape[1::-1])
        picture = cv2.pyrDown(picture)
    for shape in reversed(shapes):
        picture = cv2.pyrUp(picture, dstsize=shape)
    return picture


def cropped(pixels: np.ndarray, slope: float) -> np.ndarray:
    """The largest middle part of HxWx3 whose height is `slope` times its width."""
    height, width = pixels.shape[:2]
    high, wide = min(height, max(1, round(width * slope))), min(width, max(1, round(height / slope)))
    top, left = (height - high) // 2, (width - wide) // 2
    return pixels[top : top + high, left : left + wide]


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


def _check(depth: float, lowest: int) -> None:
    if not lowest <= depth <= FeatureDecoder.DEPTHS:
        raise InputError(f"depth {depth:g} is out of range: choose from {lowest} to {FeatureDecoder.DEPTHS}.")
