"""The conditional generator: names, grounds, changes, and that it learns."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.document.job import ListDirections
from engine.model import own_manifold, packs
from engine.model.directions import list_directions
from engine.model.networks.conditional import CHANGES, FIRST, INPUTS, ConditionalGenerator
from engine.train.conditional import changed, course, known_of
from engine.train.course import Task
from engine.train.cutout import stands_out, thing
from engine.train.photos import to_tensor

PLACE = {each.name: place for place, each in enumerate(CHANGES)}


def disc(ground: tuple[int, int, int], colour: tuple[int, int, int], x: int = 16, side: int = 32) -> np.ndarray:
    picture = np.full((side, side, 3), ground, np.uint8)
    return np.asarray(cv2.circle(picture, (x, side // 2), side // 4, colour, -1))


@pytest.mark.parametrize("ground", [(40, 60, 150), (255, 255, 255)])
def test_a_thing_is_cut_out_of_a_plain_ground(ground: tuple[int, int, int]) -> None:
    picture = disc(ground, (200, 60, 40))
    if ground[0] < 100:
        picture[16:] = (picture[16:] * 0.6).astype(np.uint8)  # a shadow over the lower half
        picture = np.where((disc((0, 0, 0), (1, 1, 1)) > 0), disc(ground, (200, 60, 40)), picture)
    mask, inside = thing(picture), disc((0, 0, 0), (1, 1, 1))[..., 0] > 0
    assert mask.shape == (32, 32) and mask[cv2.erode(inside.astype(np.uint8), np.ones((3, 3))) > 0].min() > 0.9
    assert mask[cv2.dilate(inside.astype(np.uint8), np.ones((3, 3))) == 0].max() == 0
    assert thing(np.full((32, 32, 3), ground, np.uint8)).max() == 0


def test_names_tell_things_and_views() -> None:
    names = ("1/3/cow3-090-135.jpg", "1/3/cow3-000-000.jpg", "2/1/cup1-068-090.jpg", "2/1/plain.jpg")
    known = known_of(names, ("1", "2"))
    assert known.kinds.tolist() == [0, 0, 1, 1] and known.things.tolist() == [0, 0, 1, 2]
    np.testing.assert_allclose(known.views[:2], [[3, 0], [0, 4]])
    np.testing.assert_allclose(known.views[3], [0, 0])


def test_dates_and_times_are_no_views() -> None:
    known = known_of(("2023-08-14.jpg", "2023-08-15.jpg", "walk-2023-08-14.jpg", "IMG-12-59.jpg"), ())
    assert known.things.tolist() == [0, 1, 2, 3] and not known.views.any()


@pytest.mark.parametrize("ground", [(40, 60, 150), (255, 255, 255)])
def test_a_thing_stands_out_of_a_plain_ground_only(ground: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    half = np.full((32, 32, 3), ground, np.uint8)
    half[:, :20] = (200, 60, 40)
    assert stands_out(disc(ground, (200, 60, 40)))
    assert not any(stands_out(other) for other in (noise, half, np.full((32, 32, 3), ground, np.uint8)))


def test_things_that_were_held_out_do_not_blur_the_others(tmp_path: Path) -> None:
    """Their codes are what they were at the beginning: they have not been learned."""
    pictures = np.stack([disc((255, 255, 255), (200, 0, 0), 8, 16)] * 12)
    names = tuple(f"{number}.png" for number in range(12))
    task = Task("conditional", 16, pictures, names, np.arange(9), (), 1e9, tmp_path / "run.pt", 1e6, False, 0,
                torch.device("cpu"))  # fmt: skip
    one = course(task)
    codes = one._training.average["codes.weight"]
    codes[:9], codes[9:] = codes[:9] * 0.1, 5.0
    assert one.averaged().mapping.means.abs().max() < 1


def test_parts_add_up_to_the_batch(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pictures = np.stack([disc((255, 255, 255), (200, 0, 0), 8, 16)] * 4)
    task = Task("conditional", 16, pictures, ("a", "b", "c", "d"), np.arange(4), (), 1e9, tmp_path / "run.pt", 1e6,
                False, 0, torch.device("cpu"))  # fmt: skip
    one = course(task)
    sums = []
    for count in (1, 4):
        one.part(count)
        shares = list(one._shares(0))
        assert len(shares) == count
        sums.append(torch.stack(shares).sum())
    torch.testing.assert_close(*sums)


def one_change(name: str, steps: float) -> tuple[np.ndarray, np.ndarray]:
    """Picture, HxWx3 in -1..1, and mask of a red disc after one change."""
    picture = disc((255, 255, 255), (255, 0, 0))
    changes = torch.zeros(1, len(CHANGES))
    changes[0, PLACE[name]] = steps
    mask = torch.from_numpy(thing(picture))[None, None]
    made, moved = changed(to_tensor(picture[None]), mask, changes)
    return made[0].permute(1, 2, 0).numpy(), moved[0, 0].numpy()


def middle(mask: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[0:32, 0:32]
    return float((x * mask).sum() / mask.sum()), float((y * mask).sum() / mask.sum())


def test_changes_do_what_they_are_called() -> None:
    _, still = one_change("Right", 0.0)
    assert middle(one_change("Right", 2.0)[1])[0] - middle(still)[0] == pytest.approx(0.1 * 32, abs=0.3)
    assert middle(one_change("Down", 2.0)[1])[1] - middle(still)[1] == pytest.approx(0.1 * 32, abs=0.3)
    assert one_change("Larger", 2.0)[1].sum() / still.sum() == pytest.approx(math.exp(0.4), rel=0.08)
    wide = one_change("Wider", 2.0)[1] > 0.5
    assert wide.any(axis=0).sum() > wide.any(axis=1).sum() + 3
    red, _ = one_change("Brightness", 0.0)
    assert one_change("Brightness", -2.0)[0][16, 16].mean() < red[16, 16].mean() - 0.1
    spun = one_change("Hue", 4.0)[0][16, 16]  # a third around: red to green
    assert spun[1] > spun[0] + 0.5 and spun[1] > spun[2] + 0.5
    pale = one_change("Saturation", -3.0)[0][16, 16]
    assert np.ptp(pale) < np.ptp(red[16, 16]) * 0.6
    assert (red[0, 0] == 1).all()


def test_rotation_goes_to_the_right() -> None:
    picture = np.full((32, 32, 3), 255, np.uint8)
    picture[4:16, 15:17] = 0  # a hand that points up
    changes = torch.zeros(1, len(CHANGES))
    changes[0, PLACE["Rotate"]] = 9.0  # a quarter
    mask = torch.from_numpy((picture[..., 0] == 0).astype(np.float32))[None, None]
    _, moved = changed(to_tensor(picture[None]), mask, changes)
    assert middle(moved[0, 0].numpy())[0] > 19 and abs(middle(moved[0, 0].numpy())[1] - 15.5) < 1


def test_angles_go_round() -> None:
    torch.manual_seed(0)
    generator = ConditionalGenerator(16, (0.5, 0.5)).eval()
    latent = generator.mapping(torch.randn(1, generator.mapping.width))[:, None]
    for place, each in enumerate(INPUTS):
        moved = latent.clone()
        moved[..., FIRST + place] += each.about or 1.0
        same = torch.allclose(generator(moved), generator(latent), atol=1e-3)
        assert same == bool(each.about), each.name


def test_it_learns_the_picture_its_outline_and_its_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    torch.manual_seed(0)
    pictures = np.stack([disc((255, 255, 255), c, 8, 16) for c in ((200, 0, 0), (0, 120, 0))] * 4)
    names = tuple(f"{kind}/{kind}-090-{turn:03}.png" for turn in (0, 90, 180, 270) for kind in ("red", "tree"))
    task = Task("conditional", 16, pictures, names, np.arange(8), ("red", "tree"), 1e9, tmp_path / "run.pt", 1e6,
                False, 0, torch.device("cpu"))  # fmt: skip
    one = course(task)
    made = 0
    for step in one.pieces():
        made += step is not None
        if made == 60:
            break
    generator = one.averaged()
    kinds = own_manifold.kinds_of(generator, task.classes)
    manifold = own_manifold.manifold_of("things", generator, *own_manifold.cloud(generator), kinds=kinds)
    for kind, channel in (("red", 0), ("tree", 1)):
        latents = manifold.sample(4, 0, 0.0, kind)
        picture, mask = manifold.picture(latents).mean(dim=0), manifold.cut(latents)
        assert picture[:, 8, 8].argmax() == channel
        assert mask is not None and mask[:, 0, 8, 8].mean() > mask[:, 0, 0, 0].mean() + 0.05
    *_, last = list_directions(ListDirections(ticket=1, manifold="things"), manifold)
    found = {d.name: d for d in last.directions}
    assert {each.name for each in INPUTS} | {"red", "tree"} <= set(found)
    assert np.flatnonzero(found["Turn"].values).tolist() == [FIRST]
