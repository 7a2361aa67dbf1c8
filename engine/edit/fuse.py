"""One picture out of the artist's photo and two model pictures, all in model coordinates.

Three parts can be had for the changed picture, band by band of a Laplacian pyramid:

    own       the photo's own pixels, moved and recoloured (motion and colour flow: `flow`)
    news      what that does not explain of the change: after - A before(x + u)
    error     what the projection missed of the photo: own - A before(x + u)

own + news is the residual composite of Brock et al., "Neural Photo Editing with Introspective Adversarial Networks"
(2017), with the residual carried along by the motion: the photo's details stay and the model's change arrives. It would
show things twice where the model redraws what it never had drawn as the photo has it. There a choice is made: texture
stays the photo's own; a new structure is the model's (own + news - error), still under the photo's light, which is the
lowest band of the error, carried in from where the projection holds.
"""

from __future__ import annotations

import cv2
import numpy as np

from engine.edit import blend, flow
from engine.edit.flow import Change, energy

NOISE = 2e-5
"""Band energy (squared 0..1 units) that cannot be seen."""
FINE = 3
"""Bands in which a photo may be softer than the model draws."""
TELLING = 0.035
"""Unexplained change, seen at 8 pixels of 1024, from which on it is something new."""


def fuse(crop: np.ndarray, before: np.ndarray, after: np.ndarray, change: Change,
         realism: float) -> tuple[np.ndarray, np.ndarray]:
    """The changed picture (SxSx3) and how far its finest band is the model's own drawing (SxS, 0..1).

    crop: the photo under the frame, SxSx3 float32 0..1, like `before` and `after`. realism: 0 own, 1 `after`.
    """
    levels = min(6, blend.depth(crop.shape))
    moved = flow.warp(before, change.flow)
    told = flow.recolor(moved, change.color)
    own = flow.recolor(flow.warp(crop, change.flow), change.color)
    owns, tolds, news = (blend.laplacian(p, levels) for p in (own, told, after - told))
    keep, insist = min(1.0, 2 * realism), max(0.0, 2 * realism - 1)
    new = novelty(after - told, levels)
    drawn, bands = np.full(crop.shape[:2], insist, np.float32), []
    for level in reversed(range(levels)):
        if level or levels == 1:  # the finest band follows the next: alone it is mostly grain
            gates = _gates(owns[level], news[level], owns[level] - tolds[level])
        drawn, arriving = _shares(gates, new[level], keep, insist)
        soft = insist + (1 - insist) * _softness(owns[level], tolds[level]) if level < FINE else 1.0
        arrived = arriving[..., None] * (soft * news[level])
        bands.append(owns[level] + arrived - drawn[..., None] * (owns[level] - soft * tolds[level]))
    error = owns[-1] - tolds[-1]
    light = _light(error, flow.resized(after - moved, error.shape[0]), new[-1])
    missed = insist * error + keep * (1 - insist) * (error - light)
    return blend.collapse([*reversed(bands), owns[-1] + keep * news[-1] - missed]), drawn


def novelty(news: np.ndarray, levels: int) -> list[np.ndarray]:
    """Where the unexplained change is structure of its own: 0..1 at every level, finest first."""
    size = news.shape[0]
    coarse = flow.resized(news, max(16, size // 4))
    coarse = cv2.GaussianBlur(coarse, (0, 0), max(0.5, size / 1024))
    strength = np.sqrt(cv2.GaussianBlur(energy(coarse), (0, 0), max(0.5, size / 512)))
    return blend.gaussian(flow.resized(ramp(strength, TELLING / 2, 1.5 * TELLING), size), levels)


def _gates(own: np.ndarray, news: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For one band, at half its size, 0..1: where things would be seen twice, and where its contrast is a new one."""
    told = own - error
    of_own, of_told, of_after, missed, redrawn = (_local(band) for band in (own, told, told + news, error, news))
    twice = ramp(missed / (of_own + of_told) * redrawn / (of_after + of_told), 0.02, 0.2)
    return twice, ramp(np.abs(of_after - of_told) / (of_after + of_told), 0.3, 0.6)


def _shares(gates: tuple[np.ndarray, np.ndarray], new: np.ndarray, keep: float,
            insist: float) -> tuple[np.ndarray, np.ndarray]:
    """HxW each, 0..1: how far the band is the model's drawing (loses its error), and how far it gets its news."""
    height, width = new.shape
    twice, other = (cv2.resize(gate, (width, height)) for gate in gates)
    new = np.maximum(new, other)
    drawn = insist + (1 - insist) * keep * twice * new
    return drawn, drawn + (1 - drawn) * keep * (1 - twice * (1 - new))


def _softness(own: np.ndarray, told: np.ndarray) -> float:
    """What to multiply a fine band of the model with, at most 1, so that it is no crisper than the photo."""
    return min(1.0, 1.5 * float(cv2.norm(own) / (cv2.norm(told) + 1e-6)))


def _light(error: np.ndarray, turned: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The lowest band of the error as it may stay: the photo's light, without colours of things that are gone.

    Under new structure it is carried in from around. Where the colour has `turned` into quite another (after - before),
    only the light of the whole is left: what the photo misses of a wall says little about the hair now before it.
    """
    known = 1 - new
    around = blend.fill(error, known, blend.depth(new.shape, smallest=1))
    whole = (error * known[..., None]).sum(axis=(0, 1)) / (known.sum() + 1)
    light = error + new[..., None] * (around - error)
    return light + ramp(np.sqrt(energy(turned)), 0.08, 0.25)[..., None] * (whole - light)


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 at and below `low`, 1 at and above `high`, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _local(band: np.ndarray) -> np.ndarray:
    """Energy around every second pixel; never quite zero."""
    return cv2.blur(cv2.pyrDown(energy(band)), (5, 5)) + NOISE
