"""The reference methods: nearer to what they are asked for, in the region they are asked for, tileable when asked."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import numpy as np
import pytest

from engine.document.pauses import finished
from engine.model.features import Features
from engine.model.vgg19 import Extractor, compact
from engine.paint import reference
from engine.paint.goal import detail_loss, detail_of, manner_of
from engine.paint.optimise import Progress
from engine.paint.reference import Example, Recipe
from engine.paint.tensors import to_tensor

Value = TypeVar("Value")


def worked(work: Generator[Progress, None, Value]) -> tuple[Value, list[Progress]]:
    steps: list[Progress] = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return end.value, steps


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return compact(Features.load())


def waves(height: int, width: int, period: int) -> np.ndarray:
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * np.arange(width) / period)
    grain = np.random.default_rng(0).random((height, width)) * 0.1
    return (np.stack([wave + grain, 0.2 + grain, 0.9 - wave / 2 + grain], axis=2).clip(0, 1) * 255).astype(np.uint8)


def distance(pixels: np.ndarray, exemplar: np.ndarray, extractor: Extractor) -> float:
    own, wanted = (finished(manner_of(to_tensor(p), extractor.segments)).grams for p in (pixels, exemplar))
    return sum(float((a - b).square().sum() / b.square().sum()) for a, b in zip(own, wanted, strict=True))


def test_texture_is_nearer_than_its_beginning_at_every_size(extractor: Extractor) -> None:
    exemplar = waves(48, 48, 8)
    made, steps = worked(reference.texture(exemplar, 64, 48, extractor, Recipe((6, 6), finish=3)))
    assert made.shape == (64, 48, 3)
    assert distance(made, exemplar, extractor) < 0.5 * distance(steps[0].picture, exemplar, extractor)
    fractions = [step.fraction for step in steps if step.evaluations]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    assert steps[0].picture.shape[:2] == (32, 32)


def test_the_finish_takes_noise_away(extractor: Extractor) -> None:
    exemplar = waves(48, 48, 12)
    wanted = detail_of(to_tensor(exemplar))
    plain, fine = (worked(reference.texture(exemplar, 48, 48, extractor, Recipe((6,), finish=finish)))[0]
                   for finish in (0, 8))
    assert detail_loss(to_tensor(fine), wanted) < 0.5 * detail_loss(to_tensor(plain), wanted)


def test_style_stays_in_its_region(extractor: Extractor) -> None:
    photo, mask = waves(64, 128, 50), np.zeros((64, 128), np.float32)
    mask[:, 96:] = 1
    recipe = Recipe((5,), finish=0, style=50.0)
    made, _ = worked(reference.style(photo, [Example(waves(48, 48, 6), mask)], extractor, recipe))
    changed = np.abs(made.astype(int) - photo).mean(axis=(0, 2))
    assert made.shape == photo.shape
    assert changed[104:].mean() > 3 * changed[:48].mean()


def test_two_styles_with_weights_mix(extractor: Extractor) -> None:
    photo, one, other = waves(48, 48, 20), waves(48, 48, 6), 255 - waves(48, 48, 6)
    recipe = Recipe((8,), finish=0, style=50.0)
    first, second = (
        worked(reference.style(photo, [Example(one, weight=w), Example(other, weight=1 - w)], extractor, recipe))[0]
        for w in (0.9, 0.1)
    )
    assert distance(first, one, extractor) < distance(second, one, extractor)
    assert distance(first, other, extractor) > distance(second, other, extractor)
