"""Manner: in what way a change is carried to the photo. What of it is meant, how real it is to be, and what is spared.

Away from all strokes a slight change is the model's drift and not the artist's wish; a strong one (the rest of the hair
turning with a painted strand) is wanted. Where sliders were moved, what is slight beside the strongest change is drift,
so that a little of a slider is less of the same.

A manifold that was told kinds of things can put a bag where a shoe is. Motion and colour flow then explain little of
the change, and nothing of the shoe is to be seen in the bag: it is the model's own drawing, whole. Such things stand
before a plain ground, of which the least drift of light shows as a halo: it is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.edit import ManifoldEdit
from engine.edit import blend, flow
from engine.edit.fuse import novelty, ramp
from engine.model.manifold import Manifold

SEEN_AT = 128
"""Side of the picture on which drift is told from change."""

DRIFT = (0.06, 0.16)
"""Largest channel difference (0..1) up to which a change away from strokes is drift, and from which it is none."""
SLID = (0.12, 0.35)
"""The same for what a slider does, as shares of its strongest change: small ones are meant, but not everywhere."""
REPLACED = (0.4, 0.85)
"""Shares of a slider's change that are new structure: up to the first the thing is still the photo's, changed; from the
second on another thing is in its place."""
WHOLE = 1 / 6
"""Unchanged holes narrower than twice this share of the frame belong to the thing that has come in another's place."""
RIM = 1 / 16
"""Share of the frame by which a thing may stand out from under its projection."""


@dataclass(frozen=True, eq=False)
class Manner:
    """after: SxSx3, the changed model picture. realism: 0..1. shield: SxS in 0..1, where the photo must stay."""

    after: np.ndarray
    realism: float
    shield: np.ndarray


def manner(edit: ManifoldEdit, manifold: Manifold, near: np.ndarray, protect: np.ndarray | None, before: np.ndarray,
           after: np.ndarray) -> Manner:
    """Of the change from `before` to `after`, SxSx3 float32 in 0..1.

    near: SEEN_AT x SEEN_AT in 0..1, where strokes are. protect: SxS in 0..1, what the artist protects.
    """
    old, new = _small(before), _small(after)
    slid = bool(edit.slides)
    difference = _difference(old, new)
    if manifold.kinds is None:
        return Manner(after, edit.realism, _shield(near, protect, _meant(difference, slid), len(before)))
    other = replaced(old, new) if slid else 0.0
    meant = _meant(difference, slid, other)
    return Manner(steadied(before, after, (1 - near) * (1 - meant)), max(edit.realism, other),
                  _shield(near, protect, meant, len(before)))


def replaced(before: np.ndarray, after: np.ndarray) -> float:
    """0..1: whether what has changed is another thing, rather than the same one moved and in another colour."""
    change = flow.estimate(before, after, flow.QUICK)
    news = novelty(after - flow.recolor(flow.warp(before, change.flow), change.color), 1)[0]
    strong = _meant(_difference(before, after), True)
    return float(ramp((news * strong).sum() / max(strong.sum(), 1e-6), *REPLACED))


def steadied(before: np.ndarray, after: np.ndarray, drifts: np.ndarray) -> np.ndarray:
    """`after` without the light by which it is off where nothing is meant to change; smoothly carried on from there.

    drifts: SEEN_AT x SEEN_AT in 0..1, where that is.
    """
    known = cv2.erode(drifts, np.ones((SEEN_AT // 16 + 1,) * 2))
    light = blend.fill(_small(after) - _small(before), known, blend.depth(known.shape, smallest=4))
    return after - flow.resized(light, len(after))


def _small(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, (SEEN_AT, SEEN_AT), interpolation=cv2.INTER_AREA)


def _difference(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Of two small pictures, by their largest channel."""
    return cv2.GaussianBlur(np.abs(after - before).max(axis=2), (0, 0), SEEN_AT / 48)


def _meant(difference: np.ndarray, slid: bool, other: float = 0.0) -> np.ndarray:
    """SEEN_AT x SEEN_AT in 0..1: what has changed more than drift does.

    other: 0..1, as far as there is another thing now: what lies within the change belongs to it, be it alike by chance.
    """
    strongest = max(float(np.percentile(difference, 99.5)), 1e-6) if slid else 1.0
    meant = ramp(difference, *(share * strongest for share in (SLID if slid else DRIFT)))
    if not other:
        return meant
    hole, rim = (np.ones((2 * round(share * SEEN_AT) + 1,) * 2) for share in (WHOLE, RIM))
    whole = cv2.dilate(cv2.morphologyEx(meant, cv2.MORPH_CLOSE, hole), rim)
    return np.asarray(meant + other * (whole - meant))


def _shield(near: np.ndarray, protect: np.ndarray | None, meant: np.ndarray, side: int) -> np.ndarray:
    shield = cv2.resize((1 - near) * (1 - meant), (side, side), interpolation=cv2.INTER_LINEAR)
    return shield if protect is None else np.maximum(shield, protect)
