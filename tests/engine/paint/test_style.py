"""Style layers: what the sliders mean, and what they do not cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.document.edit import StyleEdit
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import ColorsBy, Style
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_single import StyleSingle
from engine.model.networks.style_transfer import StyleTransfer
from engine.model.vgg19 import Extractor
from engine.paint import studio as studio_module
from engine.paint import style as style_module
from engine.paint.describe import style_of
from engine.paint.ground import Ground
from engine.paint.network_pass import Pass
from engine.paint.render import overlay
from engine.paint.studio import Studio
from engine.paint.style import manner, painted, refining
from tests.engine.paint.pictures import checks

SIZE, BOX = (60, 80), (0, 0, 60, 80)
ERASER = Stroke(StrokeKind.ERASE, np.array([(60, 45, 1)], np.float32), 12)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network looks at small pictures."""
    monkeypatch.setattr(style_module, "WORKING", 80)


@pytest.fixture
def ground(studio: Studio) -> Ground:
    return studio.ground(Photo(checks(*SIZE)))


def picture(edit: StyleEdit, ground: Ground, studio: Studio) -> np.ndarray:
    return finished(painted(edit, ground, studio, SIZE, BOX)).astype(int)


def test_no_strength_and_no_octave_is_the_photo(style: Style, ground: Ground, studio: Studio) -> None:
    for edit in (StyleEdit((style,), strength=0), StyleEdit((style,), octaves=(0, 0, 0, 0))):
        assert np.array_equal(picture(edit, ground, studio), ground.pixels)


def test_strength_and_octaves_go_from_the_photos_own_manner_to_the_styles(
    style: Style, ground: Ground, studio: Studio
) -> None:
    def told(**sliders: object) -> list[torch.Tensor]:
        mixed = finished(manner(replace(StyleEdit((style,)), **sliders), ground, studio))  # type: ignore[arg-type]
        return list(mixed.chunk(4, dim=1))

    whole, none, half = told(), told(strength=0.0), told(strength=0.5)
    assert all(torch.allclose(h, (n + w) / 2, atol=1e-5) for h, n, w in zip(half, none, whole, strict=True))
    fine = told(octaves=(1, 0, 0, 0.5))
    assert torch.equal(fine[0], whole[0]) and torch.equal(fine[1], none[1])
    assert torch.allclose(fine[3], (none[3] + whole[3]) / 2, atol=1e-5)


def test_the_crossfade_ends_at_either_style(style: Style, ground: Ground, studio: Studio) -> None:
    second = style_of(checks(200, 200, 8) // 3, "dark", studio.features)
    both = (style, second)
    for share, alone in ((0.0, style), (1.0, second)):
        faded = finished(manner(StyleEdit(both, crossfade=share), ground, studio))
        assert torch.allclose(faded, finished(manner(StyleEdit((alone,)), ground, studio)), atol=1e-5)


def test_a_slider_looks_at_no_picture_again(
    style: Style, ground: Ground, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = picture(StyleEdit((style,), strength=0.9), ground, studio)
    monkeypatch.setattr(CompactVGG, "forward", lambda *_: pytest.fail("a picture is measured again"))
    monkeypatch.setattr(StyleTransfer, "embed", lambda *_: pytest.fail("a style is embedded again"))
    assert (picture(StyleEdit((style,), strength=0.6), ground, studio) != first).any()


def test_all_of_a_style_leaves_the_photos_own_manner_alone(
    style: Style, ground: Ground, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.embedding(style)
    monkeypatch.setattr(StyleTransfer, "embed", lambda *_: pytest.fail("the photo's own manner is looked at"))
    assert picture(StyleEdit((style,)), ground, studio).any()


def test_a_move_of_the_brush_and_kept_colours_paint_nothing_again(
    style: Style, ground: Ground, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    stroke = Stroke(StrokeKind.STYLE, np.array([(30, 30, 1)], np.float32), 10)
    edit = StyleEdit((style,), (stroke,), whole=False)
    first = finished(overlay(ground, edit, 80, studio))
    monkeypatch.setattr(Pass, "of", lambda *_: pytest.fail("painted again"))
    longer = replace(stroke, points=np.array([(30, 30, 1), (50, 30, 1)], np.float32))
    for changed in (replace(edit, strokes=(longer,)), replace(edit, keep_color=1.0), replace(edit, opacity=0.5)):
        assert (finished(overlay(ground, changed, 80, studio)) != first).any()


def test_a_network_for_one_style_is_used_and_fades_with_strength(
    style: Style, ground: Ground, studio: Studio
) -> None:
    torch.manual_seed(3)
    weights: Mapping[str, np.ndarray] = {name: t.numpy() for name, t in StyleSingle().state_dict().items()}
    own = replace(style, network=weights)
    full, half = (picture(StyleEdit((own,), strength=s), ground, studio) for s in (1.0, 0.5))
    assert np.abs(half - (full + ground.pixels) / 2).max() <= 1
    assert np.abs(full - picture(StyleEdit((style,)), ground, studio)).mean() > 5


def test_refining_begins_where_the_network_ended(
    style: Style, ground: Ground, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = picture(StyleEdit((style,)), ground, studio)
    started: list[np.ndarray] = []
    original = style_module.refined_style

    def few(photo: np.ndarray, start: np.ndarray, edit: StyleEdit, extractor: Extractor) -> object:
        started.append(start)
        return original(photo, start, edit, extractor, (2,))

    monkeypatch.setattr(style_module, "refined_style", few)
    edit = StyleEdit((style,), refine=1.0)
    assert np.array_equal(picture(edit, ground, studio), plain)
    finished(refining(edit, ground, studio).to(1.0))
    refined = picture(edit, ground, studio)
    assert np.array_equal(started[0], plain) and (refined != plain).any()
    erased = replace(edit, strokes=(ERASER,), keep_color=0.5, refine=0.9)
    assert refining(erased, ground, studio) is refining(edit, ground, studio)
    assert refining(replace(edit, strength=0.9), ground, studio) is not refining(edit, ground, studio)


def test_colours_are_kept_by_statistics_or_place_by_place(style: Style, ground: Ground, studio: Studio) -> None:
    edit = StyleEdit((style,), keep_color=1.0)
    palette = picture(replace(edit, keep_color_by=ColorsBy.STATISTICS), ground, studio)
    own = ground.pixels.reshape(-1, 3).astype(float)
    assert np.abs(palette.mean(axis=(0, 1)) - own.mean(axis=0)).max() < 12
    assert (palette != picture(edit, ground, studio)).any()


def test_another_network_refines_what_has_a_picture(
    style: Style, ground: Ground, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(studio.extractor, name="VGG-19")
    monkeypatch.setattr(studio_module, "read_vgg", lambda path: other)
    own = studio.extractor
    assert studio.use_features(Path("vgg19.pth")) == "VGG-19"
    bare = replace(style, exemplar=None)
    assert studio.extractor_for((style,)) is other and studio.extractor_for((style, bare)).name == own.name
    edit = StyleEdit((style,), refine=1.0)
    assert refining(edit, ground, studio).by == "VGG-19" and refining(edit, ground, studio).share == 0
    assert studio.use_features(None) == own.name and refining(edit, ground, studio).by == own.name
