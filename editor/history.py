"""History: the states an artist can go back to, as a list with a pointer. Undo moves the pointer and solves nothing.

Documents share what they have in common, so an entry costs only its own new arrays. The budget counts each array
once, however many entries hold it; the oldest entries go when it is passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import IntEnum
from typing import TypeGuard
from weakref import WeakKeyDictionary

import numpy as np

from editor.debts import Edits, Swap
from engine.document.document import Document
from engine.document.edit import Edit, ManifoldEdit, StyleEdit, TextureEdit
from engine.document.job import Candidate
from engine.document.patch import Patch
from engine.document.sequence import EditSequence
from engine.document.style import Style
from engine.document.texture import Texture

BUDGET = 2 << 30


class Owes(IntEnum):
    """What an edit still waits for. The larger answer contains the smaller one."""

    PATCH = 1  # the change must be rendered at full size
    SOLUTION = 2  # the strokes must be obeyed, then rendered


@dataclass(frozen=True, eq=False)
class Wall:
    """The answers to the last stroke, best first, and which of them was taken."""

    candidates: tuple[Candidate, ...] = ()
    chosen: int = 0


@dataclass(frozen=True, eq=False)
class Entry:
    """One state. label: what led to it. current: id of the edit being worked on.

    owes and walls are by edit id. group: entries of one gesture have one name that is not empty, and the later
    replaces the earlier.
    """

    label: str
    document: Document
    current: str | None = None
    owes: Mapping[str, Owes] = field(default_factory=dict)
    walls: Mapping[str, Wall] = field(default_factory=dict)
    group: str = ""

    def edit(self) -> Edit | None:
        """The edit being worked on."""
        return None if self.current is None else self.document.edit(self.current)

    def wall(self) -> Wall:
        """The candidates of the edit being worked on."""
        return self.walls.get(self.current or "", Wall())

    def debt(self) -> tuple[str, Owes] | None:
        """The edit that is to be answered next, and what it waits for.

        Of faces the current one comes first. Layers come after them from the lowest up, since each is painted over what
        is below it, and hidden ones wait until they are shown.
        """
        faces = sorted((e.id for e in self.document.manifold_edits), key=lambda id: id != self.current)
        layers = [e.id for e in self.document.edits if e.visible and not isinstance(e, ManifoldEdit)]
        waiting = [id for id in (*faces, *layers) if id in self.owes]
        return (waiting[0], self.owes[waiting[0]]) if waiting else None


class History:
    """Entries in order of time and the pointer to the one on the screen."""

    def __init__(self, first: Entry, budget: int = BUDGET) -> None:
        self._entries = [first]
        self._at = 0
        self._budget = budget
        self._sizes: WeakKeyDictionary[Entry, dict[int, int]] = WeakKeyDictionary()

    @property
    def entry(self) -> Entry:
        """The state on the screen."""
        return self._entries[self._at]

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return self.entry.label if self._at > 0 else ""

    @property
    def redo_label(self) -> str:
        """What redo would bring back; empty when there is nothing."""
        return self._entries[self._at + 1].label if self._at + 1 < len(self._entries) else ""

    def push(self, entry: Entry) -> None:
        """Make `entry` the newest state; what had been undone is gone."""
        del self._entries[self._at + 1 :]
        if entry.group and entry.group == self.entry.group and self._at > 0:
            self._entries[self._at] = entry
        else:
            self._entries.append(entry)
            self._at += 1
        self._trim()

    def amend(self, **changes: object) -> None:
        """Complete the state on the screen with an answer that was still owed to it."""
        self._entries[self._at] = replace(self.entry, **changes)  # type: ignore[arg-type]
        self._trim()

    def complete(self, old: Edit, new: Edit, wall: Wall | None) -> None:
        """Put the answered edit in the place of `old` in every state and keyframe that holds that very edit.

        A state where the edit has changed since keeps its own debt. Layers above it owe a new patch in its place.
        wall: the candidates that came with the answer.
        """
        swap = Swap(old, new)
        self._entries = [_completed(entry, new.id, swap, wall) for entry in self._entries]
        self._trim()

    def relearn(self, item: Texture | Style) -> None:
        """Put a texture or style that has learned more in the place of that of its id, in every state and keyframe."""
        renewed: dict[Edit, Edit] = {}

        def better(edits: Edits) -> Edits:
            for edit in edits:
                if paints_with(edit, item.id) and edit not in renewed:
                    renewed[edit] = _renewed(edit, item)
            return tuple(renewed.get(edit, edit) for edit in edits)

        self._entries = [replace(e, document=_with_edits(e.document, better)) for e in self._entries]
        self._trim()

    def holds(self, id: str) -> bool:
        """Whether any state still has a layer of the texture or style of that id."""
        return any(paints_with(edit, id) for entry in self._entries for edit in entry.document.edits)

    def end_gesture(self) -> None:
        """Close the group of the newest entry, so that the next gesture makes an entry of its own."""
        self.amend(group="")

    def undo(self) -> bool:
        """Go one state back; False when there is none."""
        if self._at == 0:
            return False
        self._at -= 1
        return True

    def redo(self) -> bool:
        """Go one state forward; False when there is none."""
        if self._at + 1 == len(self._entries):
            return False
        self._at += 1
        return True

    def bytes(self) -> int:
        """Bytes of all distinct arrays held."""
        held: dict[int, int] = {}
        for entry in self._entries:
            held |= self._sizes_of(entry)
        return sum(held.values())

    def _sizes_of(self, entry: Entry) -> dict[int, int]:
        """Bytes of the entry's arrays by their identity; entries never change, so it is counted once."""
        if entry not in self._sizes:
            self._sizes[entry] = {}
            for value in arrays(entry):
                self._sizes[entry] |= _sizes(value)
        return self._sizes[entry]

    def _trim(self) -> None:
        while self._at > 0 and self.bytes() > self._budget:
            del self._entries[0]
            self._at -= 1


