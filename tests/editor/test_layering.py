"""Layers against the synchronous engine: what is painted, when it is painted anew, and that undo paints nothing."""

from __future__ import annotations

import numpy as np

from editor.session import Session
from engine.document.blending import Blend
from engine.document.edit import ManifoldEdit, StyleEdit, TextureEdit
from engine.document.job import Paint
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.texture import Texture
from tests.editor.synchronous_engine import SynchronousEngine, toy_style

MEAN = 125  # of the photo, about


def stroke(kind: StrokeKind, x: float = 30.0, pressure: float = 1.0, **more: float) -> Stroke:
    """From (x, 30) to (x + 10, 30), 5 pixels on each side."""
    return Stroke(kind, np.array([[x, 30, pressure], [x + 10, 30, pressure]], np.float32), 5, **more)  # type: ignore[arg-type]


def brick(level: int = 90) -> Texture:
    """A flat texture."""
    return Texture("brick", np.full((16, 16, 3), level, np.uint8))


def seen(session: Session, x: int = 35, y: int = 30) -> int:
    """The red at that pixel of the picture."""
    assert session.document is not None
    return int(session.document.picture()[y, x, 0])


def paints(engine: SynchronousEngine, settled: bool = True) -> list[Paint]:
    """The paint jobs so far."""
    return [job for job in engine.submitted if isinstance(job, Paint) and job.settle == settled]


