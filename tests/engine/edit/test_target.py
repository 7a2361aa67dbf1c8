"""The target under a frame, blurred as far as its size allows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import target as module
from engine.edit.target import Target
from engine.model.manifold import Manifold


@pytest.mark.parametrize(("side", "radius"), [(16, 0), (64, 1), (256, 3)])
def test_a_frame_is_refined_on_blurred_pictures(
    side: int, radius: int, tiny_manifold: Manifold, monkeypatch: pytest.MonkeyPatch
) -> None:
    radii: list[int] = []
    blur = module.blur
    monkeypatch.setattr(module, "blur", lambda picture, wide: (radii.append(wide), blur(picture, wide))[1])
    photo = Photo(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8))
    target = Target(photo, Frame(40, 40, 60), replace(tiny_manifold, preview_size=side))
    target.refine(target.picture, target.picture[:, :1] * 0 + 1)
    assert set(radii) == {radius}
