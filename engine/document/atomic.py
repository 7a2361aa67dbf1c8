"""Atomic writing: a file on the disk is the old one or the whole new one, never something between.

Everything that Ganvas saves goes through `replacing`: the new bytes are written next to the old file under a
temporary name with the same suffix, flushed to the disk, and only then moved over it.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.document.errors import InputError

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or save in another place",
    errno.EDQUOT: "your share of the disk is used up; free some space or save in another place",
    errno.EFBIG: "the file would be larger than this disk or account allows; save in another place",
    errno.EACCES: "you may not write there; save in another folder",
    errno.EPERM: "you may not write there; save in another folder",
    errno.EROFS: "that disk can only be read; save in another place",
    errno.ENOENT: "its folder does not exist; choose one that does",
    errno.ENOTDIR: "its folder is a file; choose another folder",
    errno.EISDIR: "that name is a folder; choose another name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write the new file to; on leaving the block it takes the place of `path` at once.

    The temporary file lies in the same folder and has the same suffix. Whatever goes wrong in the block, it is
    removed and the old file is left as it was. An OSError, a full disk say, becomes an InputError that says what to
    do; any other exception passes. A link is followed, and the old file's permissions are kept.
    """
    shown = path.name or str(path)
    try:
        target = Path(os.path.realpath(path))
        temporary = target.with_name(f".{target.stem[:80]}.{uuid.uuid4().hex[:8]}{target.suffix}")
        _refuse_folder_or_protected(target)
    except (OSError, ValueError) as error:
        raise InputError(_message(shown, error)) from error
    try:
        yield temporary
        _take_place(temporary, target)
    except OSError as error:
        raise InputError(_message(shown, error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _refuse_folder_or_protected(target: Path) -> None:
    """Refuse before any work is done what could not be replaced at the end."""
    if target.is_dir():
        raise OSError(errno.EISDIR, "is a folder")
    if target.exists() and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "is write-protected")
    if not target.parent.exists():
        raise OSError(errno.ENOENT, "no such folder")


def _take_place(temporary: Path, target: Path) -> None:
    """Flush `temporary` to the disk and move it over `target`."""
    with temporary.open("r+b") as file:
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, temporary)
    temporary.replace(target)
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system can flush a folder."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _message(name: str, error: Exception) -> str:
    """What could not be written, why, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    reason = _ADVICE.get(number or 0, f"{error}; save in another place")
    return f"{name} could not be saved: {reason}."
