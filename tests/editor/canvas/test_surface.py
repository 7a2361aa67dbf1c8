"""What the canvas shows, and that it paints no more than what changed."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from editor.tools import COLOR
from engine.document.edit import Edit, Patch, TextureEdit
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.texture import Texture
from tests.editor.canvas.hand import WatchedCanvas, drag, on_view, pixels_of

WHITE = np.full((300, 400, 3), 255, np.uint8)


def laid(pixels: np.ndarray, rect: tuple[int, int, int, int] | None = None) -> tuple[Edit, ...]:
    """A layer that shows those pixels (HxWx3 of the whole photo) within the rectangle (x, y, width, height)."""
    x, y, width, height = rect or (0, 0, pixels.shape[1], pixels.shape[0])
    patch = Patch(x, y, pixels[y : y + height, x : x + width], np.full((height, width), 255, np.uint8))
    return (TextureEdit(Texture("t", WHITE[:8, :8]), patch=patch),)


def dab(kind: StrokeKind = StrokeKind.COLOR, **more: object) -> Stroke:
    """A stroke from (100, 150) to (140, 150), 10 pixels wide on each side."""
    color = (255, 255, 255) if kind is StrokeKind.COLOR else None
    return Stroke(kind, np.array([[100, 150, 1], [140, 150, 1]], np.float32), 10, color=color, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("zoom", [0.4, 1.0, 3.0])
def test_a_dab_paints_a_dab(canvas: WatchedCanvas, zoom: float) -> None:
    canvas.actual()
    canvas.zoom(zoom)
    canvas.painted_pixels()
    canvas.set_edits(laid(WHITE, (180, 130, 32, 20)))
    assert 0 < canvas.painted_pixels() <= (32 * zoom + 2 * (4 + zoom)) * (20 * zoom + 2 * (4 + zoom))


def test_only_the_given_rectangle_changes(canvas: WatchedCanvas, photo: Photo) -> None:
    canvas.actual()
    before = canvas.pixels()
    canvas.set_edits(laid(WHITE, (180, 130, 32, 20)))
    x, y = canvas.to_view(180, 130).toPoint().toTuple()
    changed = (canvas.pixels() != before).any(2)
    assert changed[y : y + 20, x : x + 32].all() and changed.sum() == 20 * 32


def test_a_layer_that_covers_the_photo_changes_all_of_it(canvas: WatchedCanvas) -> None:
    canvas.actual()
    canvas.set_edits(laid(WHITE))
    assert (canvas.pixels() == 255).all(2).sum() == 300 * 400


def test_16_bit_pictures_are_shown(canvas: WatchedCanvas) -> None:
    canvas.set_photo(Photo(np.zeros((300, 400, 3), np.uint16)))
    canvas.actual()
    canvas.set_edits(laid(np.full((300, 400, 3), 65535, np.uint16)))
    assert (canvas.pixels() == 255).all(2).sum() == 300 * 400


def test_without_a_photo_there_is_nothing_to_edit(canvas: WatchedCanvas) -> None:
    canvas.set_photo(None)
    with pytest.raises(ValueError, match="no photo"):
        canvas.set_edits(laid(WHITE))


def test_comparing_shows_the_photo_alone(canvas: WatchedCanvas, photo: Photo) -> None:
    canvas.actual()
    plain = canvas.pixels()
    edit = photo.pixels.copy()
    edit[60:140, 50:120] = 255
    edits = laid(edit, (50, 60, 70, 80))
    canvas.set_edits(edits)
    canvas.set_overlay(np.full((8, 8, 4), 200, np.uint8), Frame(300, 200, 60))
    canvas.set_strokes((dab(),), True)
    canvas.set_frames((Frame(300, 200, 60),), 0, True)
    edited = canvas.pixels()
    canvas.set_compare(True)
    assert (canvas.pixels() == plain).all()
    canvas.set_edits(edits + laid(WHITE, (0, 0, 10, 10)))  # an answer that comes while comparing waits
    assert (canvas.pixels() == plain).all()
    canvas.set_compare(False)
    changed = (canvas.pixels() != edited).any(2)
    assert changed.sum() == 100


def test_the_overlay_lies_in_its_frame(canvas: WatchedCanvas) -> None:
    canvas.actual()
    before = canvas.pixels()
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[:32] = (255, 0, 0, 255)  # the upper half red, the lower half clear
    canvas.set_overlay(rgba, Frame(200, 150, 100, np.pi / 2))  # turned clockwise, the upper half lies to the right
    image = canvas.pixels()
    right, left = on_view(canvas, 225, 150).toTuple(), on_view(canvas, 175, 150).toTuple()
    assert image[right[1], right[0]].tolist() == [255, 0, 0]
    assert (image[left[1], left[0]] == before[left[1], left[0]]).all()
    red = (image == (255, 0, 0)).all(2)
    assert red.sum() == pytest.approx(50 * 100, rel=0.05)
    canvas.set_overlay(None, None)
    assert (canvas.pixels() == before).all()


def test_an_overlay_paints_its_frame_only(canvas: WatchedCanvas) -> None:
    canvas.actual()
    canvas.painted_pixels()
    canvas.set_overlay(np.full((64, 64, 4), 255, np.uint8), Frame(200, 150, 100))
    assert 100 * 100 <= canvas.painted_pixels() <= 110 * 110


def test_a_large_overlay_seen_small_is_averaged(canvas: WatchedCanvas) -> None:
    canvas.actual()
    noise = np.random.default_rng(0).choice(np.array([0, 255], np.uint8), (512, 512, 1)).repeat(4, 2)
    noise[..., 3] = 255
    canvas.set_overlay(noise, Frame(200, 150, 64))
    x, y = on_view(canvas, 200, 150).toTuple()
    assert canvas.pixels()[y - 25 : y + 25, x - 25 : x + 25].std() < 30


@pytest.mark.parametrize("kind", list(StrokeKind))
def test_each_kind_of_stroke_is_seen(canvas: WatchedCanvas, kind: StrokeKind) -> None:
    canvas.actual()
    before = canvas.pixels()
    stroke = dab(kind)
    canvas.set_strokes((stroke,), True)
    changed = (canvas.pixels() != before).any(2)
    assert changed.sum() > 60
    x, y = on_view(canvas, 100, 150).toTuple()
    changed[y - 16 : y + 17, x - 16 : x + 57] = False
    assert not changed.any()
    canvas.set_strokes((stroke,), False)
    assert (canvas.pixels() == before).all()
    canvas.set_strokes((dab(kind, visible=False),), True)
    assert (canvas.pixels() == before).all()


def test_strokes_are_as_wide_as_they_say(canvas: WatchedCanvas) -> None:
    """A disc of radius 20 has 1257 pixels, and some more for its soft rim; pressure 0.5 leaves a quarter of them."""
    canvas.actual()
    before = canvas.pixels()
    for pressure, area in ((1.0, 1257), (0.5, 314)):
        spot = Stroke(StrokeKind.COLOR, np.array([[200, 150, pressure]], np.float32), 20, color=(255, 255, 255))
        canvas.grow(spot)
        assert (canvas.pixels() != before).any(2).sum() == pytest.approx(area, rel=0.2)


@pytest.mark.parametrize("kind", [StrokeKind.ERASE, StrokeKind.PROTECT, StrokeKind.STYLE])
def test_on_a_layer_strokes_are_as_wide_as_the_brush(canvas: WatchedCanvas, kind: StrokeKind) -> None:
    """Pressure is strength there: what an eraser will take away is as wide as what a brush would paint."""
    canvas.actual()
    canvas.even = True
    before = canvas.pixels()
    seen = []
    for pressure in (1.0, 0.25):
        canvas.grow(Stroke(kind, np.array([[200, 150, pressure]], np.float32), 20))
        seen.append((canvas.pixels() != before).any(2))
    assert seen[0].any() and (seen[0] == seen[1]).all()


def test_a_stroke_at_rest_shows_place_and_colour_and_not_more(canvas: WatchedCanvas) -> None:
    """As wide as the growing one was, of its colour, and with the picture in its middle as it is without it."""
    canvas.actual()
    before = canvas.pixels()
    spot = Stroke(StrokeKind.COLOR, np.array([[200, 150, 1]], np.float32), 20, color=(255, 255, 0))
    canvas.set_strokes((spot,), True)
    after = canvas.pixels()
    changed = (after != before).any(2)
    assert 100 < changed.sum() < 0.45 * 1257
    x, y = on_view(canvas, 200, 150).toTuple()
    assert not changed[y - 10 : y + 11, x - 10 : x + 11].any()
    rows, columns = np.nonzero(changed)
    assert np.ptp(rows) == pytest.approx(40, abs=2) and np.ptp(columns) == pytest.approx(40, abs=2)
    assert (np.abs(after[changed] - (255, 255, 0)).max(1) < 30).sum() > 60


@pytest.mark.parametrize("kind", [StrokeKind.PROTECT, StrokeKind.ERASE, StrokeKind.SKETCH, StrokeKind.WARP])
def test_a_stroke_at_rest_hides_less_than_under_the_hand(canvas: WatchedCanvas, kind: StrokeKind) -> None:
    canvas.actual()
    before = canvas.pixels()
    canvas.grow(dab(kind))
    live = np.abs(canvas.pixels() - before).sum()
    canvas.grow(None)
    canvas.set_strokes((dab(kind),), True)
    assert 0 < np.abs(canvas.pixels() - before).sum() < 0.95 * live


def test_a_stroke_that_crosses_itself_does_not_grow_darker(canvas: WatchedCanvas) -> None:
    canvas.actual()
    once = dab()
    twice = Stroke(StrokeKind.COLOR, np.vstack([once.points, once.points[::-1]]), 10, color=(255, 255, 255))
    canvas.grow(once)
    single = canvas.pixels()
    canvas.grow(twice)
    x, y = on_view(canvas, 120, 150).toTuple()
    band = (slice(y - 7, y + 8), slice(x - 15, x + 16))  # without the antialiased rim
    assert (canvas.pixels()[band] == single[band]).all()


def test_setting_strokes_paints_those_that_changed(canvas: WatchedCanvas) -> None:
    canvas.actual()
    first, second = dab(), dab()
    canvas.set_strokes((first,), True)
    canvas.painted_pixels()
    canvas.set_strokes((first,), True)
    assert canvas.painted_pixels() == 0
    canvas.set_strokes((first, second), True)
    assert 0 < canvas.painted_pixels() < 80 * 40


def test_a_growing_stroke_paints_its_newest_stretch(canvas: WatchedCanvas) -> None:
    canvas.actual()
    canvas.set_tool(COLOR)
    canvas.set_brush(5, (255, 0, 0), 1)
    drag(canvas, (50, 50), (350, 50), (350, 250), (60, 250), lift=False)
    canvas.painted_pixels()
    drag_on = on_view(canvas, 50, 245)
    from PySide6.QtTest import QTest

    QTest.mouseMove(canvas, drag_on)
    # The stretch before the last is painted again, for its end was still open: 290 x 10, and margins.
    assert 0 < canvas.painted_pixels() < 330 * 40


def test_what_grew_piece_by_piece_looks_as_if_drawn_at_once(canvas: WatchedCanvas) -> None:
    canvas.actual()
    canvas.set_tool(COLOR)
    canvas.set_brush(8, (255, 0, 0), 1)
    drag(canvas, (50, 50), (60, 60), (80, 75), (90, 120), (85, 60), lift=False)
    QApplication.processEvents()
    screen = pixels_of(canvas.screen().grabWindow(canvas.winId()))
    assert np.abs(screen - canvas.pixels()).max() <= 3


def test_the_checkerboard_shows_where_the_photo_is_clear(canvas: WatchedCanvas) -> None:
    alpha = np.full((300, 400), 255, np.uint8)
    alpha[100:200, 100:200] = 0
    canvas.set_photo(Photo(WHITE, alpha))
    canvas.actual()
    x, y = canvas.to_view(100, 100).toPoint().toTuple()
    hole = canvas.pixels()[y : y + 100, x : x + 100, 0]
    assert set(np.unique(hole)) == {102, 154} and abs(hole.mean() - 128) < 4
    assert (canvas.pixels()[y - 5, x - 5] == 255).all()


def test_24_megapixels_answer_at_once(canvas: WatchedCanvas) -> None:
    pixels = np.zeros((4000, 6000, 3), np.uint8)
    canvas.set_photo(Photo(pixels))
    canvas.painted_pixels()
    start = time.thread_time()
    for i in range(20):
        canvas.set_edits(laid(WHITE, (30 + i, 20, 64, 64)))
        QApplication.processEvents()
    assert (time.thread_time() - start) / 20 < 0.016
    assert canvas.painted_pixels() < 50 * 50


@pytest.mark.parametrize("kind", list(StrokeKind))
def test_a_brush_as_large_as_the_photo_can_be_seen_from_near(canvas: WatchedCanvas, kind: StrokeKind) -> None:
    """At the closest zoom a large brush is wider than any line that can be drawn: under the hand all that is seen is
    ink, and at rest nothing, for its outline is far away.
    """
    color = (255, 255, 255) if kind is StrokeKind.COLOR else None
    canvas.zoom(1000)
    before = canvas.pixels()
    large = Stroke(kind, np.array([[200, 150, 1], [201, 151, 1]], np.float32), 400, color=color)
    canvas.grow(large)
    live = (canvas.pixels() != before).any(2).mean()
    assert live < 0.2 if kind in (StrokeKind.SKETCH, StrokeKind.WARP) else live == 1
    canvas.grow(None)
    canvas.set_strokes((large,), True)
    assert (canvas.pixels() != before).any(2).mean() < 0.2
