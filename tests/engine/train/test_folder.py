"""From a folder of pictures to a manifold that opens: the whole way, small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine.document.errors import InputError
from engine.document.training import Crop
from engine.model import packs
from engine.model.catalog import open_manifold
from engine.model.families import FAMILIES
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.train import axes, folder
from engine.train.folder import FolderRequest, FolderStep, train_folder


@pytest.fixture
def request_(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderRequest:
    """A moment of training at 16 px; features that know nothing, few pictures judged, user data elsewhere."""
    monkeypatch.setenv(packs.HOME, str(tmp_path / "home"))
    monkeypatch.setattr(folder, "JUDGED", 8)
    features = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: features)
    return FolderRequest(pictures, "discs", size=16, minutes=0.01, least=20)


def end(request: FolderRequest) -> FolderStep:
    *_, last = train_folder(request)
    return last


def test_the_encoder_can_be_taught_another_way(request_: FolderRequest) -> None:
    assert end(replace(request_, way="pairs+joint")).made is not None
    saved = torch.load(request_.place() / "encoder.pt", weights_only=True)
    assert any(name.startswith("joint.") for name in saved["adversaries"])
    assert "--encoder pairs+joint" in replace(request_, way="pairs+joint").command()


def test_an_unknown_way_is_told_before_anything_is_done(request_: FolderRequest) -> None:
    with pytest.raises(InputError, match="no way to teach"):
        end(replace(request_, way="luck"))
    assert not request_.place().exists()


@pytest.mark.parametrize(("crop", "layout"), [(Crop.SCENE, "scene"), (Crop.WHOLE, "")])
def test_the_card_says_how_things_lie_in_its_pictures(crop: Crop, layout: str, request_: FolderRequest) -> None:
    end(replace(request_, crop=crop))
    card, _ = packs.load("discs")
    assert card.layout == layout and card.trained is not None and f"--crop {crop}" in card.trained.command


@pytest.mark.parametrize("family", list(FAMILIES))
def test_a_folder_becomes_a_manifold(family: str, request_: FolderRequest) -> None:
    size = FAMILIES[family].least
    for path in request_.folder.rglob("*.png"):
        with Image.open(path) as picture:
            picture.resize((size + 8, size + 8)).save(path)
    fractions = [step.fraction for step in train_folder(replace(request_, family=family, size=size))]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    card, _ = packs.load("discs")
    assert card.trained is not None and card.trained.steps > 0 and "60 pictures" in card.trained.data
    assert card.trained.quality["frechet"] >= 0 and card.layout == ""
    state = packs.states()[-1]
    assert (state.name, state.installed, packs.own()) == ("discs", True, ["discs"])
    manifold = open_manifold("discs")
    latents = manifold.sample(2, 0)
    assert latents.shape == (2, card.layers, card.width)
    torch.testing.assert_close(manifold.picture(latents), manifold.preview(latents))
    shared, own = manifold.guess(manifold.picture(latents))
    torch.testing.assert_close(manifold.coordinates(manifold.latents(shared, own))[0].shape, shared.shape)
    width = shared.shape[2]
    assert manifold.axes is not None and manifold.axes.shape == (manifold.layers, min(axes.KEPT, width), width)
    assert (manifold.critic is None) == (FAMILIES[family].critic is None)
    if manifold.critic is not None:
        assert manifold.critic(manifold.picture(latents)).shape == (2,)
    for name in ("samples.png", "neighbours.png"):
        with Image.open(request_.place() / name) as sheet:
            assert sheet.width > 16


def test_the_pack_is_what_was_trained(request_: FolderRequest) -> None:
    end(request_)
    generator = FAMILIES["style"].generator(16, [0.5, 0.5])
    state = torch.load(request_.place() / "contest.pt", weights_only=True)
    generator.load_state_dict(state["average"])
    manifold = open_manifold("discs")
    latents = manifold.sample(1, 3)
    torch.testing.assert_close(manifold.picture(latents), generator(latents), atol=0.02, rtol=0.02)


def test_a_training_is_neither_begun_twice_nor_resumed_as_another(request_: FolderRequest) -> None:
    steps = train_folder(request_)
    for step in steps:
        if step.step:
            break
    steps.close()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="begun before: go on with --resume"):
        end(request_)
    with pytest.raises(InputError, match="begun with --size 16"):
        end(replace(request_, size=32, resume=True))
    with pytest.raises(InputError, match="--crop centre: resume"):
        end(replace(request_, crop=Crop.WHOLE, resume=True))
    assert end(replace(request_, resume=True)).made is not None
    folder_of = request_.place()
    for path in folder_of.iterdir():
        path.unlink()
    with pytest.raises(InputError, match="a manifold called discs already"):
        end(request_)


@pytest.mark.parametrize("change", [
    {"classes": True, "family": "dcgan"},
    {"name": "Discs"}, {"name": "faces"}, {"name": "../up"}, {"name": ""}, {"size": 100}, {"minutes": 0.0},
    {"minutes": float("nan")}, {"folder": Path("nowhere")}, {"least": 61},
])  # fmt: skip
def test_what_cannot_be_trained_is_refused(change: dict[str, object], request_: FolderRequest) -> None:
    with pytest.raises(InputError):
        end(replace(request_, **change))  # type: ignore[arg-type]
    assert packs.own() == []


def test_a_changed_pack_is_refused_and_listed_as_damaged(request_: FolderRequest) -> None:
    made = end(request_).made
    assert made is not None
    weights = made.path / packs.WEIGHTS
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(InputError, match="were changed.*train it again"):
        open_manifold("discs")
    (made.path / packs.CARD).write_text("{}")
    assert not packs.states()[-1].installed


def test_samples_do_not_depend_on_when_they_are_looked_at(request_: FolderRequest) -> None:
    end(request_)
    manifold = open_manifold("discs")
    np.testing.assert_array_equal(manifold.sample(3, 7).numpy(), open_manifold("discs").sample(3, 7).numpy())


def test_a_training_that_is_closed_closes_its_course(request_: FolderRequest) -> None:
    """Whoever else holds it; then it has written its checkpoint."""
    courses: list[Any] = []

    def begun(course: Any, squares: object) -> None:
        pieces = course.pieces()
        course.pieces = lambda: pieces
        courses.append(pieces)

    moments = folder.training(replace(request_, minutes=100.0), begun)
    next(moment for moment in moments if courses and moment is not None and moment.step)
    moments.close()
    assert courses[0].gi_frame is None and (request_.place() / "contest.pt").exists()
