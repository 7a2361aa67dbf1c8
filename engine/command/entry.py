"""Entry: decides between the editor and a command, and turns errors into lines and exit codes."""

from __future__ import annotations

import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from engine.command.parser import COMMANDS, parse
from engine.command.report import Report
from engine.document.errors import InputError
from engine.run.process import prepare
from engine.run.steps import OpenManifold, Steps

DONE, FAILED, UNUSABLE = 0, 1, 2


def main(argv: Sequence[str] | None = None, open_manifold: OpenManifold | None = None) -> int:
    """Run the command line `argv` (the program's own by default); returns the exit code.

    open_manifold: how commands open manifolds, the installed packs by default.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if asks_for_editor(words):
            return open_editor(words)
        arguments = parse(words)
        prepare()
        arguments.run(arguments, Steps(open_manifold), Report(arguments.json))
        return DONE
    except InputError as error:
        print(f"ganvas: {error}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("ganvas: stopped", file=sys.stderr)
        return FAILED
    except Exception:  # noqa: BLE001  the exit code is the same for every fault of ours
        traceback.print_exc()
        return FAILED


def asks_for_editor(words: list[str]) -> bool:
    """Whether it is nothing, or a file, that was given; InputError for a word that is no command and no file."""
    if not words:
        return True
    if words[0] in COMMANDS or words[0].startswith("-"):
        return False
    if not Path(words[0]).exists():
        raise InputError(f"{words[0]} is no file and no command: the commands are {', '.join(COMMANDS)}.")
    if len(words) > 1:
        raise InputError(f"the editor opens one file at a time: leave out {' '.join(words[1:])}.")
    return True


def open_editor(words: list[str]) -> int:
    """Run the editor until it is closed. It is a program of its own, so it is run and not imported."""
    sys.argv = ["ganvas", *words]
    try:
        runpy.run_module("editor", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("PySide6", "shiboken6"):
            raise
        raise InputError(f"the window needs Qt ({error}): run `make setup`, or use a command.") from error
    return DONE
