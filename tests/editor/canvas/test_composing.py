"""What is shown follows the stack at once as a draft, and is in the end the document's picture, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from editor.canvas import composing, surface
from editor.canvas.composing import Composing, changed
from editor.canvas.picture import Picture
from editor.canvas.reduced import composed, whole
from engine.document.blending import Blend
from engine.document.edit import Edit, Patch, TextureEdit, picture
from engine.document.photo import Photo
from engine.document.texture import Texture
from tests.editor.canvas.hand import WatchedCanvas

HIGH, WIDE = 701, 1003


def smooth(seed: int, dtype: type = np.uint8) -> np.ndarray:
    """A picture without detail, so that a draft of it is nearly the thing."""
    y, x = np.mgrid[:HIGH, :WIDE] / 300
    waves = [np.sin(a * x + b * y + seed) for a, b in ((1, 0.5), (0.3, 1), (0.8, 0.9))]
    return ((np.stack(waves, 2) + 1) / 2 * np.iinfo(dtype).max).astype(dtype)


def a_photo(dtype: type = np.uint8, alpha: bool = False) -> Photo:
    return Photo(smooth(0, dtype), smooth(5, dtype)[..., 0] if alpha else None)


def layer(seed: int, dtype: type = np.uint8, x: int = 0, y: int = 0, **more: object) -> TextureEdit:
    """A layer of the photo's size whose coverage grows to the right, with some of it nowhere."""
    cover = np.broadcast_to(np.linspace(0, 255, WIDE).astype(np.uint8), (HIGH, WIDE)).copy()
    cover[:300, :300] = 0
    exemplar = Texture("t", np.zeros((8, 8, 3), np.uint8))
    return TextureEdit(exemplar, patch=Patch(x, y, smooth(seed, dtype), cover), **more)  # type: ignore[arg-type]


def a_stack(dtype: type = np.uint8) -> tuple[Edit, ...]:
    return (
        layer(1, dtype, opacity=0.7),
        layer(2, dtype, 37, -100, blend=Blend.MULTIPLY),
        layer(3, dtype, blend=Blend.COLOR),
    )


def levels(shown: Picture) -> list[np.ndarray]:
    return [level.copy() for level in shown._levels]


def started(photo: Photo) -> tuple[Picture, Composing]:
    shown = Picture(photo.pixels, photo.alpha, photo.profile)
    return shown, Composing(photo, shown)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("alpha", [False, True])
def test_in_the_end_every_level_is_the_documents_picture(dtype: type, alpha: bool) -> None:
    photo, edits = a_photo(dtype, alpha), a_stack(dtype)
    shown, work = started(photo)
    steps: tuple[tuple[Edit, ...], ...] = (
        edits, (edits[0], replace(edits[1], opacity=0.4), edits[2]), edits[1:], (edits[2], edits[0]), (),
    )  # fmt: skip
    for stack in steps:
        work.show(stack)
        assert not work.settled
        while not work.settled:
            work.step()
        expected = levels(Picture(picture(photo, stack), photo.alpha, photo.profile))
        assert all(np.array_equal(a, b) for a, b in zip(levels(shown), expected, strict=True))


