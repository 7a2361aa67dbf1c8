"""Reading the entries of a zip file that may have been made to harm.

Nothing is ever written out under a name from the archive, and nothing is unpacked beyond what was announced: names,
counts and announced sizes are checked before any entry is read, and reading stops at the announced size.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter

from engine.document.errors import InputError

MAX_ENTRIES = 20_000

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """The entries of a zip file. data: its bytes. name: what messages call it. allowed: pattern of entry names.

    growth: by how many bytes all entries together may be larger than the file.
    """

    def __init__(self, data: bytes, name: str, allowed: re.Pattern[str], growth: int) -> None:
        """Check the list of entries; raises InputError that names the one that is wrong."""
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except Exception as error:  # the list of entries is hostile too: zipfile raises many kinds on it
            raise InputError(self._damaged("its list of entries is missing or broken")) from error
        self._entries = {entry.filename: entry for entry in entries}
        self._check(entries, allowed, len(data) + growth)

    def __contains__(self, entry: str) -> bool:
        """Whether there is an entry of that name."""
        return entry in self._entries

    def read(self, entry: str, limit: int) -> bytes:
        """The content of an entry of at most `limit` bytes; InputError, naming it, where that cannot be had."""
        info = self._entries.get(entry)
        if info is None:
            raise InputError(self._damaged(f"its entry {entry} is missing"))
        if info.file_size > limit:
            raise InputError(self._damaged(f"its entry {entry} is larger than {limit >> 20:,} MB"))
        try:
            with self._zip.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except MemoryError as error:
            raise InputError(f"{self._name} does not fit into memory: close other programs and try again.") from error
        except Exception as error:  # checksums, lengths, compression: zipfile and zlib raise many kinds
            raise InputError(self._damaged(f"its entry {entry} is broken")) from error
        if len(content) != info.file_size:
            raise InputError(self._damaged(f"its entry {entry} is cut short"))
        return content

    def _check(self, entries: list[zipfile.ZipInfo], allowed: re.Pattern[str], largest: int) -> None:
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > largest:
            raise InputError(self._damaged("it holds more than a document can"))
        for name, count in Counter(entry.filename for entry in entries).items():
            if not allowed.fullmatch(name):
                raise InputError(self._damaged(f"it holds an entry that does not belong there, {name[:80]}"))
            if count > 1:
                raise InputError(self._damaged(f"it holds the entry {name} more than once"))
        for entry in entries:
            if entry.flag_bits & 1 or entry.compress_type not in _PACKINGS:
                raise InputError(self._damaged(f"its entry {entry.filename} is packed in an unknown way"))

    def _damaged(self, reason: str) -> str:
        return f"{self._name} cannot be opened ({reason}): open an older copy or the recovered document instead."
