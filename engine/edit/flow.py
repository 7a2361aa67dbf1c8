"""Motion and colour flow: how one picture became another, as a smooth displacement and a smooth change of colour.

Zhu et al., "Generative Visual Manipulation on the Natural Image Manifold" (ECCV 2016), section 4.3: minimise over the flow u
and a 3x4 colour affine A at every pixel

    E = |after(x) - A(x) [before(x + u(x)), 1]|^2 + smoothness of u + smoothness of A.

Solved in turns. With A fixed, u is ordinary optical flow (dense inverse search, Kroeger et al. 2016) between `after` and the
recoloured `before`, made smooth by trusting it only where it explains what is seen. With u fixed, A is a ridge regression in
a window around every pixel, drawn towards the identity (the guided filter of He et al. 2013, with a colour guide).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from engine.edit import blend

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
FLOW_SIZE = 384
"""Flow is sought at this size: faces move as a whole, and finer pictures only add texture that has no counterpart."""
COLOR_SIZE = 128
RIDGE = 0.004
"""Pull of the identity on A, in squared picture units: contrasts well below its root (0.06) are not rescaled."""
NOISE = 4e-5
"""Local variance (0..1 units) below which a difference says nothing."""


@dataclass(frozen=True, eq=False)
class Change:
    """after(x) ~ color(x) [before(x + flow(x)), 1].

    flow: SxSx2 float32 in pixels (x, y). color: SxSx12 float32, the rows of a 3x4 affine. confidence: SxS float32 0..1,
    how much of what is seen in `after` around a pixel this explains.
    """

    flow: np.ndarray
    color: np.ndarray
    confidence: np.ndarray


def estimate(before: np.ndarray, after: np.ndarray, rounds: int = 3, detail: int = FLOW_SIZE) -> Change:
    """The change from `before` to `after` (SxSx3 float32 in 0..1); sought at `detail` pixels, returned at S."""
    size = after.shape[0]
    detail = min(detail, size)
    small, goal = resized(before, detail), resized(after, detail)
    flow = np.zeros((detail, detail, 2), np.float32)
    told = small
    for turn in range(rounds):
        told = warp(small, flow)
        told = recolor(told, color_affine(told, goal, window=1 / (8 << turn)))
        step = trusted(motion(told, goal), told, goal)
        flow = trusted(joined(flow, step), small, goal, window=1 / (8 << turn))
    moved = warp(small, flow)
    color = color_affine(moved, goal, window=1 / 32)
    confidence = explained(recolor(moved, color), goal)
    return Change(resized(flow, size) * np.float32(size / detail), resized(color, size), resized(confidence, size))


def motion(source: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """Flow (HxWx2, pixels) such that goal(x) ~ source(x + flow(x)); both HxWx3 float32 in 0..1."""
    return _search().calc(_gray(goal), _gray(source), None)


def joined(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """One flow that does what warping by `first` and then by `then` does."""
    return then + warp(first, then)


def trusted(flow: np.ndarray, source: np.ndarray, goal: np.ndarray, window: float | None = None) -> np.ndarray:
    """The flow made smooth: kept where it explains `goal`, carried on from there to where it does not, else zero.

    window: recolour before judging, with this window (a fraction of the side).
    """
    moved = warp(source, flow)
    if window is not None:
        moved = recolor(moved, color_affine(moved, goal, window))
    return blend.fill(flow, explained(moved, goal) ** 2, blend.depth(*flow.shape[:2]))


def explained(told: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """HxW in 0..1: the share of the local contrast of `goal` that `told` accounts for (0 where neither has contrast)."""
    sigma = goal.shape[0] / 64
    wrong = _local((goal - told) ** 2, sigma)
    mean = cv2.GaussianBlur(goal, (0, 0), sigma)
    contrast = _local(goal**2, sigma) - (mean**2).mean(axis=2)
    return np.clip((contrast - wrong) / (contrast + NOISE), 0, 1)


def color_affine(source: np.ndarray, goal: np.ndarray, window: float) -> np.ndarray:
    """HxWx12 float32: at every pixel the affine that best takes `source` to `goal` (HxWx3) in a Gaussian window.

    window: its standard deviation as a fraction of the side. Closed form: (cov(goal, source) + r I)(cov(source) + r I)^-1.
    """
    size = min(source.shape[0], COLOR_SIZE)
    x, y = resized(source, size), resized(goal, size)
    sigma = max(0.8, window * size)
    mean_x, mean_y = _smooth(x, sigma), _smooth(y, sigma)
    cov_xx = _smooth(_outer(x, x), sigma) - _outer(mean_x, mean_x)
    cov_yx = _smooth(_outer(y, x), sigma) - _outer(mean_y, mean_x)
    prior = RIDGE * np.eye(3, dtype=np.float32)
    square = (size, size, 3, 3)
    matrix = (cov_yx.reshape(square) + prior) @ inverse(cov_xx.reshape(square) + prior)
    offset = mean_y - (matrix @ mean_x[..., None])[..., 0]
    affine = np.concatenate([matrix, offset[..., None]], axis=3).reshape(size, size, 12)
    return resized(_smooth(affine, sigma / 2), source.shape[0])


def inverse(matrices: np.ndarray) -> np.ndarray:
    """...x3x3 inverse by cofactors, for well-conditioned matrices: many times faster than LAPACK on small ones."""
    a, b, c = matrices[..., 0, :], matrices[..., 1, :], matrices[..., 2, :]
    columns = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=-1)
    return columns / (a * columns[..., 0]).sum(axis=-1)[..., None, None]


def recolor(picture: np.ndarray, color: np.ndarray) -> np.ndarray:
    """A [picture, 1] at every pixel: HxWx3 by HxWx12 -> HxWx3."""
    red, green, blue = (picture[..., i] for i in range(3))
    rows = [color[..., i] * red + color[..., i + 1] * green + color[..., i + 2] * blue + color[..., i + 3]
            for i in (0, 4, 8)]
    return np.stack(rows, axis=-1)


def warp(picture: np.ndarray, flow: np.ndarray, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
    """picture(x + flow(x)): HxWxC float32, edges repeated."""
    height, width = flow.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return cv2.remap(picture, columns + flow[..., 0], rows + flow[..., 1], interpolation, borderMode=cv2.BORDER_REPLICATE)


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """Square picture, any channels, to size x size: averaged when it shrinks, bilinear when it grows."""
    if picture.shape[0] == size:
        return picture
    way = cv2.INTER_AREA if size < picture.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(picture, (size, size), interpolation=way)


def _smooth(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)


def _local(values: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(values.mean(axis=2), (0, 0), sigma)


def _outer(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a[..., :, None] * b[..., None, :]).reshape(*a.shape[:2], 9)


def _gray(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture @ LUMA * 255, 0, 255).astype(np.uint8)


@cache
def _search() -> cv2.DISOpticalFlow:
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
