"""Lens: a map over a face of what is implausible in it or of what the model missed, and the way back.

The plausible lens looks at the full network's picture of where the edit is now, place by place (`engine.model.usual`).
The residual lens compares the photo under the frame with the full network's picture of the projection: what is lit
there is the photo's own business, and the model does not know it.

The way back leads to the nearest latent that could be a plausible one. In whitened coordinates a picture's styles are
about one long along every axis. Of each layer every coordinate that is beyond USUAL, and beyond where the projection
has it, is brought back to there; one that even the projection has beyond MOST is brought back to that. What lies
within stays as it is: the face stays who it is, and what a stroke or slider has overdone is taken away. The slider
goes all of that way, or a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import torch

from engine.document.direction import Direction
from engine.document.job import Inspect, Step
from engine.document.latent import Latent
from engine.document.lens import MOST_COVER, PULL, SHADES, Lens
from engine.document.pauses import Work, paced, retold
from engine.edit import flow
from engine.edit.fuse import ramp
from engine.edit.quick import Ground, ground
from engine.model.manifold import Manifold
from engine.model.usual import shown, usual

USUAL, MOST = 0.6, 1.5
"""Standard deviations."""
MISSED = (0.1, 0.4)
"""Differences of local means (0..1) at which the residual begins to be seen, and at which it is much."""


def inspect(job: Inspect, manifold: Manifold) -> Iterator[Step]:
    """One settled step with the lens as overlay, and the way back as direction."""
    return paced(Step(ticket=job.ticket, note="Looking through the lens"), _inspected(job, manifold))


def _inspected(job: Inspect, manifold: Manifold) -> Work:
    way, edit = (pulled_back(manifold, job.edit.latent, job.edit.base),), job.edit
    if job.lens is None:
        yield Step(ticket=job.ticket, settled=True, directions=way)
        return
    if job.lens is Lens.RESIDUAL:
        crop = ground(job.photo, edit, manifold).crop
        picture = yield from manifold.drawn(edit.base)
        heat = missed(Ground(crop, flow.resized(picture, len(crop))))
    else:
        learning = Step(ticket=job.ticket, note="Learning what is usual for this model, once")
        known = yield from retold(usual(manifold), lambda done: replace(learning, fraction=done))
        heat = known.strangeness((yield from shown(manifold, edit.latent))).numpy()
    overlay = shaded(heat, manifold.preview_size, job.lens)
    yield Step(ticket=job.ticket, settled=True, overlay=overlay, frame=edit.frame, directions=way, fraction=1.0)


def missed(beneath: Ground) -> np.ndarray:
    """SxS float32 in 0..1: how far the projection is from the photo, by local means, and laid where it fits best."""
    size = len(beneath.crop)
    apart = cv2.GaussianBlur(beneath.crop - beneath.fitted(), (0, 0), size / 96)
    return ramp(np.sqrt(flow.energy(apart)), *MISSED).astype(np.float32)


def shaded(heat: np.ndarray, size: int, lens: Lens) -> np.ndarray:
    """GxG in 0..1 -> size x size x 4 uint8 RGBA in the lens's shades, clear where there is nothing."""
    smooth = np.clip(cv2.resize(heat, (size, size), interpolation=cv2.INTER_CUBIC), 0, 1)
    smooth = cv2.GaussianBlur(smooth, (0, 0), max(size / len(heat) / 3, 0.3))[..., None]
    little, much = (np.array(shade, np.float32) for shade in SHADES[lens])
    cover = 255 * MOST_COVER * np.sqrt(smooth)
    return np.rint(np.concatenate([little + smooth * (much - little), cover], axis=2)).astype(np.uint8)


@torch.no_grad()
def pulled_back(manifold: Manifold, latent: Latent, base: Latent) -> Direction:
    """All the way from that latent, of an edit that began at `base`, to what is plausible."""
    here, began = (torch.add(*manifold.coordinates(manifold.tensor(each))) for each in (latent, base))
    there = torch.clamp(here, began.clamp(-MOST, -USUAL), began.clamp(USUAL, MOST))
    values = ((there - here) @ manifold.basis)[0].cpu().numpy()
    return Direction("Pull back", values, manifold.id, 1.0, PULL)
