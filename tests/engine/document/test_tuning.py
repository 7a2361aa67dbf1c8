"""A tuning is kept with the latents found in it, by value in a file and by identity in memory."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from engine.document.direction import Direction, Slide
from engine.document.document import Document
from engine.document.edit import ManifoldEdit
from engine.document.errors import InputError
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.store import load, save
from engine.document.tuning import Tuning, mixed_tuning

Content = dict[str, Any]


def a_tuning(seed: int = 0, rank: int = 2) -> Tuning:
    random = np.random.default_rng(seed)
    return Tuning({"octaves.1.conv1.mix": (random.normal(size=(5, rank)), random.normal(size=(rank, 4)))})


def product(tuning: Tuning | None) -> np.ndarray:
    assert tuning is not None
    up, down = tuning.factors["octaves.1.conv1.mix"]
    return np.asarray(up @ down)


def edited() -> Document:
    base = Latent(np.ones((2, 3)), "faces", a_tuning())
    edit = ManifoldEdit(Frame(9, 9, 9), base, base.at(base.values * 2))
    return Document(Photo(np.full((20, 20, 3), 9, np.uint8)), (edit,))


def test_sliders_and_sums_stay_in_the_tuned_manifold() -> None:
    edit = edited().manifold_edits[0]
    slid = edit.slid((Slide(Direction("Smile", np.ones((2, 3)), "faces", 3.0), 1.0),))
    assert slid.latent.tuning is slid.origin().tuning is edit.base.tuning


def test_it_comes_back_once_and_shared(tmp_path: Path) -> None:
    document = edited()
    save(document, tmp_path / "a.ganvas")
    (edit,) = load(tmp_path / "a.ganvas").manifold_edits
    assert edit.base.tuning is edit.latent.tuning is not None
    np.testing.assert_array_equal(product(edit.base.tuning), product(a_tuning()))
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        assert len(json.loads(file.read("document.json"))["tunings"]) == 1


def test_without_one_a_document_of_before_opens(tmp_path: Path) -> None:
    base = Latent(np.ones((2, 3)), "faces")
    save(Document(edited().photo, (ManifoldEdit(Frame(9, 9, 9), base, base),)), tmp_path / "a.ganvas")

    def old(content: Content) -> None:
        del content["tunings"], content["latents"][0]["tuning"]
        content["version"] = 3

    assert load(forged(tmp_path, old)).manifold_edits[0].base.tuning is None


def forged(tmp_path: Path, change: Callable[[Content], None], arrays: dict[str, np.ndarray] | None = None) -> Path:
    """The document at a.ganvas with its JSON changed, and its arrays."""
    with zipfile.ZipFile(tmp_path / "a.ganvas") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    content = json.loads(parts["document.json"])
    change(content)
    parts["document.json"] = json.dumps(content).encode()
    if arrays:
        parts["arrays.safetensors"] = safetensors.numpy.save(
            safetensors.numpy.load(parts["arrays.safetensors"]) | arrays)
    with zipfile.ZipFile(tmp_path / "b.ganvas", "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return tmp_path / "b.ganvas"


@pytest.mark.parametrize(("array", "why"), [
    (np.ones((5, 3), np.float32), "$.tunings[0]"), (np.full((5, 2), np.nan, np.float32), "finite"),
    (np.ones(5, np.float32), "matrix"), (np.ones((5, 2), np.float64), "matrix"),
])
def test_matrices_that_cannot_be(tmp_path: Path, array: np.ndarray, why: str) -> None:
    save(edited(), tmp_path / "a.ganvas")
    path = forged(tmp_path, lambda content: None, {"tuning 0 up octaves.1.conv1.mix": array})
    with pytest.raises(InputError, match=r"b\.ganvas") as caught:
        load(path)
    assert why in str(caught.value)


def test_a_tuning_that_is_not_there(tmp_path: Path) -> None:
    save(edited(), tmp_path / "a.ganvas")
    path = forged(tmp_path, lambda content: content["latents"][0].update(tuning=7))
    with pytest.raises(InputError, match="tuning"):
        load(path)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_mixed_is_the_mixture_of_the_products(share: float) -> None:
    a, b = a_tuning(1), a_tuning(2, rank=3)
    mixed = mixed_tuning(a, b, share)
    assert mixed is not None
    np.testing.assert_allclose(product(mixed), (1 - share) * product(a) + share * product(b), atol=1e-5)
    assert mixed_tuning(a, b, 0) is a and mixed_tuning(a, b, 1) is b and mixed_tuning(a, a, 0.5) is a
    faded = mixed_tuning(a, None, 0.5)
    assert faded is not None and faded is mixed_tuning(a, None, 0.5)
    np.testing.assert_allclose(product(faded), 0.5 * product(a), atol=1e-6)
