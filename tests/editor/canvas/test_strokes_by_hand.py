"""Real mouse and pen events make the right strokes, whatever the zoom and the turn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from editor.tools import COLOR, ERASE, FRAME, PICK, PROTECT, SKETCH, WARP
from editor.tools.tool import Tool
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from tests.editor.canvas.hand import LEFT, MIDDLE, WatchedCanvas, drag, on_view, pen

PATH = ((150.0, 120.0), (200.0, 140.0), (230.0, 190.0))


def finished(canvas: WatchedCanvas) -> Stroke:
    """The one stroke that was finished."""
    (stroke,) = canvas.got("stroke_finished")
    assert isinstance(stroke, Stroke)
    return stroke


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("turn", [0, 90, 37])
def test_a_stroke_lies_where_the_hand_was(canvas: WatchedCanvas, zoom: float, turn: float) -> None:
    canvas.set_tool(COLOR)
    canvas.set_brush(4, (1, 2, 3), 1.0)
    canvas.rotate(turn)
    canvas.actual()
    canvas.zoom(zoom)
    hit = drag(canvas, *PATH)
    stroke = finished(canvas)
    assert stroke.kind is StrokeKind.COLOR and stroke.color == (1, 2, 3) and stroke.radius == 4
    assert stroke.points[:, :2] == pytest.approx(np.array(hit), abs=1e-3)
    assert stroke.points[:, :2] == pytest.approx(np.array(PATH), abs=0.75 / zoom)
    assert (stroke.points[:, 2] == 1).all()


@pytest.mark.parametrize("tool", [COLOR, SKETCH, WARP, ERASE, PROTECT], ids=lambda t: t.id)
def test_every_brush_makes_its_kind(canvas: WatchedCanvas, tool: Tool) -> None:
    canvas.set_tool(tool)
    drag(canvas, *PATH)
    assert finished(canvas).kind is tool.kind


def test_the_press_is_seen_and_sent_before_anybody_answers(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    canvas.set_brush(20, (255, 255, 0), 1.0)
    before = canvas.pixels()
    drag(canvas, (200, 150), lift=False)
    assert len(canvas.got("stroke_moved")) == 1
    x, y = on_view(canvas, 200, 150).toTuple()
    assert np.abs(canvas.pixels() - before)[y, x].sum() > 50


def test_a_move_sends_the_growing_stroke_and_the_lift_the_last(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    drag(canvas, *PATH)
    moved = [s for s in canvas.got("stroke_moved") if isinstance(s, Stroke)]
    assert [len(s.points) for s in moved] == [1, 2, 3]
    assert [name for name, _ in canvas.sent][-1] == "stroke_finished"
    assert finished(canvas).id == moved[0].id


def test_the_pen_brings_pressure(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    pen(canvas, (100, 100, 0.25), (150, 120, 0.5), (200, 150, 0.75), (210, 155, 0.0))
    stroke = finished(canvas)
    assert stroke.points[:, 2] == pytest.approx([0.25, 0.5, 0.75, 0.75])
    assert stroke.points[:, :2] == pytest.approx(np.array([[100, 100], [150, 120], [200, 150], [210, 155]]), abs=1e-3)


def test_the_pens_other_end_erases(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    pen(canvas, (100, 100, 0.5), (150, 120, 0.5), (160, 120, 0.5), eraser=True)
    assert finished(canvas).kind is StrokeKind.ERASE


def test_two_quick_dabs_are_two_strokes(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    spot = on_view(canvas, 200, 150)
    QTest.mouseClick(canvas, LEFT, pos=spot)
    QTest.mouseDClick(canvas, LEFT, pos=spot)  # what Qt makes of the second press
    QTest.mouseRelease(canvas, LEFT, pos=spot)
    first, second = canvas.got("stroke_finished")
    assert first is not second


def test_esc_takes_the_stroke_back(canvas: WatchedCanvas) -> None:
    before = canvas.pixels()
    canvas.set_tool(COLOR)
    drag(canvas, *PATH, lift=False)
    assert (canvas.pixels() != before).any()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.got("stroke_cancelled") == [None]
    QTest.mouseMove(canvas, on_view(canvas, 50, 50))
    QTest.mouseRelease(canvas, LEFT, pos=on_view(canvas, 50, 50))
    assert canvas.got("stroke_finished") == []
    QTest.mouseMove(canvas, on_view(canvas, *PATH[-1]))
    canvas.set_tool(None)
    assert (canvas.pixels() == before).all()


@pytest.mark.parametrize("tool", [WARP, SKETCH], ids=lambda t: t.id)
def test_a_click_that_asks_for_nothing_is_cancelled(canvas: WatchedCanvas, tool: Tool) -> None:
    canvas.set_tool(tool)
    drag(canvas, (200, 150))
    assert canvas.got("stroke_cancelled") == [None] and not canvas.got("stroke_finished")


def test_another_photo_or_tool_takes_the_stroke_back(canvas: WatchedCanvas, photo: Photo) -> None:
    canvas.set_tool(COLOR)
    drag(canvas, *PATH, lift=False)
    canvas.set_photo(photo)
    assert canvas.got("stroke_cancelled") == [None]
    canvas.set_tool(COLOR)
    QTest.mouseRelease(canvas, LEFT)
    drag(canvas, *PATH, lift=False)
    canvas.set_tool(WARP)
    assert canvas.got("stroke_cancelled") == [None, None] and not canvas.got("stroke_finished")


@pytest.mark.parametrize("when", ["stroke_moved", "stroke_finished"])
def test_whoever_hears_of_a_stroke_may_open_another_photo(canvas: WatchedCanvas, photo: Photo, when: str) -> None:
    canvas.set_tool(COLOR)
    getattr(canvas, when).connect(lambda _: canvas.set_photo(photo))
    drag(canvas, *PATH)
    moves, ends = (1, 0) if when == "stroke_moved" else (3, 1)
    assert (len(canvas.got("stroke_moved")), len(canvas.got("stroke_finished"))) == (moves, ends)
    drag(canvas, *PATH)
    assert len(canvas.got("stroke_moved")) == 2 * moves


@pytest.mark.parametrize("keys", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier])
def test_ctrl_or_alt_picks_with_any_brush(canvas: WatchedCanvas, keys: Qt.KeyboardModifier) -> None:
    canvas.set_tool(COLOR)
    drag(canvas, (100, 150), (300, 60), keys=keys)
    assert not canvas.got("stroke_moved")
    first, last = canvas.got("color_picked")[0], canvas.got("color_picked")[-1]
    assert first == pytest.approx((63, 127, 90), abs=3) and last == pytest.approx((191, 51, 90), abs=3)


def test_the_picker_sees_the_models_picture_but_no_strokes(canvas: WatchedCanvas) -> None:
    from engine.document.latent import Frame

    canvas.set_tool(PICK)
    rgba = np.full((64, 64, 4), (250, 10, 20, 255), np.uint8)
    canvas.set_overlay(rgba, Frame(200, 150, 100))
    canvas.set_strokes((Stroke(StrokeKind.COLOR, np.array([[200, 150, 1]], np.float32), 30, color=(0, 255, 0)),), True)
    drag(canvas, (200, 150))
    assert canvas.got("color_picked")[-1] == pytest.approx((250, 10, 20), abs=1)


def test_nothing_is_picked_beside_the_photo(canvas: WatchedCanvas) -> None:
    canvas.set_tool(PICK)
    drag(canvas, (-20, 150))
    assert not canvas.got("color_picked")


@pytest.mark.parametrize(("key", "larger"), [(Qt.Key.Key_BracketRight, True), (Qt.Key.Key_BracketLeft, False)])
def test_brackets_change_the_brush(canvas: WatchedCanvas, key: Qt.Key, larger: bool) -> None:
    canvas.set_brush(20, (0, 0, 0), 1)
    QTest.keyClick(canvas, key)
    (radius,) = canvas.got("radius_changed")
    assert isinstance(radius, float) and (radius > 20) is larger and radius != 20


def test_shift_drag_changes_the_brush(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    canvas.set_brush(20, (0, 0, 0), 1)
    drag(canvas, (200, 150), (210, 150), (230, 150), keys=Qt.KeyboardModifier.ShiftModifier)
    assert canvas.got("radius_changed")[-1] == pytest.approx(50, abs=1) and not canvas.got("stroke_moved")
    drag(canvas, (300, 150), (50, 150), keys=Qt.KeyboardModifier.ShiftModifier)
    assert canvas.got("radius_changed")[-1] == 0.5


def test_esc_gives_the_old_brush_back(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    canvas.set_brush(20, (0, 0, 0), 1)
    drag(canvas, (200, 150), (230, 150), keys=Qt.KeyboardModifier.ShiftModifier, lift=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.got("radius_changed")[-1] == 20


def test_nothing_is_drawn_without_a_photo_a_tool_or_while_comparing(canvas: WatchedCanvas, photo: Photo) -> None:
    drag(canvas, *PATH)
    canvas.set_tool(COLOR)
    canvas.set_compare(True)
    drag(canvas, *PATH)
    canvas.set_compare(False)
    canvas.set_photo(None)
    QTest.mouseClick(canvas, LEFT, pos=canvas.rect().center())
    assert not canvas.got("stroke_moved")


def test_other_buttons_do_not_draw(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    drag(canvas, *PATH, button=Qt.MouseButton.RightButton)
    drag(canvas, *PATH, button=MIDDLE)
    assert not canvas.got("stroke_moved")


def test_a_second_button_neither_starts_nor_ends_a_stroke(canvas: WatchedCanvas) -> None:
    canvas.set_tool(COLOR)
    drag(canvas, *PATH, lift=False)
    spot = on_view(canvas, 100, 100)
    QTest.mousePress(canvas, MIDDLE, pos=spot)
    QTest.mouseRelease(canvas, MIDDLE, pos=spot)
    assert not canvas.got("stroke_finished")
    QTest.mouseRelease(canvas, LEFT, pos=spot)
    assert len(canvas.got("stroke_finished")) == 1


def test_the_frame_tool_draws_no_strokes(canvas: WatchedCanvas) -> None:
    canvas.set_tool(FRAME)
    drag(canvas, *PATH)
    assert not canvas.sent


def test_coordinates_go_there_and_back(canvas: WatchedCanvas) -> None:
    assert canvas.to_photo(canvas.to_view(12.5, 99.25)) == pytest.approx((12.5, 99.25))
    assert isinstance(canvas.to_view(0, 0), QPointF)
