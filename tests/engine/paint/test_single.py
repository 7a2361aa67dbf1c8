"""A style's own network: tiles are one picture, the seed gives variants, foreign weights are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.document.errors import InputError
from engine.document.pauses import finished
from engine.model.networks.style_single import StyleSingle, noise_at
from engine.model.networks.style_transfer import Statistics
from engine.paint import single
from engine.paint.tensors import to_pixels, to_tensor


def network() -> dict[str, np.ndarray]:
    """Not the identity any more, and as sensitive to noise as to the picture."""
    torch.manual_seed(0)
    made = StyleSingle()
    with torch.no_grad():
        made.colour.weight[:, :8].mul_(3)
    return made.arrays()


def photo(height: int, width: int, depth: type = np.uint8) -> np.ndarray:
    random = np.random.default_rng(0)
    coarse = random.random((height // 8 + 1, width // 8 + 1, 3)).repeat(8, 0).repeat(8, 1)[:height, :width]
    return (coarse * np.iinfo(depth).max).astype(depth)


def test_a_new_network_gives_the_photo_back_nearly() -> None:
    made = StyleSingle()
    with torch.no_grad():
        made.colour.weight[:, :8] = 0
    given = photo(40, 60)
    assert np.abs(finished(single.stylised(given, made.arrays())).astype(int) - given).max() <= 1


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_any_size_and_depth_is_kept(depth: type) -> None:
    given = photo(37, 51, depth)
    made = finished(single.stylised(given, network(), 3))
    assert made.shape == given.shape
    assert made.dtype == given.dtype


def test_seed_gives_variants_and_the_same_seed_the_same() -> None:
    given = photo(64, 64)
    one, again, other = (finished(single.stylised(given, network(), seed)).astype(int) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert np.abs(one - other).mean() > 1


def test_tiles_by_shared_moments_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "TILE", 128)
    net, given = StyleSingle.of(network()), photo(264, 392)
    statistics = Statistics()
    whole = to_pixels(finished(single.painted(net, to_tensor(given), 5, statistics)), given.dtype)
    tiles = finished(single.tiled(net, given, 5, statistics.taken))
    assert np.abs(whole.astype(int) - tiles).max() <= 1


def test_a_large_picture_is_painted_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "WHOLE", 1 << 12)
    given = photo(90, 130)
    made = finished(single.stylised(given, network()))
    assert made.shape == given.shape
    assert np.abs(made.astype(int) - given).mean() > 1


def test_noise_of_a_window_is_that_of_the_whole() -> None:
    whole, part = noise_at(7, 0, 0, 320, 320), noise_at(7, 136, 64, 96, 160)
    for step, all_of_it, window in zip((2, 2, 4), whole, part, strict=True):
        y, x = 136 // step, 64 // step
        assert torch.equal(all_of_it[..., y:y + 96 // step, x:x + 160 // step], window)
    assert abs(float(whole[0].mean())) < 0.02


def test_foreign_weights_are_refused() -> None:
    weights = network() | {"colour.bias": np.zeros(4, np.float16)}
    with pytest.raises(InputError, match="train it anew"):
        finished(single.stylised(photo(16, 16), weights))
