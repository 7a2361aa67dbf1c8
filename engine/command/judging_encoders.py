"""Judging for `ganvas bench`: which way of teaching a manifold's encoder reads unseen pictures best."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.run.steps import Steps

LEAST = 40
"""Pictures, of which two are held out."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--encoders", metavar="MANIFOLD", help="teach encoders for a manifold of one's own in several "
                        "ways, and measure each on pictures held out; needs --photos, the folder that it was trained "
                        "on")  # fmt: skip
    parser.add_argument("--ways", nargs="+", metavar="WAY", help="such as pairs, pairs+again, pairs+reversal, "
                        "pairs+joint, again+reversal")  # fmt: skip
    parser.add_argument("--steps", type=int, default=600, help="that each encoder learns (default %(default)s)")


def encoders(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """The table, and encoders.png in --out: held-out pictures, the average one, and what each encoder reads of them."""
    from engine.judge.encoders import WAYS, judge
    from engine.train.squares import Squares, gather

    if arguments.photos is None:
        raise InputError("encoders are taught on the pictures that the manifold was trained on: name --photos FOLDER")
    if arguments.encoders == MANIFOLD:
        raise InputError(f"{MANIFOLD} was not trained here: --encoders wants a manifold of your own")
    if arguments.steps < 1:
        raise InputError(f"--steps {arguments.steps} teach nothing: give 1 or more.")
    manifold = steps.manifold(arguments.encoders)
    cache: Path = arguments.out
    *_, squares = gather(arguments.photos, manifold.size, cache, LEAST)
    assert isinstance(squares, Squares)
    last = report.follow(judge(manifold, squares, arguments.ways or WAYS, arguments.steps, arguments.out))
    rows = [asdict(row) for row in last.rows]
    head = f"{'way':24} real: features   RMSE  generated: features  style  seconds"
    lines = [f"{r['way']:24} {r['features']:14.3f} {r['rmse']:6.3f} {r['made_features']:20.3f} {r['style']:6.3f} "
             f"{r['seconds']:8.1f}" for r in rows]
    report.done("\n".join([head, *lines, f"sheet in {arguments.out}"]), rows=rows)
