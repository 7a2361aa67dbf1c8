"""The map: from the middle outwards, to the right and upwards, as far as the sliders go."""

from __future__ import annotations

import numpy as np
import torch

from engine.document.direction import Direction
from engine.document.map_jobs import DrawMap
from engine.model.latent_map import GROUND, draw_map, outwards, place_of
from engine.model.manifold import Manifold, to_uint8


def job_of(manifold: Manifold, count: int = 3, side: int = 16) -> DrawMap:
    ways = [manifold.basis[axis].expand(manifold.layers, -1).numpy().copy() for axis in (0, 1)]
    across, up = (Direction(name, values, manifold.id, 2.0) for name, values in zip("xy", ways, strict=True))
    return DrawMap(ticket=1, start=manifold.latent(manifold.average()), across=across, up=up, count=count, side=side)


def test_the_sheet_is_the_plane(tiny_manifold: Manifold) -> None:
    job = job_of(tiny_manifold)
    steps = list(draw_map(job, tiny_manifold))
    assert [step.settled for step in steps] == [False] * 9 + [True]
    sheet = steps[-1].picture
    assert sheet is not None and sheet.shape == (48, 48, 3)
    start, basis = tiny_manifold.average(), tiny_manifold.basis
    for row, column, moved in ((1, 1, 0 * basis[0]), (1, 2, 2 * basis[0]), (0, 1, 2 * basis[1]),
                               (2, 0, -2 * basis[0] - 2 * basis[1])):
        with torch.no_grad():
            wanted = to_uint8(tiny_manifold.preview(start + moved))
        found = sheet[16 * row:16 * row + 16, 16 * column:16 * column + 16]
        assert np.abs(found.astype(int) - wanted).max() <= 1


def test_it_is_drawn_from_the_middle(tiny_manifold: Manifold) -> None:
    assert outwards(3)[0] == (1, 1) and set(outwards(3)[-4:]) == {(0, 0), (0, 2), (2, 0), (2, 2)}
    first = next(step.picture for step in draw_map(job_of(tiny_manifold), tiny_manifold) if step.picture is not None)
    assert (first[:16, :16] == GROUND).all() and not (first[16:32, 16:32] == GROUND).all()


def test_the_edge_is_where_the_sliders_end(tiny_manifold: Manifold) -> None:
    job = job_of(tiny_manifold, count=7)
    np.testing.assert_allclose(place_of(job, 3, 6).numpy(), 2 * job.across.values, rtol=1e-6)
    np.testing.assert_allclose(place_of(job, 0, 3).numpy(), 2 * job.up.values, rtol=1e-6)
