"""Layers rendered: what is untouched stays, what is painted is painted, and pauses are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.document.document import Document
from engine.document.edit import StyleEdit
from engine.document.job import Paint
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.style import Style
from engine.model.vgg19 import Extractor
from engine.paint import render
from engine.paint.refine import Reached
from engine.paint.render import drawn, paint
from engine.paint.studio import Studio
from engine.paint.tensors import to_tensor
from tests.engine.paint.pictures import checks

STROKE = Stroke(StrokeKind.STYLE, np.array([(40, 40, 1), (80, 50, 1)], np.float32), 15)
ERASER = Stroke(StrokeKind.ERASE, np.array([(60, 45, 1)], np.float32), 12)


def rendered(photo: Photo, edit: StyleEdit, studio: Studio) -> StyleEdit:
    """The edit with its patch."""
    steps = list(paint(Paint(ticket=1, photo=photo, below=(), edit=edit), studio))
    assert steps[-1].settled and steps[-1].patch is not None
    return replace(edit, patch=steps[-1].patch)


def test_outside_the_brush_and_under_the_eraser_the_photo_is_untouched(
    photo: Photo, style: Style, studio: Studio
) -> None:
    edit = rendered(photo, StyleEdit((style,), (STROKE, ERASER), whole=False, snap=0), studio)
    changed = (Document(photo, (edit,)).picture() != photo.pixels).any(axis=2)
    y, x = np.mgrid[:90, :130] + 0.5
    along = np.clip(((x - 40) * 40 + (y - 40) * 10) / 1700, 0, 1)
    away = np.hypot(x - 40 - 40 * along, y - 40 - 10 * along)
    assert not changed[away >= 15].any() and not changed[np.hypot(x - 60, y - 45) <= 5].any()
    assert changed[(away < 7) & (np.hypot(x - 60, y - 45) > 12)].mean() > 0.9


def test_a_whole_layer_covers_all_and_keeps_the_depth(style: Style, studio: Studio) -> None:
    photo = Photo(checks(40, 50, dtype=np.uint16))
    edit = rendered(photo, StyleEdit((style,)), studio)
    assert edit.patch is not None and edit.patch.pixels.dtype == np.uint16
    assert (edit.patch.support == 255).all() and (edit.patch.pixels != photo.pixels).mean() > 0.9


def test_while_the_hand_moves_there_is_only_an_overlay(photo: Photo, style: Style, studio: Studio) -> None:
    edit = StyleEdit((style,), (STROKE,), whole=False, snap=0)
    job = Paint(ticket=4, photo=photo, below=(), edit=edit, settle=False, long_side=65)
    last = list(paint(job, studio))[-1]
    assert not last.settled and last.patch is None and last.overlay is not None
    assert last.overlay.shape == (45, 65, 4) and set(np.unique(last.overlay[..., 3])) == {0, 255}
    assert last.overlay[22, 30, 3] == 255 and last.overlay[2, 2, 3] == 0


def test_the_overlay_shows_what_was_there_before(photo: Photo, style: Style, studio: Studio) -> None:
    edit = rendered(photo, StyleEdit((style,), (STROKE,), whole=False, snap=0), studio)
    bare = replace(edit, strokes=())
    last = list(paint(Paint(ticket=2, photo=photo, below=(), edit=bare, settle=False), studio))[-1]
    assert last.overlay is not None and edit.patch is not None
    assert np.array_equal(last.overlay[40:50, 40:60, :3], photo.pixels[40:50, 40:60])
    assert (last.overlay[40:50, 40:60, 3] == 255).all()


def test_a_frame_of_a_morph_is_painted_the_same_way(photo: Photo, style: Style, studio: Studio) -> None:
    edit = rendered(photo, StyleEdit((style,), (STROKE,), whole=False), studio)
    pixels, mask = finished(drawn(photo.pixels, edit, studio, 1.0))
    assert edit.patch is not None
    x, y, (height, width) = edit.patch.x, edit.patch.y, edit.patch.support.shape
    assert np.abs(pixels[y : y + height, x : x + width].astype(int) - edit.patch.pixels).max() <= 1
    assert np.abs(mask[y : y + height, x : x + width] - edit.patch.support / 255).max() < 0.2


def test_a_refined_layer_is_shown_getting_better_and_can_be_taken_as_it_is(
    photo: Photo, style: Style, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it, then a stop a little later, then the rest: nothing is done twice."""
    monkeypatch.setattr(render, "LOOK", 0.0)
    monkeypatch.setattr(render, "DEARER", 0.0)
    begun = []

    def quick(below: np.ndarray, start: np.ndarray, edit: StyleEdit, extractor: Extractor) -> Iterator[Reached]:
        begun.append(True)
        plain = to_tensor(start)
        for done in range(1, 21):
            yield Reached(done / 20, start, plain, plain.lerp(torch.ones_like(plain), done / 20))

    monkeypatch.setattr(render.style, "refined_style", quick)
    half, whole = (StyleEdit((style,), refine=share) for share in (0.5, 1.0))
    steps = list(paint(Paint(ticket=1, photo=photo, below=(), edit=half), studio))
    shown = [step.overlay for step in steps if step.overlay is not None]
    assert len({overlay.mean() for overlay in shown}) > 5 and shown[-1].mean() > shown[0].mean()
    assert steps[-1].refined == 0.5 and any("Refining: 25%" in step.note for step in steps)
    fractions = [step.fraction for step in steps if step.fraction]
    assert fractions == sorted(fractions)
    going = paint(Paint(ticket=2, photo=photo, below=(), edit=whole), studio)
    while "70%" not in next(going).note:
        pass
    going.close()
    kept = list(paint(Paint(ticket=3, photo=photo, below=(), edit=whole, finish=False), studio))[-1]
    assert kept.refined == pytest.approx(0.7) and kept.patch is not None
    done = list(paint(Paint(ticket=4, photo=photo, below=(), edit=whole), studio))[-1]
    assert len(begun) == 1 and done.refined == 1 and done.patch is not None
    assert done.patch.pixels.min() > 240 > kept.patch.pixels.mean()
