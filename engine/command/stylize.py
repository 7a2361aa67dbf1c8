"""Repaint a photo in the manner of a picture, at the photo's own size.

A style is a picture file, or the name of one in the library. Without a mask the whole photo is repainted; a mask is
either strokes (JSON, of the kind style) or a picture that is white where the style should be. What the mask leaves out
is the photo's, bit for bit; alpha, profile, EXIF and 16 bits are kept.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engine.command import outputs
from engine.command.edit import changes
from engine.command.report import Report
from engine.document.document import Document
from engine.document.edit import Patch, StyleEdit
from engine.document.errors import InputError
from engine.document.image_encoding import ENCODERS
from engine.document.image_files import read_photo, write_photo
from engine.document.job import Describe, FitStyle, Paint
from engine.document.opaque import opaque
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.stroke_files import read_strokes
from engine.document.style import OCTAVES, ColorsBy, Style
from engine.run.steps import Steps

FEATURES = "weights of VGG-19 (torchvision's, say) to refine by, in place of the program's own features"
NAMED = "a picture, or the name of a style in the library"


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("photo", type=Path, help="the photo")
    parser.add_argument("--style", required=True, metavar="NAME|IMAGE", help=NAMED)
    parser.add_argument("--style2", metavar="NAME|IMAGE", help="a second style to mix in")
    parser.add_argument("--crossfade", type=float, metavar="X", help="the second style's share, 0 to 1 (default 0.5)")
    parser.add_argument("--mask", type=Path, metavar="M", help="strokes, or a picture that is white where to paint")
    parser.add_argument("--strength", type=float, default=1.0, metavar="S", help="0 to 1 (default 1)")
    parser.add_argument("--scale", type=float, default=1.0, metavar="X", help="of brush strokes, 0.25 to 4 (default 1)")
    keeps = "keep the photo's own colours, or a share of them, 0 to 1"
    parser.add_argument("--keep-color", type=float, nargs="?", const=1.0, default=0.0, metavar="K", help=keeps)
    ways = "place by place (luminance, the default), or as a palette (statistics)"
    parser.add_argument("--keep-color-by", choices=[*ColorsBy], default=ColorsBy.LUMINANCE, help=ways)
    shares = f"shares of {', '.join(OCTAVES)}, 0 to 1 each (default 1,1,1,1)"
    parser.add_argument("--octaves", default="1,1,1,1", metavar="G,S,P,C", help=shares)
    finishes = "finish it by Gatys' optimisation, or a share of it, 0 to 1: slower, richer"
    parser.add_argument("--refine", type=float, nargs="?", const=1.0, default=0.0, metavar="R", help=finishes)
    parser.add_argument("--features", type=Path, metavar="FILE", help=FEATURES)
    quick = "paint by the network's first guess of a picture's manner, without looking for a better one on the photo"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")
    parser.add_argument("--out", type=Path, required=True, help="the picture to write, by its suffix")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Describe the styles, paint, write."""
    outputs.require_picture(arguments.out)
    sliders = asked(arguments)
    use_features(arguments, steps)
    photo = read_photo(arguments.photo)
    strokes, allowed = masks(arguments.mask, photo)
    names = [arguments.style, *([arguments.style2] if arguments.style2 else [])]
    styles = tuple(style_named(name, steps, report) for name in names)
    if not arguments.quick:
        styles = tuple(fitted(style, photo, steps, report) for style in styles)
    edit = StyleEdit(styles, strokes, whole=not strokes, **sliders)
    patch = report.follow(steps.begin(Paint(ticket=2, photo=photo, below=(), edit=edit))).patch
    assert patch is not None
    document = Document(photo, (replace(edit, patch=within(patch, allowed)),))
    write_photo(document.picture(), photo, arguments.out)
    facts = {"out": str(arguments.out), "width": photo.width, "height": photo.height,
             "styles": [style.name for style in styles], **changes(document, arguments.out)}  # fmt: skip
    report.done(f"{facts['out']}: {photo.width} x {photo.height}, {facts['changed_inside']:,} pixels painted", **facts)


