"""Motion and colour flow: how one picture became another, as a smooth displacement and a smooth change of colour.

Zhu et al., "Generative Visual Manipulation on the Natural Image Manifold" (ECCV 2016), section 4.3: minimise over the
flow u and a 3x4 colour affine A at every pixel

    E = |after(x) - A(x) [before(x + u(x)), 1]|^2 + smoothness of u + smoothness of A.

Solved in turns. With A fixed, u is ordinary optical flow (dense inverse search, Kroeger et al. 2016) between `after`
and the recoloured `before`, made smooth by trusting it only where it explains what is seen. With u fixed, A is a ridge
regression in a window around every pixel, drawn towards the identity (the guided filter of He et al. 2013, with a
colour guide). Both fields live on coarse grids and are enlarged at the end: what is finer is the photo's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from engine.edit import blend

RIDGE = 0.004
"""Pull of the identity on A, in squared picture units: contrasts well below its root (0.06) are not rescaled."""
NOISE = 4e-5
"""Local variance (0..1 units) below which a difference says nothing."""
TEAR = 0.4
"""Change of the flow from one pixel to the next from which on it is not believed."""


@dataclass(frozen=True, eq=False)
class Change:
    """after(x) ~ color(x) [before(x + flow(x)), 1].

    flow: SxSx2 float32 in pixels (x, y). color: 3x4xSxS float32, the coefficients as planes.
    """

    flow: np.ndarray
    color: np.ndarray


@dataclass(frozen=True)
class Effort:
    """How carefully to look.

    rounds: of the alternation. detail, grid: sides, in pixels, of the pictures searched and of the flow's grid.
    preset: of the flow search, 0 (quick) to 2 (careful). window: of the last colour affine, as a share of the side.
    interpolation: for pictures that are warped to be seen.
    """

    rounds: int = 3
    detail: int = 384
    grid: int = 96
    preset: int = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM
    window: float = 1 / 32
    interpolation: int = cv2.INTER_CUBIC


FULL = Effort()
REGISTRATION = Effort(rounds=2, detail=256, grid=32)
"""For a photo and its projection: they differ by a small, very smooth displacement."""
STILL = Effort(rounds=0, detail=128, window=1 / 16)
"""For changes of nothing but colour."""
# For previews of 256 pixels a side.
QUICK = Effort(rounds=1, detail=128, grid=32, preset=cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST, window=1 / 16,
               interpolation=cv2.INTER_LINEAR)
QUICK_REGISTRATION = Effort(rounds=1, detail=96, grid=16, preset=cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)


def estimate(before: np.ndarray, after: np.ndarray, effort: Effort = FULL) -> Change:
    """The change from `before` to `after`: SxSx3 float32 in 0..1."""
    size = after.shape[0]
    source, goal = (resized(picture, min(effort.detail, size)) for picture in (before, after))
    motion = displacement(source, goal, effort)
    color = color_affine(warp(source, motion), goal, effort.window)
    return Change(resized(motion, size) * np.float32(size / goal.shape[0]), _enlarged(color, size))


def registration(before: np.ndarray, crop: np.ndarray, effort: Effort = REGISTRATION) -> np.ndarray:
    """SxSx2: the small displacement that puts a projection where the photo has things, crop(x) ~ before(x + it(x))."""
    size = crop.shape[0]
    source, goal = (resized(picture, min(effort.detail, size)) for picture in (before, crop))
    return resized(displacement(source, goal, effort), size) * np.float32(size / goal.shape[0])


def displacement(source: np.ndarray, goal: np.ndarray, effort: Effort) -> np.ndarray:
    """The flow, HxWx2 in pixels: goal(x) ~ source(x + flow(x)) but for colour. Sought at the size of the pictures."""
    flow, moved = np.zeros((*goal.shape[:2], 2), np.float32), source
    for turn in range(effort.rounds):
        color = color_affine(moved, goal, 1 / (8 << turn))
        step = search(recolor(moved, color), goal, effort.preset)
        flow = joined(flow, step) if turn else step
        flow = trusted(flow, explained(recolor(warp(source, flow), color), goal), effort.grid)
        moved = warp(source, flow)
    return flow


def search(source: np.ndarray, goal: np.ndarray, preset: int) -> np.ndarray:
    """Raw optical flow (HxWx2, pixels): goal(x) ~ source(x + flow(x)); both HxWx3 float32 in 0..1."""
    engine = cv2.DISOpticalFlow.create(preset)
    return np.asarray(engine.calc(_gray(goal), _gray(source), np.zeros((*goal.shape[:2], 2), np.float32)))


def joined(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """One flow that does what warping by `first` and then by `then` does."""
    return then + warp(first, then)


def trusted(flow: np.ndarray, weight: np.ndarray, grid: int) -> np.ndarray:
    """The flow (HxWx2) made smooth on a grid: kept where `weight` (HxW) is high and it does not tear, else carried on.

    grid: the smooth flow has this many pixels a side.
    """
    size, grid = flow.shape[0], min(grid, flow.shape[0])
    stretch = sum(energy(cv2.Sobel(flow, cv2.CV_32F, *axis, scale=1 / 8)) for axis in ((1, 0), (0, 1)))
    weight = (weight / (1 + stretch / TEAR**2)) ** 2
    amount = resized(weight, grid)
    mean = resized(flow * weight[..., None], grid) / (amount[..., None] + 1e-9)
    return resized(blend.fill(mean, amount, blend.depth(mean.shape, smallest=2)), size)


def explained(told: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """HxW in 0..1: how much of the local contrast of `goal` `told` accounts for; 0 where there is no contrast."""
    width = 2 * round(goal.shape[0] / 48) + 1
    wrong = cv2.blur(energy(goal - told), (width, width))
    contrast = cv2.blur(energy(goal), (width, width)) - energy(cv2.blur(goal, (width, width)))
    return np.clip((contrast - wrong) / (contrast + NOISE), 0, 1)


def color_affine(source: np.ndarray, goal: np.ndarray, window: float) -> np.ndarray:
    """3x4xHxW float32: at every pixel the affine that best takes `source` to `goal` (square, x3) in a Gaussian window.

    window: its standard deviation as a share of the side. Closed form, (cov(goal, source) + r I)(cov(source) + r I)^-1,
    on a grid just fine enough for the window.
    """
    size, grid = source.shape[0], max(4, round(2 / window))
    source, goal = (resized(picture, min(size, max(64, grid))) for picture in (source, goal))
    return _affine(source, goal, lambda planes: cv2.GaussianBlur(resized(planes, grid), (0, 0), 2), size)


def extrapolated_affine(source: np.ndarray, goal: np.ndarray, weight: np.ndarray, step: int) -> np.ndarray:
    """3x4xHxW float32: as `color_affine`, of the pixels that have `weight` (HxW) alone, and carried on from there.

    step: pixels from one node of the grid, on which this is done, to the next.
    """
    size = source.shape[0]
    grid = size // step

    amount = cv2.GaussianBlur(resized(weight, grid), (0, 0), 1)
    levels = blend.depth(amount.shape, smallest=1)

    def mean(planes: np.ndarray) -> np.ndarray:
        local = cv2.GaussianBlur(resized(planes * weight[..., None], grid), (0, 0), 1) / (amount[..., None] + 1e-9)
        filled = blend.fill(np.dstack([local, np.ones_like(amount)]), amount, levels)
        return np.asarray(filled[..., :-1] / (filled[..., -1:] + 1e-9))

    return _affine(source, goal, mean, size)


def _affine(source: np.ndarray, goal: np.ndarray, mean: Callable[[np.ndarray], np.ndarray], size: int) -> np.ndarray:
    """3x4 x size x size: the affine from source to goal, `mean` (HxWxC -> the grid's) saying what a window is."""
    both = np.concatenate([source, goal], axis=2)
    products = (both[..., None] * source[..., None, :]).reshape(*source.shape[:2], 18)
    means = [mean(part) for part in np.split(np.concatenate([both, products], axis=2), 6, axis=2)]  # OpenCV takes four
    planes = np.ascontiguousarray(np.concatenate(means, axis=2).transpose(2, 0, 1), np.float32)
    mean_x, mean_y, moments = planes[:3], planes[3:6], planes[6:].reshape(6, 3, *planes.shape[1:])
    ridge = np.float32(RIDGE) * np.eye(3, dtype=np.float32)[..., None, None]
    cov_xx, cov_yx = moments[:3] - mean_x[:, None] * mean_x + ridge, moments[3:] - mean_y[:, None] * mean_x + ridge
    inverted = inverse(cov_xx)
    matrix = (cov_yx[:, :, None] * inverted).sum(axis=1)
    offset = mean_y - (matrix * mean_x).sum(axis=1)
    return _enlarged(np.concatenate([matrix, offset[:, None]], axis=1), size)


def _enlarged(planes: np.ndarray, size: int) -> np.ndarray:
    """3x4 planes, each `resized`."""
    if planes.shape[-1] == size:
        return planes
    made = np.empty((3, 4, size, size), np.float32)
    for small, large in zip(planes.reshape(-1, *planes.shape[2:]), made.reshape(-1, size, size), strict=True):
        large[:] = resized(small, size)
    return made


def inverse(matrices: np.ndarray) -> np.ndarray:
    """3x3xHxW planes of well-conditioned matrices, each inverted, by cofactors."""
    made = np.empty_like(matrices)
    for i in range(3):
        for j in range(3):
            (a, b), (c, d) = matrices[[j - 2, j - 1]][:, [i - 2, i - 1]]
            made[i, j] = a * d - b * c
    return made / (matrices[0] * made[:, 0]).sum(axis=0)


def recolor(picture: np.ndarray, color: np.ndarray) -> np.ndarray:
    """A [picture, 1] at every pixel: HxWx3 by 3x4xHxW -> HxWx3."""
    red, green, blue = cv2.split(picture)
    return cv2.merge([row[0] * red + row[1] * green + row[2] * blue + row[3] for row in color])


def warp(picture: np.ndarray, flow: np.ndarray, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
    """picture(x + flow(x)): HxWxC float32, edges repeated."""
    if not flow.any():
        return picture
    columns, rows = cv2.split(_places(*flow.shape[:2]) + flow)
    return cv2.remap(picture, columns, rows, interpolation, borderMode=cv2.BORDER_REPLICATE)


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """Square picture to size x size: averaged when it shrinks, bilinear when it grows."""
    if picture.shape[0] == size:
        return picture
    way = cv2.INTER_AREA if size < picture.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(picture, (size, size), interpolation=way)


def energy(picture: np.ndarray) -> np.ndarray:
    """HxWxC -> HxW: the mean square over the channels."""
    channels = picture.shape[2]
    return cv2.transform(picture * picture, np.full((1, channels), 1 / channels, np.float32))


def _gray(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.convertScaleAbs(picture, alpha=255), cv2.COLOR_RGB2GRAY)


@cache
def _places(height: int, width: int) -> np.ndarray:
    """HxWx2: every pixel's own x and y."""
    return np.ascontiguousarray(np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=2), np.float32)
