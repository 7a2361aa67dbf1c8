"""Edits between two keyframes."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.animate.between import mixed_frame, mixed_latent, passages
from engine.document.edit import ManifoldEdit, Patch
from engine.document.latent import Frame, Latent

BASE = Latent(np.zeros((2, 3), np.float32), "tiny")
THERE = Latent(np.arange(6, dtype=np.float32).reshape(2, 3), "tiny")
PATCH = Patch(0, 0, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8))
FOUND = ManifoldEdit(Frame(50, 40, 30), BASE, BASE)
CHANGED = replace(FOUND, latent=THERE, patch=PATCH, realism=0.9, opacity=0.4)


def test_the_latent_goes_straight() -> None:
    (passage,) = passages((FOUND,), (CHANGED,))
    edit = passage.at(0.25)
    assert np.array_equal(edit.latent.values, THERE.values / 4)
    assert edit.base is BASE and edit.frame is FOUND.frame and edit.patch is None
    assert edit.realism == pytest.approx(0.6) and edit.opacity == pytest.approx(0.85)


def test_the_ends_are_the_latents_themselves() -> None:
    (passage,) = passages((FOUND,), (CHANGED,))
    assert passage.at(0).latent is BASE and passage.at(1).latent is THERE


def test_the_frame_turns_the_short_way_and_grows_in_equal_ratios() -> None:
    middle = mixed_frame(Frame(0, 0, 100, math.radians(175)), Frame(10, -20, 400, math.radians(-175)), 0.5)
    assert (middle.x, middle.y, middle.size) == pytest.approx((5, -10, 200))
    assert abs(math.remainder(middle.angle - math.pi, math.tau)) < 1e-9


def test_an_edit_only_one_keyframe_has_grows_out_of_its_base() -> None:
    (grows,) = passages((), (CHANGED,))
    assert not grows.at(0).moved() and grows.at(0.5).moved() and grows.at(0.5).opacity == CHANGED.opacity
    (shrinks,) = passages((CHANGED,), ())
    assert shrinks.at(0).latent is THERE and not shrinks.at(1).moved()


def test_hiding_is_fading() -> None:
    (passage,) = passages((CHANGED,), (replace(CHANGED, visible=False),))
    assert passage.at(0.5).opacity == pytest.approx(0.2) and passage.at(0.5).latent is THERE
    assert passages((replace(CHANGED, visible=False),), (replace(CHANGED, opacity=0.0),)) == ()


def test_a_latent_that_was_never_rendered_is_not_shown() -> None:
    (passage,) = passages((replace(FOUND, latent=THERE),), (CHANGED,))
    assert not passage.at(0).moved()


def test_a_refined_frame_moves_and_a_replaced_one_fades() -> None:
    refined = replace(CHANGED, frame=Frame(52, 41, 32, 0.05))
    (passage,) = passages((CHANGED,), (refined,))
    assert passage.at(0.5).frame == mixed_frame(CHANGED.frame, refined.frame, 0.5)
    for other in (
        replace(CHANGED, frame=Frame(90, 40, 30)),
        replace(CHANGED, base=Latent(BASE.values, "cats"), latent=Latent(THERE.values, "cats")),
    ):
        out, into = passages((CHANGED,), (other,))
        assert (out.at(0.5).frame, into.at(0.5).frame) == (CHANGED.frame, other.frame)
        assert out.at(0.5).base.manifold == "tiny" and into.at(0.5).base.manifold == other.base.manifold
        assert (out.at(1).opacity, into.at(0).opacity) == (0, 0)


def test_a_new_projection_moves_the_base_too() -> None:
    projected = replace(CHANGED, base=Latent(np.full((2, 3), 4, np.float32), "tiny"))
    (passage,) = passages((CHANGED,), (projected,))
    assert np.allclose(passage.at(0.5).base.values, 2)


def test_order_is_that_of_the_end_with_the_vanishing_in_their_place() -> None:
    a, b, c = (replace(CHANGED, id=id) for id in "abc")
    assert [p.start.id for p in passages((a, b), (c, b))] == ["a", "c", "b"]


def test_equal_latents_are_not_mixed() -> None:
    assert mixed_latent(THERE, Latent(THERE.values.copy(), "tiny"), 0.3) is THERE
