"""The session against the synchronous engine: what is asked of it, and what becomes of the document."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from editor.session import Message, Session
from engine.document.job import FindRegions, Project, Solve, Transfer
from engine.document.latent import Frame
from engine.document.photo import Photo
from tests.editor.conftest import color_stroke
from tests.editor.synchronous_engine import SynchronousEngine


def heard(session: Session) -> list[Message]:
    """What the session says from now on."""
    said: list[Message] = []
    session.said.connect(said.append)
    return said


def test_opening_a_photo_proposes_frames(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """Faces are looked for at once; the best frame is chosen, and nothing is projected yet."""
    said = heard(session)
    session.open_photo(photo)
    assert engine.kinds() == ["FindRegions"]
    assert len(session.placing.frames) == 2 and session.placing.current == 0 and session.placing.active
    assert said[-1].action == "project"
    assert session.document is not None and session.document.edits == ()


def test_no_face_proposes_a_frame_in_the_middle(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """The hand can always set one itself."""
    engine.hold = True
    session.open_photo(photo)
    session.requests.cancel()
    session.placing.add()
    assert session.placing.frames == (Frame(50, 30, 36),)


def test_projecting_makes_an_edit_and_keeps_the_photo(
    session: Session, engine: SynchronousEngine, photo: Photo
) -> None:
    """The base and the latent are the projection, the first keyframe is there, the picture is still the photo."""
    session.open_photo(photo)
    session.placing.move(Frame(40, 30, 20))
    session.placing.project()
    assert session.document is not None and session.edit is not None
    assert session.edit.frame == Frame(40, 30, 20)
    assert not session.edit.moved() and session.document.picture() is photo.pixels
    assert len(session.document.sequence.keyframes) == 1
    assert not session.placing.active


def test_stopping_a_projection_keeps_the_best_so_far(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """After one of three steps the guess is what there is, and it is kept."""
    session.open_photo(photo)
    engine.hold = True
    session.placing.project()
    engine.advance(1)
    assert session.edit is None
    session.cancel()
    assert session.edit is not None and session.edit.base.values[0, 0] == 48


def test_a_stroke_is_previewed_and_then_settled_as_one_undo_step(painted: Session, engine: SynchronousEngine) -> None:
    """While the hand moves, only previews; on release one Solve that settles, four candidates, one patch."""
    asked = len(engine.submitted)
    overlays: list[object] = []
    painted.overlaid.connect(overlays.append)
    stroke = color_stroke(100)
    for _ in range(3):
        painted.painting.follow(stroke)
    moving = engine.submitted[asked:]
    assert all(isinstance(job, Solve) and not job.settle for job in moving)
    assert overlays and painted.edit is not None and len(painted.edit.strokes) == 1
    painted.painting.finish(stroke)
    last = engine.submitted[-1]
    assert isinstance(last, Solve) and last.settle
    assert float(last.starts[0].values[0, 0]) == 100  # where the last preview had come
    assert len(painted.edit.strokes) == 2 and painted.edit.patch is not None
    assert len(painted.entry.wall().candidates) == 4
    assert overlays[-1] is None
    painted.undo()
    assert painted.edit is not None and len(painted.edit.strokes) == 1


def test_undo_and_redo_ask_nothing(painted: Session, engine: SynchronousEngine) -> None:
    """Every state is kept with its pixels."""
    painted.painting.finish(color_stroke(90))
    painted.painting.choose(2)
    painted.painting.set_realism(1.0)
    painted.sequencing.keep()
    assert painted.document is not None
    newest, asked = painted.document, len(engine.submitted)
    pictures = []
    while painted.history is not None and painted.history.undo_label:
        pictures.append(painted.document.picture())
        painted.undo()
    assert painted.document.edits == ()
    while pictures:
        painted.redo()
        assert np.array_equal(painted.document.picture(), pictures.pop())
    assert painted.document is newest
    assert len(engine.submitted) == asked


def test_undo_while_the_answer_is_under_way(painted: Session, engine: SynchronousEngine) -> None:
    """The late answer changes nothing; redo asks for it, because that state never had one."""
    before = painted.document
    engine.hold = True
    painted.painting.finish(color_stroke(77))
    engine.advance(1)
    painted.undo()
    assert painted.document is before
    engine.advance()
    assert painted.document is before
    engine.hold = False
    painted.redo()
    assert painted.edit is not None and painted.edit.latent.values[0, 0] == 77


def test_keeping_before_the_answer_gets_the_answer(painted: Session, engine: SynchronousEngine) -> None:
    """The keyframe is the state as it comes to be, not the stroke without its picture."""
    engine.hold = True
    painted.painting.finish(color_stroke(77))
    painted.sequencing.keep()
    engine.advance()
    assert painted.document is not None
    kept = painted.document.sequence.keyframes[-1].edits[0]
    assert kept is painted.edit and kept.latent.values[0, 0] == 77


def test_choosing_a_candidate_renders_it(painted: Session, engine: SynchronousEngine) -> None:
    """A Transfer, no Solve; the wall stays and shows what is taken."""
    wall = painted.entry.wall()
    painted.painting.choose(3)
    assert isinstance(engine.submitted[-1], Transfer)
    assert painted.edit is not None and painted.edit.latent is wall.candidates[3].latent
    assert painted.entry.wall().candidates == wall.candidates and painted.entry.wall().chosen == 3
    painted.undo()
    assert painted.entry.wall().chosen == 0


def test_realism_is_rendered_and_opacity_is_not(painted: Session, engine: SynchronousEngine) -> None:
    """The realism dial asks for a patch, one undo step a gesture; opacity and visibility need no model."""
    for realism in (0.6, 0.8, 1.0):
        painted.painting.set_realism(realism)
    painted.painting.end_gesture()
    assert isinstance(engine.submitted[-1], Transfer) and engine.submitted[-1].edit.realism == 1.0
    asked = len(engine.submitted)
    painted.painting.set_opacity(0.25)
    painted.painting.set_visible(False)
    assert len(engine.submitted) == asked
    for _ in range(3):
        painted.undo()
    assert painted.edit is not None and painted.edit.realism == 0.5 and painted.edit.opacity == 1


def test_hiding_the_only_stroke_gives_the_photo_back_without_a_model(
    painted: Session, engine: SynchronousEngine, photo: Photo
) -> None:
    """Without strokes that count, the answer is the photo, bit for bit."""
    assert painted.edit is not None and painted.document is not None
    asked = len(engine.submitted)
    painted.painting.show(painted.edit.strokes[0].id, False)
    assert painted.document.picture() is photo.pixels
    assert len(engine.submitted) == asked and painted.entry.owes == {}
    painted.painting.show(painted.edit.strokes[0].id, True)
    assert painted.edit.patch is not None and isinstance(engine.submitted[-1], Solve)


def test_strokes_can_be_weighed_reordered_and_deleted(painted: Session, engine: SynchronousEngine) -> None:
    """Each is solved again from the strokes that are left."""
    painted.painting.finish(color_stroke(90))
    assert painted.edit is not None
    first, second = painted.edit.strokes
    painted.painting.reorder((second.id, first.id))
    assert painted.edit.latent.values[0, 0] == 200
    painted.painting.weigh(first.id, 2.5)
    assert painted.edit.strokes[1].weight == 2.5
    painted.painting.delete(first.id)
    assert [s.id for s in painted.edit.strokes] == [second.id] and painted.edit.latent.values[0, 0] == 90


def test_stopping_a_solve_keeps_what_was_seen(painted: Session, engine: SynchronousEngine) -> None:
    """The newest preview becomes the answer, and is rendered."""
    engine.hold = True
    painted.painting.finish(color_stroke(100))
    engine.advance(1)
    painted.cancel()
    engine.advance()
    assert isinstance(engine.submitted[-1], Transfer)
    assert painted.edit is not None and painted.edit.latent.values[0, 0] == 150 and painted.edit.patch is not None


def test_two_faces_are_both_answered(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """A stroke on the other face before the first was answered: both answers come in the end."""
    session.open_photo(photo)
    session.placing.project()
    session.placing.choose(1)
    session.placing.project()
    assert session.document is not None and len(session.document.edits) == 2
    engine.hold = True
    session.painting.finish(color_stroke(200, x=25))
    session.painting.finish(color_stroke(90, x=75))
    assert session.placing.current == 1
    session.painting.finish(color_stroke(200, x=25))
    assert session.placing.current == 0
    engine.advance()
    assert [e.latent.values[0, 0] for e in session.document.edits] == [200, 90]
    assert all(e.patch is not None for e in session.document.edits) and session.entry.owes == {}


def test_a_stroke_outside_every_frame_changes_nothing_and_says_so(painted: Session, engine: SynchronousEngine) -> None:
    """Nor is anything asked while the hand moves; one whose edge reaches into the frame counts."""
    assert painted.edit is not None
    asked, before, said = len(engine.submitted), painted.document, heard(painted)
    bottom = painted.edit.frame.y + painted.edit.frame.size / 2
    painted.painting.follow(color_stroke(y=bottom + 3.5))
    painted.painting.finish(color_stroke(y=bottom + 3.5))
    assert len(engine.submitted) == asked and painted.document is before and "within the frame" in said[-1].text
    painted.painting.finish(color_stroke(y=bottom + 2.5))
    assert painted.edit is not None and len(painted.edit.strokes) == 2 and len(engine.submitted) > asked


def test_moving_the_frame_of_a_face_keeps_its_strokes(painted: Session, engine: SynchronousEngine) -> None:
    """A new projection under the same strokes, which are solved again."""
    painted.placing.start()
    painted.placing.move(Frame(30, 30, 22))
    painted.placing.project()
    assert painted.edit is not None and painted.document is not None
    assert painted.edit.frame == Frame(30, 30, 22) and len(painted.edit.strokes) == 1
    assert len(painted.document.edits) == 1 and painted.edit.patch is not None
    assert engine.kinds()[-2:] == ["Project", "Solve"]


def test_a_stroke_without_a_face_says_what_to_do(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """Nothing is asked of the engine, and the message offers the way on."""
    session.open_photo(photo)
    said = heard(session)
    session.painting.finish(color_stroke())
    assert said[-1].action == "project" and engine.kinds() == ["FindRegions"]


def test_a_failure_is_one_line_and_loses_nothing(painted: Session, engine: SynchronousEngine) -> None:
    """The stroke stays, undo works, and the next change asks again."""
    said = heard(painted)
    engine.failing[Solve] = "The model ran out of memory: close other programs."
    painted.painting.finish(color_stroke(50))
    assert [(m.text, m.serious) for m in said] == [("The model ran out of memory: close other programs.", True)]
    assert painted.edit is not None and len(painted.edit.strokes) == 2
    engine.failing.clear()
    painted.painting.set_realism(0.9)
    assert painted.edit.latent.values[0, 0] == 50


def test_old_answers_are_ignored(session: Session, engine: SynchronousEngine, photo: Photo) -> None:
    """Opening another photo while the first is searched: the first one's frames never arrive."""
    engine.hold = True
    session.open_photo(photo)
    first = engine.submitted[0]
    session.open_photo(replace(photo, name="other"))
    engine.advance()
    assert isinstance(first, FindRegions) and not session.requests.interactive()
    assert session.document is not None and session.document.photo.name == "other"


