"""Pictures of latents are remembered, and never missed by who has just drawn one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.document.pauses import finished
from engine.model.manifold import REMEMBERED, Manifold, to_array


def test_a_picture_forgotten_during_the_last_pause_is_still_given(tiny_manifold: Manifold) -> None:
    manifold = replace(tiny_manifold)
    latents = [manifold.latent(latent) for latent in manifold.sample(REMEMBERED + 1, 0)]
    drawing = manifold.drawn(latents[0])
    for _ in range(2):  # the network is one piece: after it, and after the picture was remembered
        next(drawing)
    for other in latents[1:]:
        finished(manifold.drawn(other))
    try:
        next(drawing)
    except StopIteration as end:
        picture = end.value
    np.testing.assert_array_equal(picture, to_array(manifold.picture(manifold.tensor(latents[0]))))


def test_a_picture_is_drawn_once(tiny_manifold: Manifold) -> None:
    manifold = replace(tiny_manifold)
    latent = manifold.latent(manifold.sample(1, 0))
    first = finished(manifold.drawn(latent))
    assert list(manifold.drawn(latent)) == [] and finished(manifold.drawn(latent)) is first
    assert not first.flags.writeable
