"""Pixels belong together along paths of pixels that look alike."""

import numpy as np

from engine.edit import affinity

RED, BLUE = (0.8, 0.2, 0.1), (0.1, 0.2, 0.8)


def striped() -> np.ndarray:
    """48 x 96: red above, blue below, and a red patch in the blue that nothing red leads to."""
    picture = np.empty((48, 96, 3), np.float32)
    picture[:24], picture[24:] = RED, BLUE
    picture[36:42, 60:66] = RED
    return picture


def test_a_cell_holds_one_place_and_one_colour() -> None:
    cells = affinity.grid(striped(), 6)
    assert cells.count == 8 * 16
    assert cells.cell[0, 0] == cells.cell[5, 5] != cells.cell[0, 6]
    assert len(np.unique(cells.cell[36:42, 60:66])) == 1


def test_neighbours_are_mutual_and_never_wrap_around() -> None:
    cells = affinity.grid(striped(), 6)
    for way in range(0, len(cells.near), 2):
        back, ahead = cells.near[way], cells.near[way + 1]
        there = ahead < cells.count
        assert np.array_equal(back[ahead[there]], np.flatnonzero(there))
    first, last = cells.cell[0, 0], cells.cell[0, -1]
    assert last not in cells.near[:, first]
    assert (cells.near[:, first] < cells.count).sum() == 2


def test_the_way_is_counted_in_cells_and_does_not_jump() -> None:
    cells = affinity.grid(striped(), 6)
    sources = np.zeros(cells.count, bool)
    sources[cells.cell[0, 0]] = True
    way = affinity.distance(cells, np.where(sources, 0, affinity.FAR), 40)[cells.cell]
    assert way[0, 0] == 0 and way[0, 95] == 15 and way[23, 95] == 18
    assert (way[24:] == affinity.FAR).all()


def test_shades_that_lead_to_one_another_are_a_longer_way() -> None:
    shades = np.linspace(0.1, 0.85, 96) + np.linspace(0, 0.05, 12)[:, None]
    picture = np.repeat(shades[..., None], 3, 2).astype(np.float32)
    cells = affinity.grid(picture, 6)
    sources = np.zeros(cells.count, bool)
    sources[cells.cell[0, 0]] = True
    way = affinity.distance(cells, np.where(sources, 0, affinity.FAR), 60)[cells.cell][0, -1]
    steps = round(0.85 / affinity.LIGHT) - round(0.1 / affinity.LIGHT)
    assert way == 15 + steps * affinity.COLOR_STEP


def test_shares_are_weighted_means() -> None:
    cells = affinity.grid(striped(), 6)
    values = np.zeros((48, 96), np.float32)
    values[0, :3] = 1
    weight = np.ones_like(values)
    weight[:, 6:] = 0
    share = affinity.share(cells, values, weight)
    assert np.isclose(share[cells.cell[0, 0]], 3 / 36)
    assert share[cells.cell[12, 0]] == 0 and share[cells.cell[0, 6]] == -1