def use_features(arguments: argparse.Namespace, steps: Steps) -> None:
    """Refine by the network that --features names; InputError where nothing is refined, or it is none."""
    if arguments.features is not None:
        if not arguments.refine:
            raise InputError("--features are those to refine by: add --refine.")
        steps.studio.use_features(arguments.features)


def asked(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the options say of a style layer, by its own names; InputError where a number is out of range."""
    crossfade = arguments.crossfade
    if crossfade is not None and not arguments.style2:
        raise InputError("--crossfade needs a second style: name it with --style2.")
    if crossfade is None:
        crossfade = 0.5 if arguments.style2 else 0.0
    for option, value, low, high in (
        ("--scale", arguments.scale, 0.25, 4), ("--strength", arguments.strength, 0, 1),
        ("--crossfade", crossfade, 0, 1), ("--keep-color", arguments.keep_color, 0, 1),
        ("--refine", arguments.refine, 0, 1),
    ):  # fmt: skip
        if not low <= value <= high:
            raise InputError(f"{option} {value:g} is out of range: choose from {low:g} to {high:g}.")
    return {"strength": arguments.strength, "crossfade": crossfade, "octaves": octaves(arguments.octaves),
            "scale": arguments.scale, "keep_color": arguments.keep_color, "refine": arguments.refine,
            "keep_color_by": ColorsBy(arguments.keep_color_by), "seed": arguments.seed}  # fmt: skip


def octaves(text: str) -> tuple[float, ...]:
    """`1,0.5,1,0` as four shares; InputError where it is not that."""
    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    if len(shares) != len(OCTAVES) or not all(0 <= share <= 1 for share in shares):
        raise InputError(f"--octaves {text} is not {len(OCTAVES)} shares from 0 to 1: write 1,1,0.5,0 for instance.")
    return shares


def style_named(name: str, steps: Steps, report: Report) -> Style:
    """The style of a picture file, or of the library; InputError where it is neither."""
    if Path(name).exists() or Path(name).suffix.lower() in ENCODERS:
        pixels = opaque(read_photo(name))
        style = report.follow(steps.begin(Describe(ticket=1, pixels=pixels, name=Path(name).stem))).style
        assert style is not None
        return style
    from engine.document.library import FOLDER, Library
    from engine.model.packs import home

    return Library(home() / FOLDER).style(name)


def fitted(style: Style, photo: Photo, steps: Steps, report: Report) -> Style:
    """The style as it is best painted on that photo."""
    found = report.follow(steps.begin(FitStyle(ticket=3, style=style, photo=photo))).style
    assert found is not None
    return found


def masks(path: Path | None, photo: Photo) -> tuple[tuple[Stroke, ...], np.ndarray | None]:
    """The strokes of a stroke file; or the lightness of a picture as HxW float32 0..1 at the photo's size."""
    if path is None:
        return (), None
    if path.suffix.lower() == ".json":
        strokes = read_strokes(path, photo.width, photo.height)
        if not any(stroke.kind is StrokeKind.STYLE for stroke in strokes):
            raise InputError(f"{path.name} has no stroke of the kind style: nothing would be painted.")
        return strokes, None
    picture = read_photo(path)
    if picture.width * photo.height != picture.height * photo.width:
        raise InputError(f"{path.name} has another shape than {photo.name}: make the mask from the photo.")
    light = picture.pixels.mean(axis=2, dtype=np.float32) / picture.white
    return (), np.asarray(cv2.resize(light, (photo.width, photo.height), interpolation=cv2.INTER_LINEAR))


def within(patch: Patch, allowed: np.ndarray | None) -> Patch:
    """The patch where the mask (HxW float32 0..1 of the photo, None for all of it) lets it be."""
    if allowed is None:
        return patch
    height, width = patch.support.shape
    part = allowed[patch.y : patch.y + height, patch.x : patch.x + width]
    return Patch(patch.x, patch.y, patch.pixels, np.rint(patch.support * part).astype(np.uint8))
