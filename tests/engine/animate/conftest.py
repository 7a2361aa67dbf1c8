"""A photo with one edit on the tiny manifold, kept before and after."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from engine.document.edit import ManifoldEdit
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.sequence import Easing, EditSequence, Keyframe
from engine.edit.transfer import carry
from engine.model.manifold import Manifold, to_array


@dataclass(frozen=True)
class Kept:
    """A photo of 120 x 90 and three keyframes: as found, changed, changed further."""

    photo: Photo
    sequence: EditSequence
    manifold: Manifold

    def manifolds(self, id: str) -> Manifold:
        assert id == self.manifold.id
        return self.manifold

    def refuse(self, id: str) -> Manifold:
        raise AssertionError("no model is needed for this")


def latent(manifold: Manifold, seed: int) -> Latent:
    return manifold.latent(manifold.sample(1, seed, truncation=1.5))


def moved(photo: Photo, edit: ManifoldEdit, to: Latent, manifold: Manifold) -> ManifoldEdit:
    """The edit with another latent and its patch."""
    before, after = (to_array(manifold.picture(manifold.tensor(x))) for x in (edit.base, to))
    return replace(edit, latent=to, patch=carry(photo, edit.frame, before, after, edit.realism))


@pytest.fixture(scope="session")
def photo() -> Photo:
    rows, columns = np.mgrid[:90, :120]
    noise = np.random.default_rng(3).normal(0, 6, (90, 120, 3))
    shade = np.stack([columns, rows * 1.5, 200 - columns], axis=2) + noise
    return Photo(shade.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def kept(photo: Photo, tiny_manifold: Manifold) -> Kept:
    base = latent(tiny_manifold, 1)
    found = ManifoldEdit(Frame(60, 45, 64, 0.1), base, base)
    first = moved(photo, found, latent(tiny_manifold, 2), tiny_manifold)
    second = moved(photo, first, latent(tiny_manifold, 3), tiny_manifold)
    keyframes = (
        Keyframe((found,), seconds=1.0, hold=0.25, easing=Easing.LINEAR),
        Keyframe((first,), seconds=0.5, hold=0.0),
        Keyframe((second,), seconds=9.0, hold=0.5),
    )
    return Kept(photo, EditSequence(keyframes), tiny_manifold)
