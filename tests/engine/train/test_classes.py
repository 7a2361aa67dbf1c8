"""Folders as classes: when they are taken for some, and what a manifold does that was told them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.document.errors import InputError
from engine.document.job import ListDirections
from engine.document.pauses import finished
from engine.model import own_manifold, packs
from engine.model.directions import list_directions
from engine.model.families import FAMILIES
from engine.model.networks.critic import Critic
from engine.model.networks.style_generator import Mapping
from engine.train.adversarial import Contest, networks
from engine.train.classes import classes_of, labels_of, shares_of
from engine.train.folder import FolderRequest, check, classes
from engine.train.recipe import Recipe
from engine.train.trainer import Budget

NAMES = ("dull", "red", "white")


def test_folders_are_classes_where_every_picture_lies_in_one(pictures: Path, tmp_path: Path) -> None:
    assert finished(classes_of(pictures, None)) == ("even", "odd") == finished(classes_of(pictures, True))
    assert finished(classes_of(pictures, False)) == ()
    below = pictures / "even"
    assert finished(classes_of(below, None)) == ()
    with pytest.raises(InputError, match="has no classes"):
        finished(classes_of(below, True))
    for index in range(12):
        for folder in ("a", "b", "."):
            place = tmp_path / folder
            place.mkdir(exist_ok=True)
            Image.new("RGB", (8, 8)).save(place / f"{index}.png")
    assert finished(classes_of(tmp_path, None)) == ()  # some lie beside the folders


def test_a_picture_has_the_class_of_its_first_folder() -> None:
    labels = labels_of(["red/1/a.png", "dull/b.png", "red/c.png"], NAMES)
    assert labels.tolist() == [1, 0, 1]
    assert shares_of(labels, 3) == pytest.approx([1 / 3, 2 / 3, 0])
    with pytest.raises(InputError, match="none of the classes"):
        labels_of(["green/a.png"], NAMES)


def test_the_last_number_of_z_says_the_class_by_the_shares() -> None:
    torch.manual_seed(0)
    mapping = Mapping(8, shares=(0.5, 0.2, 0.3))
    z = torch.randn(4000, mapping.width)
    told = torch.bucketize(z[:, -1].contiguous(), mapping.get_buffer("edges"))
    assert np.bincount(told.numpy()) / 4000 == pytest.approx([0.5, 0.2, 0.3], abs=0.03)
    torch.testing.assert_close(mapping(z), mapping(z, told))
    assert (mapping(z[:1], torch.tensor([0])) - mapping(z[:1], torch.tensor([2]))).abs().max() > 0.05


def told_apart(path: Path, steps: int = 25) -> Contest:
    """A short contest on dark, red and white pictures."""
    torch.manual_seed(0)
    ground = np.array([[0, 0, 0], [255, 0, 0], [255, 255, 255]], np.uint8)
    labels = np.arange(30) % 3
    pictures = np.broadcast_to(ground[labels][:, None, None], (30, 16, 16, 3)).copy()
    contest = Contest(*networks("style", 16, shares=(1.0, 1.0, 1.0)), pictures, np.arange(30),
                      Budget(1e9, 4e-3, warm_up=1, checkpoint_minutes=1e6), path,
                      Recipe(batch=8, augments=False), seed=1, labels=labels)  # fmt: skip
    steps_ = contest.run()
    for _ in range(steps):
        next(steps_)
    steps_.close()  # type: ignore[attr-defined]
    return contest


def test_what_is_told_is_learned_drawn_named_and_slid_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    contest = told_apart(tmp_path / "run.pt")
    generator = contest.generator.eval()
    kinds = own_manifold.kinds_of(generator, NAMES)
    manifold = own_manifold.manifold_of("grounds", generator, *own_manifold.cloud(generator), kinds=kinds)
    assert manifold.kinds is not None
    tones = [manifold.picture(manifold.sample(6, 3, kind=name)).mean(dim=(0, 2, 3)) for name in NAMES]
    assert tones[2].mean() > tones[0].mean() + 0.3 and tones[1][0] > tones[1][1] + 0.3
    for place, name in enumerate(NAMES):
        drawn = manifold.sample(20, 5, kind=name)
        assert (manifold.kinds.nearest(drawn[:, 0]) == place).float().mean() > 0.9
        assert manifold.kinds.name_of(drawn[:1]) == name
    with pytest.raises(InputError, match="no class called 'blue'"):
        manifold.sample(1, 0, kind="blue")
    *_, last = list_directions(ListDirections(ticket=1, manifold="grounds"), manifold)
    towards = {d.name: d for d in last.directions if d.source in ("named", "class")}
    assert set(NAMES) <= set(towards) and "From dull to white" in towards
    start = manifold.kinds.means[0].expand(1, manifold.layers, -1)
    moved = start + torch.tensor(towards["From dull to white"].values)
    assert manifold.kinds.name_of(moved) == "white"


def test_a_run_that_was_begun_without_classes_goes_on_without(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    request = FolderRequest(pictures, "discs", size=16)
    request.place().mkdir(parents=True)
    (request.place() / "settings.json").write_text('{"size":16,"family":"style","seed":0}')  # as written before
    finished(check(replace(request, resume=True)))
    assert classes(request) == ()
    with pytest.raises(InputError, match="--no-classes: resume"):
        finished(check(replace(request, resume=True, classes=True)))


def test_networks_without_classes_have_the_tensors_they_always_had() -> None:
    names = set(FAMILIES["style"].generator(16).state_dict()) | set(Critic(16).state_dict())
    assert not any("class" in name or "edges" in name for name in names)


def test_looking_for_classes_lets_others_go_first(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(packs.HOME, str(tmp_path))
    assert len(list(check(FolderRequest(pictures, "discs", size=16)))) == 3  # a pause for each folder
