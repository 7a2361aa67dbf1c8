"""A studio with untrained networks, the same every time."""

from __future__ import annotations

import pytest
import torch

from engine.document.photo import Photo
from engine.document.style import Style
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.style_transfer import StyleTransfer
from engine.paint.describe import style_of
from engine.paint.studio import Studio
from tests.engine.paint.pictures import checks


@pytest.fixture(scope="session")
def networks() -> tuple[Features, StyleTransfer]:
    """Untrained, but with gains and offsets that the style changes a lot."""
    torch.manual_seed(11)
    features, network = Features(CompactVGG()), StyleTransfer()
    for name, parameter in network.named_parameters():
        if "modulation.weight" in name:
            torch.nn.init.normal_(parameter, std=0.1)
    return features, network


@pytest.fixture
def studio(networks: tuple[Features, StyleTransfer]) -> Studio:
    return Studio(*networks)


@pytest.fixture
def style(studio: Studio) -> Style:
    return style_of(checks(300, 260, seed=5), "checks", studio.features)


@pytest.fixture
def photo() -> Photo:
    return Photo(checks(90, 130))
