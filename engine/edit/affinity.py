"""Affinity: which pixels belong with which, by colour and nearness, along paths of pixels that look alike.

The bilateral grid (Chen, Paris and Durand, "Real-time Edge-Aware Image Processing with the Bilateral Grid", SIGGRAPH
2007) puts pixels of one place and one colour into one cell. Between cells that hold pixels and touch, geodesic
distances grow from two kinds of labelled pixels, and whoever is nearer wins (Bai and Sapiro, "A Geodesic Framework for
Fast Interactive Image and Video Segmentation and Matting", ICCV 2007). Texture does not stop it: a strand of hair is
near the next one, whatever lies between.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

LIGHT, CHROMA = 0.14, 0.045
"""Width of a cell in light and in each of the two chroma axes, as shares of white."""
COLOR_STEP = 4.0
"""Way from one colour to the next, where the way from one place to the next is 1."""
FAR = np.float32(1e6)


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells that hold pixels. cell: HxW index of each pixel's. near: 10 x cells, the neighbours' indices, or the
    number of cells where there is none.
    """

    cell: np.ndarray
    near: np.ndarray

    @property
    def count(self) -> int:
        """How many cells there are."""
        return int(self.near.shape[1])


def grid(picture: np.ndarray, place: int) -> Grid:
    """HxWx3 float32 in 0..1 -> its cells. place: their width in pixels."""
    height, width = picture.shape[:2]
    color = cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_RGB2YCrCb) / np.array([LIGHT, CHROMA, CHROMA], np.float32)
    rows, columns = np.mgrid[0:height, 0:width] // place
    axes = [columns, rows, *(np.rint(plane).astype(np.int64) for plane in cv2.split(color))]
    # One digit of room on either side keeps the neighbour of a cell on the edge from being another row's cell.
    sides = [int(axis.max()) + 3 for axis in axes]
    strides = np.cumprod([1, *sides[:-1]])
    keys = sum((axis.astype(np.int64) + 1) * stride for axis, stride in zip(axes, strides, strict=True))
    cells, cell = np.unique(keys, return_inverse=True)
    near = np.stack([_found(cells, cells + sign * stride) for stride in strides for sign in (-1, 1)])
    return Grid(cell.reshape(height, width), near)


def _found(cells: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Index of each key in the sorted `cells`, their number for those that are not there."""
    index = np.searchsorted(cells, keys)
    hit = cells[np.minimum(index, len(cells) - 1)] == keys
    return np.where(hit, index, len(cells))


def share(cells: Grid, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weighted mean of `values` (HxW) over each cell's pixels; -1 for cells without weight."""
    total = np.bincount(cells.cell.ravel(), (values * weight).ravel(), cells.count)
    amount = np.bincount(cells.cell.ravel(), weight.ravel(), cells.count)
    return np.where(amount > 0, total / np.maximum(amount, 1e-9), -1)


def distance(cells: Grid, start: np.ndarray, furthest: float) -> np.ndarray:
    """Length of the shortest way to each cell, at most `furthest` steps; FAR where there is none.

    start: of every cell the length at which a way may begin there, 0 in a source and FAR where none begins.
    """
    costs = np.repeat(np.array([1, 1, COLOR_STEP, COLOR_STEP, COLOR_STEP], np.float32), 2)
    reached = np.append(start, FAR).astype(np.float32)
    for _ in range(int(furthest)):
        before = reached[:-1].copy()
        for cost, near in zip(costs, cells.near, strict=True):
            np.minimum(reached[:-1], reached[near] + cost, out=reached[:-1])
        if np.array_equal(before, reached[:-1]):
            break
    return reached[:-1]
