"""The history: a pointer over shared states, groups, and a budget in bytes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from editor.history import Entry, History, Owes, Wall
from engine.document.document import Document
from engine.document.edit import ManifoldEdit, Patch, TextureEdit
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.texture import Texture


def document(value: int = 0) -> Document:
    """A small photo with one edit whose patch is of that value."""
    latent = Latent(np.full((2, 3), value), "faces")
    patch = Patch(0, 0, np.full((8, 8, 3), value, np.uint8), np.full((8, 8), 255, np.uint8))
    edit = ManifoldEdit(Frame(5, 5, 8), latent, latent, patch=patch, id="face")
    return Document(Photo(np.zeros((10, 10, 3), np.uint8)), (edit,))


def test_undo_and_redo_give_back_the_very_same_states() -> None:
    """n times undo and n times redo come back to the same object, and the ends hold."""
    history = History(Entry("Open", document()))
    entries = [Entry(f"step {i}", document(i)) for i in range(5)]
    for entry in entries:
        history.push(entry)
    assert history.undo_label == "step 4" and history.redo_label == ""
    for entry in reversed(entries):
        assert history.entry is entry
        assert history.undo()
    assert not history.undo() and history.undo_label == "" and history.redo_label == "step 0"
    for entry in entries:
        assert history.redo()
        assert history.entry is entry
    assert not history.redo()


def test_a_new_state_drops_what_was_undone() -> None:
    """There is one line of time."""
    history = History(Entry("Open", document()))
    history.push(Entry("a", document(1)))
    history.undo()
    history.push(Entry("b", document(2)))
    assert not history.redo()
    assert history.undo_label == "b"


def test_states_of_one_gesture_are_one_step() -> None:
    """The later of a group replaces the earlier, until the gesture ends."""
    history = History(Entry("Open", document()))
    for value in (1, 2, 3):
        history.push(Entry("Realism", document(value), group="realism"))
    history.end_gesture()
    history.push(Entry("Realism", document(4), group="realism"))
    history.undo()
    assert history.entry.document.edits[0].latent.values[0, 0] == 3
    history.undo()
    assert history.entry.label == "Open"


def test_shared_arrays_count_once_and_the_oldest_go_first() -> None:
    """Five states of one photo cost one photo; over the budget the oldest states go, the newest stays."""
    first = document(1)
    history = History(Entry("Open", first))
    alone = history.bytes()
    for i in range(5):
        history.push(Entry(f"opacity {i}", first.with_edit(replace(first.edits[0], opacity=0.1 * i))))
    assert history.bytes() == alone
    tight = History(Entry("Open", document()), budget=alone)
    for i in range(3):
        tight.push(Entry(f"step {i}", document(i)))
    assert tight.entry.label == "step 2" and not tight.undo()


def test_an_answer_completes_every_state_that_shares_the_edit() -> None:
    """A state kept while the answer was under way gets it too; one where the edit had changed keeps its debt."""
    first = document(1)
    old = first.edits[0]
    history = History(Entry("Open", first, "face"))
    history.push(Entry("Stroke", first, "face", {"face": Owes.SOLUTION}))
    other = first.with_edit(replace(old, opacity=0.5))
    history.push(Entry("Opacity", other, "face", {"face": Owes.SOLUTION}))
    new = replace(old, latent=Latent(np.full((2, 3), 9), "faces"))
    history.complete(old, new, Wall())
    assert history.entry.owes == {"face": Owes.SOLUTION}
    history.undo()
    assert history.entry.owes == {} and history.entry.document.edits == (new,)


def test_a_stroke_on_a_large_layer_costs_the_tiles_it_touches() -> None:
    """Not another patch of the whole photo: the rest is held in common."""
    photo = Photo(np.zeros((1024, 1024, 3), np.uint8))
    pixels, cover = np.full((1024, 1024, 3), 9, np.uint8), np.full((1024, 1024), 255, np.uint8)
    patch = Patch(0, 0, pixels, cover)
    layer = TextureEdit(Texture("t", np.zeros((8, 8, 3), np.uint8)), whole=True, patch=patch)
    history = History(Entry("Open", Document(photo, (layer,))))
    before = history.bytes()
    for stroke in range(8):
        cover[100 + stroke, 300:400] = 0
        patch = Patch(0, 0, pixels, cover).sharing(patch)
        history.push(Entry("Erase", Document(photo, (replace(layer, patch=patch),))))
    assert history.bytes() - before == 8 * 256 * 256  # each time the support of one tile
