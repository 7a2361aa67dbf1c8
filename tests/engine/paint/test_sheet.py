"""The painted sheet: the pass is the network's own, tiles are not seen, strokes stay where they are at every size."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.library import builtin
from engine.document.pauses import finished
from engine.document.style import Style
from engine.model.networks.style_transfer import Moments, Statistics, StyleTransfer
from engine.paint import network_pass, sheet
from engine.paint.ground import Ground
from engine.paint.network_pass import Pass
from engine.paint.pauses import Working
from engine.paint.sheet import Sheet
from engine.paint.studio import Studio
from engine.paint.style import manner
from tests.engine.paint.pictures import checks


def through(studio: Studio, picture: Tensor, told: Tensor, kept: Sequence[Moments] | None = None) -> Tensor:
    return finished(Pass(studio.network, told, kept).of(picture))


@pytest.fixture
def told(studio: Studio, style: Style) -> Tensor:
    return finished(manner(StyleEdit((style,)), Ground(checks(90, 130)), studio))


def test_the_pass_is_the_networks_own(studio: Studio, told: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = (torch.rand(1, 3, 72, 104, generator=torch.Generator().manual_seed(1)) * 2 - 1).contiguous(
        memory_format=torch.channels_last
    )
    monkeypatch.setattr(network_pass, "WORK", 1e6)
    statistics = Statistics()
    wanted = studio.network(picture, told, statistics)
    assert torch.allclose(through(studio, picture, told), wanted, atol=1e-4)
    assert torch.allclose(through(studio, picture, told, statistics.taken), wanted, atol=1e-3)


def test_gradients_are_off_only_while_it_works(studio: Studio, told: Tensor) -> None:
    work = Pass(studio.network, told).of(torch.zeros(1, 3, 16, 16))
    next(work)
    assert torch.is_grad_enabled()
    work.close()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small windows, for small pictures."""
    monkeypatch.setattr(sheet, "WINDOW", 32)


def sheet_of(ground: Ground, studio: Studio, told: Tensor, first: float) -> Sheet:
    def given() -> Working[Tensor]:
        yield
        return told

    return Sheet(ground, studio.network, given, 1.0, first)


@pytest.mark.parametrize("first", [260, 110])
def test_no_tile_is_seen(studio: Studio, told: Tensor, first: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles of 128 pixels against one piece, by the same moments: nowhere 2 steps of 255 apart."""
    ground = Ground(checks(100, 260, 3))
    made = []
    monkeypatch.setattr(sheet, "WHOLE", 0)
    for tile in (1024, 128):
        monkeypatch.setattr(sheet, "TILE", tile)
        made.append(finished(sheet_of(ground, studio, told, first).part(100, 260, (0, 0, 100, 260))).astype(int))
    assert np.abs(made[0] - made[1]).max() < 2
    assert made[0].std() > 5


def test_no_tile_of_the_shipped_network_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with the weights that the program has, and one of its styles, on a picture of edges and flat parts."""
    studio, pixels = Studio(), cv2.resize(checks(60, 120, 3), (600, 300), interpolation=cv2.INTER_CUBIC)
    pixels[:, :200] = np.linspace(90, 200, 300)[:, None, None]
    ground = Ground(pixels)
    told = finished(manner(StyleEdit((builtin()[0],)), ground, studio))
    made = []
    monkeypatch.setattr(sheet, "WHOLE", 0)
    for tile in (1024, 256):
        monkeypatch.setattr(sheet, "TILE", tile)
        made.append(finished(sheet_of(ground, studio, told, 300).part(300, 600, (0, 0, 300, 600))).astype(int))
    assert np.abs(made[0] - made[1]).max() < 2
    assert made[0].std() > 20


def test_a_part_is_the_same_as_in_the_whole(studio: Studio, told: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "WHOLE", 0)
    monkeypatch.setattr(sheet, "TILE", 64)
    monkeypatch.setattr(sheet, "MARGIN", 16)
    ground, box = Ground(checks(150, 210, 3)), (70, 20, 100, 90)
    whole = finished(sheet_of(ground, studio, told, 80).part(150, 210, (0, 0, 150, 210)))
    part = finished(sheet_of(ground, studio, told, 80).part(150, 210, box))
    assert np.array_equal(part, whole[box[0] : box[2], box[1] : box[3]])


def test_what_was_painted_is_not_painted_again(
    studio: Studio, told: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = sheet_of(Ground(checks(60, 80)), studio, told, 100)
    first = finished(painted.part(60, 80, (0, 0, 60, 80)))
    monkeypatch.setattr(Pass, "of", lambda *_: pytest.fail("painted again"))
    assert np.array_equal(finished(painted.part(60, 80, (10, 10, 20, 20))), first[10:20, 10:20])


def test_small_and_large_look_alike(studio: Studio, told: Tensor) -> None:
    """The preview of a photo is what its full size looks like from afar, and the full size has more grain."""
    pixels = cv2.resize(checks(100, 140, 3), (420, 300), interpolation=cv2.INTER_CUBIC)
    painted = sheet_of(Ground(pixels), studio, told, 140)
    small = finished(painted.part(100, 140, (0, 0, 100, 140))).astype(int)
    large = finished(painted.part(300, 420, (0, 0, 300, 420)))
    afar = cv2.resize(large, (140, 100), interpolation=cv2.INTER_AREA).astype(int)
    blurred = cv2.resize(small.astype(np.uint8), (420, 300), interpolation=cv2.INTER_CUBIC)
    assert np.abs(afar - small).mean() < 0.15 * small.std()
    assert cv2.Laplacian(large, cv2.CV_32F).std() > 1.2 * cv2.Laplacian(blurred, cv2.CV_32F).std()


@pytest.mark.parametrize("size", [(1, 1), (3, 3), (1, 50), (9, 300)])
def test_no_picture_is_too_small(studio: Studio, told: Tensor, size: tuple[int, int]) -> None:
    height, width = size
    painted = sheet_of(Ground(checks(height, width)), studio, told, 100)
    assert finished(painted.part(height, width, (0, 0, height, width))).shape == (height, width, 3)


def test_trained_weights_fit_the_pass() -> None:
    """The pass knows every layer of the network: one more would be left out silently."""
    known = {"octaves", "enter", "down", "blocks", "up", "grain", "colour"}
    assert {name for name, _ in StyleTransfer().named_children()} == known
