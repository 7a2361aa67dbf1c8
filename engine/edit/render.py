"""Render: an edit's change as a patch of the photo, at the photo's own size. The last step of every edit."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from engine.document.edit import ManifoldEdit, Patch
from engine.document.job import Step, Transfer
from engine.document.photo import Photo
from engine.edit import transfer
from engine.edit.rasterize import protection
from engine.model.manifold import Manifold, to_array


def patch_of(photo: Photo, edit: ManifoldEdit, manifold: Manifold) -> Patch:
    """The change from the edit's base to its latent, through the full network, carried to the photo."""
    if not edit.moved():
        return transfer.empty(photo)
    with torch.no_grad():
        before = to_array(manifold.picture(manifold.tensor(edit.base)))
        after = to_array(manifold.picture(manifold.tensor(edit.latent)))
    protect = protection(edit.strokes, edit.frame, before.shape[0])
    return transfer.carry(photo, edit.frame, before, after, edit.realism, protect)


def render(job: Transfer, manifold: Manifold) -> Iterator[Step]:
    """One settled step with the patch."""
    yield Step(ticket=job.ticket, frame=job.edit.frame, fraction=0.1, note="Onto the photo")
    yield Step(ticket=job.ticket, settled=True, frame=job.edit.frame, patch=patch_of(job.photo, job.edit, manifold),
               fraction=1.0, note="Done")
