"""The commands and their options, as argparse knows them."""

from __future__ import annotations

import argparse
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from engine.command import bench, edit, invert, models, morph, project, replay, stylize, texture, train
from engine.document.errors import InputError

COMMANDS = {
    "models": models, "project": project, "edit": edit, "stylize": stylize, "texture": texture, "morph": morph,
    "replay": replay, "invert": invert, "train": train, "bench": bench,
}  # fmt: skip
"""Each module has `options(parser)`, which declares its options, and `run(arguments, steps, report)`."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Shows the modules' docstrings as they are written."""


def parse(argv: list[str]) -> argparse.Namespace:
    """The arguments of a command; InputError where they are none. --help and --version print and exit."""
    top = _Parser(
        prog="ganvas",
        description="Edit photos so that they stay plausible. Without a command the editor opens, with PHOTO if given.",
        usage="ganvas [PHOTO | DOCUMENT.ganvas]\n       ganvas COMMAND ... (see ganvas COMMAND --help)",
    )
    top.add_argument("--version", action="version", version=f"ganvas {_version()}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        text = module.__doc__ or ""
        options = commands.add_parser(
            name, prog=f"ganvas {name}", help=text.partition("\n")[0], description=text, formatter_class=_Formatter
        )
        module.options(options)
        options.add_argument("--json", action="store_true", help="print what was made as one JSON object")
        options.set_defaults(run=module.run)
    return top.parse_args(argv)


def _version() -> str:
    try:
        return version("ganvas")
    except PackageNotFoundError:
        return "(not installed)"