def test_a_picture_too_small_for_a_draft_is_composed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: it has no coarser level."""
    monkeypatch.setattr(composing, "FRAME", 0.0)
    photo = Photo(np.full((24, 40, 3), 90, np.uint8))
    edits = (TextureEdit(Texture("t", np.zeros((8, 8, 3), np.uint8)),
                         patch=Patch(0, 0, np.full((24, 40, 3), 200, np.uint8), np.full((24, 40), 255, np.uint8))),)
    shown, work = started(photo)
    work.show(edits)
    work.prepare(QRectF(0, 0, 40, 24), 0)
    assert work.settled
    assert np.array_equal(levels(shown)[0], levels(Picture(picture(photo, edits), photo.alpha, photo.profile))[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("level", [1, 2])
def test_a_draft_is_nearly_the_picture_made_small(dtype: type, level: int) -> None:
    photo, edits = a_photo(dtype, alpha=True), a_stack(dtype)
    pixels, alpha = composed(photo, edits, whole(photo), level)
    exact = Picture(picture(photo, edits), photo.alpha)
    draft = Picture(photo.pixels, photo.alpha)
    draft.put(composing.screen_pixels(pixels, alpha, None), 0, 0, level)
    error = np.abs(levels(draft)[level].astype(int) - levels(exact)[level])
    assert error.mean() < 0.6 and np.percentile(error, 99) <= 3


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which only the coarsest draft can be had at once."""
    monkeypatch.setattr(composing, "FRAME", 0.0)
    monkeypatch.setattr(surface, "REST", 10_000)


@pytest.fixture
def large(canvas: WatchedCanvas) -> WatchedCanvas:
    canvas.set_photo(a_photo())
    return canvas


def exact_view(canvas: WatchedCanvas, look: Callable[[], None] = lambda: None) -> np.ndarray:
    """What the canvas shows once nothing is a draft any more."""
    assert canvas._composing is not None
    look()
    canvas._composing.finish()
    canvas.update()
    return canvas.pixels().astype(int)


@pytest.mark.usefixtures("no_time")
def test_a_paint_shows_the_new_stack_however_little_time_there_is(large: WatchedCanvas) -> None:
    before = large.pixels().astype(int)
    large.set_edits(a_stack())
    draft = large.pixels().astype(int)
    assert not large.settled()
    after = exact_view(large)
    assert np.abs(draft - after).mean() < 3 < 10 < np.abs(before - after).mean()


def test_a_canvas_at_rest_settles(large: WatchedCanvas, qtbot: QtBot) -> None:
    large.set_edits(a_stack())
    assert not large.settled()
    qtbot.waitUntil(large.settled)
    assert large.settled()


@pytest.mark.usefixtures("no_time")
def test_zooming_into_a_draft_does_not_show_the_old_stack(large: WatchedCanvas) -> None:
    large.set_edits(a_stack())
    large.pixels()
    large.actual()
    draft = large.pixels().astype(int)
    assert np.abs(draft - exact_view(large)).mean() < 4


@pytest.mark.usefixtures("no_time")
def test_comparing_shows_the_photo_and_then_the_stack_of_now(large: WatchedCanvas) -> None:
    plain = large.pixels().astype(int)
    large.set_edits(a_stack())
    large.set_compare(True)
    large.set_edits(a_stack()[:1])
    assert np.abs(exact_view(large) - plain).max() == 0
    large.set_compare(False)
    draft = large.pixels().astype(int)
    assert np.abs(draft - exact_view(large)).mean() < 3


@pytest.mark.usefixtures("no_time")
def test_a_picked_colour_is_exact(large: WatchedCanvas) -> None:
    large.set_edits(a_stack())
    spot = large.to_view(700, 400)
    picked = large.color_at(spot)
    exact_view(large)
    assert picked == large.color_at(spot)


def test_only_tiles_that_look_different_are_composed_anew() -> None:
    lower, upper = layer(1), layer(2)
    stack = (lower, upper)
    cover = upper.patch.support.copy()  # type: ignore[union-attr]
    cover[600:610, 900:910] = 0
    erased = replace(upper, patch=Patch(0, 0, smooth(2), cover).sharing(upper.patch))
    assert list(changed(stack, (lower, erased))) == [(2, 3)]
    assert changed(stack, stack) == {} and changed(stack, tuple(replace(e, strokes=()) for e in stack)) == {}
    everywhere = {(row, column) for row in range(3) for column in range(4)} - {(0, 0)}
    mixed = [(lower, replace(upper, **change)) for change in ({"opacity": 0.5}, {"visible": False})]
    for other in ((lower,), (upper, lower), *mixed):
        assert set(changed(stack, other)) == everywhere
