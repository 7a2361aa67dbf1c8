"""Render: an edit's change as a patch of the photo, at the photo's own size. The last step of every edit."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np

from engine.document.edit import ManifoldEdit, Patch
from engine.document.job import Step, Transfer
from engine.document.pauses import Work, paced
from engine.document.photo import Photo
from engine.edit import border, transfer
from engine.edit.manner import SEEN_AT, manner
from engine.edit.quick import ground
from engine.edit.rasterize import protection, rasterize, reach
from engine.model.manifold import Manifold, to_array


def patching(photo: Photo, edit: ManifoldEdit, manifold: Manifold) -> Generator[None, None, Patch]:
    """The change from the edit's base to its latent, through the full network, carried to the photo; with pauses."""
    if not edit.moved():
        return transfer.empty(photo)
    before = yield from manifold.drawn(edit.base)
    after = yield from manifold.drawn(edit.latent)
    protect = protection(edit.strokes, edit.frame, before.shape[0], edit.inside)
    way = manner(edit, manifold, near_strokes(edit), protect, before, after)
    yield
    beyond = protection(edit.strokes, border.around(edit.frame), 2 * border.SIDE, edit.inside)
    return (yield from transfer.carrying(photo, edit.frame, before, way.after, way.realism, way.shield, beyond))


def near_strokes(edit: ManifoldEdit) -> np.ndarray:
    """SEEN_AT x SEEN_AT float32 0..1: 1 around the strokes. It depends on the strokes alone: once for a whole solve."""
    return reach(rasterize(edit.strokes, edit.frame, SEEN_AT), SEEN_AT)


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
    way = manner(edit, manifold, near_strokes(edit), protect, beneath.before(side), after)
    overlay = beneath.overlay(way.after, way.realism, way.shield)
    note = "Following the slider"
    yield Step(ticket=job.ticket, settled=True, overlay=overlay, frame=edit.frame, fraction=1.0, note=note)


def _rendered(job: Transfer, manifold: Manifold) -> Work:
    yield None
    patch = yield from patching(job.photo, job.edit, manifold)
    yield Step(ticket=job.ticket, settled=True, frame=job.edit.frame, patch=patch, fraction=1.0, note="Done")