def _completed(entry: Entry, id: str, swap: Swap, wall: Wall | None) -> Entry:
    edits, owing = swap.stack(entry.document.edits)
    answered = edits is not entry.document.edits
    document = _with_edits(entry.document, lambda stack: swap.stack(stack)[0])
    if document is not entry.document:
        entry = replace(entry, document=document)
    if not answered:
        return entry
    owes = {other: owed for other, owed in entry.owes.items() if other != id}
    owes |= {other: max(Owes.PATCH, owes.get(other, Owes.PATCH)) for other in owing}
    walls = entry.walls if wall is None else {**entry.walls, id: wall}
    return replace(entry, owes=owes, walls=walls)


def paints_with(edit: Edit, id: str) -> TypeGuard[StyleEdit | TextureEdit]:
    """Whether a layer paints with the texture or the style of that id."""
    if isinstance(edit, StyleEdit):
        return any(style.id == id for style in edit.styles)
    return isinstance(edit, TextureEdit) and edit.texture.id == id


def _renewed(edit: Edit, item: Texture | Style) -> Edit:
    """The layer with `item` in the place of what it had of that id."""
    if isinstance(edit, StyleEdit) and isinstance(item, Style):
        found = {"fitted": item.fitted, "fitted_to": item.fitted_to}  # a network that it was given since stays
        styles = (replace(style, **found) if style.id == item.id else style for style in edit.styles)  # type: ignore
        return replace(edit, styles=tuple(styles))
    return replace(edit, texture=item) if isinstance(edit, TextureEdit) and isinstance(item, Texture) else edit


def _with_edits(document: Document, change: Callable[[Edits], Edits]) -> Document:
    """The document with its edits and those of its keyframes changed; itself where nothing was."""
    keyframes = tuple(
        k if (edits := change(k.edits)) == k.edits else replace(k, edits=edits) for k in document.sequence.keyframes
    )
    edits = change(document.edits)
    if edits == document.edits and keyframes == document.sequence.keyframes:
        return document
    return replace(document, edits=edits, sequence=EditSequence(keyframes))


def arrays(value: object) -> Iterator[np.ndarray | bytes | Patch]:
    """Every array, byte string and patch reachable from a frozen value."""
    if isinstance(value, (np.ndarray, bytes, Patch)):
        yield value
    elif isinstance(value, (tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from arrays(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from arrays(getattr(value, each.name))


_tiles: WeakKeyDictionary[Patch, dict[int, int]] = WeakKeyDictionary()  # a patch never changes: it is counted once


def _sizes(value: np.ndarray | bytes | Patch) -> dict[int, int]:
    """Bytes of what the value holds, by identity."""
    if isinstance(value, np.ndarray):
        return {id(value): value.nbytes}
    if isinstance(value, bytes):
        return {id(value): len(value)}
    if value not in _tiles:
        held = [array for tile in value.tiles.values() for array in (tile.pixels, tile.support)]
        _tiles[value] = {id(array): array.nbytes for array in held}
    return _tiles[value]
