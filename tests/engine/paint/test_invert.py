"""Feature inversion: the photo itself where nothing is asked, its size and depth always, honest refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.paint.invert import Inverter, blended, coarse, cropped, survives, working_size


@pytest.fixture(scope="module")
def inverter() -> Inverter:
    """Untrained networks, the decoder's answer made grey and mild."""
    torch.manual_seed(5)
    decoder = FeatureDecoder()
    with torch.no_grad():
        for part in decoder.linear:
            part.weight.mul_(0.5)
    return Inverter(Features(CompactVGG()), decoder.eval().requires_grad_(False))


def picture(height: int, width: int, seed: int = 0, dtype: type = np.uint8) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.integers(0, np.iinfo(dtype).max, (height, width, 3)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_with_nothing_of_the_other_it_is_the_photo(inverter: Inverter, dtype: type) -> None:
    photo = picture(50, 70, dtype=dtype)
    assert finished(blended(photo, picture(20, 20, 1), 0.0, 3, inverter)) is photo
    nearly = finished(blended(photo, picture(20, 20, 1), 1e-6, 3, inverter, size=32))
    assert nearly.dtype == dtype and np.abs(nearly.astype(int) - photo).max() <= np.iinfo(dtype).max // 250


@pytest.mark.parametrize("depth", [0.5, 1, 2.5, 4])
def test_what_survives_has_the_photos_size_and_depth(inverter: Inverter, depth: float) -> None:
    photo = picture(33, 47, dtype=np.uint16)
    made = finished(survives(photo, depth, inverter, size=40))
    assert made.shape == photo.shape and made.dtype == np.uint16 and not np.array_equal(made, photo)
    assert finished(survives(photo, 0, inverter)) is photo


def test_between_two_depths_lies_what_is_between(inverter: Inverter) -> None:
    photo = picture(32, 32)
    two, three, between = (finished(survives(photo, depth, inverter)).astype(float) for depth in (2, 3, 2.5))
    assert np.abs(between - (two + three) / 2).max() <= 1.01


def test_the_photos_fine_detail_stays_unless_it_is_not_wanted(inverter: Inverter) -> None:
    """A fine chequered photo blended with a grey one, wholly: the chequers are there or not."""
    chequers = np.where(np.indices((256, 256)).sum(axis=0) % 2 == 0, 90, 160).astype(np.uint8)
    photo, grey = np.repeat(chequers[..., None], 3, axis=2), np.full((64, 64, 3), 125, np.uint8)
    stays, goes = (finished(blended(photo, grey, 1.0, 3, inverter, detail=d, size=64)).astype(int) for d in (1.0, 0.0))
    assert np.abs(np.diff(stays, axis=1)).mean() > 50 and np.abs(np.diff(goes, axis=1)).mean() < 5


def test_the_other_picture_may_have_any_shape(inverter: Inverter) -> None:
    photo = picture(40, 60)
    for other in (picture(1, 1), picture(3, 200, 1, np.uint16), picture(500, 9, 2)):
        assert finished(blended(photo, other, 0.7, 4, inverter, size=48)).shape == photo.shape
    tiny = picture(1, 5)
    assert finished(blended(tiny, photo, 0.7, 4, inverter)).shape == tiny.shape
    assert finished(survives(tiny, 4, inverter)).shape == tiny.shape


def test_the_middle_of_the_other_is_taken() -> None:
    other = np.arange(10 * 40).reshape(10, 40, 1)
    assert np.array_equal(cropped(other, 1.0), other[:, 15:25])
    assert cropped(other, 0.1).shape == (4, 40, 1) and cropped(other, 50).shape == (10, 1, 1)


def test_coarse_keeps_what_changes_slowly() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None, :, None].repeat(64, 0).repeat(3, 2)
    noise = np.random.default_rng(0).normal(0, 1, ramp.shape).astype(np.float32)
    assert np.abs(coarse(ramp, 2) - ramp)[:, 8:-8].max() < 0.01
    assert coarse(noise, 3).std() < 0.2 and coarse(noise, 0) is noise


def test_a_working_size_is_never_empty() -> None:
    assert working_size(picture(1, 900), 512) == (8, 512) and working_size(picture(30, 20), 512) == (30, 20)


@pytest.mark.parametrize("depth", [-1, 4.5, float("nan")])
def test_a_depth_that_is_not_there(inverter: Inverter, depth: float) -> None:
    with pytest.raises(InputError, match="depth .* is out of range"):
        finished(survives(picture(9, 9), depth, inverter))
    with pytest.raises(InputError, match="choose from 1 to 4"):
        finished(blended(picture(9, 9), picture(9, 9), 0.5, min(depth, 0.5), inverter))


def test_weights_come_from_a_file_or_are_missed_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Features, "load", lambda: Features(CompactVGG()))
    decoder = FeatureDecoder()
    save_file({name: value.half() for name, value in decoder.state_dict().items()}, tmp_path / "decoder.safetensors")
    tap = torch.randn(1, 16, 8, 8)
    loaded = Inverter.load(tmp_path / "decoder.safetensors")
    assert torch.allclose(loaded.decoder(tap, 1), decoder(tap, 1), atol=1e-2)
    with pytest.raises(InputError, match="decoder weights are missing"):
        Inverter.load(tmp_path / "none.safetensors")
