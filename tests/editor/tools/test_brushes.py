"""The brushes: pointer events in, strokes in photo coordinates out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.tools import TOOLS
from editor.tools.color import COLOR
from editor.tools.erase import ERASE
from editor.tools.pick import PICK
from editor.tools.protect import PROTECT
from editor.tools.sketch import SKETCH
from editor.tools.tool import Hand, Mark, Pick, PointerEvent, Tool
from editor.tools.warp import WARP
from engine.document.stroke import Stroke, StrokeKind

HAND = Hand(radius=20, color=(10, 20, 30), weight=1.5)
BRUSHES = (COLOR, SKETCH, WARP, ERASE, PROTECT)


def drag(
    tool: Tool, *spots: tuple[float, ...], eraser: bool = False, pixel: float = 1.0
) -> tuple[list[Mark], Mark | None]:
    """What the tool yields and what it ends with, pressed at the first spot and lifted at the last (x, y, pressure)."""
    events = [PointerEvent(*spot, eraser=eraser, view_pixel=pixel) for spot in spots]
    events[-1] = replace(events[-1], last=True)
    run = tool.drag(events[0], HAND)
    marks = [next(run)]
    with pytest.raises(StopIteration) as end:
        for event in events[1:]:
            marks.append(run.send(event))
    return marks, end.value.value


@pytest.mark.parametrize("tool", BRUSHES, ids=lambda t: t.id)
def test_a_drag_makes_one_stroke_of_the_tools_kind(tool: Tool) -> None:
    marks, stroke = drag(tool, (10, 10), (40, 10), (40, 50))
    assert isinstance(stroke, Stroke) and stroke.kind is tool.kind
    assert stroke.points.tolist() == [[10, 10, 1], [40, 10, 1], [40, 50, 1]]
    assert (stroke.radius, stroke.weight) == (20, 1.5)
    assert stroke.color == ((10, 20, 30) if tool is COLOR else None)
    assert {m.id for m in marks if isinstance(m, Stroke)} == {stroke.id}


def test_the_press_alone_is_drawn_at_once() -> None:
    run = COLOR.drag(PointerEvent(7, 8), HAND)
    first = next(run)
    assert isinstance(first, Stroke) and first.points.tolist() == [[7, 8, 1]]


def test_strokes_only_grow() -> None:
    marks, _ = drag(COLOR, *[(x, 0.5 * x) for x in range(0, 60, 3)])
    lengths = [len(m.points) for m in marks if isinstance(m, Stroke)]
    assert lengths == sorted(lengths) and lengths[-1] > lengths[0]


@pytest.mark.parametrize(("pixel", "kept"), [(1.0, 11), (5.0, 3), (100.0, 3)])
def test_points_closer_than_a_quarter_radius_and_a_screen_pixel_are_left_out(pixel: float, kept: int) -> None:
    # 0, 1.1, ... 11: at one photo pixel a screen pixel all are farther than that; a quarter of the radius is 5.
    _, stroke = drag(COLOR, *[(1.1 * i, 0) for i in range(11)], pixel=pixel)
    assert isinstance(stroke, Stroke) and len(stroke.points) == kept
    assert stroke.points[-1, 0] == pytest.approx(11)


def test_pressure_is_kept_and_the_lift_does_not_thin_the_end() -> None:
    _, stroke = drag(COLOR, (0, 0, 0.25), (30, 0, 0.5), (60, 0, 1.0), (90, 0, 0.0))
    assert isinstance(stroke, Stroke)
    assert stroke.points[:, 2].tolist() == [0.25, 0.5, 1.0, 1.0]


def test_pressing_harder_on_the_spot_widens_it() -> None:
    _, stroke = drag(COLOR, (5, 5, 0.2), (5, 5, 0.75), (5, 5, 0.3), (5, 5, 0.0))
    assert isinstance(stroke, Stroke) and stroke.points.tolist() == [[5, 5, 0.75]]


def test_a_first_touch_without_pressure_still_has_a_width() -> None:
    _, stroke = drag(COLOR, (5, 5, 0.0), (5, 5, 0.0))
    assert isinstance(stroke, Stroke) and 0 < stroke.points[0, 2] < 0.1


@pytest.mark.parametrize("tool", BRUSHES, ids=lambda t: t.id)
def test_the_pens_other_end_erases(tool: Tool) -> None:
    _, stroke = drag(tool, (0, 0), (30, 0), eraser=True)
    assert isinstance(stroke, Stroke) and stroke.kind is StrokeKind.ERASE and stroke.color is None


@pytest.mark.parametrize("tool", [WARP, SKETCH], ids=lambda t: t.id)
def test_a_click_pulls_nothing_and_draws_no_line(tool: Tool) -> None:
    marks, end = drag(tool, (10, 10), (10, 10))
    assert marks and end is None


def test_a_click_of_the_colour_brush_is_a_dab() -> None:
    _, end = drag(COLOR, (10, 10), (10, 10))
    assert isinstance(end, Stroke) and len(end.points) == 1


def test_a_warp_goes_from_the_press_to_the_lift() -> None:
    _, stroke = drag(WARP, (10, 20), (12, 25), (30, 44))
    assert isinstance(stroke, Stroke)
    assert stroke.points[0, :2].tolist() == [10, 20] and stroke.points[-1, :2].tolist() == [30, 44]


def test_the_picker_asks_for_the_colour_wherever_it_is() -> None:
    marks, end = drag(PICK, (1, 2), (3, 4), (5, 6))
    assert marks == [Pick(1, 2), Pick(3, 4)] and end == Pick(5, 6)


def test_points_are_frozen() -> None:
    marks, _ = drag(COLOR, (0, 0), (30, 0))
    assert isinstance(marks[0], Stroke)
    with pytest.raises(ValueError, match="read-only"):
        marks[0].points[0, 0] = 1


def test_every_tool_has_its_own_words_and_key() -> None:
    for of in ("id", "text", "tip", "shortcut", "icon"):
        values = [getattr(tool, of) for tool in TOOLS]
        assert all(values) and len(set(values)) == len(values), of
