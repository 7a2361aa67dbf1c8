"""Frames on the command line: X,Y,SIZE[,ANGLE] in shares of the photo, or auto."""

from __future__ import annotations

import argparse
import math

from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.job import FindRegions
from engine.document.latent import Frame
from engine.document.manifold_entry import FACES
from engine.document.photo import Photo
from engine.run.steps import Steps

HELP = (
    "the square to look at: its centre as shares of the width and of the height, its side as a share of the longer "
    "side, the angle in degrees (clockwise); or auto (default): for faces the largest one found, for scenes a "
    "square around the photo, else the largest square in the middle"
)


def option(parser: argparse.ArgumentParser) -> None:
    """Declare --manifold and --frame."""
    parser.add_argument("--manifold", default=FACES, metavar="NAME",
                        help="the model to find it in (default faces; ganvas models lists them)")  # fmt: skip
    parser.add_argument("--frame", default="auto", metavar="X,Y,SIZE[,ANGLE]", help=HELP)


def chosen(text: str, photo: Photo, steps: Steps, report: Report, manifold: str = FACES) -> Frame:
    """The frame that --frame asks for on this photo; InputError where it is none or no face is found."""
    if text != "auto":
        return parsed(text, photo)
    found = report.follow(steps.begin(FindRegions(ticket=1, photo=photo, manifold=manifold)))
    if not found.frames:
        raise InputError(f"no face was found in {photo.name}: say where it is with --frame X,Y,SIZE.")
    return found.frames[0]


def parsed(text: str, photo: Photo) -> Frame:
    """`0.5,0.4,0.6,10` as a frame on the photo."""
    try:
        x, y, size, *turn = (float(part) for part in text.split(","))
        angle = math.radians(turn[0]) if turn else 0.0
        if len(turn) > 1 or not (abs(x) <= 16 and abs(y) <= 16 and 0 < size <= 16):
            raise ValueError(text)
        return Frame(x * photo.width, y * photo.height, size * max(photo.width, photo.height), angle)
    except ValueError as error:
        raise InputError(f"--frame {text} is no frame: give X,Y,SIZE[,ANGLE] such as 0.5,0.4,0.6, or auto.") from error


def written(frame: Frame, photo: Photo) -> dict[str, float]:
    """The frame as --frame takes it, for a report."""
    return {
        "x": frame.x / photo.width,
        "y": frame.y / photo.height,
        "size": frame.size / max(photo.width, photo.height),
        "angle": math.degrees(frame.angle),
    }
