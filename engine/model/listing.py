"""Lists the manifolds that are installed, each with a swatch: four of its pictures, drawn once and kept.

Swatches lie in the user's data by the hash of the weights, so that a manifold that was trained anew gets another.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.job import ListManifolds, Step
from engine.document.manifold_entry import FACES, ManifoldEntry
from engine.model import packs
from engine.model.card import Card, read_card
from engine.model.manifold import Manifold, to_uint8

FOLDER = "swatches"
SIDE = 128
SEED, TRUNCATION = 4, 0.7


def list_manifolds(job: ListManifolds, open_manifold: Callable[[str], Manifold]) -> Iterator[Step]:
    """Pauses, then the settled step. What is damaged is left out: whoever opens it is told why."""
    found, pause = [], Step(ticket=job.ticket, note="Looking at the models")
    for id in installed():
        try:
            card = read_card(packs.folder(id) / packs.CARD)
            drawing = swatch(card, open_manifold)
            while True:
                try:
                    next(drawing)
                except StopIteration as done:
                    found.append(ManifoldEntry(id, card.title, card.resolution, done.value, card.layout))
                    break
                yield pause
        except InputError:
            continue
    yield Step(ticket=job.ticket, settled=True, manifolds=tuple(found), fraction=1.0)


def installed() -> tuple[str, ...]:
    """Ids of all manifolds that can be chosen, the faces first."""
    faces = (FACES,) if (packs.folder(FACES) / packs.CARD).is_file() else ()
    return (*faces, *packs.trained())


def swatch(card: Card, open_manifold: Callable[[str], Manifold]) -> Generator[None, None, np.ndarray]:
    """SIDExSIDEx3 uint8: the kept one, or one that is drawn now and kept."""
    path = packs.home() / FOLDER / f"{card.sha256[:20]}.png"
    kept = _read(path)
    if kept is not None:
        return kept
    manifold = open_manifold(card.id)
    yield
    cells = []
    for latent in manifold.sample(4, SEED, TRUNCATION):
        with torch.no_grad():
            picture = to_uint8(manifold.whole(latent[None]))
        cells.append(cv2.resize(picture, (SIDE // 2,) * 2, interpolation=cv2.INTER_AREA))
        yield
    drawn = np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])
    _keep(drawn, path)
    return drawn


def _read(path: Path) -> np.ndarray | None:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB")) if image.size == (SIDE, SIDE) else None
    except (OSError, ValueError, SyntaxError):
        return None


def _keep(pixels: np.ndarray, path: Path) -> None:
    """Where it cannot be written it is drawn again the next time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG")
    except OSError:
        return
