"""Judging for `ganvas bench`: our descent beside so many plain steps, and beside iGAN's schedule."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.run.steps import Steps

if TYPE_CHECKING:
    from engine.judge.plain import Comparison


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    text = "hold the projection of the --portraits to so many plain steps instead, as 1000; goes on where it was left"
    parser.add_argument("--plain-steps", type=int, metavar="N", help=text)


def plain(paths: Sequence[Path], count: int, out: Path, steps: Steps, report: Report) -> None:
    """Seconds of the guess, and until ours is as near as plain descent is after `count` steps; of one core's work."""
    from engine.judge.plain import compare

    if count < 1:
        raise InputError(f"--plain-steps {count}: name how many steps, as 1000.")
    rows = list(compare(paths, steps.manifold(MANIFOLD), out, count, lambda line: print(line, file=sys.stderr)))
    if not rows:
        raise InputError("there is no face on these pictures: name a folder with portraits")
    facts = {
        "guess_seconds": mean(row.ours[0].seconds for row in rows),
        **{f"reached {name}": [row.reached[name] for row in rows] for name in rows[0].plain},
    }
    lines = [line for row in rows for line in _lines(row)]
    report.done("\n".join([*lines, f"the guess: {facts['guess_seconds']:.2f} s", f"table in {out}"]), **facts)


def _lines(row: Comparison) -> list[str]:
    ours = ", ".join(f"{mark.error:.3f} in {mark.seconds:.1f} s" for mark in row.ours)
    found = [f"{row.name}: ours {ours}"]
    for name, mark in row.plain.items():
        taken = row.reached[name]
        when = "not reached by ours" if taken is None else f"reached by ours in {taken:.1f} s"
        found.append(f"    plain, {name}: {mark.error:.3f} in {mark.seconds:.0f} s, {when}")
    return found


def igan_ratio() -> dict[str, float]:
    """Time of a projection by iGAN's generator and schedule over ours."""
    from engine.judge.igan import STARTS, STEPS, race

    found = race()
    theirs = f"iGAN-sized DCGAN, {STARTS} starts x {STEPS} ({found.theirs:.0f} s)"
    return {f"projection on 64 px ({found.ours:.1f} s), {theirs}, over ours": found.ratio}
