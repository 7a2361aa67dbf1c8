"""Refine: the loss falls, sizes and depths are kept, what is not asked for does not happen."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TypeVar

import numpy as np
import pytest
import torch

from engine.document.edit import StyleEdit
from engine.document.style import Style
from engine.model import segments
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.vgg19 import Extractor, compact
from engine.paint.goal import Goal, content_of, manner_of
from engine.paint.optimise import Method, Progress, descend
from engine.paint.refine import Reached, carried, levels, mixed, refined_style, refined_texture, style_grams
from engine.paint.refining import Refining
from engine.paint.tensors import to_tensor

Value = TypeVar("Value")


def finished(work: Generator[object, None, Value]) -> tuple[Value, list[object]]:
    steps: list[object] = []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return end.value, steps


def stripes(height: int, width: int, period: int, depth: type = np.uint8) -> np.ndarray:
    """Red and blue stripes with some noise."""
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * np.arange(width) / period)
    noise = np.random.default_rng(0).random((height, width)) * 0.1
    picture = np.stack([wave + noise, 0.3 + noise, 1 - wave + noise], axis=2) / 1.1
    return (picture * np.iinfo(depth).max).astype(depth)


@pytest.fixture(scope="module")
def features() -> Features:
    torch.manual_seed(0)
    return Features(CompactVGG((4, 6, 8, 8)))


def style_of(pixels: np.ndarray, features: Features) -> Style:
    manner, _ = finished(manner_of(to_tensor(pixels), segments.of_compact(features.network)))
    grams = tuple(gram.numpy() for gram in manner.grams)
    return Style("stripes", tuple(np.zeros(len(gram), np.float32) for gram in grams), grams)


@pytest.mark.parametrize("method", Method)
def test_descent_lowers_the_loss_and_says_so(features: Features, method: Method) -> None:
    network = segments.of_compact(features.network)
    manner, _ = finished(manner_of(to_tensor(stripes(32, 32, 8)), network))
    start = 0.1 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    goal = Goal((manner,), smoothness=0.01, detail=0.2)
    before, _ = finished(goal.slope(network, start))
    picture, steps = finished(descend(start, partial(goal.slope, network), 12, method))
    after, _ = finished(goal.slope(network, picture))
    assert after.loss < 0.7 * before.loss
    last = steps[-1]
    assert isinstance(last, Progress)
    assert last.fraction == 1
    assert last.evaluations == 12
    assert last.picture.shape == (32, 32, 3)


def test_gradient_of_the_goal_is_its_slope(features: Features) -> None:
    """Against finite differences, with every term at work."""
    network = segments.of_compact(features.network)
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 16:] = 1
    manner, _ = finished(manner_of(to_tensor(stripes(32, 32, 8)), network))
    picture, way = torch.randn(2, 1, 3, 32, 32, generator=torch.Generator().manual_seed(2)).unbind()
    contents, _ = finished(content_of(picture.flip(3), network, (2, 3), 1.0))
    goal = Goal((replace(manner, mask=mask), manner), contents, smoothness=0.1, detail=0.5, wrap=False)
    for asked in (goal, replace(goal, contents={}, wrap=True)):
        here, _ = finished(asked.slope(network, picture))
        after, _ = finished(asked.slope(network, picture + 1e-3 * way))
        before, _ = finished(asked.slope(network, picture - 1e-3 * way))
        assert (after.loss - before.loss) / 2e-3 == pytest.approx(float((here.gradient * way).sum()), rel=0.03)


def test_a_region_outside_the_mask_has_no_slope(features: Features) -> None:
    network = segments.of_compact(features.network)
    mask = torch.zeros(1, 1, 32, 96)
    mask[..., 80:] = 1
    manner, _ = finished(manner_of(to_tensor(stripes(32, 32, 8)), network))
    goal = Goal((replace(manner, mask=mask),), bounds=0)
    found, _ = finished(goal.slope(network, to_tensor(stripes(32, 96, 20))))
    assert not found.gradient[..., :16].any()
    assert found.gradient[..., 84:].any()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_refined_style_comes_nearer_to_the_style(features: Features, depth: type) -> None:
    photo = stripes(60, 90, 30, depth)
    edit = StyleEdit((style_of(stripes(64, 64, 6), features),))
    picture, _ = finished(refined_style(photo, photo, edit, compact(features), (8,)))
    assert picture.shape == photo.shape
    assert picture.dtype == photo.dtype
    wanted = edit.styles[0].grams[0]
    distance = [np.square(style_of(p, features).grams[0] - wanted).sum() for p in (photo, picture)]
    assert distance[1] < distance[0]


def test_no_strength_leaves_the_photo_alone(features: Features) -> None:
    photo = stripes(64, 64, 30)
    edit = StyleEdit((style_of(stripes(64, 64, 6), features),), strength=0.0)
    none, _ = finished(refined_style(photo, photo, edit, compact(features), (4,)))
    assert np.abs(none.astype(int) - photo).max() <= 1


def test_refined_texture_keeps_size_and_wraps(features: Features) -> None:
    start = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)
    work = refined_texture(start, stripes(40, 40, 8), compact(features), seamless=True, evaluations=6)
    picture, steps = finished(work)
    assert picture.shape == start.shape
    assert isinstance(steps[-1], Reached)
    assert steps[-1].share == 1


def test_carried_change_of_nothing_is_nothing() -> None:
    start, small = stripes(50, 70, 9), torch.rand(1, 3, 24, 32)
    assert np.array_equal(carried(start, small, small), start)


def test_closing_stops_at_once(features: Features) -> None:
    edit = StyleEdit((style_of(stripes(64, 64, 6), features),))
    work = refined_style(stripes(64, 64, 9), stripes(64, 64, 9), edit, compact(features))
    next(work)
    work.close()
    with pytest.raises(StopIteration):
        next(work)


def test_sizes_go_from_coarse_to_the_pictures_own() -> None:
    assert levels((512, 512, 3), 416, 3) == [(512, 512)]
    assert levels((832, 624, 3), 416, 3) == [(312, 416), (624, 832)]
    assert levels((1664, 1100, 3), 416, 3) == [(272, 416), (552, 832), (1104, 1664)]
    assert levels((1664, 1664, 3), 1664, 3) == [(1664, 1664)]


def test_finer_sizes_go_on_from_the_coarser_ones(features: Features) -> None:
    """Shares rise to one, a coarse picture is carried to the full size, and every size lowers the distance."""
    photo = stripes(128, 160, 40)
    edit = StyleEdit((style_of(stripes(64, 64, 6), features),), scale=5.2)
    made, steps = finished(refined_style(photo, photo, edit, compact(features), (6, 6)))
    shares = [step.share for step in steps if isinstance(step, Reached)]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1
    sizes = [step.best.shape[2:] for step in steps if isinstance(step, Reached)]
    assert sizes[0] == (64, 80) and sizes[-1] == (128, 160)
    last_coarse = [step for step in steps if isinstance(step, Reached) and step.best.shape[2] == 64][-1]
    wanted = edit.styles[0].grams[0]
    distances = [np.square(style_of(p, features).grams[0] - wanted).sum() for p in (photo, last_coarse.picture(), made)]
    assert distances[0] > distances[1] > distances[2]


def test_another_network_takes_its_goal_from_the_styles_picture(features: Features) -> None:
    torch.manual_seed(3)
    other = compact(Features(CompactVGG((4, 6, 8, 8))))
    other = Extractor("VGG-19", other.segments, (0, 1, 2), (3,))
    style = replace(style_of(stripes(64, 64, 6), features), exemplar=stripes(64, 64, 6))
    own, _ = finished(style_grams(style, compact(features), 0))
    grams, _ = finished(style_grams(style, other, 0))
    assert np.allclose(own[0], style.grams[0]) and not np.allclose(own[0], grams[0])
    zero = [torch.zeros_like(gram) for gram in grams]
    edit = StyleEdit((style,), strength=0.5, octaves=(1, 0, 1, 0.5))
    made = mixed([grams], zero, edit, other)
    assert torch.allclose(made[0], grams[0] / 2) and not made[1].any() and not made[3].any()


def test_refining_is_left_and_gone_on_with() -> None:
    begun = []

    def begin() -> Generator[Reached | None, None, None]:
        begun.append(True)
        yield None
        start = np.zeros((8, 8, 3), np.uint8)
        for done in range(1, 11):
            picture = torch.full((1, 3, 8, 8), done / 10)
            yield Reached(done / 10, start, torch.zeros(1, 3, 8, 8), picture)
            yield Reached(done / 10, start, torch.zeros(1, 3, 8, 8), picture)

    work = Refining(begin)
    assert work.picture() is None and work.share == 0 and not begun
    finished(work.to(0.3))
    first = work.picture()
    assert first is not None and first[0, 0, 0] == 38 and work.picture() is first
    finished(work.to(0.3))
    assert work.picture() is first
    finished(work.to(1.0))
    assert len(begun) == 1 and work.share == 1
    finished(work.to(0.5))
    assert len(begun) == 2 and work.share == 0.5
