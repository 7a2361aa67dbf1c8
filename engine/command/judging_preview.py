"""Judging for `ganvas bench`: the preview and the sketches beside the full network."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.run.steps import Steps

LEAST = 8


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument("--preview", type=Path, metavar="FOLDER", help="hold the preview and the sketches to the full "
                        "network: speed, pictures and gradients, on drawn latents and on those found for the portraits "
                        "in this folder")  # fmt: skip


def preview(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """A row for each network; as many latents are drawn as are found, but at least LEAST."""
    import torch

    from engine.judge.lighter import drawn, found, judge

    manifold = steps.manifold(MANIFOLD)
    paths = sorted(path for path in arguments.preview.glob("*") if path.is_file())
    latents = list(found(manifold, paths))
    if not latents:
        raise InputError(f"there is no face on the pictures in {arguments.preview}: name a folder with portraits")
    kinds = {"drawn": drawn(manifold, max(LEAST, len(latents))), "found": torch.cat(latents)}
    rows = [asdict(row) for row in judge(manifold, kinds, arguments.repeats)]
    lines = [f"{'network':10} pixels  faster  away: drawn  found   gradients: drawn  found"]
    for row in rows:
        away, agrees = ("  ".join(f"{row[part][kind]:.3f}" for kind in kinds) for part in ("away", "agrees"))
        lines.append(f"{row['name']:10} {row['size']:6} {row['ratio']:7.2f}        {away}              {agrees}")
    report.done("\n".join(lines), latents=len(latents), rows=rows)
