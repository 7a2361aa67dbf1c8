"""Render: an edit's change as a patch of the photo, at the photo's own size. The last step of every edit."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import cv2
import numpy as np

from engine.document.edit import ManifoldEdit, Patch
from engine.document.job import Step, Transfer
from engine.document.pauses import Work, paced
from engine.document.photo import Photo
from engine.edit import border, transfer
from engine.edit.fuse import ramp
from engine.edit.quick import ground
from engine.edit.rasterize import protection, rasterize, reach
from engine.model.manifold import Manifold, to_array

SEEN_AT = 128
"""Side of the picture on which drift is told from change."""

DRIFT = (0.06, 0.16)
"""Largest channel difference (0..1) up to which a change away from strokes is drift, and from which it is none."""
SLID = (0.12, 0.35)
"""The same for what a slider does, as shares of its strongest change: small ones are meant, but not everywhere."""


def patching(photo: Photo, edit: ManifoldEdit, manifold: Manifold) -> Generator[None, None, Patch]:
    """The change from the edit's base to its latent, through the full network, carried to the photo; with pauses."""
    if not edit.moved():
        return transfer.empty(photo)
    before = yield from manifold.drawn(edit.base)
    after = yield from manifold.drawn(edit.latent)
    protect = protection(edit.strokes, edit.frame, before.shape[0], edit.inside)
    shield = guard(near_strokes(edit), protect, before, after, bool(edit.slides))
    yield
    beyond = protection(edit.strokes, border.around(edit.frame), 2 * border.SIDE, edit.inside)
    return (yield from transfer.carrying(photo, edit.frame, before, after, edit.realism, shield, beyond))


def near_strokes(edit: ManifoldEdit) -> np.ndarray:
    """SEEN_AT x SEEN_AT float32 0..1: 1 around the strokes. It depends on the strokes alone: once for a whole solve."""
    return reach(rasterize(edit.strokes, edit.frame, SEEN_AT), SEEN_AT)


def guard(near: np.ndarray, protect: np.ndarray | None, before: np.ndarray, after: np.ndarray,
          slid: bool = False) -> np.ndarray:
    """SxS float32 0..1 where the photo must stay: what the artist protects (SxS), and what merely drifted.

    A descent lets everything change a little. Away from all strokes a slight change is the model's drift and not the
    artist's wish; a strong one (the rest of the hair turning with a painted strand) is wanted. slid: sliders were moved
    too; what is slight beside the strongest change is drift then, so that a little of a slider is less of the same.
    """
    side = before.shape[0]
    small = [cv2.resize(picture, (SEEN_AT, SEEN_AT), interpolation=cv2.INTER_AREA) for picture in (before, after)]
    change = cv2.GaussianBlur(np.abs(small[1] - small[0]).max(axis=2), (0, 0), SEEN_AT / 48)
    least, full = DRIFT
    if slid:
        strongest = max(float(np.percentile(change, 99.5)), 1e-6)
        least, full = (share * strongest for share in SLID)
    drift = (1 - near) * (1 - ramp(change, least, full))
    shield = cv2.resize(drift, (side, side), interpolation=cv2.INTER_LINEAR)
    return shield if protect is None else np.maximum(shield, protect)


def render(job: Transfer, manifold: Manifold) -> Iterator[Step]:
    """One settled step with the patch; only an overlay by the preview network for a job that does not settle."""
    if not job.settle:
        return paced(Step(ticket=job.ticket), _previewed(job, manifold))
    beginning = Step(ticket=job.ticket, frame=job.edit.frame, fraction=0.1, note="Onto the photo")
    return paced(beginning, _rendered(job, manifold))


def _previewed(job: Transfer, manifold: Manifold) -> Work:
    """What the change will look like, at the preview's size: soon enough to follow the hand."""
    edit, side = job.edit, manifold.preview_size
    beneath = ground(job.photo, edit, manifold)
    yield None
    after = to_array(manifold.previewed(edit.latent))
    yield None
    protect = protection(edit.strokes, edit.frame, side, edit.inside)
    shield = guard(near_strokes(edit), protect, beneath.before(side), after, bool(edit.slides))
    overlay = beneath.overlay(after, edit.realism, shield)
    note = "Following the slider"
    yield Step(ticket=job.ticket, settled=True, overlay=overlay, frame=edit.frame, fraction=1.0, note=note)


def _rendered(job: Transfer, manifold: Manifold) -> Work:
    yield None
    patch = yield from patching(job.photo, job.edit, manifold)
    yield Step(ticket=job.ticket, settled=True, frame=job.edit.frame, patch=patch, fraction=1.0, note="Done")
