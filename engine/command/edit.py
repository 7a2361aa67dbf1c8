"""Replay strokes on a photo, or move sliders, and write the edited photo, at its own size.

The strokes are a JSON file in shares of the photo (resources/strokes.schema.json). Pixels outside the support that is
reported are those of the photo; they are counted on the file that was written, where its format is lossless. Sliders
are named as `ganvas models sliders` lists them; strokes then begin at the picture that the sliders have made.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.command import frames, movies, outputs, sliders
from engine.command.project import projected, quality_option
from engine.command.report import Report
from engine.document.document import Document
from engine.document.edit import ManifoldEdit
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.job import Solve, Transfer
from engine.document.photo import Photo
from engine.document.sequence import EditSequence, Keyframe
from engine.document.stroke import StrokeKind
from engine.document.stroke_files import read_strokes
from engine.run.steps import Steps

LOSSLESS = (".png", ".tif", ".tiff")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("photo", type=Path, help="the photo")
    parser.add_argument("--strokes", type=Path, help="the strokes to replay")
    moves = "move a slider by VALUE steps (may be given again)"
    parser.add_argument("--slider", action="append", default=[], metavar="NAME=VALUE", help=moves)
    masks = "strokes of the kind protect mark where the change may show, not where it may not"
    parser.add_argument("--inside", action="store_true", help=masks)
    parser.add_argument("--out", type=Path, required=True, help="the picture to write, by its suffix")
    parser.add_argument("--save", type=Path, metavar="DOC.ganvas", help="write the document too")
    parser.add_argument("--morph", type=Path, metavar="MOVIE", help="write a movie from the photo to the edit too")
    frames.option(parser)
    realism = "0 moves and recolours the photo's pixels, 1 takes the model's (default %(default)s)"
    parser.add_argument("--realism", type=float, default=ManifoldEdit.realism, metavar="R", help=realism)
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")
    counts = f"steps of the descents (default 24 to 96 to project, {Solve.steps} to solve)"
    parser.add_argument("--steps", type=int, metavar="N", help=counts)
    quality_option(parser)


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Project, solve, transfer, write."""
    if not 0 <= arguments.realism <= 1:
        raise InputError(f"--realism {arguments.realism:g} is no share: choose from 0 to 1.")
    outputs.require_picture(arguments.out)
    outputs.require_document(arguments.save)
    outputs.require_movie(arguments.morph)
    photo = read_photo(arguments.photo)
    if arguments.strokes is None and not arguments.slider:
        raise InputError("nothing is asked for: name strokes with --strokes, or a slider with --slider NAME=VALUE.")
    strokes = () if arguments.strokes is None else read_strokes(arguments.strokes, photo.width, photo.height)
    slides = sliders.asked(arguments.slider, arguments.manifold, steps, report)
    if any(stroke.kind in (StrokeKind.STYLE, StrokeKind.TEXTURE) for stroke in strokes):
        raise InputError(f"{arguments.strokes.name} has strokes of style or texture: give it to ganvas stylize --mask.")
    found = projected(photo, arguments, steps, report)
    assert found.frame is not None
    base = found.candidates[0].latent
    start = ManifoldEdit(found.frame, base, base, strokes, arguments.realism, inside=arguments.inside)
    edit, cost = solved(photo, start.slid(slides), arguments, steps, report)
    caption = ", ".join(arguments.slider) if arguments.strokes is None else arguments.strokes.stem
    keyframes = (Keyframe((start,), arguments.photo.stem), Keyframe((edit,), caption))
    document = Document(photo, (edit,), EditSequence(keyframes))
    write_photo(document.picture(), photo, arguments.out)
    facts = {"out": str(arguments.out), "width": photo.width, "height": photo.height,
             "frame": frames.written(found.frame, photo), "cost": cost, **changes(document, arguments.out)}  # fmt: skip
    facts |= also(document, arguments, steps, report)
    report.done(told(facts), **facts)


def solved(
    photo: Photo, edit: ManifoldEdit, arguments: argparse.Namespace, steps: Steps, report: Report
) -> tuple[ManifoldEdit, float]:
    """The edit moved to where its strokes ask, with its patch; and the cost."""
    count = Solve.steps if arguments.steps is None else max(arguments.steps, 1)
    job = Solve(ticket=3, photo=photo, edit=edit, starts=(edit.origin(),), settle=True, steps=count,
                seed=arguments.seed)  # fmt: skip
    end = report.follow(steps.begin(job))
    best = end.candidates[0]
    moved = replace(edit, latent=best.latent, patch=end.patch)
    if moved.patch is None:
        moved = replace(moved, patch=report.follow(steps.begin(Transfer(ticket=4, photo=photo, edit=moved))).patch)
    return moved, best.cost


def changes(document: Document, path: Path) -> dict[str, object]:
    """The support's rectangle (x, y, width, height in pixels), and how many pixels differ within it and outside it."""
    photo, patch = document.photo, document.edits[0].patch
    assert patch is not None
    written = read_photo(path).pixels if path.suffix.lower() in LOSSLESS else document.picture()
    changed = (written != photo.pixels).any(axis=2)
    covered = patch.support > 0
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    rectangle = [0, 0, 0, 0]
    if len(rows):
        rectangle = [patch.x + int(columns[0]), patch.y + int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1]
    window = changed[patch.y : patch.y + covered.shape[0], patch.x : patch.x + covered.shape[1]]
    inside = int((window & covered).sum())
    return {"support": rectangle, "changed_inside": inside, "changed_outside": int(changed.sum()) - inside}


def also(document: Document, arguments: argparse.Namespace, steps: Steps, report: Report) -> dict[str, object]:
    """Write the document and the movie where they are asked for; what was written."""
    facts: dict[str, object] = {}
    if arguments.save is not None:
        from engine.document.store import save

        save(document, arguments.save)
        facts["document"] = str(arguments.save)
    if arguments.morph is not None:
        facts["morph"] = movies.exported(document, movies.Movie(arguments.morph), steps, report)
    return facts


def told(facts: dict[str, object]) -> str:
    """The result in words."""
    lines = [f"{facts['out']}: {facts['width']} x {facts['height']}, {facts['changed_inside']:,} pixels changed in "
             f"{facts['support']}, {facts['changed_outside']:,} outside it"]  # fmt: skip
    lines += [str(facts["document"])] if "document" in facts else []
    movie = facts.get("morph")
    return "\n".join([*lines, movies.told(movie)] if isinstance(movie, dict) else lines)
