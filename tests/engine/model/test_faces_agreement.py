"""The installed face generator against figures from another program executing the published graphs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from faces_reference import GRID, LAYERS, REFERENCE, between, gaussian_like

from engine.document.errors import InputError
from engine.model import faces_pack, packs
from engine.model.networks.mobilestylegan import Mapping, Synthesis

pytestmark = pytest.mark.pack


@pytest.fixture(scope="module")
def networks() -> tuple[Mapping, Synthesis]:
    try:
        _, tensors = packs.load("faces")
    except InputError as missing:
        pytest.skip(str(missing))
    return faces_pack.build(tensors)


@pytest.fixture(scope="module")
def reference() -> Any:
    return json.loads(REFERENCE.read_text())


@pytest.fixture(scope="module")
def styles(networks: tuple[Mapping, Synthesis]) -> list[torch.Tensor]:
    return [networks[0](torch.from_numpy(gaussian_like(seed))) for seed in (0, 1)]


def test_styles(styles: list[torch.Tensor], reference: Any) -> None:
    for found, expected in zip(styles, reference["styles"], strict=True):
        torch.testing.assert_close(found[0, ::16], torch.tensor(expected), rtol=0, atol=1e-4)


def test_pictures(networks: tuple[Mapping, Synthesis], styles: list[torch.Tensor], reference: Any) -> None:
    with torch.no_grad():
        for w, expected in zip(styles, reference["pictures"], strict=True):
            picture = networks[1](w[:, None].expand(-1, LAYERS, -1))
            torch.testing.assert_close(picture[0, :, GRID, GRID], torch.tensor(expected), rtol=0, atol=1e-4)


def test_picture_with_a_style_for_every_layer(
    networks: tuple[Mapping, Synthesis], styles: list[torch.Tensor], reference: Any
) -> None:
    latents = torch.from_numpy(between(*(w.numpy() for w in styles)))
    with torch.no_grad():
        picture = networks[1](latents)
    torch.testing.assert_close(picture[0, :, GRID, GRID], torch.tensor(reference["between"]), rtol=0, atol=1e-4)
