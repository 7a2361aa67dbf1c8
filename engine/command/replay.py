"""Apply a document's edits to other photos: the same strokes, styles and textures, each photo at its own size.

An edit of a face is repeated on the face that is found there: it is projected anew, moved by as much as the document's
was, and its strokes are obeyed again. Layers are painted at the same shares of the photo. A photo that cannot be done
gets one line on standard error, and the others go on; the exit code is then 2.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from engine.command.report import Report
from engine.document.document import Document
from engine.document.edit import Layer, ManifoldEdit, Patch
from engine.document.errors import InputError
from engine.document.image_encoding import ENCODERS
from engine.document.image_files import read_photo, write_photo
from engine.document.job import FindRegions, Paint, Project, Solve, Transfer
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.replay import frames_for, on_frame, on_photo
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("document", type=Path, help="the .ganvas document whose edits are repeated")
    parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO", help="photos, or folders of them")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="where the edited photos go")
    parser.add_argument("--documents", action="store_true", help="write a document beside each edited photo")
    counts = f"steps of the descents (default 24 to 96 to project, {Solve.steps} to solve)"
    parser.add_argument("--steps", type=int, metavar="N", help=counts)
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Read the document, do one photo after the other, tell what was done."""
    from engine.document.store import load

    document = load(arguments.document)
    if not any(edit.visible for edit in document.edits):
        raise InputError(f"{arguments.document.name} shows no edit: there is nothing to repeat.")
    for manifold in {edit.base.manifold for edit in document.manifold_edits if edit.visible}:
        steps.manifold(manifold)  # before long work: whether the pack is there
    targets = placed(expanded(arguments.photos), arguments.out)
    done: list[str] = []
    failed: list[str] = []
    for path, out in targets:
        try:
            done.append(_done(path, out, document, arguments, steps, report))
        except InputError as error:
            print(f"ganvas: left out: {_named(path, error)}", file=sys.stderr)
            failed.append(path.name)
    report.done("\n".join([*done, f"{len(done)} of {len(targets)} photos done"]), out=done, failed=failed)
    if failed:
        raise InputError(f"{len(failed)} of {len(targets)} photos could not be done: the lines above say why.")


def _named(path: Path, error: InputError) -> str:
    """What is wrong with a photo, its name told once."""
    return str(error) if path.name in str(error) else f"{path.name}: {error}"


def expanded(paths: list[Path]) -> list[Path]:
    """The paths, with the pictures in it instead of each folder, by name; InputError for a folder without any."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in ENCODERS) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"{path.name} holds no picture: name a folder of photos.")
        found += inside
    return found


def placed(photos: list[Path], folder: Path) -> list[tuple[Path, Path]]:
    """Each photo with the file it becomes in `folder`, which is made; no name twice and no photo overwritten."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder.name} cannot be made ({error.strerror}): choose another folder.") from error
    taken = {photo.resolve() for photo in photos}
    targets = []
    for photo in photos:
        suffix = photo.suffix.lower() if photo.suffix.lower() in ENCODERS else ".png"
        out, number = folder / f"{photo.stem}{suffix}", 2
        while out.resolve() in taken:
            out, number = folder / f"{photo.stem}-{number}{suffix}", number + 1
        taken.add(out.resolve())
        targets.append((photo, out))
    return targets


def _done(
    path: Path, out: Path, document: Document, arguments: argparse.Namespace, steps: Steps, report: Report
) -> str:
    """Repeat the edits on the photo at `path` and write it; the file that was written."""
    made = replayed(document, read_photo(path), arguments, steps, report)
    write_photo(made.picture(), made.photo, out)
    if arguments.documents:
        from engine.document.store import save

        save(made, out.with_suffix(".ganvas"))
    return str(out)


def replayed(
    document: Document, photo: Photo, arguments: argparse.Namespace, steps: Steps, report: Report
) -> Document:
    """The document's visible edits on another photo, with their patches; InputError where a face is not there."""
    made = Document(photo)
    moved = [edit for edit in document.manifold_edits if edit.visible and edit.moved()]
    found = report.follow(steps.begin(FindRegions(ticket=1, photo=photo))).frames if moved else ()
    for edit, frame in zip(moved, frames_for([edit.frame for edit in moved], found), strict=True):
        if frame is None:
            missing = "no face was found in it" if not found else "it has fewer faces than the document"
            raise InputError(f"{missing}: choose another photo.")
        made = made.with_edit(_on_face(edit, photo, frame, arguments, steps, report))
    for layer in document.edits:
        if layer.visible and not isinstance(layer, ManifoldEdit):
            made = made.with_edit(_painted(layer, document.photo, made, steps, report))
    return made


def _on_face(
    edit: ManifoldEdit, photo: Photo, frame: Frame, arguments: argparse.Namespace, steps: Steps, report: Report
) -> ManifoldEdit:
    """The edit on the face in `frame`: projected, moved by as much, its strokes obeyed; with its patch."""
    count = None if arguments.steps is None else max(arguments.steps, 1)
    kind = edit.base.manifold
    job = Project(ticket=2, photo=photo, frame=frame, manifold=kind, steps=count, seed=arguments.seed)
    found = report.follow(steps.begin(job))
    assert found.frame is not None
    base = found.candidates[0].latent
    if base.values.shape != edit.base.values.shape:
        raise InputError("its face was found with another model than the document's: install that one.")
    start = base.at(base.values + (edit.latent.values - edit.base.values))
    strokes = on_frame(edit.strokes, edit.frame, found.frame)
    made = replace(edit, frame=found.frame, base=base, latent=start, strokes=strokes, patch=None)
    patch: Patch | None = None
    if any(stroke.visible for stroke in strokes):
        count = Solve.steps if arguments.steps is None else max(arguments.steps, 1)
        end = report.follow(steps.begin(Solve(ticket=3, photo=photo, edit=made, starts=(start,), settle=True,
                                              candidates=1, steps=count, seed=arguments.seed)))  # fmt: skip
        made, patch = replace(made, latent=end.candidates[0].latent), end.patch
    if patch is None:
        patch = report.follow(steps.begin(Transfer(ticket=4, photo=photo, edit=made))).patch
    return replace(made, patch=patch)


def _painted(layer: Layer, old: Photo, made: Document, steps: Steps, report: Report) -> Layer:
    """The layer over what is there so far, with its patch."""
    layer = replace(layer, strokes=on_photo(layer.strokes, old, made.photo), patch=None)
    end = report.follow(steps.begin(Paint(ticket=5, photo=made.photo, below=made.edits, edit=layer)))
    return replace(layer, patch=end.patch)
