"""Judges projection and edits on real portraits: a table of errors and a contact sheet to look at.

For each face found: the encoder alone, optimisation alone and the hybrid - the last two with the same steps, so the
same time - are compared by the energy the descent minimises, of the full network's pictures (eyes and mouth apart);
then one colour stroke over the hair and one pull at the corners of the mouth are solved and carried to the photo, the
same for everybody. Nothing is tuned per picture and nobody is left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch

from engine.document.edit import ManifoldEdit, picture
from engine.document.image_files import read_photo
from engine.document.job import FindRegions, Solve
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.edit import align
from engine.edit.project import Projection, Recipe, Target, descend
from engine.edit.regions import find_regions
from engine.edit.solve import solve
from engine.model.features import Features
from engine.model.manifold import Manifold, to_array, to_tensor

HAIR = ((0.28, 0.22, 1.0), (0.36, 0.13, 1.0), (0.5, 0.1, 1.0), (0.64, 0.13, 1.0), (0.72, 0.22, 1.0))
SMILE = (((0.4, 0.72, 1.0), (0.375, 0.69, 1.0)), ((0.6, 0.72, 1.0), (0.625, 0.69, 1.0)))
COPPER = (196, 88, 32)
TILE = 224


@dataclass(frozen=True)
class Row:
    """One face. Errors are the compact features' distance plus the recipe's squared error, lower is better."""

    name: str
    encoder: float
    optimisation: float
    hybrid: float
    eyes: float
    mouth: float
    changed_outside: int
    optimisation_seconds: float
    hybrid_seconds: float


def judge(paths: Sequence[Path], manifold: Manifold, out: Path, steps: int = 40) -> Iterator[Row]:
    """Yields a row a portrait; at the end writes sheet.png and table.json into `out`."""
    features, rows, strips = Features.load(), [], []
    for path in paths:
        photo = read_photo(path)
        for frame in _frames(photo)[:1]:
            row, strip = _one(path.stem, photo, frame, manifold, features, steps)
            rows.append(row)
            strips.append(strip)
            yield row
    out.mkdir(parents=True, exist_ok=True)
    if strips:
        cv2.imwrite(str(out / "sheet.png"), cv2.cvtColor(np.concatenate(strips), cv2.COLOR_RGB2BGR))
    (out / "table.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


def _frames(photo: Photo) -> tuple[Frame, ...]:
    *_, found = find_regions(FindRegions(ticket=0, photo=photo))
    return found.frames


def _found(manifold: Manifold, features: Features, photo: Photo, frame: Frame, guess: bool, steps: int) -> Projection:
    """What a descent of so many steps ends with."""
    best: Projection | None = None
    for moment in descend(manifold, features, Target(photo, frame, manifold), steps, guess):
        best = moment if moment.better(best) else best
    assert best is not None
    return best


def full_picture(manifold: Manifold, moment: Projection) -> np.ndarray:
    """The full network's picture of it at preview size, SxSx3 float32 in 0..1."""
    with torch.no_grad():
        picture = to_array(manifold.picture(moment.latent))
    return np.asarray(cv2.resize(picture, (manifold.preview_size,) * 2, interpolation=cv2.INTER_AREA))


def error(manifold: Manifold, features: Features, shown: np.ndarray, wanted: np.ndarray,
          box: tuple[float, float, float, float] | None = None) -> float:
    """The energy between two SxSx3 pictures in 0..1, whole with importance, or in a box (x0, y0, x1, y1 in 0..1)."""
    a, b, importance = to_tensor(shown), to_tensor(wanted), manifold.importance
    if box is not None:
        x0, y0, x1, y1 = (round(v * a.shape[-1] / 8) * 8 for v in box)
        a, b, importance = (t[:, :, y0:y1, x0:x1] for t in (a, b, importance))
    pixels = ((a - b).square() * importance).mean()
    return float(features.distance(a, b, importance) + Recipe().pixel * pixels)


EYES, MOUTH = (0.28, 0.4, 0.72, 0.54), (0.36, 0.63, 0.64, 0.79)


def _one(name: str, photo: Photo, frame: Frame, manifold: Manifold, features: Features, steps: int,
         ) -> tuple[Row, np.ndarray]:
    start = time.monotonic()
    plain = _found(manifold, features, photo, frame, False, steps)
    middle = time.monotonic()
    found = _found(manifold, features, photo, frame, True, steps)
    end = time.monotonic()
    guess = next(descend(manifold, features, Target(photo, frame, manifold), 1, True))

    def wanted(moment: Projection) -> np.ndarray:
        return align.crop(photo, moment.frame, manifold.preview_size)

    def cost(moment: Projection, box: tuple[float, float, float, float] | None = None) -> float:
        return error(manifold, features, full_picture(manifold, moment), wanted(moment), box)

    base = manifold.latent(found.latent)
    edit = ManifoldEdit(found.frame, base, base)
    colored, color_picture = _solved(photo, edit, manifold, hair(found.frame))
    warped, warp_picture = _solved(photo, edit, manifold, smile(found.frame))
    row = Row(name, cost(guess), cost(plain), cost(found), cost(found, EYES), cost(found, MOUTH),
              changed_outside(photo, colored) + changed_outside(photo, warped), middle - start, end - middle)
    tiles = [wanted(found), full_picture(manifold, guess), full_picture(manifold, plain), full_picture(manifold, found),
             color_picture,
             _shown(photo, colored), warp_picture, _shown(photo, warped)]
    return row, np.concatenate([_tile(tile) for tile in tiles], axis=1)


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
