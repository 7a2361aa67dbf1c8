"""Library: the styles and textures at hand, those the program ships and the user's own, by name.

Each is a file (see library_files) in one of two folders, `resources/styles` and the user's. The list is made from the
files' headers; arrays and pictures are read when they are asked for. What cannot be read is left out and named in
`warnings`: one damaged file spoils nothing. The user's folder also holds `favourites.json`, a list of ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import msgspec
import numpy as np

from engine.document import library_files
from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_files import read_bytes
from engine.document.library_files import STYLE, SUFFIX, TEXTURE, Heading
from engine.document.library_names import Entry, has_words, is_beginning, is_same, key, listed, searchable, unknown
from engine.document.style import Style
from engine.document.texture import Texture
from resources import ROOT

FOLDER: Final = "library"
"""Within the folder of the user's data."""

SHIPPED: Final = ROOT / "styles"
FAVOURITES: Final = "favourites.json"
SWATCH: Final = 128
"""Pixels a side."""

MAX_FAVOURITES = 1 << 20  # bytes


def builtin() -> tuple[Style, ...]:
    """The styles that the program ships, by name."""
    return tuple(style for path in sorted(_files(SHIPPED)) if isinstance(style := library_files.read(path), Style))


class Library:
    """What is in the user's `folder` (made when it is first needed) and in `shipped`.

    warnings: one line for each file that was left out when the folders were last read.
    """

    def __init__(self, folder: Path, shipped: Path = SHIPPED) -> None:
        self.folder, self._shipped = folder, shipped
        self.warnings: tuple[str, ...] = ()
        self._entries: dict[str, Entry] = {}
        self.refresh()

    # Looking

    def refresh(self) -> None:
        """Read the folders again."""
        warnings: list[str] = []
        favourites = _favourites(self.folder / FAVOURITES, warnings)
        found: dict[str, Entry] = {}
        for folder, own in ((self._shipped, False), (self.folder, True)):
            for path in sorted(_files(folder)):
                try:
                    entry = _entry(library_files.heading(path), path, own, favourites)
                    if entry.id in found:
                        raise InputError(f"{path.name} is left out: it is the same as {found[entry.id].path.name}.")
                    found[entry.id] = entry
                except InputError as error:
                    warnings.append(str(error))
        self._entries = dict(sorted(found.items(), key=lambda item: (key(item[1].name), item[0])))
        self.warnings = tuple(warnings)

    def entries(self, words: str = "", kind: str = "", favourites: bool = False) -> tuple[Entry, ...]:
        """What is there, by name: with all of `words` in name, artist, year or id; of one kind; the favourites only."""
        wanted = key(words).split()
        return tuple(
            entry for entry in self._entries.values()
            if (not kind or entry.kind == kind) and (entry.favourite or not favourites)
            and all(word in searchable(entry) for word in wanted)
        )  # fmt: skip

    def find(self, name: str, kind: str = "") -> Entry:
        """The entry of that id or name, or the only one it is the beginning of (of the name, or of words in order).

        Case, accents and punctuation do not matter. Raises InputError that lists what comes near, or what is there.
        """
        if name in self._entries and kind in ("", self._entries[name].kind):
            return self._entries[name]
        there, wanted = self.entries(kind=kind), key(name)
        for fits in (is_same, is_beginning, has_words):
            hits = [entry for entry in there if wanted and fits(wanted, entry)]
            if len(hits) == 1:
                return hits[0]
            if hits:
                raise InputError(f"{name!r} may mean {listed(hits)}: write more of the name.")
        raise InputError(unknown(name, kind or "style or texture", there))

    def style(self, name: str) -> Style:
        """The style of that name or id; InputError as `find`, or where its file is damaged."""
        found = self._read(self.find(name, STYLE))
        assert isinstance(found, Style)
        return found

    def texture(self, name: str) -> Texture:
        """The texture of that name or id; InputError as `find`, or where its file is damaged."""
        found = self._read(self.find(name, TEXTURE))
        assert isinstance(found, Texture)
        return found

    def swatch(self, id: str) -> np.ndarray:
        """HxWx3 uint8, about SWATCH pixels a side. Raises InputError where its file is gone or damaged."""
        return library_files.swatch(self.entry(id).path)

    def _read(self, entry: Entry) -> Style | Texture:
        item = library_files.read(entry.path)
        if isinstance(item, Style) != (entry.kind == STYLE):
            raise InputError(f"{entry.path.name} was changed meanwhile: read the library again.")
        return item

    def entry(self, id: str) -> Entry:
        """The entry of that very id; InputError where it is gone."""
        if id not in self._entries:
            raise InputError("that is not in the library any more: it was removed meanwhile.")
        return self._entries[id]

    # Changing what is the user's

    def add(self, item: Style | Texture, swatch: np.ndarray | None = None) -> Entry:
        """Keep a style or texture as the user's own; one of the same id is replaced.

        swatch: HxWx3 uint8; the middle of the exemplar where none is given. Raises InputError where it cannot be
        written, and for the id of a shipped style.
        """
        old = self._entries.get(item.id)
        if old is not None and not old.own:
            raise InputError(f"{old.name} comes with the program and is in the library already.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"the library's folder cannot be made ({error.strerror}): choose another.") from error
        path = old.path if old is not None else self._free_path(item)
        library_files.write(item, path, _square(swatch if swatch is not None else item.exemplar))
        self.refresh()
        return self.entry(item.id)

    def take(self, path: Path) -> Entry:
        """Keep a copy of a file of the library's kind, somebody else's for instance. Raises InputError as `add`."""
        return self.add(library_files.read(path), library_files.swatch(path))

    def remove(self, id: str) -> None:
        """Delete one of the user's own. Raises InputError for a shipped one, or where it cannot be deleted."""
        entry = self._own(id)
        try:
            entry.path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{entry.name} could not be removed ({error.strerror}).") from error
        if entry.favourite:
            self.set_favourite(id, False)
        self.refresh()

    def rename(self, id: str, name: str) -> Entry:
        """Give one of the user's own another name. Raises InputError for an empty name and for a shipped one."""
        entry = self._own(id)
        if not name.strip():
            raise InputError("a name needs at least one letter.")
        library_files.write(replace(self._read(entry), name=name), entry.path, library_files.swatch(entry.path))
        self.refresh()
        return self.entry(id)

    def set_favourite(self, id: str, favourite: bool) -> None:
        """Mark or unmark one of them. Raises InputError where that cannot be written."""
        kept = {entry.id for entry in self._entries.values() if entry.favourite} - {id}
        ids = sorted(kept | {self.entry(id).id} if favourite else kept)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"the library's folder cannot be made ({error.strerror}): choose another.") from error
        with replacing(self.folder / FAVOURITES) as temporary:
            temporary.write_bytes(msgspec.json.encode(ids))
        self._entries[id] = replace(self._entries[id], favourite=favourite)

    def _own(self, id: str) -> Entry:
        entry = self.entry(id)
        if not entry.own:
            raise InputError(f"{entry.name} comes with the program: only your own can be changed or removed.")
        return entry

    def _free_path(self, item: Style | Texture) -> Path:
        """A file name that people recognise and nothing has yet."""
        stem = re.sub(r"[^a-z0-9]+", "-", key(item.name)).strip("-")[:40] or "untitled"
        return self.folder / f"{stem}-{item.id[:12]}{SUFFIX}"


