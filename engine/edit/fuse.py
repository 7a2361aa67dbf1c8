"""One picture out of the artist's photo and two model pictures, all in model coordinates.

Three parts can be had for the changed picture, band by band of a Laplacian pyramid:

    own       the photo's own pixels, moved and recoloured (motion and colour flow: `flow`)
    news      what that does not explain of the change: after - A before(x + u)
    error     what the projection missed of the photo: own - A before(x + u)

own + news is the Neural Photo Editor's residual composite (Brock et al. 2017), with the residual carried along by the motion:
the photo's details stay, the model's change arrives. It shows double contours where the model redraws what it had not drawn
as the photo has it; there, and only there, the model's picture (own + news - error) is taken instead, still under the photo's
light, which is the error's lowest band carried in from where the picture holds.
"""

from __future__ import annotations

import cv2
import numpy as np

from engine.edit import blend, flow
from engine.edit.flow import Change

NOISE = 2e-5
"""Band energy (squared 0..1 units) that cannot be seen."""
TELLING = 0.035
"""Unexplained change at eight-pixel scale (of 1024) from which it counts as something new, not as texture."""


def fuse(crop: np.ndarray, before: np.ndarray, after: np.ndarray, change: Change,
         realism: float) -> tuple[np.ndarray, np.ndarray]:
    """The changed picture (SxSx3) and how far it is the model's own drawing (SxS, 0..1).

    crop: the photo under the frame, SxSx3 float32 0..1, like `before` and `after`. realism: 0 own, 0.5 balanced, 1 after.
    """
    levels = min(6, blend.depth(*crop.shape[:2]))
    told = flow.recolor(flow.warp(before, change.flow), change.color)
    own = flow.recolor(flow.warp(crop, change.flow), change.color)
    own_bands, news, error = (blend.laplacian(p, levels) for p in (own, after - told, own - told))
    keep, insist = min(1.0, 2 * realism), max(0.0, 2 * realism - 1)
    new = novelty(after - told, levels)
    drawn = [insist + (1 - insist) * keep * clash(*bands, seen) for *bands, seen in
             zip(own_bands[:-1], news[:-1], error[:-1], new, strict=False)]
    light = blend.fill(error[-1], 1 - new[-1], blend.depth(*new[-1].shape, smallest=1))
    rest = own_bands[-1] + keep * news[-1] - keep * (1 - insist) * (error[-1] - light) * new[-1][..., None] \
        - insist * error[-1]
    fused = [own + share[..., None] * (keep * n - e) + (1 - share[..., None]) * keep * n for own, n, e, share in
             zip(own_bands[:-1], news[:-1], error[:-1], drawn, strict=False)]
    return blend.collapse([*fused, rest]), drawn[0] if drawn else np.full(crop.shape[:2], insist, np.float32)


def novelty(news: np.ndarray, levels: int) -> list[np.ndarray]:
    """Where the unexplained change is structure of its own: 0..1 at every level, finest first."""
    coarse = cv2.GaussianBlur(news, (0, 0), max(0.6, news.shape[0] / 256))
    strength = np.sqrt(cv2.GaussianBlur((coarse**2).mean(axis=2), (0, 0), max(0.8, news.shape[0] / 128)))
    return blend.gaussian(ramp(strength, TELLING / 2, 1.5 * TELLING), levels)


def clash(own: np.ndarray, news: np.ndarray, error: np.ndarray, new: np.ndarray) -> np.ndarray:
    """0..1: where one band of the model's drawing has to stand in for the photo's, lest both be seen at once.

    Harmless where projection and photo agree (error small), or where the change leaves the band alone (news small).
    """
    told = own - error
    after = told + news
    missed = _energy(error) / (_energy(own) + _energy(told) + NOISE)
    redrawn = _energy(news) / (_energy(after) + _energy(told) + NOISE)
    return new * ramp(missed * redrawn, 0.02, 0.2)


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 at and below `low`, 1 at and above `high`, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _energy(band: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur((band**2).mean(axis=2), (0, 0), 2)
