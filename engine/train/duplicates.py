"""Finds pictures that are in a folder twice: the same pixels, or the same picture saved, sized or toned a little else.

A perceptual hash proposes and a look decides: a picture is described by where each pixel of its 17 x 16 grey thumbnail
is clearly brighter than its neighbour (256 bits, the "difference hash"); two that differ in few bits are compared in
colour.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.pauses import finished

GRID = 16
BITS = 20
"""Of 256 that may differ. Unrelated pictures differ in about 100."""

CLEARLY = 2.0
"""Of 255: flat grounds stay flat when a picture is saved again."""

NEAR = 2.5
"""Mean absolute difference of 16 x 16 colour thumbnails, in 255ths, each first brought to the same mean."""

SHARE = 0.12
"""That difference over the thumbnail's own contrast: on a white ground different shoes differ by little."""

BLOCK = 128
"""Pictures between two pauses: of 20,000, some 30 ms of work."""


@dataclass(frozen=True)
class Duplicate:
    """picture repeats first: places in the order given. exact: whether pixel for pixel."""

    picture: int
    first: int
    exact: bool


def find_duplicates(pictures: np.ndarray) -> list[Duplicate]:
    """NxSxSx3 uint8 -> every picture that repeats an earlier one, with the earliest that it repeats."""
    return finished(finding(pictures))


def finding(pictures: np.ndarray) -> Generator[float, None, list[Duplicate]]:
    """The same with pauses, at which the fraction done is yielded."""
    hashes, thumbnails = yield from signatures(pictures)
    looks = [thumbnails.reshape(-1, 4, 4, 4, 4, 3).mean(axis=(2, 4)), thumbnails]
    found: dict[int, Duplicate] = {}
    for start in range(0, len(pictures), BLOCK):
        block = hashes[start:start + BLOCK]
        apart = np.zeros((len(block), start + len(block)), np.uint16)
        for word in range(hashes.shape[1]):
            apart += np.bitwise_count(block[:, None, word] ^ hashes[None, :start + len(block), word])
        for later, bits in enumerate(apart, start):
            near = np.flatnonzero(bits[:later] <= BITS)
            first = next((int(one) for one in _alike(looks, later, near) if int(one) not in found), None)
            if first is not None:
                found[later] = Duplicate(later, first, bool((pictures[later] == pictures[first]).all()))
        yield 0.5 + 0.5 * start / len(pictures)
    return [found[later] for later in sorted(found)]


def signatures(pictures: np.ndarray) -> Generator[float, None, tuple[np.ndarray, np.ndarray]]:
    """NxSxSx3 uint8 -> hashes Nx4 uint64 and thumbnails Nx16x16x3 float32, each of mean nought in every channel.

    Yields 0 to 0.5 on the way.
    """
    hashes = np.empty((len(pictures), GRID * GRID // 64), np.uint64)
    thumbnails = np.empty((len(pictures), GRID, GRID, 3), np.float32)
    for index, picture in enumerate(pictures):
        grey = cv2.resize(picture, (GRID + 1, GRID), interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
        hashes[index] = np.packbits(grey[:, 1:] > grey[:, :-1] + CLEARLY).view(np.uint64)
        thumbnails[index] = cv2.resize(picture, (GRID, GRID), interpolation=cv2.INTER_AREA)
        if index % BLOCK == 0:
            yield 0.5 * index / len(pictures)
    return hashes, thumbnails - thumbnails.mean(axis=(1, 2), keepdims=True)


def _alike(looks: list[np.ndarray], one: int, others: np.ndarray) -> np.ndarray:
    """Which of the others look like that one. looks: thumbnails, a quarter as large first.

    On a white ground hashes propose thousands. Averaging brings two pictures nearer together, never apart.
    """
    most = min(NEAR, SHARE * float(np.abs(looks[-1][one]).mean()))
    for thumbnails in looks:
        apart = np.abs(thumbnails[others] - thumbnails[one]).mean(axis=(1, 2, 3))
        others = others[apart <= most]
    return others
