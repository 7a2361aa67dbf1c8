"""Locks between programs: who works in a folder says so, and no other works there meanwhile.

They are the system's own locks of a file, which go with the process that holds them: one that was killed leaves none
behind, and there is nothing to find out about whether it still lives.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from engine.document.errors import InputError

LOCK = "at-work.lock"

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(folder: Path, otherwise: str) -> Iterator[None]:
    """Be the only one at work in the folder, which is made where it is not there, and does not stay if it stays empty.

    InputError(otherwise) where another program, or another part of this one, is.
    """
    try:
        file = _locked(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written to ({error.strerror}): choose another folder.") from error
    if file is None:
        raise InputError(otherwise)
    try:
        yield
    finally:
        _release(folder, file)


def busy(folder: Path) -> bool:
    """Whether somebody is at work there."""
    try:
        with (folder / LOCK).open("r+b") as file:
            try:
                _take(file)
            except OSError:
                return True
    except OSError:  # there is no such file
        pass
    return False


def _locked(folder: Path) -> IO[bytes] | None:
    """The file, locked; None where another has it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("ab")
        try:
            _take(file)
        except OSError:
            file.close()
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), (folder / LOCK).stat()):
                return file
        file.close()  # whoever had it before has just taken the file away: another may have made a new one


def _release(folder: Path, file: IO[bytes]) -> None:
    if sys.platform == "win32":  # where an open file cannot be removed
        file.close()
    with suppress(OSError):
        (folder / LOCK).unlink()
    file.close()
    with suppress(OSError):
        folder.rmdir()
