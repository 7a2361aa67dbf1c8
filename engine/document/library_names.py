"""Names: the lines of the library, and which of them somebody means who writes a name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One line of the library. kind: `style` or `texture`. own: whether it is the user's, to rename and remove."""

    id: str
    kind: str
    name: str
    artist: str
    year: str
    path: Path
    own: bool
    favourite: bool = False

    def told(self) -> str:
        """The name, and whose it is where that is known."""
        origin = ", ".join(filter(None, (self.artist, self.year)))
        return f"{self.name} ({origin})" if origin else self.name


def key(text: str) -> str:
    """Small letters and digits without accents, words apart by one space."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain.replace("_", " ")))


def searchable(entry: Entry) -> str:
    """The words an entry is found by."""
    return key(f"{entry.name} {entry.artist} {entry.year} {entry.id}")


def is_same(wanted: str, entry: Entry) -> bool:
    """Whether `wanted` (a key) is the entry's name or id."""
    return wanted in (key(entry.name), key(entry.id))


def is_beginning(wanted: str, entry: Entry) -> bool:
    """Whether the entry's name or id begins with `wanted`."""
    return key(entry.name).startswith(wanted) or key(entry.id).startswith(wanted)


def has_words(wanted: str, entry: Entry) -> bool:
    """Whether every word of `wanted` is the beginning of one of the entry's."""
    words = searchable(entry).split()
    return all(any(word.startswith(part) for word in words) for part in wanted.split())


def listed(entries: Iterable[Entry]) -> str:
    """The names, and how many more there are where they are many."""
    names = [entry.name for entry in entries]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def unknown(name: str, kind: str, there: Iterable[Entry]) -> str:
    """That there is no such name, and what comes near it; else what there is."""
    there = list(there)
    if not there:
        return f"there is no {kind} called {name!r}: the library has none."
    by_word: dict[str, list[Entry]] = {}
    for entry in there:
        for word in (*searchable(entry).split(), key(entry.name)):
            by_word.setdefault(word, []).append(entry)
    written = (key(name), *key(name).split())
    close = [word for part in written for word in difflib.get_close_matches(part, by_word, 3, 0.75)]
    near = list(dict.fromkeys(entry for word in close for entry in by_word[word]))
    if near:
        return f"there is no {kind} called {name!r}: did you mean {listed(near)}?"
    return f"there is no {kind} called {name!r}; there is: {listed(there)}."
