"""Layers between two keyframes: dials, materials, masks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.animate.between import passages
from engine.animate.layers import LayerPassage, grown, layer_passages, mixed_strokes, paired
from engine.document.blending import Blend
from engine.document.edit import FusionEdit, Layer, ManifoldEdit, Patch, StyleEdit, TextureEdit
from engine.document.latent import Frame, Latent
from engine.document.motif import Motif
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import ColorsBy, Style
from engine.document.texture import Texture

PATCH = Patch(0, 0, np.zeros((1, 1, 3), np.uint8), np.full((1, 1), 255, np.uint8))
ONE, TWO, THREE = (
    Style(name, tuple(np.zeros(1) for _ in range(4)), tuple(np.eye(1) for _ in range(4))) for name in "abc"
)
LINE = Stroke(StrokeKind.STYLE, np.array([[0, 0, 0], [30, 0, 1], [30, 10, 1]], np.float32), 4.0)
STYLE = StyleEdit((ONE,), patch=PATCH)
TEXTURE = TextureEdit(Texture("bark", np.zeros((8, 8, 3), np.uint8)), whole=True, patch=PATCH)

BLEND = FusionEdit(Motif("sea", np.zeros((8, 8, 3), np.uint8)), amount=0.25, depth=1.0, patch=PATCH)


def only(start: Layer | None, end: Layer | None) -> LayerPassage:
    (passage,) = layer_passages(start, end)
    return passage


def test_dials_of_a_style_go_straight_and_its_size_in_equal_ratios() -> None:
    end = replace(STYLE, strength=0.2, octaves=(0.0, 1.0, 0.5, 1.0), scale=4.0, keep_color=0.8, snap=0.9, opacity=0.5)
    passage = only(STYLE, end)
    ((edit, weight),) = passage.parts(0.25)
    assert isinstance(edit, StyleEdit) and weight == 1
    assert (edit.strength, edit.keep_color, edit.snap) == pytest.approx((0.8, 0.2, 0.6))
    assert edit.octaves == pytest.approx((0.75, 1, 0.875, 1)) and edit.scale == pytest.approx(4**0.25)
    assert passage.opacity(0.25) == pytest.approx(0.875) and edit.patch is None and edit.visible


def test_no_frame_is_refined() -> None:
    ((edit, _),) = only(replace(STYLE, refine=1.0), replace(STYLE, refine=1.0, strength=0.5)).parts(0.5)
    assert not edit.refine


def test_colours_kept_in_another_way_fade_over() -> None:
    start = replace(STYLE, keep_color=1.0)
    end = replace(start, keep_color_by=ColorsBy.STATISTICS)
    passage = only(start, end)
    parts = [(edit.keep_color_by, weight) for edit, weight in passage.parts(0.25) if isinstance(edit, StyleEdit)]
    assert parts == [(ColorsBy.LUMINANCE, 0.75), (ColorsBy.STATISTICS, 0.25)]
    assert not passage.keeps_its_pixels() and only(start, replace(start, opacity=0.5)).keeps_its_pixels()


def test_one_style_becomes_another_by_the_networks_own_crossfade() -> None:
    passage = only(STYLE, replace(STYLE, styles=(TWO,)))
    ((edit, _),) = passage.parts(0.3)
    assert isinstance(edit, StyleEdit) and edit.styles == (ONE, TWO) and edit.crossfade == pytest.approx(0.3)
    ((end, _),) = passage.parts(1)
    assert isinstance(end, StyleEdit) and end.crossfade == 1


def test_a_mixture_of_the_same_two_styles_moves_whatever_their_order() -> None:
    start, end = replace(STYLE, styles=(ONE, TWO), crossfade=0.25), replace(STYLE, styles=(TWO, ONE), crossfade=0.25)
    ((edit, _),) = only(start, end).parts(0.5)
    assert isinstance(edit, StyleEdit) and edit.styles == (ONE, TWO) and edit.crossfade == pytest.approx(0.5)


def test_three_styles_are_painted_in_two_layers_that_dissolve() -> None:
    start, end = replace(STYLE, styles=(ONE, TWO), crossfade=0.5), replace(STYLE, styles=(THREE,), strength=0.5)
    parts = only(start, end).parts(0.25)
    assert [weight for _, weight in parts] == pytest.approx([0.75, 0.25])
    assert [edit.styles for edit, _ in parts if isinstance(edit, StyleEdit)] == [(ONE, TWO), (THREE,)]
    assert all(edit.strength == pytest.approx(0.875) for edit, _ in parts if isinstance(edit, StyleEdit))


def test_a_texture_turns_the_short_way_and_another_dissolves() -> None:
    turned = replace(TEXTURE, angle=math.radians(350), scale=4.0, match_color=1.0)
    ((edit, _),) = only(replace(TEXTURE, angle=math.radians(10)), turned).parts(0.5)
    assert isinstance(edit, TextureEdit) and math.remainder(edit.angle, math.tau) == pytest.approx(0, abs=1e-9)
    assert edit.scale == pytest.approx(2) and edit.match_color == pytest.approx(0.5)
    other = replace(TEXTURE, texture=replace(TEXTURE.texture))
    assert [weight for _, weight in only(TEXTURE, other).parts(0.25)] == [0.75, 0.25]


def test_a_mask_that_spreads_over_the_photo_is_two_masks_mixed() -> None:
    parts = only(replace(STYLE, whole=False, strokes=(LINE,)), replace(STYLE, strokes=(LINE,))).parts(0.25)
    assert [(edit.whole, weight) for edit, weight in parts] == [(False, 0.75), (True, 0.25)]


def test_a_stroke_grows_along_its_length() -> None:
    half = grown(LINE, 0.5)
    assert half is not None and np.allclose(half.points, [[0, 0, 0], [20, 0, 2 / 3]]) and half.radius == LINE.radius
    most = grown(LINE, 0.9)
    assert most is not None and np.allclose(most.points, [[0, 0, 0], [30, 0, 1], [30, 6, 1]])
    assert grown(LINE, 0) is None and grown(LINE, 1) is LINE
    dot = grown(replace(LINE, points=LINE.points[:1]), 0.25)
    assert dot is not None and dot.radius == 1 and len(dot.points) == 1


def test_strokes_of_one_keyframe_come_and_go_and_shared_ones_stay() -> None:
    goes, stays, comes = LINE, replace(LINE, id="stays"), replace(LINE, id="comes")
    mixed = mixed_strokes((goes, stays), (stays, comes), 0.8)
    assert [stroke.id for stroke in mixed] == [goes.id, "stays", "comes"] and mixed[1] is stays
    assert [stroke.points[:, 0].max() for stroke in mixed] == pytest.approx([8, 30, 30])
    assert mixed_strokes((goes, stays), (stays, comes), 0) == (goes, stays)
    assert mixed_strokes((goes, stays), (stays, comes), 1) == (stays, comes)


def test_a_stroke_that_was_moved_moves_and_a_hidden_one_is_not_there() -> None:
    there = replace(LINE, points=LINE.points + np.float32([10, 0, 0]), radius=16.0, weight=0.5)
    (moved,) = mixed_strokes((LINE,), (there,), 0.5)
    assert np.allclose(moved.points, LINE.points + [5, 0, 0]) and (moved.radius, moved.weight) == (8, 0.75)
    (shown,) = mixed_strokes((replace(LINE, visible=False),), (LINE,), 0.5)
    assert shown.points[:, 0].max() == pytest.approx(20)


def test_a_painted_layer_grows_with_its_strokes() -> None:
    painted = replace(STYLE, whole=False, strokes=(LINE,), blend=Blend.MULTIPLY)
    passage = only(None, painted)
    ((edit, _),) = passage.parts(0.5)
    assert edit.strokes[0].points[-1, 0] == pytest.approx(20) and passage.opacity(0.01) == 1
    assert passage.parts(0)[0][0].strokes == ()
    assert only(painted, None).parts(1)[0][0].strokes == ()


def test_a_layer_over_the_whole_photo_grows_in_strength_or_opacity() -> None:
    grows = only(None, STYLE)
    ((edit, _),) = grows.parts(0.25)
    assert isinstance(edit, StyleEdit) and edit.strength == 0.25 and grows.opacity(0.25) == 1
    for layer in (TEXTURE, replace(STYLE, blend=Blend.SCREEN)):
        fades = only(layer, None)
        assert fades.opacity(0.25) == 0.75 and fades.keeps_its_pixels()


def test_hidden_and_never_rendered_layers_are_not_shown() -> None:
    assert only(STYLE, replace(STYLE, visible=False)).opacity(1) == 0
    assert only(replace(STYLE, patch=None), STYLE).opacity(0) == 0
    assert passages((replace(STYLE, visible=False),), (replace(STYLE, patch=None),)) == ()


def test_another_blend_mode_or_kind_is_another_layer() -> None:
    for other in (replace(STYLE, blend=Blend.COLOR), replace(TEXTURE, id=STYLE.id)):
        out, into = layer_passages(STYLE, other)
        assert (out.opacity(0), out.opacity(1), into.opacity(0), into.opacity(1)) == (1, 0, 0, 1)
        assert (out.blend, into.blend) == (STYLE.blend, other.blend)


@pytest.mark.parametrize(
    ("change", "pixels", "mask"),
    [
        ({}, True, True),
        ({"strokes": (LINE,)}, True, False),
        ({"whole": False}, True, False),
        ({"strength": 0.5}, False, True),
        ({"styles": (TWO,)}, False, True),
        ({"keep_color": 0.5}, False, True),
        ({"seed": 3}, False, True),
    ],
)
def test_what_stays_is_known(change: dict[str, object], pixels: bool, mask: bool) -> None:
    passage = only(STYLE, replace(STYLE, **change))  # type: ignore[arg-type]
    assert (passage.keeps_its_pixels(), passage.keeps_its_mask()) == (pixels, mask)
    assert passage.is_still() == (pixels and mask)


def test_a_texture_that_follows_its_strokes_changes_with_them() -> None:
    along = replace(TEXTURE, follow=True)
    assert only(along, along).keeps_its_pixels()
    assert not only(along, replace(along, strokes=(LINE,))).keeps_its_pixels()


def test_the_order_is_that_of_the_stack_whatever_the_kinds() -> None:
    latent = Latent(np.zeros((1, 2)), "tiny")
    face = ManifoldEdit(Frame(5, 5, 5), latent, latent, patch=PATCH)
    found = passages((face, STYLE), (face, TEXTURE, STYLE))
    assert [passage.start.id for passage in found] == [face.id, TEXTURE.id, STYLE.id]
    as_layer = replace(STYLE, id=face.id)
    assert [type(passage.end) for passage in passages((face,), (as_layer,))] == [ManifoldEdit, StyleEdit]


def test_pairing_keeps_the_places_of_what_is_gone() -> None:
    a, b, c = (replace(LINE, id=id) for id in "abc")
    assert paired((a, b), (c, b)) == [(a, None), (None, c), (b, b)]


def test_amount_and_depth_of_a_blend_run_along() -> None:
    end = replace(BLEND, amount=0.75, depth=4.0, detail=0.5, x=-0.5, y=0.25, scale=4.0)
    passage = only(BLEND, end)
    ((edit, weight),) = passage.parts(0.5)
    assert isinstance(edit, FusionEdit) and weight == 1 and edit.motif is BLEND.motif
    assert (edit.amount, edit.depth, edit.detail, edit.x, edit.y) == (0.5, 2.5, 0.25, -0.25, 0.125)
    assert edit.scale == pytest.approx(2) and edit.patch is None
    assert passage.travels() and not passage.keeps_its_pixels()
    assert not only(BLEND, replace(BLEND, amount=0.5)).travels()
    assert only(BLEND, replace(BLEND, strokes=(LINE,), opacity=0.5)).keeps_its_pixels()


def test_a_blend_grows_out_of_nothing_and_two_motifs_dissolve() -> None:
    ((edit, _),) = only(None, BLEND).parts(0.5)
    assert isinstance(edit, FusionEdit) and edit.amount == 0.125 and edit.opacity == 1
    other = replace(BLEND, motif=Motif("wood", np.ones((8, 8, 3), np.uint8)))
    (first, second) = only(BLEND, other).parts(0.25)
    assert [part[1] for part in (first, second)] == [0.75, 0.25]
    assert isinstance(second[0], FusionEdit) and second[0].motif is other.motif
