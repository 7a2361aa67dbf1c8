"""The endless picture: the same through every window, different everywhere, and a tile where a tile is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.model.endless import Endless, Window, evaluated, noise
from engine.model.networks.texture_pyramid import STEP, WIDTHS, Normalized
from tests.engine.model.textures import lively


def seen(endless: Endless, window: Window) -> np.ndarray:
    """The window, without the pauses."""
    parts = endless.window(window)
    while True:
        try:
            next(parts)
        except StopIteration as stop:
            picture: np.ndarray = stop.value
            return picture


def test_a_window_is_part_of_a_larger_one() -> None:
    network = lively()
    with torch.inference_mode():
        large = evaluated(network, Window(-50, -70, 120, 110), seed=3)
        small = evaluated(network, Window(-13, -21, 37, 41), seed=3)
    assert float(large.std()) > 0.05
    assert torch.allclose(large[:, :, 49:90, 37:74], small, atol=1e-5)


def test_windows_in_tiles_agree_bit_for_bit() -> None:
    network = lively()
    large = seen(Endless(network, 5), Window(-40, -40, 100, 90))
    small = seen(Endless(network, 5), Window(-7, -3, 20, 30))
    assert np.array_equal(large[37:67, 33:53], small)


def test_the_tiles_have_no_seams() -> None:
    whole = evaluated(lively(), Window(110, 110, 40, 40), seed=1)[0].permute(1, 2, 0)
    tiled = seen(Endless(lively(), 1), Window(110, 110, 40, 40)) / 32767.5 - 1
    assert np.abs(whole.clamp(-1, 1).numpy() - tiled).max() < 1e-4


def test_seed_and_place_matter() -> None:
    network = lively()
    here, there = (evaluated(network, Window(x, 0, 64, 64), 1) for x in (0, 4096))
    other = evaluated(network, Window(0, 0, 64, 64), 2)
    for picture in (there, other):
        correlation = np.corrcoef(here.flatten().numpy(), picture.flatten().numpy())[0, 1]
        assert float((here - picture).std()) > 0.05 and correlation < 0.9


def test_a_period_makes_a_tile() -> None:
    period = (4 * STEP, 3 * STEP)
    picture = evaluated(lively(), Window(-20, -20, period[0] + 40, period[1] + 40), 1, period)
    assert torch.allclose(picture[..., :40], picture[..., -40:], atol=1e-5)
    assert torch.allclose(picture[:, :, :40], picture[:, :, -40:], atol=1e-5)
    with pytest.raises(ValueError, match="multiple"):
        Endless(lively(), 1, (100, 96))


def test_learning_and_painting_agree_on_the_same_moments() -> None:
    network, side = lively(), 5 * STEP
    levels = [noise(4, k, Window(0, 0, side >> k, side >> k)) for k in range(len(WIDTHS))]
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, Normalized):
                module.momentum = 1.0  # the moments are then exactly the last ones
        learned = network.learning(levels)
    painted = evaluated(network, Window(0, 0, side, side), 4, (side, side))
    assert float(learned.std()) > 0.05
    # Kept variances are those of all noise, a little larger than those of a few positions.
    assert np.corrcoef(learned.flatten().numpy(), painted.flatten().numpy())[0, 1] > 0.98


def test_noise_is_uniform_and_fresh() -> None:
    window = Window(-100, 1000, 200, 200)
    values = torch.cat([noise(7, level, window) for level in range(3)])
    assert abs(float(values.mean())) < 0.005 and abs(float(values.square().mean()) - 1 / 3) < 0.005
    assert float(values.min()) >= -1 and float(values.max()) < 1
    flat = values.flatten(2).flatten(0, 1).numpy()
    assert np.abs(np.corrcoef(flat) - np.eye(len(flat))).max() < 0.03
    neighbours = np.corrcoef(values[..., :-1].flatten().numpy(), values[..., 1:].flatten().numpy())[0, 1]
    assert abs(neighbours) < 0.01
