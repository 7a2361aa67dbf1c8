"""ManifoldEntry: what an artist sees of a manifold before choosing it for a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.document.arrays import frozen

FACES = "faces"
"""The id of the manifold of faces that can be installed."""

FFHQ, SCENE = "ffhq", "scene"
"""Layouts on a manifold's card: of faces, which are looked for on a photo, and of places, which cover it."""


@dataclass(frozen=True, eq=False)
class ManifoldEntry:
    """id: by which latents name it. title: of its card. side: of its pictures in pixels. swatch: SxSx3 uint8.

    layout: of its card; empty where things may lie anyhow.
    """

    id: str
    title: str
    side: int
    swatch: np.ndarray
    layout: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "swatch", frozen(self.swatch, np.uint8))


def called(id: str) -> str:
    """How a manifold is called in a sentence or a list: `scroll-faces` is `Scroll faces`."""
    return id.replace("-", " ").capitalize()
