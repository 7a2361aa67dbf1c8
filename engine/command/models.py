"""List the model packs, install one, list a model's sliders, or write a sheet of its pictures.

`ganvas models [list]`, `ganvas models get NAME`, `ganvas models sliders [NAME]`, `ganvas models sample NAME --out FILE
[--class CLASS] [--cut]`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.command import outputs, sliders
from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.image_files import write_photo
from engine.document.job import Install
from engine.document.photo import Photo
from engine.run.steps import Steps

if TYPE_CHECKING:
    from engine.model.packs import PackState

MOST = 200
"""Samples on a sheet."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = "list (default) the packs, get one, list the sliders of a model, or write a sheet of samples"
    parser.add_argument("action", nargs="?", choices=["list", "get", "sliders", "sample"], default="list", help=what)
    parser.add_argument("name", nargs="?", help="the pack to get, or the model that is meant (default faces)")
    parser.add_argument("--class", dest="kind", default="", help="draw samples of that class only")
    parser.add_argument("--cut", action="store_true", help="samples cut out of their ground, where the model knows how "
                        "(to png, tif, webp or avif)")  # fmt: skip
    parser.add_argument("--count", type=int, default=24, help="of samples (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the samples (default 0)")
    parser.add_argument("--out", type=Path, default=Path("samples.png"), help="the sheet (default %(default)s)")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """List, or install and then say where it is."""
    from engine.model import packs

    if arguments.action == "sliders":
        directions = sliders.available(arguments.name or MANIFOLD, steps, report)
        facts = [{"name": d.name, "limit": d.limit, "source": d.source} for d in directions]
        report.done(sliders.listed(directions), sliders=facts)
        return
    if arguments.action == "sample":
        sample(arguments, steps, report)
        return
    if arguments.action == "get":
        if arguments.name is None:
            raise InputError("say which pack to get: ganvas models get NAME (ganvas models lists them).")
        packs.folder(arguments.name)  # refuses an unknown name before anything is fetched
        report.follow(steps.begin(Install(ticket=1, pack=arguments.name)))
    states = [state for state in packs.states() if arguments.action == "list" or state.name == arguments.name]
    lines = [
        f"{state.name:10} {'installed' if state.installed else 'not installed':14} {state.bytes / 1e6:6.0f} MB  "
        f"{state.title}\n{_classes(state)}{'':10} {state.licence}\n{'':10} {state.lineage}\n{'':10} {state.path}"
        for state in states
    ]
    report.done("\n".join(lines), packs=[{**asdict(state), "path": str(state.path)} for state in states])


def _classes(state: PackState) -> str:
    return f"{'':10} classes: {', '.join(state.classes)}\n" if state.classes else ""


def sample(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """A sheet of random pictures, of one class or of any."""
    import torch

    from engine.model.manifold import to_uint8
    from engine.train import sheets

    outputs.require_picture(arguments.out)
    if not 1 <= arguments.count <= MOST:
        raise InputError(f"--count {arguments.count}: draw 1 to {MOST} samples.")
    manifold = steps.manifold(arguments.name or MANIFOLD)
    latents = manifold.sample(arguments.count, arguments.seed, kind=arguments.kind)
    columns, alpha = min(sheets.COLUMNS, arguments.count), None
    with torch.inference_mode():
        pictures = np.stack([to_uint8(manifold.whole(latent[None])) for latent in latents])
        masks = manifold.cut(latents) if arguments.cut else None
    if arguments.cut and masks is None:
        raise InputError(f"{manifold.id} does not know what is the thing and what the ground: leave out --cut.")
    if masks is not None:
        shown = (255 * masks).round().byte().permute(0, 2, 3, 1).expand(-1, -1, -1, 3).cpu().numpy()
        alpha = sheets.sheet(shown, columns, ground=0)[..., 0].copy()
    pixels = sheets.sheet(pictures, columns)
    write_photo(pixels, Photo(pixels, alpha), arguments.out)
    report.done(f"{arguments.out}: {arguments.count} pictures", out=str(arguments.out), count=arguments.count)
