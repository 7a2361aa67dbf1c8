"""Sliders move a latent by as much as they say, and back to where it was to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.document.direction import Direction, Slide, amount_of, difference, moved_along, set_to
from engine.document.edit import ManifoldEdit
from engine.document.latent import Frame, Latent


def latent(seed: int) -> Latent:
    return Latent(np.random.default_rng(seed).standard_normal((3, 5)), "tiny")


def direction(seed: int) -> Direction:
    return Direction(f"way {seed}", latent(seed).values, "tiny")


def test_slides_add_up_and_are_remembered_as_one_latent() -> None:
    base, a, b = latent(0), direction(1), direction(2)
    slides = (Slide(a, 0.5), Slide(b, -2))
    moved = moved_along(base, slides)
    np.testing.assert_allclose(moved.values, base.values + 0.5 * a.values - 2 * b.values, atol=1e-6)
    assert moved_along(base, slides) is moved  # pictures are kept by the latent itself
    assert moved_along(base, ()) is base


def test_a_slider_keeps_its_place_and_leaves_at_zero() -> None:
    a, b = direction(1), direction(2)
    slides = set_to(set_to((), a, 1.0), b, 2.0)
    assert [s.amount for s in set_to(slides, a, -1.5)] == [-1.5, 2.0]
    assert set_to(slides, a, 0.0) == (slides[1],)
    assert amount_of(slides, b.id) == 2.0 and amount_of(slides, "none") == 0.0


def test_back_at_zero_the_edit_is_its_projection_to_the_last_bit() -> None:
    base = latent(0)
    edit = ManifoldEdit(Frame(0, 0, 8), base, base)
    way = direction(1)
    for amount in (0.1, 0.7, -2.3):
        edit = edit.slid(set_to(edit.slides, way, amount))
    assert edit.moved()
    assert edit.slid(()).latent is base and not edit.slid(()).moved()


def test_what_strokes_have_done_stays() -> None:
    base, way = latent(0), direction(1)
    stroked = Latent(base.values + 1, "tiny")
    edit = ManifoldEdit(Frame(0, 0, 8), base, stroked).slid((Slide(way, 2.0),))
    np.testing.assert_allclose(edit.latent.values, stroked.values + 2 * way.values, atol=1e-6)
    np.testing.assert_allclose(edit.origin().values, base.values + 2 * way.values, atol=1e-6)
    np.testing.assert_allclose(edit.slid(()).latent.values, stroked.values, atol=1e-6)


def test_a_minus_b_plus_c() -> None:
    a, b, c = latent(1), latent(2), latent(3)
    edit = ManifoldEdit(Frame(0, 0, 8), c, c).slid((Slide(difference("A - B", a, b), 1.0),))
    np.testing.assert_allclose(edit.latent.values, a.values - b.values + c.values, atol=1e-6)
    with pytest.raises(ValueError, match="no difference"):
        difference("A - B", a, replace(b, manifold="other"))


@pytest.mark.parametrize("change", [{"limit": 0}, {"limit": 1e3}, {"values": np.zeros(3)}, {"values": [[np.nan]]}])
def test_what_is_no_direction_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(direction(0), **{k: np.asarray(v) if k == "values" else v for k, v in change.items()})  # type: ignore[arg-type]
