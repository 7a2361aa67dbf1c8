"""Find what is under a frame of a photo in the model, and write the model's picture of it.

Of a document, what was found when it was made is drawn, without looking again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from engine.command import frames, outputs
from engine.command.lens import write_lenses
from engine.command.report import Report
from engine.document.edit import ManifoldEdit
from engine.document.errors import InputError
from engine.document.image_files import read_photo, write_photo
from engine.document.job import Project, Step
from engine.document.latent import Latent
from engine.document.photo import Photo
from engine.document.tuning import QUALITIES
from engine.run.steps import Steps

MANIFOLD = "faces"
MOST_QUALITY = 1000


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("photo", type=Path, help="the photo, or a document with a face that was found")
    parser.add_argument("--out", type=Path, required=True, help="the picture to write, by its suffix")
    frames.option(parser)
    parser.add_argument("--steps", type=int, help="steps of the descent (default 24, to 96 where pictures are small)")
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")
    parser.add_argument("--lens", type=Path, help="also write what the model missed of the photo, and what of its own "
                                                  "picture is implausible, as maps side by side")  # fmt: skip
    quality_option(parser)


def quality_option(parser: argparse.ArgumentParser) -> None:
    """Declare --quality."""
    how = "how far the model learns this very face: quick (default), fine, finest, or a number of steps"
    parser.add_argument("--quality", type=_quality, default=0, metavar="Q", help=how)


def _quality(text: str) -> int:
    """Steps, of a name or a number; ArgumentTypeError for others."""
    if text in QUALITIES:
        return QUALITIES[text]
    if text.isdecimal() and int(text) <= MOST_QUALITY:
        return int(text)
    names = ", ".join(QUALITIES)
    raise argparse.ArgumentTypeError(f"{text} is none of {names}, nor a number of steps up to {MOST_QUALITY}")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Project, draw at full size, write."""
    outputs.require_picture(arguments.out)
    if arguments.lens is not None:
        outputs.require_picture(arguments.lens)
    if arguments.photo.suffix.lower() == ".ganvas":
        draw(arguments.photo, arguments.out, steps, report, arguments.lens)
        return
    photo = read_photo(arguments.photo)
    found = projected(photo, arguments, steps, report)
    best = found.candidates[0]
    pixels = model_picture(best.latent, steps)
    write_photo(pixels, Photo(pixels), arguments.out)
    assert found.frame is not None
    lenses: dict[str, float] = {}
    if arguments.lens is not None:
        edit = ManifoldEdit(found.frame, best.latent, best.latent)
        lenses = write_lenses(photo, edit, arguments.lens, steps, report)
    height, width = pixels.shape[:2]
    kind = class_name(best.latent, steps)
    report.done(
        f"{arguments.out}: {width} x {height}, cost {best.cost:.4f}{f', {kind}' if kind else ''}",
        out=str(arguments.out), width=width, height=height, frame=frames.written(found.frame, photo), cost=best.cost,
        **lenses, **({"class": kind} if kind else {}),
    )  # fmt: skip


def draw(path: Path, out: Path, steps: Steps, report: Report, lens: Path | None = None) -> None:
    """Write the model's picture of what was found in the document at `path`. InputError where there is nothing.

    lens: where maps of it as it is now, with all its strokes, are written.
    """
    from engine.document.store import load

    document = load(path)
    found = document.manifold_edits
    if not found:
        raise InputError(f"{path.name} has no face that was found: open it, find one and save it.")
    pixels = model_picture(found[-1].base, steps)
    write_photo(pixels, Photo(pixels), out)
    lenses = {} if lens is None else write_lenses(document.photo, found[-1], lens, steps, report)
    height, width = pixels.shape[:2]
    report.done(f"{out}: {width} x {height}", out=str(out), width=width, height=height, **lenses)


def projected(photo: Photo, arguments: argparse.Namespace, steps: Steps, report: Report) -> Step:
    """The settled step of the projection of what --frame says; its frame is the refined one."""
    manifold = arguments.manifold
    steps.manifold(manifold)  # before a long search: whether the pack is there
    frame = frames.chosen(arguments.frame, photo, steps, report, manifold)
    count = None if arguments.steps is None else max(arguments.steps, 1)
    job = Project(ticket=2, photo=photo, frame=frame, manifold=manifold, steps=count, seed=arguments.seed,
                  quality=arguments.quality)  # fmt: skip
    return report.follow(steps.begin(job))


def class_name(latent: Latent, steps: Steps) -> str:
    """The class that a latent is of; empty where the manifold was told none."""
    manifold = steps.manifold(latent.manifold)
    return "" if manifold.kinds is None else manifold.kinds.name_of(manifold.tensor(latent))


def model_picture(latent: Latent, steps: Steps) -> np.ndarray:
    """SxSx3 uint8: the full network's picture of a latent."""
    import torch

    from engine.model.manifold import to_uint8

    manifold = steps.for_latent(latent)
    with torch.inference_mode():
        return to_uint8(manifold.picture(manifold.tensor(latent)))
