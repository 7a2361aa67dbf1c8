"""Debts: which layers must be painted anew because what lies below them looks different.

A layer is painted over what is below it, so a change there makes its patch old. Such a layer is put into the new state
as a copy of its own: the states before keep theirs, whose patches are right for them, and undo paints nothing anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.document.document import Document
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, StyleEdit, TextureEdit, blend_of
from engine.document.stroke import StrokeKind

Edits = tuple[Edit, ...]
Look = tuple[int, float, str] | None
PAINTS = (StrokeKind.STYLE, StrokeKind.TEXTURE)
ERASES = (StrokeKind.ERASE, StrokeKind.PROTECT)


def look(edit: Edit) -> Look:
    """What of the edit is seen, comparable; None where nothing is."""
    seen = edit.visible and edit.opacity > 0 and edit.patch is not None
    return (id(edit.patch), edit.opacity, blend_of(edit).value) if seen else None


def looks(edits: Sequence[Edit]) -> tuple[Look, ...]:
    """What of a stack is seen, from the lowest up."""
    return tuple(seen for seen in map(look, edits) if seen is not None)


def needs_below(edit: Edit) -> bool:
    """Whether what the edit paints depends on what lies below it."""
    if isinstance(edit, TextureEdit):
        return edit.match_color > 0 or edit.snap > 0 or edit.refine > 0
    return isinstance(edit, (StyleEdit, FusionEdit))


def is_bare(layer: Layer) -> bool:
    """Whether the layer has nothing to paint: it does not cover the photo, and no stroke that counts paints it."""
    return not layer.whole and not any(s.visible and s.kind in PAINTS for s in layer.strokes)


def unpainted(document: Document) -> frozenset[str]:
    """The layers that are shown and have something to paint, but no patch."""
    layers = [e for e in document.edits if not isinstance(e, ManifoldEdit)]
    return frozenset(e.id for e in layers if e.visible and e.patch is None and not is_bare(e))


def renewed(layer: Edit) -> Edit:
    """A copy that waits for its patch; a hidden layer loses its own, and gets another when it is shown."""
    return replace(layer) if layer.visible else replace(layer, patch=None)


def freshened(before: Edits, after: Edits) -> tuple[Edits, frozenset[str]]:
    """The stack `after` with its old layers renewed, and the ids of those that owe a patch.

    Only layers that are the very same in both are looked at: whoever changed another says what it owes.
    """
    were = {edit: looks(before[:i]) for i, edit in enumerate(before)}
    fresh, owing = [], set()
    for i, edit in enumerate(after):
        if needs_below(edit) and edit.patch is not None and were.get(edit, looks(after[:i])) != looks(after[:i]):
            fresh.append(renewed(edit))
            owing |= {edit.id} if edit.visible else set()
        else:
            fresh.append(edit)
    return tuple(fresh), frozenset(owing)


class Swap:
    """An edit, or an answered one in its place, in one stack after another; what lies above it is renewed.

    Stacks that agreed share the renewed layers too, so that one answer completes them all.
    """

    def __init__(self, old: Edit, new: Edit) -> None:
        self._old, self._new = old, new
        self._changes = look(old) != look(new)
        self._renewed: dict[tuple[Edit, tuple[Look, ...]], Edit] = {}

    def stack(self, edits: Edits) -> tuple[Edits, frozenset[str]]:
        """The stack with the answered edit, and the ids of layers that now owe a patch."""
        if self._old not in edits:
            return edits, frozenset()
        swapped: list[Edit] = []
        owing = set()
        for edit in edits:
            above = any(e is self._new for e in swapped)
            if edit is self._old:
                swapped.append(self._new)
            elif above and self._changes and needs_below(edit) and edit.patch is not None:
                swapped.append(self._renewed.setdefault((edit, looks(swapped)), renewed(edit)))
                owing |= {edit.id} if edit.visible else set()
            else:
                swapped.append(edit)
        return tuple(swapped), frozenset(owing)
