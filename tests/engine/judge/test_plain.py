"""Our descent beside plain ones: judged alike, gone on with where they were left, and timed to where it is as near."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.document.image_files import write_photo
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit.target import Target
from engine.judge import plain
from engine.judge.plain import Mark, Plain, compare, reached
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.compact_vgg import CompactVGG

FRAME = Frame(20, 20, 30)


@pytest.fixture
def features(monkeypatch: pytest.MonkeyPatch) -> Features:
    torch.manual_seed(0)
    made = Features(CompactVGG())
    monkeypatch.setattr(Features, "load", lambda: made)
    return made


@pytest.fixture
def photo() -> Photo:
    y, x = np.mgrid[0:40, 0:40] / 40
    return Photo((255 * np.stack([x, y, 1 - x], axis=2)).astype(np.uint8))


def descent(manifold: Manifold, features: Features, photo: Photo, each: bool = True) -> Plain:
    return Plain(manifold, features, Target(photo, FRAME, manifold), each)


def test_a_style_a_layer_comes_nearer_than_one(tiny_manifold: Manifold, features: Features, photo: Photo) -> None:
    ends = []
    for each in (False, True):
        one = descent(tiny_manifold, features, photo, each)
        before = one.error()
        for _ in range(60):
            one.step(60)
        ends.append(one.error())
        assert ends[-1] < before and one.seconds > 0
    assert ends[1] < ends[0]


def test_it_goes_on_exactly_where_it_was_kept(
    tiny_manifold: Manifold, features: Features, photo: Photo, tmp_path: Path
) -> None:
    whole, half = (descent(tiny_manifold, features, photo) for _ in range(2))
    for _ in range(8):
        whole.step(8)
    for _ in range(4):
        half.step(8)
    half.keep(tmp_path / "half.safetensors")
    rest = descent(tiny_manifold, features, photo)
    rest.go_on(tmp_path / "half.safetensors")
    for _ in range(4):
        rest.step(8)
    assert rest.steps == 8 and rest.error() == pytest.approx(whole.error(), rel=1e-5)


def test_the_time_is_read_between_marks() -> None:
    marks = (Mark(0, 0.5, 2.0), Mark(6, 2.0, 1.0), Mark(12, 8.0, 0.5))
    assert reached(marks, 3.0) == 0.5
    assert reached(marks, 1.0) == pytest.approx(2.0)
    assert reached(marks, 0.5**0.5) == pytest.approx(4.0)
    assert reached(marks, 0.4) is None


def test_what_is_in_the_table_is_not_done_again(
    tiny_manifold: Manifold, features: Features, photo: Photo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "frames", lambda photo: (FRAME,))
    write_photo(photo.pixels, photo, tmp_path / "one.png")
    told: list[str] = []

    def rows() -> list[plain.Comparison]:
        return list(compare([tmp_path / "one.png"], tiny_manifold, tmp_path / "out", 3, told.append, budgets=(2,)))

    first = rows()
    assert [mark.steps for mark in first[0].ours] == [0, 2] and set(first[0].plain) == set(plain.FREEDOMS)
    assert first[0].ours[0].error > first[0].ours[1].error
    assert len(json.loads((tmp_path / "out" / "plain.json").read_text())) == 1 and told
    told.clear()
    assert rows() == first and not told
