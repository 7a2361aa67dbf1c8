"""The reference methods from nothing but pictures: Gatys' texture and Gatys' style, coarse to fine.

At each size the goal is measured on the pictures reduced to that size, and what was found there is enlarged to begin
the next: the coarse sizes settle what is large, the last one only has to draw the finest detail ("Controlling
perceptual factors in neural style transfer", Gatys et al. 2017, section 6).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.pauses import finished
from engine.model.vgg19 import Extractor
from engine.paint.goal import Goal, Manner, content_of, manner_of
from engine.paint.optimise import EIGHT_BIT, Method, Progress, descend
from engine.paint.tensors import to_pixels, to_tensor

LEAST = 32
"""Pixels: no side is reduced below."""

FRESH = 0.1
"""Noise that is added to a texture enlarged, in the range -1..1."""


@dataclass(frozen=True)
class Recipe:
    """evaluations: passes through the network at each size, coarse to fine; their number is that of the sizes.

    finish: passes more at the last size, with the finest detail's statistics, weighted by detail: they take away the
    noise that feature networks overlook. Asked for from the beginning they would be met by streaks, at the cost of
    structure. style: weight of the manners beside the content's one. smoothness: of total variation. rate: the size
    of the first step.
    """

    evaluations: tuple[int, ...] = (40, 70)
    finish: int = 25
    method: Method = Method.LBFGS
    style: float = 8.0
    smoothness: float = 0.0
    detail: float = 0.1
    rate: float = 0.05


@dataclass(frozen=True, eq=False)
class Example:
    """A picture whose manner is wanted, HxWx3 uint8 or uint16. mask: HxW in 0..1 of the result, where; None for
    everywhere. weight: beside the other examples'."""

    pixels: np.ndarray
    mask: np.ndarray | None = None
    weight: float = 1.0


def texture(exemplar: np.ndarray, height: int, width: int, extractor: Extractor, recipe: Recipe | None = None, *,
            seamless: bool = False, seed: int = 0) -> Generator[Progress, None, np.ndarray]:
    """More of the exemplar (hxwx3), at its own scale: height x width x 3 uint8. seamless: it repeats as a tile."""
    recipe = recipe or Recipe()
    sizes = _sizes((height, width), len(recipe.evaluations))
    picture = _noise(to_tensor(exemplar), sizes[0], seed)
    for level, size in enumerate(sizes):
        manners = yield from _manners([Example(exemplar)], extractor, sizes, level, recipe, 1.0, picture)
        goal = Goal(manners, smoothness=recipe.smoothness, wrap=seamless)
        # Fresh noise for what the coarser size could not hold: from a smooth start, ringing grows along edges.
        picture = _sized(picture, size) + (FRESH * _white(size, seed + level) if level else 0)
        picture = yield from _level(picture, goal, extractor, recipe, level)
    return to_pixels(picture, EIGHT_BIT)


def style(photo: np.ndarray, examples: Sequence[Example], extractor: Extractor, recipe: Recipe | None = None,
          ) -> Generator[Progress, None, np.ndarray]:
    """The photo (HxWx3, sides multiples of 8) in the examples' manner, each in its region: HxWx3 uint8."""
    recipe = recipe or Recipe((40, 40), finish=0, smoothness=0.1)
    whole = to_tensor(photo)
    sizes = _sizes(photo.shape[:2], len(recipe.evaluations))
    picture = _sized(whole, sizes[0])
    for level, size in enumerate(sizes):
        picture = _sized(picture, size)
        manners = yield from _manners(examples, extractor, sizes, level, recipe, recipe.style, picture)
        contents = finished(content_of(_sized(whole, size), extractor.segments, extractor.content, 1.0))
        goal = Goal(manners, contents, recipe.smoothness)
        picture = yield from _level(picture, goal, extractor, recipe, level)
    return to_pixels(picture, EIGHT_BIT)


def _level(start: Tensor, goal: Goal, extractor: Extractor, recipe: Recipe, level: int,
           ) -> Generator[Progress, None, Tensor]:
    """The descent at one size, and the finish at the last."""
    work = [count * 4.0 ** number for number, count in enumerate(recipe.evaluations)]
    work.append(recipe.finish * 4.0 ** (len(recipe.evaluations) - 1))
    shares = [part / sum(work) for part in work]
    made = yield from _descent(start, goal, extractor, recipe, recipe.evaluations[level], sum(shares[:level]),
                               shares[level])
    if level == len(recipe.evaluations) - 1 and recipe.finish:
        goal = replace(goal, detail=recipe.detail)
        made = yield from _descent(made, goal, extractor, recipe, recipe.finish, sum(shares[:-1]), shares[-1])
    return made


def _descent(start: Tensor, goal: Goal, extractor: Extractor, recipe: Recipe, evaluations: int, before: float,
             share: float) -> Generator[Progress, None, Tensor]:
    """One descent, whose fraction goes from `before` on by `share`."""
    descent = descend(start, partial(goal.slope, extractor.segments), evaluations, recipe.method, recipe.rate)
    while True:
        try:
            progress = next(descent)
        except StopIteration as end:
            made: Tensor = end.value
            return made
        yield replace(progress, fraction=before + share * progress.fraction)


def _manners(examples: Sequence[Example], extractor: Extractor, sizes: Sequence[tuple[int, int]], level: int,
             recipe: Recipe, weight: float, shown: Tensor) -> Generator[Progress, None, tuple[Manner, ...]]:
    """The examples' manners as seen at that level's scale."""
    scale = sizes[level][0] / sizes[-1][0]
    total = sum(example.weight for example in examples)
    found = []
    for example in examples:
        picture = _sized(to_tensor(example.pixels), _scaled(example.pixels.shape[:2], scale))
        manner = finished(manner_of(picture, extractor.segments))
        yield Progress(shown, float("inf"), 0.0)
        weights = [w * weight * len(manner.grams) / len(extractor.style) if number in extractor.style else 0.0
                   for number, w in enumerate(manner.weights)]
        found.append(replace(manner, weights=weights, mask=_mask(example, sizes[level]), share=example.weight / total))
    return tuple(found)


def _mask(example: Example, size: tuple[int, int]) -> Tensor | None:
    return None if example.mask is None else _sized(torch.from_numpy(example.mask).float()[None, None], size)


def _sizes(whole: tuple[int, ...], levels: int) -> list[tuple[int, int]]:
    """Coarse to fine, each half of the next."""
    sizes = [_scaled(whole, 0.5 ** (levels - 1 - level)) for level in range(levels - 1)]
    return [*sizes, (whole[0], whole[1])]


def _scaled(whole: tuple[int, ...], scale: float) -> tuple[int, int]:
    """Multiples of 8, or the very size at scale one."""
    if scale == 1:
        return whole[0], whole[1]
    height, width = (max(LEAST, round(side * scale / 8) * 8) for side in whole[:2])
    return height, width


def _sized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """1xCxHxW at another size."""
    if picture.shape[2:] == size:
        return picture
    return F.interpolate(picture, size=size, mode="bilinear", antialias=True)


def _noise(exemplar: Tensor, size: tuple[int, int], seed: int) -> Tensor:
    """1x3xHxW about the exemplar's mean colour."""
    return exemplar.mean(dim=(2, 3), keepdim=True) + 0.3 * _white(size, seed)


def _white(size: tuple[int, int], seed: int) -> Tensor:
    return torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(seed))
