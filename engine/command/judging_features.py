"""Judging for `ganvas bench`: how well the compact features stand for a VGG network's, and how much faster they are."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.image_files import read_photo

if TYPE_CHECKING:
    from engine.model.vgg19 import Extractor

SIDE = 128
SHOWN, ROWS = 256, 8
"""Side of the textures, and how many."""

EVERY, MOST = 20, 24
"""Every 20th file is what training leaves out."""


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--features", type=Path, help="hold the compact features to those of VGG (--teacher FILE) on "
                        "every 20th picture of this folder")  # fmt: skip
    parser.add_argument("--exemplars", type=Path, help="with --features: show Gatys' texture of the pictures in this "
                        "folder, made with both")  # fmt: skip


def features(arguments: argparse.Namespace, report: Report) -> None:
    """Agreement on at most MOST pictures below the folder; times there and back at 256 and 512 px."""
    from engine.model.features import Features
    from engine.model.vgg19 import compact, read_vgg
    from engine.paint.bench_features import agreement, speed

    folder = arguments.features
    if arguments.teacher is None:
        raise InputError("features are held to a VGG network: name its weights with --teacher FILE")
    teacher, own = read_vgg(arguments.teacher), compact(Features.load())
    paths = sorted(path for path in folder.rglob("*") if path.is_file())[::EVERY][:MOST]
    if len(paths) < 3:
        raise InputError(f"there are too few pictures in {folder}: name a folder with {2 * EVERY + 1} and more")
    size = (SIDE, SIDE)
    small = [cv2.resize(read_photo(path).pixels, size, interpolation=cv2.INTER_AREA) for path in paths]
    shown = _textures(arguments.exemplars, arguments.out, teacher, own) if arguments.exemplars else ""
    facts = asdict(agreement(small, teacher, own))
    for side in (256, 512):
        theirs, ours = speed(side, teacher, own, arguments.repeats)
        facts |= {f"{teacher.name}_seconds_{side}": theirs, f"compact_seconds_{side}": ours}
        facts[f"ratio_{side}"] = theirs / ours
    lines = [*(f"{name:24} {value:8.3f}" for name, value in facts.items()), *([f"sheet in {shown}"] if shown else [])]
    report.done("\n".join(lines), features=facts, sheet=shown)


def _textures(folder: Path, out: Path, teacher: Extractor, own: Extractor) -> str:
    """Where the sheet is: a row for each exemplar, what VGG finds of it, what the compact features find."""
    from engine.document.pauses import finished
    from engine.paint.reference import texture
    from engine.train import sheets

    paths = sorted(path for path in folder.glob("*") if path.is_file())[:ROWS]
    if not paths:
        raise InputError(f"there is no picture in {folder}: name a folder with exemplars")
    cells = []
    for path in paths:
        exemplar = cv2.resize(read_photo(path).pixels[..., :3], (SHOWN, SHOWN), interpolation=cv2.INTER_AREA)
        cells += [exemplar, *(finished(texture(exemplar, SHOWN, SHOWN, way)) for way in (teacher, own))]
    out.mkdir(parents=True, exist_ok=True)
    sheets.write(sheets.sheet(np.stack(cells), columns=3), out / "gatys.png")
    return str(out / "gatys.png")
