"""Make a texture of any size from a picture: learned by a network of its own, or sewn from its pieces.

The network learns for some seconds and then paints a part of its endless picture. With --patches nothing is learned.
What --save writes is a brush: the library takes it, and this command takes it in place of a picture, learning no more
than --seconds asks for.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from engine.command import outputs
from engine.command.report import Report
from engine.command.stylize import FEATURES, use_features
from engine.document import library_files
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.job import LearnTexture
from engine.document.photo import Photo
from engine.document.texture import Texture
from engine.run.steps import Steps

SECONDS = 60.0
LARGEST, LARGEST_REFINED = 16384, 1024
SWATCH = 128


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("exemplar", type=Path, help="a picture, or a brush that was saved")
    parser.add_argument("--size", required=True, metavar="WxH", help="of the picture to make, in pixels")
    parser.add_argument("--seamless", action="store_true", help="make a tile that fits to itself on all sides")
    learns = f"how long the network learns (default {SECONDS:g}; 0 for a saved brush)"
    parser.add_argument("--seconds", type=float, metavar="S", help=learns)
    parser.add_argument("--patches", action="store_true", help="learn nothing: sew it from pieces of the picture")
    parser.add_argument("--refine", action="store_true", help="finish it by Gatys' optimisation: slower, richer")
    parser.add_argument("--features", type=Path, metavar="FILE", help=FEATURES)
    parser.add_argument("--seed", type=int, default=0, help="which of its endless pictures (default 0)")
    parser.add_argument("--save", type=Path, metavar="FILE", help=f"write the brush too ({library_files.SUFFIX})")
    parser.add_argument("--out", type=Path, required=True, help="the picture to write, by its suffix")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Learn, paint, write."""
    outputs.require_picture(arguments.out)
    width, height = size(arguments.size, LARGEST_REFINED if arguments.refine else LARGEST, arguments.refine)
    require_brush(arguments.save)
    use_features(arguments, steps)
    if arguments.save is not None and arguments.patches:
        raise InputError("--save writes what was learned and --patches learns nothing: leave one of them out.")
    texture, seconds = opened(arguments.exemplar, arguments.seconds)
    texture = replace(texture, seamless=arguments.seamless)
    if arguments.patches:
        texture = replace(texture, network={})
    elif seconds > 0:
        job = LearnTexture(ticket=1, texture=texture, seconds=seconds, seed=arguments.seed)
        texture = report.follow(steps.begin(job)).texture or texture
    made = painted(texture, height, width, arguments, steps)
    write_photo(made, Photo(made), arguments.out)
    facts = {"out": str(arguments.out), "width": width, "height": height, "seamless": arguments.seamless,
             "learned_seconds": round(texture.seconds, 3)}  # fmt: skip
    if arguments.save is not None:
        library_files.write(texture, arguments.save, cv2.resize(made, (SWATCH, SWATCH), interpolation=cv2.INTER_AREA))
        facts["brush"] = str(arguments.save)
    report.done(f"{facts['out']}: {width} x {height}, learned for {texture.seconds:.0f} s", **facts)


def painted(texture: Texture, height: int, width: int, arguments: argparse.Namespace, steps: Steps) -> np.ndarray:
    """HxWx3 uint8."""
    from engine.document.pauses import finished
    from engine.paint.source import picture_of, refined, tile_of

    paint = tile_of if arguments.seamless else picture_of
    made = finished(paint(texture, height, width, arguments.seed))
    return finished(refined(made, texture, steps.studio, arguments.seamless)) if arguments.refine else made


def opened(path: Path, seconds: float | None) -> tuple[Texture, float]:
    """The texture of a picture or a brush, and how long it is to learn."""
    if seconds is not None and not 0 <= seconds <= 86400:
        raise InputError(f"--seconds {seconds:g} is no time to learn: choose from 0 to 86400.")
    if path.suffix.lower() == library_files.SUFFIX:
        item = library_files.read(path)
        if not isinstance(item, Texture):
            raise InputError(f"{path.name} is a style: use it with ganvas stylize.")
        return item, seconds or 0.0 if item.network else _else(seconds)
    from engine.model.exemplar import texture_of

    return texture_of(read_photo(path), path.stem), _else(seconds)


def _else(seconds: float | None) -> float:
    return SECONDS if seconds is None else seconds


def size(text: str, largest: int, refined: bool) -> tuple[int, int]:
    """`640x480` -> width, height; InputError for all else."""
    found = re.fullmatch(r"(\d{1,6})[xX×](\d{1,6})", text.strip())
    if found is None:
        raise InputError(f"--size {text} is no size: write it as 640x480.")
    width, height = int(found[1]), int(found[2])
    if not (1 <= width <= largest and 1 <= height <= largest):
        reason = " with --refine" if refined else ""
        raise InputError(f"--size {text} cannot be made{reason}: choose from 1 to {largest} pixels a side.")
    return width, height


def require_brush(path: Path | None) -> None:
    """InputError where no brush can be written there; None is fine."""
    if path is not None and path.suffix.lower() != library_files.SUFFIX:
        raise InputError(f"{path.name} cannot be written: end its name in {library_files.SUFFIX}.")
    if path is not None and not path.absolute().parent.is_dir():
        raise InputError(f"{path.name} cannot be written: its folder {path.parent} does not exist; make it first.")
