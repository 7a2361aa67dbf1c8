"""A family is one file among the networks and one in the training: nothing else knows its name."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

import engine.train
from engine.document.errors import InputError
from engine.model import families, networks, packs
from engine.model.catalog import open_manifold
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import folder
from engine.train.folder import FolderRequest, train_folder

NETWORK = '''
"""A family of plain grounds."""
import torch
from torch import nn
from engine.model.family import Drawing, Family, Generator


class Plain(Drawing):
    width = 3

    def forward(self, z):
        return z


class Ground(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size, self.tint = size, nn.Parameter(torch.zeros(3))

    def forward(self, latents):
        return (latents[:, 0] + self.tint)[:, :, None, None].expand(-1, -1, self.size, self.size).tanh()


class Toy(Generator):
    def __init__(self, size=64, shares=()):
        super().__init__()
        self.size, self.layers = size, 1
        self.mapping, self.synthesis = Plain(), Ground(size)


FAMILY = Family("toy", "toy_lessons", Toy)
'''

LESSONS = '''
"""Teaches grounds: the mean of the pictures."""
import copy
import torch
from engine.model.families import FAMILIES
from engine.train.trainer import Budget, Training


class Lessons(Training):
    def __init__(self, task):
        super().__init__(FAMILIES["toy"].generator(task.size), Budget(task.minutes), task.checkpoint)
        mean = torch.from_numpy(task.pictures[task.chosen].mean(axis=(0, 1, 2)) / 127.5 - 1).float()
        self.goal, self.size = mean, task.size

    def pieces(self):
        return super().pieces(lambda step: iter(((self.module.synthesis.tint - self.goal).square().sum(),)))

    def side(self):
        return self.size

    def part(self, count):
        pass

    def averaged(self):
        generator = copy.deepcopy(self.module)
        generator.load_state_dict(self.average)
        return generator

    def critic_kept(self):
        return None

    def encoder_kept(self, mean, basis):
        return None

    def told(self):
        return "cpu"


def course(task):
    return Lessons(task)
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files more, as if they lay among the others."""
    for package, name, text in ((networks, "toy_network", NETWORK), (engine.train, "toy_lessons", LESSONS)):
        place = tmp_path / name
        place.mkdir()
        (place / f"{name}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(place)])
        monkeypatch.delitem(sys.modules, f"{package.__name__}.{name}", raising=False)
    found = families.found()
    monkeypatch.setitem(families.FAMILIES, "toy", found["toy"])
    monkeypatch.setenv(packs.HOME, str(tmp_path / "home"))
    monkeypatch.setattr(folder, "JUDGED", 8)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)


@pytest.mark.usefixtures("toy")
def test_two_files_make_a_family(pictures: Path) -> None:
    *_, last = train_folder(FolderRequest(pictures, "grounds", size=16, minutes=0.005, family="toy", least=20))
    assert last.made is not None and packs.own() == ["grounds"]
    manifold = open_manifold("grounds")
    picture = manifold.picture(manifold.sample(1, 0))
    assert picture.shape == (1, 3, 16, 16) and manifold.critic is None
    shared, _ = manifold.guess(picture)
    assert shared.shape == (1, 1, 3)


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("spoil", ["left out", "of another shape", "other slopes", "no number", "of another family"])
def test_a_pack_that_is_no_pack_of_its_family_is_refused(spoil: str, pictures: Path) -> None:
    *_, _ = train_folder(FolderRequest(pictures, "grounds", size=16, minutes=0.005, family="toy", least=20))
    card, tensors = packs.load("grounds")
    name = "stats.mean" if spoil == "no number" else "generator.synthesis.tint"
    if spoil == "left out":
        del tensors[name]
    elif spoil == "of another shape":
        tensors[name] = torch.zeros(7)
    elif spoil == "other slopes":
        tensors["stats.axes"] = torch.zeros(1, 2, 7)
    elif spoil == "no number":
        tensors[name] = torch.full_like(tensors[name], float("nan"))
    else:
        import msgspec

        card = msgspec.structs.replace(card, network="own-nothing")
    packs.write_own("grounds", card, tensors)
    with pytest.raises(InputError, match="train it again|another Ganvas"):
        open_manifold("grounds")


def test_every_family_names_a_module_that_teaches_it() -> None:
    from importlib import import_module

    assert {"style", "dcgan", "vae"} <= set(families.FAMILIES)
    for family in families.FAMILIES.values():
        assert callable(import_module(f"engine.train.{family.taught_by}").course)
