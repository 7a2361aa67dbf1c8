"""Pictures that become styles, and textures that learn, against the synchronous engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from editor.session import Message, Session
from engine.document.edit import StyleEdit, TextureEdit
from engine.document.job import Describe, FitStyle, LearnTexture, Paint
from engine.document.photo import Photo
from engine.document.stroke import StrokeKind
from engine.document.style import Style
from engine.document.texture import Texture
from tests.editor.synchronous_engine import SynchronousEngine, toy_style
from tests.editor.test_layering import brick, seen, stroke

PIXELS = np.full((20, 20, 3), 60, np.uint8)


@pytest.fixture
def brushed(session: Session, photo: Photo) -> Session:
    """A photo with one stroke of a texture."""
    session.open_photo(photo)
    session.layering.add_texture(brick())
    session.painting.finish(stroke(StrokeKind.TEXTURE))
    return session


def texture_of(session: Session) -> Texture:
    """What the current layer paints with."""
    assert isinstance(session.layer, TextureEdit)
    return session.layer.texture


def test_a_picture_becomes_a_style_layer(session: Session, photo: Photo, engine: SynchronousEngine) -> None:
    session.open_photo(photo)
    session.learning.describe("waves", PIXELS)
    assert engine.kinds() == ["FindRegions", "Describe", "Paint", "FitStyle"]
    assert isinstance(session.layer, StyleEdit) and session.layer.styles[0].name == "waves"
    assert session.layer.patch is not None


def test_it_waits_for_what_is_being_done(
    session: Session, photo: Photo, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    """Neither the search for faces nor a stroke is lost to it, and it is not lost to them."""
    engine.hold = True
    session.open_photo(photo)
    session.learning.describe("waves", PIXELS)
    assert engine.kinds() == ["FindRegions"]
    engine.advance()
    assert session.placing.frames
    qtbot.waitUntil(lambda: engine.kinds()[-1] == "Describe")
    session.placing.project()  # pushes it aside
    engine.advance()
    assert session.edit is not None
    qtbot.waitUntil(lambda: engine.kinds()[-1] == "Describe")
    engine.advance()
    assert session.layer is not None


def test_a_picture_that_cannot_be_described_is_given_up(
    session: Session, photo: Photo, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    said: list[object] = []
    session.open_photo(photo)
    session.said.connect(said.append)
    engine.failing[Describe] = "the features are missing"
    session.learning.describe("waves", PIXELS)
    qtbot.wait(20)
    assert engine.kinds() == ["FindRegions", "Describe"] and "features are missing" in said[-1].text  # type: ignore[attr-defined]


def test_a_style_can_be_wanted_for_something_else(session: Session, photo: Photo) -> None:
    kept: list[Style] = []
    session.learning.describe("waves", PIXELS, kept.append)  # nothing is open, as for the library
    assert [style.name for style in kept] == ["waves"]
    session.open_photo(photo)
    assert session.document is not None and session.document.edits == ()


def test_what_a_texture_learns_takes_its_place_and_is_no_undo_step(
    brushed: Session, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    before, label = seen(brushed), brushed.history.undo_label  # type: ignore[union-attr]
    brushed.learning.learn(texture_of(brushed), 60)
    qtbot.waitUntil(lambda: texture_of(brushed).seconds == 60)
    assert not brushed.learning.is_learning(texture_of(brushed).id)
    assert seen(brushed) == before + 30 and not brushed.entry.owes
    assert brushed.history is not None and brushed.history.undo_label == label
    asked = len(engine.submitted)
    brushed.undo()
    assert texture_of(brushed).seconds == 60 and len(engine.submitted) == asked  # the state before has it too
    brushed.redo()
    assert seen(brushed) == before + 30


def test_a_texture_is_not_painted_anew_for_every_little_progress(
    brushed: Session, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    engine.hold = True
    brushed.learning.learn(texture_of(brushed), 60)
    shown = []
    for _ in range(6):
        engine.advance(1)  # one step of learning, or the end of what was painted
        qtbot.wait(5)
        while brushed.requests.interactive() is not None:
            engine.advance(1)
        shown.append(texture_of(brushed).seconds)
    assert shown[0] == pytest.approx(3) and shown[1] == pytest.approx(3)  # 3.6 s would not be seen to be better
    assert shown[-1] == 60


def test_nothing_is_shown_while_the_hand_paints(brushed: Session, engine: SynchronousEngine, qtbot: QtBot) -> None:
    mark = stroke(StrokeKind.TEXTURE, 60)
    brushed.painting.follow(mark)
    brushed.learning.learn(texture_of(brushed), 60)
    qtbot.wait(20)
    assert texture_of(brushed).seconds == 0 and not any(
        isinstance(j, Paint) and j.settle for j in engine.submitted[-2:]
    )
    brushed.painting.finish(mark)
    qtbot.waitUntil(lambda: texture_of(brushed).seconds == 60)


def test_a_texture_nobody_holds_any_more_stops_learning(
    session: Session, photo: Photo, engine: SynchronousEngine
) -> None:
    session.open_photo(photo)
    session.layering.add_texture(brick())
    engine.hold = True
    session.learning.learn(texture_of(session))
    session.undo()
    session.commit("Something else", session.entry.document)  # what was undone is gone
    engine.advance(1)
    assert not session.requests.background()


def test_another_document_stops_learning(brushed: Session, photo: Photo, engine: SynchronousEngine) -> None:
    engine.hold = True
    brushed.learning.learn(texture_of(brushed))
    brushed.open_photo(photo)
    assert not brushed.requests.background()


def test_stopped_by_hand_it_keeps_what_it_has_learned(
    brushed: Session, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    engine.hold = True
    brushed.learning.learn(texture_of(brushed), 60)
    engine.advance(3)
    (request,) = brushed.requests.background()
    brushed.requests.cancel(request.job.ticket)
    assert not brushed.learning.is_learning(texture_of(brushed).id)
    engine.hold = False
    qtbot.waitUntil(lambda: texture_of(brushed).seconds == 30)
    brushed.learning.learn_more()
    qtbot.waitUntil(lambda: texture_of(brushed).seconds == 150)
    assert isinstance(engine.submitted[-2], LearnTexture)


def test_a_style_with_an_exemplar_can_be_trained(session: Session, photo: Photo, qtbot: QtBot) -> None:
    session.open_photo(photo)
    session.learning.describe("waves", PIXELS)
    layer = session.layer
    assert isinstance(layer, StyleEdit)
    style = layer.styles[0]
    session.learning.learn_more()  # no exemplar: it says so
    assert isinstance(session.layer, StyleEdit) and not session.layer.styles[0].network
    own = Style(style.name, style.means, style.grams, exemplar=PIXELS)
    session.layering.add_style(own)
    session.learning.learn_more()
    qtbot.waitUntil(lambda: "w" in style_in(session).network)
    session.undo()
    assert style_in(session) is own


def test_a_style_whose_training_is_stopped_paints_with_what_it_has_learned(
    session: Session, photo: Photo, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    session.open_photo(photo)
    style = toy_style(100.0)
    session.layering.add_style(Style(style.name, style.means, style.grams, exemplar=PIXELS))
    engine.hold = True
    session.learning.learn_more()
    session.learning.learn_more()  # once is enough
    (request,) = session.requests.background()
    assert session.learning.is_learning(style_in(session).id)
    engine.advance(2)
    qtbot.wait(5)
    assert not style_in(session).network  # it would look different every few seconds
    session.requests.cancel(request.job.ticket)
    said: list[Message] = []
    session.said.connect(said.append)
    qtbot.waitUntil(lambda: style_in(session).network.get("w", np.zeros(1))[0] == 0.5)
    assert "Undo" in said[-1].text
    assert session.history is not None and session.history.undo_label == "Train this style"


def test_a_style_is_fitted_in_the_background_in_every_state_that_has_it(
    session: Session, photo: Photo, engine: SynchronousEngine, qtbot: QtBot
) -> None:
    session.open_photo(photo)
    engine.hold = True
    session.layering.add_style(toy_style(100.0, "stiff"))
    first = style_in(session)
    (request,) = session.requests.background()
    assert isinstance(request.job, FitStyle) and request.job.style is first
    session.layering.add_style(toy_style(50.0))
    engine.hold = False
    engine.advance(9)

    def fitted() -> Style:
        assert session.document is not None
        (layer,) = [e for e in session.document.edits if isinstance(e, StyleEdit) and e.styles[0].id == first.id]
        return layer.styles[0]

    qtbot.waitUntil(lambda: fitted().fitted_to == "toy")
    assert session.history is not None and session.history.undo_label == "Style “toy”"  # no undo step of its own
    session.undo()
    assert fitted().fitted_to == "toy"
    session.undo()
    assert session.document is not None and not session.document.edits


def test_a_network_trained_meanwhile_outlives_the_fit(session: Session, photo: Photo, qtbot: QtBot) -> None:
    session.open_photo(photo)
    session.layering.add_style(toy_style(100.0))
    style = style_in(session)
    assert session.history is not None
    trained = replace(style, network={"w": np.ones(1, np.float32)})
    session.commit("Train", session.document.with_edit(replace(session.layer, styles=(trained,))))  # type: ignore
    session.history.relearn(replace(style, fitted=np.ones((4, 3), np.float32), fitted_to="toy"))
    assert style_in(session).network.keys() == {"w"} and style_in(session).fitted_to == "toy"


def style_in(session: Session) -> Style:
    """The first style of the current layer."""
    assert isinstance(session.layer, StyleEdit)
    return session.layer.styles[0]
