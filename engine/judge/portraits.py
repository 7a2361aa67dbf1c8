"""Judges projection and edits on real portraits: a table of errors and a contact sheet to look at.

For each face found: the encoder alone; optimisation alone, which is the same descent from the average picture, with
the same steps and so the same time; the plain descent for as long, which does not go from coarse to fine but through
preview and full network, along the styles' own axes; the hybrid; and the hybrid tuned to the photo. They are compared
by the energy the descent minimises, of the full network's pictures (eyes and mouth apart). Then, where edits are
asked for, one colour stroke over the hair and one pull at the corners of the mouth are solved and carried to the
photo, the same for everybody. Nothing is tuned per picture and nobody is left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from engine.document.edit import ManifoldEdit, picture
from engine.document.image_files import read_photo
from engine.document.job import FindRegions, Solve
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.document.tuning import QUALITIES
from engine.edit import align, pivotal
from engine.edit.descent import Projection, descend, enough
from engine.edit.recipe import USUAL
from engine.edit.regions import find_regions
from engine.edit.solve import solve
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold, to_array, to_tensor
from engine.model.tuned import tuned

HAIR = ((0.28, 0.22, 1.0), (0.36, 0.13, 1.0), (0.5, 0.1, 1.0), (0.64, 0.13, 1.0), (0.72, 0.22, 1.0))
SMILE = (((0.4, 0.72, 1.0), (0.375, 0.69, 1.0)), ((0.6, 0.72, 1.0), (0.625, 0.69, 1.0)))
COPPER = (196, 88, 32)
TILE = 224


PLAIN, SHORT_PLAIN = 0.8, 0.48
"""Steps of the plain descent that take as long as one of the other, over its own eight tenths through the preview; and
as one of the other in numbers of sixteen bits.
"""
PLAIN_RECIPE = replace(USUAL, rate=0.12)
"""The rate that serves it best."""
Box = tuple[float, float, float, float]
BOXES: dict[str, Box | None] = {"face": None, "eyes": (0.28, 0.4, 0.72, 0.54), "mouth": (0.36, 0.63, 0.64, 0.79)}


@dataclass(frozen=True)
class Row:
    """One face. errors, by way (encoder, optimisation, plain, hybrid, quality) and region (face, eyes, mouth): the
    compact features' distance plus the recipe's squared error, lower is better. seconds: of work, by way."""

    name: str
    errors: dict[str, dict[str, float]]
    seconds: dict[str, float]
    changed_outside: int | None = None


def judge(paths: Sequence[Path], manifold: Manifold, out: Path, steps: int | None = None, edits: bool = True,
          ) -> Iterator[Row]:
    """Yields a row a portrait; after each, writes sheet.png and table.json of all so far into `out`."""
    features, rows, strips = Features.load(), [], []
    out.mkdir(parents=True, exist_ok=True)
    for path in paths:
        photo = read_photo(path)
        for frame in frames(photo)[:1]:
            row, strip = _one(path.stem, photo, frame, manifold, features, steps or enough(manifold), edits)
            rows.append(row)
            strips.append(strip)
            cv2.imwrite(str(out / "sheet.png"), cv2.cvtColor(np.concatenate(strips), cv2.COLOR_RGB2BGR))
            (out / "table.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
            yield row


def frames(photo: Photo) -> tuple[Frame, ...]:
    """Of the faces on it, the largest first."""
    *_, found = find_regions(FindRegions(ticket=0, photo=photo))
    return found.frames


def ways(manifold: Manifold, features: Features, photo: Photo, frame: Frame, steps: int,
         ) -> Iterator[tuple[str, Projection, float]]:
    """(name, where it ends, seconds of work) of each way to project."""
    plain = replace(manifold, sketches=(), axes=None)
    as_long = round(steps * (SHORT_PLAIN if manifold.short else PLAIN))
    cases = (("encoder", manifold, 0, True, USUAL), ("optimisation", manifold, steps, False, USUAL),
             ("plain", plain, as_long, False, PLAIN_RECIPE), ("hybrid", manifold, steps, True, USUAL))
    for name, through, count, guess, recipe in cases:
        start = time.process_time()
        target = Target(photo, frame, manifold)
        *_, last = descend(through, features, target, count, guess, recipe)
        took = time.process_time() - start
        yield name, last, took
    start = time.process_time()  # what the judge has done meanwhile does not count
    *_, learned = pivotal.tuning(manifold, features, target, last, QUALITIES["fine"])
    assert learned is not None
    yield "quality", learned, took + time.process_time() - start


def error(manifold: Manifold, features: Features, shown: np.ndarray, wanted: np.ndarray,
          box: Box | None = None) -> float:
    """The energy between two SxSx3 pictures in 0..1, whole with importance, or in a box (x0, y0, x1, y1 in 0..1)."""
    a, b, importance = to_tensor(shown), to_tensor(wanted), manifold.importance
    if box is not None:
        x0, y0, x1, y1 = (round(v * a.shape[-1] / 8) * 8 for v in box)
        a, b, importance = (t[:, :, y0:y1, x0:x1] for t in (a, b, importance))
    pixels = ((a - b).square() * importance).mean()
    return float(features.distance(a, b, importance) + USUAL.pixel * pixels)


def _one(name: str, photo: Photo, frame: Frame, manifold: Manifold, features: Features, steps: int, edits: bool,
         ) -> tuple[Row, np.ndarray]:
    errors: dict[str, dict[str, float]] = {}
    seconds: dict[str, float] = {}
    tiles: list[np.ndarray] = []
    for way, found, took in ways(manifold, features, photo, frame, steps):
        wanted, shown = align.crop(photo, found.frame, manifold.preview_size), to_array(found.picture)
        errors[way] = {region: error(manifold, features, shown, wanted, box) for region, box in BOXES.items()}
        seconds[way] = took
        tiles += [shown] if tiles else [wanted, shown]
    changed = None
    if edits:
        changed, more = _edited(photo, found, manifold)
        tiles += more
    return Row(name, errors, seconds, changed), np.concatenate([_tile(tile) for tile in tiles], axis=1)


def _edited(photo: Photo, found: Projection, manifold: Manifold) -> tuple[int, list[np.ndarray]]:
    """Pixels changed outside the two edits' support; and pictures of both, by the model and on the photo."""
    manifold = manifold if found.tuning is None else tuned(manifold, found.tuning)
    base = manifold.latent(found.latent)
    edit = ManifoldEdit(found.frame, base, base)
    colored, color_picture = _solved(photo, edit, manifold, hair(found.frame))
    warped, warp_picture = _solved(photo, edit, manifold, smile(found.frame))
    changed = changed_outside(photo, colored) + changed_outside(photo, warped)
    return changed, [color_picture, _shown(photo, colored), warp_picture, _shown(photo, warped)]


