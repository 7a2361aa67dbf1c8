"""Getting ready for a stroke leaves nothing to be looked at when it comes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest

from engine.document.direction import Direction, Slide
from engine.document.edit import ManifoldEdit
from engine.document.job import Linearise
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.edit.ready import Kept, linearise, tangent_of
from engine.edit.tangent import KEPT
from engine.model.manifold import Manifold


@pytest.fixture
def base(tiny_manifold: Manifold) -> Latent:
    return Latent(np.zeros((tiny_manifold.layers, tiny_manifold.width), np.float32), "tiny")


def job_for(latent: Latent, others: tuple[Latent, ...] = ()) -> Linearise:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    return Linearise(ticket=1, photo=Photo(pixels), edit=ManifoldEdit(Frame(40, 32, 48), latent, latent), others=others)


def test_the_last_are_kept(tiny_manifold: Manifold, base: Latent) -> None:
    kept: Kept = OrderedDict()
    latents = [Latent(base.values + i, "tiny") for i in range(KEPT + 1)]
    for latent in latents:
        assert [step.settled for step in linearise(job_for(latent), tiny_manifold, kept)][-1]
    assert list(kept) == latents[1:]


def test_what_is_kept_is_not_made_again(tiny_manifold: Manifold, base: Latent) -> None:
    kept: Kept = OrderedDict()
    list(linearise(job_for(base), tiny_manifold, kept))
    tangent = kept[base]
    others = tuple(Latent(base.values + i, "tiny") for i in (1, 2))
    list(linearise(job_for(base, others), tiny_manifold, kept))
    assert kept[base] is tangent and all(tangent.remembers(latent) for latent in others)


def test_a_face_that_has_slid_takes_what_there_is(tiny_manifold: Manifold, base: Latent) -> None:
    kept: Kept = OrderedDict()
    job = job_for(base)
    values = np.full((tiny_manifold.layers, tiny_manifold.width), 0.1, np.float32)
    slid = job.edit.slid((Slide(Direction("on", values, "tiny"), 1.0),))
    assert tangent_of(slid.origin(), slid.base, kept) is None
    list(linearise(job, tiny_manifold, kept))
    assert tangent_of(slid.origin(), slid.base, kept) is kept[base]
    list(linearise(replace(job, edit=slid), tiny_manifold, kept))
    assert tangent_of(slid.origin(), slid.base, kept) is kept[slid.origin()]
