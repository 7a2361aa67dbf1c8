"""Write the movie of a document's kept states: .mp4, .webm, .gif, .apng, .webp, or a folder of numbered PNGs."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.command import movies, outputs
from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.job import Export
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("document", type=Path, help="the .ganvas document")
    parser.add_argument("--out", type=Path, required=True, help="the movie, by its suffix; without one, a folder")
    parser.add_argument("--fps", type=int, default=Export.fps, help="frames a second (default %(default)s)")
    parser.add_argument(
        "--size", type=int, default=Export.long_side, help="longest side in pixels (default %(default)s)"
    )
    parser.add_argument("--ping-pong", action="store_true", help="run back to the first state")
    parser.add_argument("--once", action="store_true", help="a GIF, APNG or WebP that does not repeat")
    parser.add_argument("--lossless", action="store_true", help="a WebP that keeps every value")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Read, draw, write."""
    from engine.document.store import load

    if not 1 <= arguments.size <= 16_384:
        raise InputError(f"--size {arguments.size} cannot be made: choose from 1 to 16384 pixels.")
    outputs.require_movie(arguments.out)
    movie = movies.Movie(
        arguments.out, arguments.fps, arguments.size, not arguments.once, arguments.ping_pong, arguments.lossless
    )
    facts = movies.exported(load(arguments.document), movie, steps, report)
    report.done(movies.told(facts), **facts)