def hair(frame: Frame) -> tuple[Stroke, ...]:
    """A copper stroke over the hairline."""
    return (Stroke(StrokeKind.COLOR, _placed(HAIR, frame), 0.04 * frame.size, color=COPPER),)


def smile(frame: Frame) -> tuple[Stroke, ...]:
    """Both corners of the mouth pulled out and up."""
    return tuple(Stroke(StrokeKind.WARP, _placed(path, frame), 0.04 * frame.size) for path in SMILE)


def _placed(points: Sequence[tuple[float, float, float]], frame: Frame) -> np.ndarray:
    array = np.array(points)
    return np.column_stack([frame.to_photo(array[:, :2], 1), array[:, 2]]).astype(np.float32)


def _solved(photo: Photo, edit: ManifoldEdit, manifold: Manifold, strokes: tuple[Stroke, ...],
            ) -> tuple[ManifoldEdit, np.ndarray]:
    edit = replace(edit, strokes=strokes)
    job = Solve(ticket=0, photo=photo, edit=edit, starts=(edit.base,), settle=True, candidates=2)
    *_, last = solve(job, manifold)
    best = last.candidates[0]
    return replace(edit, latent=best.latent, patch=last.patch), best.picture.astype(np.float32) / 255


def changed_outside(photo: Photo, edit: ManifoldEdit) -> int:
    """Pixels outside the patch's support that differ from the photo: there must be none."""
    changed = (picture(photo, [edit]) != photo.pixels).any(axis=2)
    if edit.patch is not None:
        patch, inside = edit.patch, np.zeros(changed.shape, bool)
        y, x = max(patch.y, 0), max(patch.x, 0)
        covered = patch.support[y - patch.y:, x - patch.x:] > 0
        covered = covered[: inside.shape[0] - y, : inside.shape[1] - x]
        inside[y:y + covered.shape[0], x:x + covered.shape[1]] = covered
        changed &= ~inside
    return int(changed.sum())


def _shown(photo: Photo, edit: ManifoldEdit) -> np.ndarray:
    return align.crop(replace(photo, pixels=picture(photo, [edit])), edit.frame, TILE)


def _tile(array: np.ndarray) -> np.ndarray:
    small = cv2.resize(array, (TILE, TILE), interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)