def test_a_style_repaints_the_whole_photo_as_one_undo_step(styled: Session, engine: SynchronousEngine) -> None:
    document = styled.document
    assert document is not None and isinstance(styled.layer, StyleEdit) and styled.edit is None
    assert styled.brush.tool == "style" and not styled.placing.active
    assert (document.picture() == document.picture()[0, 0]).all() and abs(seen(styled) - (200 + MEAN) // 2) <= 1
    (job,) = paints(engine)
    assert job.below == () and job.edit.patch is None
    assert styled.history is not None and styled.history.undo_label == "Style “waves”"
    styled.undo()
    assert styled.document.picture() is document.photo.pixels  # type: ignore[union-attr]
    styled.redo()
    assert styled.document is document and len(paints(engine)) == 1


def test_a_stroke_is_previewed_while_the_hand_moves_and_painted_when_it_lifts(
    session: Session, photo: Photo, engine: SynchronousEngine
) -> None:
    session.open_photo(photo)
    session.layering.add_texture(brick())
    assert isinstance(session.layer, TextureEdit) and session.brush.tool == "texture"
    assert not paints(engine) and session.document is not None and session.document.picture() is photo.pixels
    overlays: list[object] = []
    session.overlaid.connect(overlays.append)
    mark = stroke(StrokeKind.TEXTURE)
    for _ in range(3):
        session.painting.follow(mark)
    assert len(paints(engine, settled=False)) == 3 and overlays and session.showing == session.layer.id
    assert session.layer.strokes == ()
    session.painting.finish(mark)
    assert session.layer.strokes == (mark,) and overlays[-1] is None and session.showing is None
    assert seen(session) == (90 + int(photo.pixels.mean())) // 2
    assert np.array_equal(session.document.picture()[:20], photo.pixels[:20])
    session.undo()
    assert session.document.picture() is photo.pixels and len(paints(engine)) == 1


def test_a_preview_is_let_finish_and_then_the_newest_is_asked_for(styled: Session, engine: SynchronousEngine) -> None:
    """A hand that moves faster than previews are made still sees them."""
    engine.hold = True
    marks = [stroke(StrokeKind.ERASE, x) for x in (20.0, 25.0, 30.0, 35.0)]
    overlays: list[object] = []
    styled.overlaid.connect(overlays.append)
    for mark in marks[:3]:
        styled.painting.follow(mark)
    assert len(paints(engine, settled=False)) == 1
    engine.advance(1)
    assert len(overlays) == 1 and [job.edit.strokes for job in paints(engine, settled=False)[1:]] == [(marks[2],)]
    styled.painting.follow(marks[3])
    styled.painting.finish(marks[3])  # what was still wanted is no longer
    engine.advance()
    assert len(paints(engine, settled=False)) == 2 and len(paints(engine)) == 2 and styled.showing is None
    assert styled.layer is not None and styled.layer.strokes == (marks[3],)


def test_pressure_is_strength(session: Session, photo: Photo) -> None:
    session.open_photo(photo)
    session.layering.add_texture(brick(0))
    session.painting.finish(stroke(StrokeKind.TEXTURE, pressure=0.5))
    assert session.layer is not None and session.layer.patch is not None
    assert session.layer.patch.support[30, 35] == 127


def test_erasing_gives_the_photo_back_exactly(styled: Session, photo: Photo) -> None:
    styled.painting.finish(stroke(StrokeKind.ERASE))
    assert styled.document is not None
    assert np.array_equal(styled.document.picture()[25:35, 25:45], photo.pixels[25:35, 25:45])
    assert seen(styled, 80) != photo.pixels[30, 80, 0]
    styled.painting.finish(stroke(StrokeKind.STYLE))
    assert seen(styled) == seen(styled, 80)
    assert styled.layer is not None and len(styled.layer.strokes) == 2


def test_painting_on_what_is_covered_already_says_what_to_do(styled: Session, engine: SynchronousEngine) -> None:
    said: list[object] = []
    styled.said.connect(said.append)
    asked = len(engine.submitted)
    styled.painting.follow(stroke(StrokeKind.STYLE))
    styled.painting.finish(stroke(StrokeKind.STYLE))
    assert styled.layer is not None and styled.layer.strokes == () and len(engine.submitted) == asked
    assert "covers the whole picture" in said[-1].text and said[-1].action == "layer-painted"  # type: ignore[attr-defined]
    styled.layering.only_painted()
    assert styled.document is not None and styled.document.picture() is styled.document.photo.pixels
    assert not styled.entry.owes
    styled.painting.finish(stroke(StrokeKind.STYLE))
    assert styled.layer.patch is not None and styled.layer.patch.support[30, 35] == 255


def test_a_dial_drag_is_one_undo_step_and_settles_when_let_go(styled: Session, engine: SynchronousEngine) -> None:
    layering, before = styled.layering, seen(styled)
    for strength in (0.9, 0.6, 0.5):
        layering.turn("strength", strength, held=True)
    assert len(paints(engine, settled=False)) == 3 and len(paints(engine)) == 1
    assert seen(styled) == before and styled.showing is not None
    layering.let_go()
    assert len(paints(engine)) == 2 and styled.showing is None and not styled.entry.owes
    assert abs(seen(styled) - (100 + MEAN) // 2) <= 1
    layering.turn("strength", 0.2, held=True)
    layering.let_go()
    styled.undo()
    assert abs(seen(styled) - (100 + MEAN) // 2) <= 1
    styled.undo()
    assert seen(styled) == before and len(paints(engine)) == 3


def test_opacity_and_blend_mode_paint_nothing(styled: Session, engine: SynchronousEngine, photo: Photo) -> None:
    styled.layering.turn("opacity", 0.5, held=True)
    styled.layering.let_go()
    styled.layering.set_blend(Blend.MULTIPLY)
    assert len(paints(engine)) == 1 and len(paints(engine, settled=False)) == 0
    value = int(photo.pixels[30, 35, 0])
    assert abs(seen(styled) - (value + value * ((200 + MEAN) // 2) / 255) / 2) <= 1
    assert styled.history is not None and styled.history.undo_label == "Blend mode"


def test_octaves_are_turned_one_by_one(styled: Session) -> None:
    styled.layering.turn_octave(2, 0.25)
    assert isinstance(styled.layer, StyleEdit) and styled.layer.octaves == (1.0, 1.0, 0.25, 1.0)


def test_duplicate_delete_lift_and_lower(styled: Session) -> None:
    first = styled.layer
    assert first is not None and styled.document is not None
    styled.layering.duplicate()
    second = styled.layer
    assert second is not None and second.id != first.id and len(styled.document.edits) == 2
    styled.layering.lower()
    assert [e.id for e in styled.document.edits] == [second.id, first.id]
    styled.layering.lift()
    assert [e.id for e in styled.document.edits] == [first.id, second.id]
    styled.layering.delete()
    assert [e.id for e in styled.document.edits] == [first.id] and styled.layer is not None
    styled.layering.delete()
    assert styled.document.edits == () and styled.document.picture() is styled.document.photo.pixels


def test_two_styles_are_mixed_and_parted(styled: Session) -> None:
    styled.layering.mix(toy_style(0, "night"))
    layer = styled.layer
    assert isinstance(layer, StyleEdit) and [s.name for s in layer.styles] == ["waves", "night"]
    assert layer.crossfade == 0.5
    styled.layering.unmix()
    assert isinstance(styled.layer, StyleEdit) and len(styled.layer.styles) == 1 and styled.layer.crossfade == 0


def test_another_one_is_a_step_of_its_own(session: Session, photo: Photo) -> None:
    session.open_photo(photo)
    session.layering.add_texture(brick())
    session.painting.finish(stroke(StrokeKind.TEXTURE))
    first = seen(session)
    session.layering.another()
    session.layering.another()
    assert seen(session) == first + 1  # half of the seed counts
    session.undo()
    assert session.layer is not None and session.layer.seed == 1


def test_a_failure_leaves_the_layer_as_it_was(styled: Session, engine: SynchronousEngine) -> None:
    said: list[object] = []
    styled.said.connect(said.append)
    before = seen(styled)
    engine.failing[Paint] = "the style's weights are missing"
    styled.layering.turn("strength", 0.1)
    assert seen(styled) == before and not styled.entry.owes and "weights are missing" in said[-1].text  # type: ignore[attr-defined]
    del engine.failing[Paint]
    styled.layering.turn("strength", 0.3)
    assert seen(styled) != before


def test_stop_keeps_the_layer_as_it_was(styled: Session, engine: SynchronousEngine) -> None:
    before = seen(styled)
    engine.hold = True
    styled.layering.turn("strength", 0.1)
    engine.advance(1)
    styled.cancel()
    assert styled.showing is None and seen(styled) == before


def test_the_tool_follows_what_is_worked_on(painted: Session) -> None:
    face = painted.edit
    painted.layering.add_texture(brick())
    texture = painted.layer
    assert isinstance(face, ManifoldEdit) and texture is not None and painted.brush.tool == "texture"
    painted.select(face.id)
    assert painted.brush.tool == "color"
    painted.layering.reach_for("texture")
    assert painted.layer is not None and painted.layer.id == texture.id
    painted.brush.set_tool("erase")
    painted.layering.add_style(toy_style(9))
    assert painted.brush.tool == "erase"  # it works on every sort of edit


def test_without_a_layer_the_brush_says_what_to_do(session: Session, photo: Photo) -> None:
    said: list[object] = []
    session.open_photo(photo)
    session.said.connect(said.append)
    session.painting.follow(stroke(StrokeKind.STYLE))
    session.painting.finish(stroke(StrokeKind.STYLE))
    assert "drop a picture" in said[-1].text  # type: ignore[attr-defined]
    assert session.document is not None and session.document.edits == ()


def test_refining_shows_itself_and_a_stop_keeps_what_was_reached(styled: Session, engine: SynchronousEngine) -> None:
    before = seen(styled)
    engine.hold = True
    styled.layering.refine()
    assert isinstance(styled.layer, StyleEdit) and styled.layer.refine == 1.0
    engine.advance(2)  # as it was, and a third of it refined
    styled.cancel()
    (last,) = [job for job in paints(engine) if not job.finish]
    assert last.edit is styled.layer
    engine.advance(9)
    assert styled.layer.refine == 0.25 and seen(styled) == before + 10 and not styled.entry.owes
    engine.hold = False
    styled.layering.refine()
    assert styled.layer.refine == 1.0 and seen(styled) == before + 40
    assert styled.history is not None and styled.history.undo_label == "Refine"
    styled.undo()
    assert isinstance(styled.layer, StyleEdit) and styled.layer.refine == 0.25 and seen(styled) == before + 10
    styled.undo()
    assert isinstance(styled.layer, StyleEdit) and styled.layer.refine == 0 and seen(styled) == before


def test_a_stop_before_anything_is_refined_leaves_the_layer_as_it_was(
    styled: Session, engine: SynchronousEngine
) -> None:
    before = seen(styled)
    engine.hold = True
    styled.layering.refine()
    styled.cancel()
    engine.advance(9)
    assert isinstance(styled.layer, StyleEdit) and styled.layer.refine == 0 and seen(styled) == before
