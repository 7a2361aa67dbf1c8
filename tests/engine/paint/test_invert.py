"""Feature inversion: the photo's size and depth always, the networks' own answers, honest refusals."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.paint.invert import Inverter, bordered, coarse, survives, working_size
from engine.paint.tensors import to_tensor


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


def test_a_tiny_picture_is_inverted_too(inverter: Inverter) -> None:
    tiny = picture(1, 5)
    assert finished(survives(tiny, 4, inverter)).shape == tiny.shape


@pytest.mark.parametrize("depth", [1, 3, 4])
def test_with_pauses_it_is_what_the_networks_say(inverter: Inverter, depth: int) -> None:
    small, shift = picture(30, 45), (2, 4)
    taps = finished(inverter.taps(small, shift, depth))
    whole = inverter.features.network(to_tensor(bordered(small, shift)), depth)
    assert len(taps) == depth and all(torch.equal(one, other) for one, other in zip(taps, whole, strict=True))
    told = finished(inverter.decoded(taps[-1], depth, shift, (30, 45)))
    answer = (inverter.decoder(taps[-1], depth)[0].permute(1, 2, 0) / 2 + 0.5).clip(0, 1).numpy()
    assert np.allclose(told, answer[34:64, 36:81], atol=1e-6)


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


def test_weights_come_from_a_file_or_are_missed_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Features, "load", lambda: Features(CompactVGG()))
    decoder = FeatureDecoder()
    save_file({name: value.half() for name, value in decoder.state_dict().items()}, tmp_path / "decoder.safetensors")
    tap = torch.randn(1, 16, 8, 8)
    loaded = Inverter.load(tmp_path / "decoder.safetensors")
    assert torch.allclose(loaded.decoder(tap, 1), decoder(tap, 1), atol=1e-2)
    with pytest.raises(InputError, match="decoder weights are missing"):
        Inverter.load(tmp_path / "none.safetensors")


def test_the_decoder_that_is_shipped_knows_the_features_that_are() -> None:
    """Features that are taught anew are other features: their decoder must then be taught again too."""
    random, small = np.random.default_rng(0), np.full((64, 64, 3), 127.0)
    for side in (4, 8, 16, 32, 64):  # something of every size, as in photos
        for spread, channels in ((14, 1), (5, 3)):
            noise = random.normal(0, spread, (side, side, channels))
            small += cv2.resize(noise, (64, 64), interpolation=cv2.INTER_CUBIC).reshape(64, 64, channels)
    seen, inverter = small.clip(0, 255).astype(np.uint8), Inverter.load()
    for depth, (tap, most) in enumerate(zip(finished(inverter.taps(seen, (0, 0), 3)), (0.06, 0.11, 0.12), strict=True)):
        told = finished(inverter.decoded(tap, depth + 1, (0, 0), (64, 64)))
        assert np.abs(told - seen / 255).mean() < most
