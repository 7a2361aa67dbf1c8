"""The map follows the hand: two sliders at once, one undo step, drawn anew only where it is another plane."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from editor.panels.latent_map import LatentMap, first_axes
from editor.session import Session
from engine.document.direction import Direction
from engine.document.job import Transfer
from engine.document.map_jobs import DrawMap
from tests.editor.synchronous_engine import SynchronousEngine


@pytest.fixture
def session(projected: Session) -> Session:
    return projected


@pytest.fixture
def panel(session: Session) -> LatentMap:
    panel = LatentMap(session)
    panel.resize(300, 380)
    panel.show()
    panel.refresh()
    return panel


def drawn(engine: SynchronousEngine) -> list[DrawMap]:
    return [job for job in engine.submitted if isinstance(job, DrawMap)]


def at(panel: LatentMap, across: float, up: float) -> QPoint:
    square = panel.field.square()
    point = square.center() + QPointF(across * square.width() / 2, -up * square.height() / 2)
    return point.toPoint()


def test_the_plane_of_two_sliders_is_drawn_once(panel: LatentMap, session: Session, engine: SynchronousEngine) -> None:
    axes = panel.axes()
    assert axes is not None and [axis.name for axis in axes] == ["Lighter", "Axis 1"]
    (job,) = drawn(engine)
    assert session.edit is not None and job.start is session.edit.latent and job.across is axes[0]
    panel.refresh()
    session.sliding.set(axes[0], 1.0)
    assert len(drawn(engine)) == 1  # the plane is the same, wherever one is on it


def test_a_drag_goes_there_and_leaves_one_undo_step(
    panel: LatentMap, session: Session, engine: SynchronousEngine
) -> None:
    axes, document = panel.axes(), session.document
    assert axes is not None
    QTest.mousePress(panel.field, Qt.MouseButton.LeftButton, pos=at(panel, 0.5, 0))
    job = engine.submitted[-1]
    assert isinstance(job, Transfer) and not job.settle and session.document is document
    QTest.mouseMove(panel.field, at(panel, 0.5, -0.5))
    QTest.mouseRelease(panel.field, Qt.MouseButton.LeftButton, pos=at(panel, 0.5, -0.5))
    assert session.sliding.amount(axes[0].id) == pytest.approx(0.5 * axes[0].limit, abs=0.1)
    assert session.sliding.amount(axes[1].id) == pytest.approx(-0.5 * axes[1].limit, abs=0.1)
    assert session.edit is not None and session.edit.patch is not None
    session.undo()
    assert session.document is document and session.sliding.amount(axes[0].id) == 0


def test_keys_and_a_double_click(panel: LatentMap, session: Session) -> None:
    axes = panel.axes()
    assert axes is not None
    QTest.keyClick(panel.field, Qt.Key.Key_Up)
    assert session.sliding.amount(axes[1].id) == pytest.approx(0.1 * axes[1].limit)
    QTest.mouseDClick(panel.field, Qt.MouseButton.LeftButton, pos=at(panel, 0.9, 0.9))
    assert session.sliding.amount(axes[1].id) == 0 == session.sliding.amount(axes[0].id)


def test_another_axis_is_another_map(panel: LatentMap, engine: SynchronousEngine) -> None:
    panel.across.setCurrentIndex(1)
    panel.across.activated.emit(1)
    assert panel.axes() is None and len(drawn(engine)) == 1  # one axis twice is no plane
    panel.up.setCurrentIndex(0)
    panel.up.activated.emit(0)
    assert len(drawn(engine)) == 2 and drawn(engine)[-1].up.name == "Lighter"


def test_a_blank_map_asks_once_and_not_without_end(panel: LatentMap, qtbot: QtBot) -> None:
    """Painted blank it asks for a sheet; where there can be none, that must not paint it again."""
    asked: list[None] = []
    panel.field.blank.connect(lambda: asked.append(None))
    panel.across.setCurrentIndex(panel.up.currentIndex())
    panel.across.activated.emit(panel.up.currentIndex())
    qtbot.wait(100)
    assert panel.axes() is None and len(asked) < 5 and "two different sliders" in panel._hint.text()


def test_nothing_is_drawn_while_nobody_looks(session: Session, engine: SynchronousEngine) -> None:
    hidden = LatentMap(session)
    assert hidden.axes() is not None and not drawn(engine)


def test_a_new_map_has_named_axes_or_the_leading_ones() -> None:
    def way(name: str, source: str) -> Direction:
        return Direction(name, np.zeros((1, 2), np.float32), "m", source=source, id=name)

    named = (way("a", "named"), way("b", "named"))
    rest = (way("f", "factor of the weights"), way("p", "principal axis"), way("q", "principal axis"))
    assert first_axes((*named, *rest), 2) == ("a", "b")
    assert first_axes(rest, 0) == ("p", "q")
    assert first_axes(named[:1], 1) == ("", "")
