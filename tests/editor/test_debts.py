"""Which layers are painted anew when something below them changes; and that undo paints nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from editor.session import Session
from engine.document.blending import Blend
from engine.document.document import Document
from engine.document.edit import StyleEdit
from engine.document.photo import Photo
from engine.document.stroke import StrokeKind
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine, toy_style
from tests.editor.test_layering import brick, paints, seen, stroke


def test_what_lies_above_a_change_is_painted_anew_and_undo_is_not(styled: Session, engine: SynchronousEngine) -> None:
    first = styled.layer
    styled.layering.add_style(toy_style(40))
    second = styled.layer
    assert first is not None and second is not None and second.id != first.id
    top = seen(styled)
    styled.select(first.id)
    asked = len(paints(engine))
    styled.layering.turn("strength", 0.0)
    below, above = paints(engine)[asked:]
    assert (below.edit.id, above.edit.id) == (first.id, second.id)
    assert below.below == () and [e.id for e in above.below] == [first.id]
    assert above.below[0].patch is not None and above.below[0].patch is not first.patch
    assert seen(styled) < top and not styled.entry.owes
    styled.undo()
    assert seen(styled) == top
    styled.redo()
    assert seen(styled) < top and len(paints(engine)) == asked + 2


@pytest.mark.parametrize("change", ["hide", "opacity", "delete", "order", "blend"])
def test_every_change_below_reaches_the_style_above(styled: Session, engine: SynchronousEngine, change: str) -> None:
    first = styled.layer
    styled.layering.add_style(toy_style(40))
    second = styled.layer
    assert first is not None and second is not None and styled.document is not None
    styled.select(first.id)
    before, asked = styled.document, len(paints(engine))
    if change == "hide":
        styled.layering.show(first.id, False)
    elif change == "opacity":
        styled.layering.turn("opacity", 0.3)
    elif change == "delete":
        styled.layering.delete()
    elif change == "order":
        styled.layering.reorder((second.id, first.id))
    else:
        styled.layering.set_blend(Blend.SCREEN)
    assert second.id in [job.edit.id for job in paints(engine)[asked:]] and not styled.entry.owes
    painted = len(paints(engine))
    styled.undo()
    assert styled.document is before or np.array_equal(styled.document.picture(), before.picture())
    assert len(paints(engine)) == painted


def test_a_plain_texture_does_not_care_what_lies_below(styled: Session, engine: SynchronousEngine) -> None:
    style = styled.layer
    styled.layering.add_texture(brick())
    styled.painting.finish(stroke(StrokeKind.TEXTURE))
    texture = styled.layer
    assert style is not None and texture is not None
    styled.select(style.id)
    asked = len(paints(engine))
    styled.layering.turn("strength", 0.5)
    assert [job.edit.id for job in paints(engine)[asked:]] == [style.id]
    styled.select(texture.id)
    styled.layering.turn("match_color", 1.0)
    styled.select(style.id)
    asked = len(paints(engine))
    styled.layering.turn("strength", 0.7)
    assert [job.edit.id for job in paints(engine)[asked:]] == [style.id, texture.id]


def test_a_hidden_layer_is_painted_when_it_is_shown(styled: Session, engine: SynchronousEngine) -> None:
    first = styled.layer
    styled.layering.add_style(toy_style(40))
    second = styled.layer
    assert first is not None and second is not None
    styled.layering.show(second.id, False)
    asked = len(paints(engine))
    styled.select(first.id)
    styled.layering.turn("strength", 0.5)
    assert [job.edit.id for job in paints(engine)[asked:]] == [first.id]
    styled.layering.show(second.id, True)
    assert [job.edit.id for job in paints(engine)[asked:]] == [first.id, second.id] and not styled.entry.owes


def test_a_face_lies_below_all_layers_and_reaches_them(painted: Session, engine: SynchronousEngine) -> None:
    face = painted.edit
    painted.layering.add_style(toy_style(200))
    style, before = painted.layer, seen(painted, 90, 50)
    assert face is not None and style is not None and painted.document is not None
    painted.layering.reorder((style.id, face.id))
    assert [e.id for e in painted.document.edits] == [face.id, style.id]
    painted.layering.reach_for("color")
    assert painted.edit is not None and painted.edit.id == face.id
    painted.painting.finish(color_stroke(20))
    assert painted.document.edit(style.id).patch is not style.patch and seen(painted, 90, 50) != before
    asked = len(engine.submitted)
    painted.undo()
    assert seen(painted, 90, 50) == before and len(engine.submitted) == asked


def test_undo_while_a_layer_above_waits_finds_the_old_picture(styled: Session, engine: SynchronousEngine) -> None:
    first = styled.layer
    styled.layering.add_style(toy_style(40))
    assert first is not None and styled.document is not None
    top = seen(styled)
    styled.select(first.id)
    engine.hold = True
    styled.layering.turn("strength", 0.0)
    engine.advance(2)  # the lower one is answered, the upper one is not
    assert list(styled.entry.owes.values()) == [1]
    styled.undo()
    assert seen(styled) == top and not styled.entry.owes
    engine.hold = False
    styled.redo()
    assert seen(styled) < top and not styled.entry.owes


def test_a_saved_document_whose_layer_was_not_done_is_finished_on_opening(
    session: Session, photo: Photo, engine: SynchronousEngine
) -> None:
    layer = StyleEdit((toy_style(10),))
    session.open_document(Document(photo, (layer,)))
    assert session.layer is not None and session.layer.patch is not None and len(paints(engine)) == 1
    assert not session.placing.active
    session.open_document(Document(photo, (replace(layer, visible=False),)))
    assert len(paints(engine)) == 1
