"""Layers are painted on the studio's device, and look as on the processor.

The device is a pretend one that refuses what a graphics card would refuse: a tensor left behind fails here, where there
is no card.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from elsewhere import ELSEWHERE, Present

from engine.document.edit import FusionEdit, Layer, StyleEdit, TextureEdit
from engine.document.job import Describe, FitStyle, Paint, Step
from engine.document.motif import Motif
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.style import Style
from engine.document.texture import Texture
from engine.model.device import CPU, CUDA, has_cuda
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_single import StyleSingle
from engine.model.networks.style_transfer import StyleTransfer
from engine.model.networks.texture_pyramid import TexturePyramid
from engine.model.segments import Linear
from engine.model.vgg19 import compact
from engine.paint import refine, sheet, source
from engine.paint import style as style_module
from engine.paint.describe import describe
from engine.paint.invert import survives
from engine.paint.render import paint
from engine.paint.studio import Studio
from engine.run.steps import Steps
from engine.train import style_fit
from tests.engine.paint.pictures import checks

PHOTO = Photo(checks(64, 88))
Work = Callable[[Studio], list[np.ndarray]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks look at small pictures, with tiles and levels all the same, and not for long."""
    for module, name, value in (
        (style_module, "WORKING", 40), (sheet, "WHOLE", 2000), (sheet, "TILE", 64), (sheet, "WINDOW", 16),
        (sheet, "MARGIN", 16), (refine, "COARSEST", 24), (style_fit, "SIDE", 64), (source, "REFINED", 64),
        (style_module, "refined_style", partial(refine.refined_style, evaluations=(2, 2))),
        (source, "refined_texture", partial(refine.refined_texture, evaluations=2)),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


def studio(device: torch.device) -> Studio:
    """With networks nobody taught, but for the decoder."""
    torch.manual_seed(11)
    features, network = Features(CompactVGG()), StyleTransfer()
    for name, parameter in network.named_parameters():
        if "modulation.weight" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return Studio(features, network, device)


def last(steps: Iterator[Step]) -> Step:
    *_, end = steps
    assert end.settled
    return end


def style_like(pixels: np.ndarray, studio: Studio) -> Style:
    style = last(describe(Describe(ticket=1, name="checks", pixels=pixels), studio)).style
    assert style is not None
    return style


def laid(edit: Layer, studio: Studio) -> list[np.ndarray]:
    """While the hand moves, and when it has lifted."""
    *_, moving = paint(Paint(ticket=1, photo=PHOTO, below=(), edit=edit, settle=False, long_side=64), studio)
    patch = last(paint(Paint(ticket=2, photo=PHOTO, below=(), edit=edit), studio)).patch
    assert moving.overlay is not None and patch is not None
    return [moving.overlay / 255, patch.pixels / 255]


def two_styles(studio: Studio) -> list[np.ndarray]:
    styles = tuple(style_like(checks(60, 50, seed), studio) for seed in (5, 6))
    found = laid(StyleEdit(styles, strength=0.8, crossfade=0.3), studio)
    return [*found, *(np.concatenate(style.means) for style in styles)]


def refined_style(studio: Studio) -> list[np.ndarray]:
    return laid(StyleEdit((style_like(checks(60, 50, 5), studio),), refine=1.0), studio)


def refined_by_others(studio: Studio) -> list[np.ndarray]:
    """By features that are not the program's own and so have to look at the style's picture."""
    others = compact(Features(CompactVGG()))
    first = replace(others.segments[0], enter=Linear(0.8 * torch.eye(3), torch.full((3,), 0.1)))
    studio._extractor = replace(others, name="others", segments=(first, *others.segments[1:])).on(studio.device)
    return refined_style(studio)


def style_with_a_network(studio: Studio) -> list[np.ndarray]:
    torch.manual_seed(1)
    style = replace(style_like(checks(60, 50, 5), studio), network=StyleSingle().arrays())
    return laid(StyleEdit((style,)), studio)


def texture(studio: Studio) -> list[np.ndarray]:
    torch.manual_seed(2)
    learned = Texture("learned", checks(40, 40), TexturePyramid().arrays())
    return [*laid(TextureEdit(learned), studio), *laid(TextureEdit(learned, refine=1.0, match_color=0.0), studio)]


def fusion(studio: Studio) -> list[np.ndarray]:
    told = finished(survives(PHOTO.pixels, 2.5, studio.inverter, 48))
    return [*laid(FusionEdit(Motif("m", checks(40, 40, 3))), studio), told / 255]


def fitted_style(studio: Studio) -> list[np.ndarray]:
    steps = Steps()
    steps._studio = studio
    style = style_like(checks(60, 50, 5), studio)
    found = last(steps.begin(FitStyle(ticket=1, style=style, photo=Photo(checks(64, 64)), steps=2))).style
    assert found is not None and found.fitted is not None
    return [found.fitted, *laid(StyleEdit((found,)), studio)]


WORKS = (two_styles, refined_style, refined_by_others, style_with_a_network, texture, fusion, fitted_style)


@pytest.mark.parametrize("work", WORKS)
def test_it_looks_the_same(work: Work) -> None:
    here = work(studio(CPU))
    with Present():
        there = work(studio(ELSEWHERE))
    assert len(here) == len(there) > 0
    for a, b in zip(here, there, strict=True):
        assert np.abs(a - b).max() <= 2 / 255


@pytest.mark.cuda
@pytest.mark.skipif(not has_cuda(), reason="there is no CUDA device")
@pytest.mark.parametrize("work", WORKS)
def test_it_looks_the_same_on_cuda(work: Work) -> None:
    here, there = work(studio(CPU)), work(studio(CUDA))
    assert len(here) == len(there) > 0
    for a, b in zip(here, there, strict=True):
        assert np.abs(a - b).mean() <= 2 / 255
