"""Frames on the canvas: handles, choosing, taking back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from editor.tools import COLOR, FRAME, PICK
from editor.tools.frame import knob
from engine.document.latent import Frame
from tests.editor.canvas.hand import WatchedCanvas, drag, on_view

FIRST, SECOND = Frame(120, 150, 100, 0.2), Frame(300, 150, 80)


@pytest.fixture
def framed(canvas: WatchedCanvas) -> WatchedCanvas:
    """The canvas with two frames, the first chosen and editable, the frame tool in hand."""
    canvas.set_tool(FRAME)
    canvas.set_frames((FIRST, SECOND), 0, True)
    return canvas


@pytest.mark.parametrize("turn", [0, 30])
def test_the_inside_moves_the_frame(framed: WatchedCanvas, turn: float) -> None:
    framed.rotate(turn)
    start, *_, end = drag(framed, (120, 150), (130, 160), (150, 140))
    (frame,) = framed.got("frame_finished")
    assert isinstance(frame, Frame) and (frame.size, frame.angle) == (FIRST.size, FIRST.angle)
    assert (frame.x, frame.y) == pytest.approx((120 + end[0] - start[0], 150 + end[1] - start[1]))
    assert framed.frames.chosen() == frame and len(framed.got("frame_moved")) == 3


def test_a_corner_scales_and_the_knob_turns(framed: WatchedCanvas) -> None:
    corners = FIRST.corners()
    drag(framed, tuple(corners[2]), tuple(corners[0] + 1.5 * (corners[2] - corners[0])))
    (frame,) = framed.got("frame_finished")
    assert isinstance(frame, Frame) and frame.size == pytest.approx(150, abs=2) and frame.angle == FIRST.angle
    x, y = knob(frame, 1 / framed.view.zoom)
    drag(framed, (x, y), (frame.x + 90, frame.y))
    turned = framed.got("frame_finished")[-1]
    assert isinstance(turned, Frame) and turned.angle == pytest.approx(1.57, abs=0.03) and turned.size == frame.size


def test_esc_puts_the_frame_back(framed: WatchedCanvas) -> None:
    drag(framed, (120, 150), (150, 140), lift=False)
    QTest.keyClick(framed, Qt.Key.Key_Escape)
    assert framed.frames.chosen() == FIRST
    assert framed.got("frame_moved")[-1] == FIRST and not framed.got("frame_finished")


@pytest.mark.parametrize("tool", [FRAME, COLOR, None], ids=["frame", "color", "none"])
def test_a_press_in_another_frame_chooses_it(framed: WatchedCanvas, tool: object) -> None:
    framed.set_tool(tool)  # type: ignore[arg-type]
    drag(framed, (300, 150), (310, 150))
    assert framed.sent == [("frame_chosen", 1)]


def test_with_none_chosen_any_can_be_clicked(canvas: WatchedCanvas) -> None:
    canvas.set_frames((FIRST, SECOND), None, False)
    drag(canvas, (120, 150))
    drag(canvas, (10, 10))
    assert canvas.sent == [("frame_chosen", 0)]


def test_of_two_on_top_of_one_another_the_smaller_is_chosen(canvas: WatchedCanvas) -> None:
    canvas.set_frames((Frame(200, 150, 250), Frame(200, 150, 60)), None, False)
    drag(canvas, (200, 150))
    assert canvas.sent == [("frame_chosen", 1)]


def test_inside_the_chosen_frame_brushes_paint(framed: WatchedCanvas) -> None:
    framed.set_frames((FIRST, Frame(120, 150, 40)), 0, False)
    framed.set_tool(COLOR)
    drag(framed, (120, 150), (130, 150))
    assert len(framed.got("stroke_finished")) == 1 and not framed.got("frame_chosen")


def test_the_picker_chooses_no_frames(framed: WatchedCanvas) -> None:
    framed.set_tool(PICK)
    drag(framed, (300, 150))
    assert not framed.got("frame_chosen") and framed.got("color_picked")


def test_a_frame_that_is_not_editable_stays(framed: WatchedCanvas) -> None:
    framed.set_frames((FIRST,), 0, False)
    drag(framed, (120, 150), (150, 140))
    assert not framed.sent


def test_handles_are_drawn_where_they_can_be_taken(framed: WatchedCanvas) -> None:
    framed.set_frames((FIRST,), 0, False)
    plain = framed.pixels()
    framed.set_frames((FIRST,), 0, True)
    shown = (framed.pixels() != plain).any(2)
    for spot in (*FIRST.corners(), knob(FIRST, 1 / framed.view.zoom)):
        x, y = on_view(framed, *spot).toTuple()
        assert shown[y - 3 : y + 4, x - 3 : x + 4].mean() > 0.6


@pytest.mark.parametrize(
    ("spot", "shape"),
    [
        ((120, 150), Qt.CursorShape.SizeAllCursor),
        ((300, 150), Qt.CursorShape.PointingHandCursor),
        ((10, 10), Qt.CursorShape.ArrowCursor),
        (tuple(FIRST.corners()[0]), Qt.CursorShape.SizeFDiagCursor),
        (tuple(FIRST.corners()[1]), Qt.CursorShape.SizeBDiagCursor),
    ],
)
def test_the_cursor_says_what_a_press_would_do(framed: WatchedCanvas, spot: tuple[float, float], shape: object) -> None:
    QTest.mouseMove(framed, on_view(framed, *spot))
    assert framed.cursor().shape() is shape


def test_the_brush_is_shown_at_its_true_size(canvas: WatchedCanvas) -> None:
    canvas.actual()
    before = canvas.pixels()
    canvas.set_tool(COLOR)
    canvas.set_brush(40, (0, 0, 0), 1)
    QTest.mouseMove(canvas, on_view(canvas, 200, 150))
    x, y = on_view(canvas, 200, 150).toTuple()
    rows, columns = ((canvas.pixels() != before).any(2)).nonzero()
    reach = max(abs(rows - y).max(), abs(columns - x).max())
    distance = ((rows + 0.5 - y) ** 2 + (columns + 0.5 - x) ** 2) ** 0.5
    assert 40 <= reach <= 42 and distance.min() > 37
    QTest.mouseMove(canvas, on_view(canvas, 100, 100))
    canvas.set_tool(None)
    assert (canvas.pixels() == before).all()
