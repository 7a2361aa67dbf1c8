"""The frame that is offered where nothing was found."""

from __future__ import annotations

import numpy as np
import pytest

from engine.document.offered import offered
from engine.document.photo import Photo

SIZES = [(300, 200), (200, 300), (1, 1)]


def blank(width: int, height: int) -> Photo:
    return Photo(np.zeros((height, width, 3), np.uint8))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("layout", ["ffhq", ""])
def test_a_frame_for_a_face_or_a_thing_lies_on_the_photo(width: int, height: int, layout: str) -> None:
    frame = offered(blank(width, height), layout)
    low, high = frame.corners().min(0), frame.corners().max(0)
    assert (low >= 0).all() and (high <= (width, height)).all()
    assert (frame.size == min(width, height)) is (layout == "")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_frame_for_a_scene_ends_well_beyond_the_photo(width: int, height: int) -> None:
    frame = offered(blank(width, height), "scene")
    low, high = frame.corners().min(0), frame.corners().max(0)
    margin = 0.04 * frame.size  # wider than what a change fades over
    assert (low <= -margin).all() and (high >= np.array([width, height]) + margin).all()
