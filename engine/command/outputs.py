"""Outputs: what can be known to go wrong with the files to write is said before the work, not after it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.document.errors import InputError
from engine.document.image_encoding import ENCODERS


def require_picture(path: Path) -> None:
    """InputError where no picture can be written there."""
    _require(path, tuple(ENCODERS))


def require_document(path: Path | None) -> None:
    """InputError where no document can be written there; None is fine."""
    if path is not None:
        _require(path, (".ganvas",))


def require_movie(path: Path | None) -> None:
    """InputError where no movie can be written there; None is fine."""
    from engine.animate.movie import SUFFIXES

    if path is not None and not path.is_dir():
        _require(path, ("", *SUFFIXES))


def _require(path: Path, suffixes: Iterable[str]) -> None:
    if path.suffix.lower() not in suffixes:
        named = [suffix or "nothing (a folder)" for suffix in suffixes]
        raise InputError(f"{path.name} cannot be written: end its name in {', '.join(named)}.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path.name} cannot be written: its folder {path.parent} does not exist; make it first.")
