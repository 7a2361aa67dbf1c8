"""The map of a manifold: a sheet of pictures of a plane through one latent, drawn from the middle outwards.

The plane is that of two directions, whichever: the leading axes of a small smooth space, where the map shows all there
is (Kingma and Welling 2014, figure 4, draw theirs), or two sliders of a large one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.job import Step
from engine.document.map_jobs import DrawMap
from engine.model.manifold import Manifold, to_uint8

GROUND = 48
"""Grey level of what is not drawn yet."""

NOTE = "Drawing the map"


def draw_map(job: DrawMap, manifold: Manifold) -> Iterator[Step]:
    """The sheet, one picture more with every step."""
    whole = job.count * job.side
    sheet = np.full((whole, whole, 3), GROUND, np.uint8)
    start = manifold.tensor(job.start)
    places = outwards(job.count)
    yield Step(ticket=job.ticket, note=NOTE)
    for number, (row, column) in enumerate(places, 1):
        latent = start + place_of(job, row, column).to(start.device)
        top, left = row * job.side, column * job.side
        sheet[top:top + job.side, left:left + job.side] = _tile(manifold, latent, job.side)
        shown = sheet.copy() if number % job.count == 0 or number == len(places) else None
        yield Step(ticket=job.ticket, picture=shown, fraction=number / len(places), settled=number == len(places),
                   note=NOTE)


def place_of(job: DrawMap, row: int, column: int) -> Tensor:
    """LxW: what is added to the middle for that picture of the sheet."""
    half = max(job.count // 2, 1)
    across, up = (column - half) / half * job.across.limit, (half - row) / half * job.up.limit
    return torch.from_numpy(across * job.across.values + up * job.up.values)


def outwards(count: int) -> list[tuple[int, int]]:
    """Rows and columns of a sheet, the nearest to the middle first."""
    half = count // 2
    places = [(row, column) for row in range(count) for column in range(count)]
    return sorted(places, key=lambda place: (place[0] - half) ** 2 + (place[1] - half) ** 2)


@torch.no_grad()
def _tile(manifold: Manifold, latent: Tensor, side: int) -> np.ndarray:
    """By the lightest network there is."""
    picture: Tensor = manifold.halved[0](latent) if manifold.sketches else manifold.preview(latent)
    smaller = picture.shape[-1] > side
    picture = F.interpolate(picture, size=(side, side), mode="area" if smaller else "bicubic")
    return to_uint8(picture)
