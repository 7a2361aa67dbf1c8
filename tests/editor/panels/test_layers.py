"""The layers panel and the dials of the current layer, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QLabel, QLineEdit, QListWidget, QSlider
from pytestqt.qtbot import QtBot

from editor.panels.controls import ID
from editor.panels.dial import Dial
from editor.window import Window
from engine.document.blending import Blend
from engine.document.edit import FusionEdit, StyleEdit, TextureEdit
from engine.document.job import Paint
from engine.document.motif import Motif
from engine.document.photo import Photo
from engine.document.stroke import StrokeKind
from tests.editor.synchronous_engine import SynchronousEngine, toy_style
from tests.editor.test_layering import brick, stroke


@pytest.fixture
def stacked(window: Window, photo: Photo) -> Window:
    """A face, a style over it, a texture with a stroke over that."""
    window.session.open_photo(photo)
    window.session.placing.project()
    window.session.layering.add_style(toy_style(200, "waves"))
    window.session.layering.add_texture(brick())
    window.session.painting.finish(stroke(StrokeKind.TEXTURE))
    return window


def listed(window: Window) -> QListWidget:
    """The list of layers."""
    found = window.layers.findChild(QListWidget)
    assert found is not None
    return found


def lines(window: Window) -> list[str]:
    """What is written in the list, from the top."""
    rows = [listed(window).itemWidget(listed(window).item(i)) for i in range(listed(window).count())]
    return [next(label.text() for label in row.findChildren(QLabel) if label.text()) for row in rows]


def dial(window: Window, name: str) -> Dial:
    """The dial of that name that is in sight."""
    panels = (window.dials, window.layers)
    return next(
        d
        for panel in panels
        for d in panel.findChildren(Dial)
        if d.findChild(QSlider).accessibleName() == name and not d.isHidden()
    )


def test_layers_are_listed_from_the_top_with_the_photo_at_the_bottom(stacked: Window) -> None:
    assert lines(stacked) == ["brick", "waves", "Face 1", "portrait.png"]
    assert listed(stacked).currentRow() == 0
    stacked.acts["undo"].trigger()
    stacked.acts["undo"].trigger()
    assert lines(stacked) == ["waves", "Face 1", "portrait.png"]


def test_clicking_a_row_works_on_it(stacked: Window) -> None:
    place = listed(stacked).visualItemRect(listed(stacked).item(1)).center()
    QTest.mouseClick(listed(stacked).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert isinstance(stacked.session.layer, StyleEdit) and stacked.session.brush.tool == "style"
    place = listed(stacked).visualItemRect(listed(stacked).item(3)).center()
    QTest.mouseClick(listed(stacked).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert isinstance(stacked.session.layer, StyleEdit)  # the photo is no layer


def test_the_eye_hides_a_layer(stacked: Window, qtbot: QtBot) -> None:
    row = listed(stacked).itemWidget(listed(stacked).item(0))
    at = stacked.canvas.to_view(35, 30)
    before = stacked.canvas.color_at(at)
    row.findChild(QAbstractButton).click()
    qtbot.waitUntil(lambda: stacked.session.layer is not None and not stacked.session.layer.visible)
    assert stacked.canvas.color_at(at) != before


def test_dragging_a_row_reorders_but_never_below_a_face(stacked: Window, qtbot: QtBot) -> None:
    model, ids = listed(stacked).model(), [e.id for e in stacked.session.entry.document.edits]
    face, style, texture = ids
    root = listed(stacked).rootIndex()
    model.moveRow(root, 0, root, 2)
    qtbot.waitUntil(lambda: [e.id for e in stacked.session.entry.document.edits] == [face, texture, style])
    assert lines(stacked) == ["waves", "brick", "Face 1", "portrait.png"]
    model.moveRow(root, 0, root, 4)  # below the photo
    qtbot.waitUntil(lambda: lines(stacked) == ["brick", "waves", "Face 1", "portrait.png"])
    assert listed(stacked).item(3).data(ID) == ""


def test_blend_mode_and_opacity_are_shown_and_set(stacked: Window) -> None:
    box = stacked.layers.findChild(QComboBox)
    assert box is not None
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert stacked.session.layer is not None and stacked.session.layer.blend is Blend.MULTIPLY
    dial(stacked, "Opacity").turned.emit(0.4)
    assert stacked.session.layer.opacity == 0.4 and lines(stacked)[0] == "brick\n40 % · Multiply"


def test_the_opacity_of_a_face_is_shown_and_set(stacked: Window) -> None:
    """It has no blend mode; each drag of the dial is one undo step."""
    stacked.session.select(stacked.session.document.manifold_edits[0].id)
    opacity, box = dial(stacked, "Opacity"), stacked.layers.findChild(QComboBox)
    assert opacity.isEnabled() and opacity.value() == 1.0 and box is not None and not box.isEnabled()
    steps = len(stacked.session.history._entries)
    for value in (0.5, 0.4):
        opacity.turned.emit(value)
    opacity.released.emit()
    opacity.turned.emit(0.3)
    assert stacked.session.edit is not None and stacked.session.edit.opacity == 0.3 == opacity.value()
    assert len(stacked.session.history._entries) == steps + 2


def test_duplicate_and_remove(stacked: Window) -> None:
    stacked.acts["duplicate-layer"].trigger()
    assert lines(stacked)[:2] == ["brick", "brick"]
    stacked.acts["delete-layer"].trigger()
    stacked.acts["delete-layer"].trigger()
    assert lines(stacked) == ["waves", "Face 1", "portrait.png"]


def test_the_dials_are_those_of_the_sort_of_layer(stacked: Window) -> None:
    shown = {d.findChild(QSlider).accessibleName() for d in stacked.dials.findChildren(Dial) if not d.isHidden()}
    assert shown == {"Size", "Angle", "Match colours", "Keep to edges"}
    stacked.session.layering.reach_for("style")
    shown = {d.findChild(QSlider).accessibleName() for d in stacked.dials.findChildren(Dial) if not d.isHidden()}
    assert shown == {
        "Strength", "Stroke size", "Keep colours", "Keep to edges", "Grain", "Stroke", "Pattern", "Composition",
    }  # fmt: skip
    stacked.session.layering.mix(toy_style(3, "night"))
    assert not dial(stacked, "Second style").isHidden()


def test_dragging_a_dial_previews_and_letting_go_paints(stacked: Window, engine: SynchronousEngine) -> None:
    stacked.session.layering.reach_for("style")
    asked = len(engine.submitted)
    slider = dial(stacked, "Strength").findChild(QSlider)
    assert slider is not None
    slider.setSliderDown(True)
    for position in (800, 600, 500):
        slider.setValue(position)
    jobs = [job for job in engine.submitted[asked:] if isinstance(job, Paint)]
    assert jobs and not any(job.settle for job in jobs)
    slider.setSliderDown(False)
    assert engine.submitted[-1].settle and not stacked.session.entry.owes  # type: ignore[attr-defined]
    assert isinstance(stacked.session.layer, StyleEdit) and stacked.session.layer.strength == 0.5
    stacked.acts["undo"].trigger()
    assert isinstance(stacked.session.layer, StyleEdit) and stacked.session.layer.strength == 1.0


def test_angle_is_shown_in_degrees(stacked: Window) -> None:
    dial(stacked, "Angle").turned.emit(90.0)
    layer = stacked.session.layer
    assert isinstance(layer, TextureEdit) and layer.angle == pytest.approx(1.5708, abs=1e-3)
    assert dial(stacked, "Angle").value() == pytest.approx(90)


def test_switches_and_the_reach_of_the_layer(stacked: Window) -> None:
    boxes = {box.text(): box for box in stacked.dials.findChildren(QCheckBox)}
    boxes["Follow the stroke"].click()
    assert isinstance(stacked.session.layer, TextureEdit) and stacked.session.layer.follow
    buttons = {b.text(): b for b in stacked.dials.findChildren(QAbstractButton)}
    buttons["Whole picture"].click()
    assert stacked.session.layer.whole and stacked.session.layer.patch is not None
    assert stacked.session.layer.patch.support.all()
    assert buttons["Whole picture"].isChecked() and not buttons["Only where painted"].isChecked()
    stacked.session.layering.reach_for("style")
    assert boxes["Follow the stroke"].isHidden() and not buttons["Refine"].isHidden()
    assert buttons["Whole picture"].isChecked()
    buttons["Only where painted"].click()
    assert isinstance(stacked.session.layer, StyleEdit) and stacked.session.layer.patch is None


def test_on_a_layer_the_frames_of_faces_are_out_of_the_way(stacked: Window) -> None:
    assert stacked.canvas.frames.frames == ()
    face = stacked.session.entry.document.manifold_edits[0]
    stacked.session.select(face.id)
    assert stacked.canvas.frames.frames == (face.frame,)


def test_the_strokes_of_a_layer_are_listed_and_can_be_hidden(stacked: Window) -> None:
    shown = stacked.strokes.findChild(QListWidget)
    assert shown is not None and shown.count() == 1 and stacked.session.layer is not None
    stacked.session.painting.show(stacked.session.layer.strokes[0].id, False)
    assert stacked.session.layer.patch is None  # nothing is left to paint
    stacked.acts["clear"].trigger()
    assert stacked.session.layer.strokes == () and shown.count() == 0


def test_the_hand_is_seen_to_paint_on_the_lower_layer_under_the_upper_one(
    stacked: Window, engine: SynchronousEngine
) -> None:
    """What lies above a layer stays above its preview."""
    over, beside = stacked.canvas.to_view(35, 30), stacked.canvas.to_view(80, 50)
    top, before = stacked.canvas.color_at(over), stacked.canvas.color_at(beside)
    stacked.session.layering.reach_for("style")
    engine.hold = True
    stacked.session.layering.turn("strength", 0.2, held=True)
    engine.advance(1)
    assert stacked.session.showing is not None
    assert stacked.canvas.color_at(over) == top and stacked.canvas.color_at(beside) != before


def test_drag_point_is_inside_the_list(stacked: Window) -> None:
    """The rows are as high as their pictures, so that they can be hit."""
    rect = listed(stacked).visualItemRect(listed(stacked).item(0))
    assert rect.height() >= 40 and rect.contains(rect.topLeft() + QPoint(5, 5))


def test_the_dials_of_a_blend(window: Window, photo: Photo, engine: SynchronousEngine) -> None:
    window.session.open_photo(photo)
    window.session.layering.add_blend(Motif("sea", np.full((20, 30, 3), 200, np.uint8)))
    assert lines(window)[0] == "sea"
    for name, value, field in (
        ("Amount", 0.75, "amount"), ("Depth", 4.0, "depth"), ("Size", 0.5, "scale"), ("Own detail", 1.0, "detail"),
        ("To the right", -0.5, "x"), ("Down", 0.25, "y"),
    ):  # fmt: skip
        dial(window, name).turned.emit(value)
        assert getattr(window.session.layer, field) == value
    document = window.session.document
    assert document is not None and abs(int(document.picture()[0, 0, 0]) - (300 + int(photo.pixels.mean())) // 2) <= 1
    assert {d.findChild(QSlider).accessibleName() for d in window.dials.findChildren(Dial) if not d.isHidden()} == {
        "Amount", "Depth", "Size", "Own detail", "To the right", "Down", "Keep to edges"
    }  # fmt: skip
    window.session.layering.only_painted()
    window.session.painting.finish(stroke(StrokeKind.STYLE))
    layer = window.session.layer
    assert layer is not None and len(layer.strokes) == 1 and layer.patch is not None
    window.tool_actions["texture"].trigger()
    assert "no texture" in window.messages.text()
    window.acts["undo"].trigger()
    assert isinstance(window.session.layer, FusionEdit) and window.session.layer.strokes == ()


def named(window: Window, row: int) -> QLineEdit:
    """The field in which the name of that row is typed; it is open."""
    field = listed(window).itemWidget(listed(window).item(row)).findChild(QLineEdit)
    assert field.isVisible()
    return field


def test_a_name_is_typed_over_after_a_double_click(stacked: Window, qtbot: QtBot) -> None:
    steps = len(stacked.session.history._entries)
    middle = listed(stacked).visualItemRect(listed(stacked).item(1)).center()
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(listed(stacked).viewport(), Qt.MouseButton.LeftButton, pos=middle)
    field = named(stacked, 1)
    assert field.text() == field.selectedText() == "waves"
    QTest.keyClicks(field, " Sky at dusk ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: lines(stacked)[1] == "Sky at dusk")
    assert not field.isVisible() and len(stacked.session.history._entries) == steps + 1
    assert stacked.session.history.undo_label == "Rename layer" and not stacked.session.entry.owes
    stacked.session.undo()
    assert lines(stacked) == ["brick", "waves", "Face 1", "portrait.png"]


def test_f2_names_the_current_layer_and_esc_leaves_its_name(stacked: Window, qtbot: QtBot) -> None:
    steps = len(stacked.session.history._entries)
    listed(stacked).setCurrentRow(2)
    listed(stacked).setFocus()
    stacked.activateWindow()
    QTest.keyClick(listed(stacked), Qt.Key.Key_F2)
    QTest.keyClicks(named(stacked, 2), "Anna")
    QTest.keyClick(named(stacked, 2), Qt.Key.Key_Escape)
    qtbot.wait(20)
    assert lines(stacked)[2] == "Face 1" and len(stacked.session.history._entries) == steps
    QTest.keyClick(listed(stacked), Qt.Key.Key_F2)
    QTest.keyClicks(named(stacked, 2), "Anna")
    listed(stacked).setFocus()  # leaving the field is an end too
    qtbot.waitUntil(lambda: lines(stacked)[2] == "Anna")
    stacked.session.layering.rename(stacked.session.entry.document.edits[0].id, "  ")
    assert lines(stacked)[2] == "Face 1"


def test_the_photo_has_the_name_of_its_file(stacked: Window) -> None:
    listed(stacked).itemDoubleClicked.emit(listed(stacked).item(3))
    assert listed(stacked).itemWidget(listed(stacked).item(3)).findChild(QLineEdit).isHidden()