def _files(folder: Path) -> Iterable[Path]:
    with suppress(OSError):
        return [path for path in folder.iterdir() if path.suffix == SUFFIX and not path.name.startswith(".")]
    return []


def _entry(found: Heading, path: Path, own: bool, favourites: Iterable[str]) -> Entry:
    return Entry(found.id, found.kind, found.name, found.artist, found.year, path, own, found.id in favourites)


def _favourites(path: Path, warnings: list[str]) -> frozenset[str]:
    """The ids in the file; none where there is no sound one."""
    if not path.exists():
        return frozenset()
    try:
        return frozenset(msgspec.json.decode(read_bytes(path, MAX_FAVOURITES), type=list[str]))
    except (InputError, msgspec.MsgspecError, RecursionError) as error:
        warnings.append(str(InputError(f"the favourites are forgotten ({error})")))
        return frozenset()


def _square(pixels: np.ndarray | None) -> np.ndarray:
    """The middle of a picture, SWATCH pixels a side; grey where there is none."""
    if pixels is None:
        return np.full((SWATCH, SWATCH, 3), 128, np.uint8)
    side = min(pixels.shape[:2])
    y, x = (pixels.shape[0] - side) // 2, (pixels.shape[1] - side) // 2
    method = cv2.INTER_AREA if side > SWATCH else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(pixels[y : y + side, x : x + side]), (SWATCH, SWATCH), interpolation=method)
