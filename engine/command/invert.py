"""Show what of a photo survives in its features at a depth, or blend it there with another (semantic blend).

Depth 1 is next to the pixels, 4 tells of shapes and rough colours; fractions are between. With --with the features of
both pictures meet at that depth: at 1 they dissolve into each other, at 4 each thing is the one's or the other's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from engine.command import outputs
from engine.command.report import Report
from engine.document.edit import FusionEdit
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.motif import MOST, Motif
from engine.document.opaque import opaque
from engine.document.photo import Photo
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("photo", type=Path, help="the photo")
    parser.add_argument("--depth", type=float, required=True, metavar="D", help="0 to 4; with --with 1 to 4")
    parser.add_argument("--with", type=Path, dest="other", metavar="OTHER", help="the picture to blend with")
    parser.add_argument("--amount", type=float, metavar="A", help="the other's share, 0 to 1 (default 0.5)")
    parser.add_argument("--detail", type=float, metavar="X", help="of the photo's fine detail, 0 to 1 (default 0)")
    parser.add_argument("--size", type=int, default=512, metavar="N",
                        help="longer side at which features are taken, 64 to 2048 (default %(default)s)")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="the picture to write, by its suffix")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Decode, write."""
    from engine.document.pauses import finished
    from engine.paint.invert import survives

    outputs.require_picture(arguments.out)
    amount, detail = asked(arguments)
    photo = read_photo(arguments.photo)
    if arguments.other is None:
        made = finished(survives(photo.pixels, arguments.depth, steps.studio.inverter, arguments.size))
    else:
        edit = FusionEdit(motif(arguments.other), amount=amount, depth=arguments.depth, detail=detail)
        made = blended(photo, edit, steps, arguments.size)
    write_photo(made, photo, arguments.out)
    change = float(np.abs(made.astype(np.float32) - photo.pixels).mean() / photo.white)
    report.done(
        f"{arguments.out}: {photo.width} x {photo.height}, mean change {change:.1%}",
        out=str(arguments.out), width=photo.width, height=photo.height, mean_change=change,
    )  # fmt: skip


def motif(path: Path) -> Motif:
    """The picture to blend with."""
    from engine.document.pauses import finished
    from engine.paint.ground import eight_bit, resized

    pixels = opaque(read_photo(path))
    share = min(1.0, MOST / max(pixels.shape[:2]))
    height, width = (max(1, round(side * share)) for side in pixels.shape[:2])
    return Motif(path.stem, eight_bit(pixels if share == 1 else finished(resized(pixels, height, width))))


def blended(photo: Photo, edit: FusionEdit, steps: Steps, size: int) -> np.ndarray:
    """HxWx3: the layer over all of the photo, the pictures meeting at that longer side."""
    from engine.document.pauses import finished
    from engine.paint.fusion import painted
    from engine.paint.ground import Ground

    whole = (photo.height, photo.width)
    return finished(painted(edit, Ground(photo.pixels), steps.studio, whole, (0, 0, *whole), working=size))


def asked(arguments: argparse.Namespace) -> tuple[float, float]:
    """Amount and detail; InputError for what is out of range or of no use."""
    if arguments.other is None and (arguments.amount is not None or arguments.detail is not None):
        raise InputError("--amount and --detail are for a blend: name the other picture with --with.")
    lowest = 0 if arguments.other is None else 1
    amount = 0.5 if arguments.amount is None else arguments.amount
    detail = 0.0 if arguments.detail is None else arguments.detail
    for option, value, low, high in (
        ("--amount", amount, 0, 1), ("--detail", detail, 0, 1), ("--depth", arguments.depth, lowest, 4),
        ("--size", arguments.size, 64, 2048),
    ):  # fmt: skip
        if not low <= value <= high:
            raise InputError(f"{option} {value:g} is out of range: choose from {low:g} to {high:g}.")
    return amount, detail
