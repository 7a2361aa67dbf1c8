"""Finds pictures that are in a folder twice: the same pixels, or the same picture saved, sized or toned a little else.

A perceptual hash proposes and a look decides: a picture is described by where each pixel of its 17 x 16 grey thumbnail
is clearly brighter than its neighbour (256 bits, the "difference hash"); two that differ in few bits are compared in
colour.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

GRID = 16
BITS = 20
"""Of 256 that may differ. Unrelated pictures differ in about 100."""

CLEARLY = 2.0
"""Of 255: flat grounds stay flat when a picture is saved again."""

NEAR = 5.0
"""Mean absolute difference of 16 x 16 colour thumbnails, in 255ths, each first brought to the same mean."""

BLOCK = 512


@dataclass(frozen=True)
class Duplicate:
    """picture repeats first: places in the order given. exact: whether pixel for pixel."""

    picture: int
    first: int
    exact: bool


def find_duplicates(pictures: np.ndarray) -> list[Duplicate]:
    """NxSxSx3 uint8 -> every picture that repeats an earlier one, with the earliest that it repeats."""
    hashes, thumbnails = signatures(pictures)
    found: dict[int, Duplicate] = {}
    for start in range(0, len(pictures), BLOCK):
        block = hashes[start:start + BLOCK]
        apart = np.zeros((len(block), start + len(block)), np.uint16)
        for word in range(hashes.shape[1]):
            apart += np.bitwise_count(block[:, None, word] ^ hashes[None, :start + len(block), word])
        for row, column in np.argwhere(apart <= BITS):
            later, first = start + int(row), int(column)
            if first < later and later not in found and first not in found and _alike(thumbnails, later, first):
                found[later] = Duplicate(later, first, bool((pictures[later] == pictures[first]).all()))
    return [found[later] for later in sorted(found)]


def signatures(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """NxSxSx3 uint8 -> hashes Nx4 uint64 and thumbnails Nx16x16x3 float32."""
    hashes = np.empty((len(pictures), GRID * GRID // 64), np.uint64)
    thumbnails = np.empty((len(pictures), GRID, GRID, 3), np.float32)
    for index, picture in enumerate(pictures):
        grey = cv2.resize(picture, (GRID + 1, GRID), interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
        hashes[index] = np.packbits(grey[:, 1:] > grey[:, :-1] + CLEARLY).view(np.uint64)
        thumbnails[index] = cv2.resize(picture, (GRID, GRID), interpolation=cv2.INTER_AREA)
    return hashes, thumbnails


def _alike(thumbnails: np.ndarray, one: int, other: int) -> bool:
    first, second = (thumbnails[i] - thumbnails[i].mean(axis=(0, 1)) for i in (one, other))
    return bool(np.abs(first - second).mean() <= NEAR)