def test_keyframes_can_be_reordered_retimed_and_returned_to(painted: Session, engine: SynchronousEngine) -> None:
    """Each is an undo step, and none needs the model."""
    painted.sequencing.keep()
    asked = len(engine.submitted)
    first, second = painted.sequencing.keyframes()
    painted.sequencing.retime(second.id, seconds=2.0, hold=0.5)
    painted.sequencing.reorder((second.id, first.id))
    assert [k.id for k in painted.sequencing.keyframes()] == [second.id, first.id]
    assert painted.sequencing.keyframes()[0].seconds == 2.0
    painted.sequencing.restore(first.id)
    assert painted.edit is not None and painted.edit.strokes == ()
    painted.undo()
    assert len(painted.edit.strokes) == 1
    painted.sequencing.delete(first.id)
    assert len(painted.sequencing.keyframes()) == 1
    assert len(engine.submitted) == asked


def test_a_saved_document_goes_on_where_it_was(painted: Session, engine: SynchronousEngine) -> None:
    """Opening it asks for nothing: its pixels are in it."""
    document = painted.document
    assert document is not None
    asked = len(engine.submitted)
    painted.open_document(document)
    assert len(engine.submitted) == asked and painted.edit is document.edits[0]
    assert not painted.placing.active and painted.placing.frames == (document.edits[0].frame,)
    painted.painting.finish(color_stroke(10))
    assert not isinstance(engine.submitted[-1], Project) and painted.edit.patch is not None
