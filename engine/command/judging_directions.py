"""Judging for `ganvas bench`: how well sliders are taught by 20, 50 and 100 labels."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.run.steps import Steps

LEAST = 80


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    text = f"teach sliders what can be measured on so many random faces, at least {LEAST}: held-out accuracy"
    parser.add_argument("--directions", type=int, metavar="N", help=text)


def directions(count: int, steps: Steps, report: Report) -> None:
    """The table: what was measured, labels, and the accuracy of coordinates alone, of features, of what is taught."""
    from engine.edit.regions import networks
    from engine.judge.directions import judge

    if count < LEAST:
        raise InputError(f"--directions {count} are too few faces to hold any out: name at least {LEAST}.")

    def told(fraction: float) -> None:
        if sys.stderr.isatty():
            print(f"\r{fraction:4.0%}", end="", file=sys.stderr, flush=True)

    rows = [asdict(row) for row in judge(steps.manifold(MANIFOLD), networks(), count, told)]
    head = f"{'property':22} labels  coordinates  features  taught  estimate"
    lines = [
        f"{r['name']:22} {r['labels']:6} {r['coordinates']:12.2f} {r['features']:9.2f} {r['taught']:7.2f} "
        f"{r['estimate']:9.2f}"
        for r in rows
    ]
    report.done("\n".join([head, *lines]), rows=rows)
