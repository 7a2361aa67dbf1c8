"""Ready: everything that can be done for a stroke before the hand comes down.

The light network as a linear map around where the edit begins (`tangent`), its pictures where strokes may go on from,
the photo under the frame (`quick`); and all of it used once, since the first time costs several times the second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import replace

import numpy as np

from engine.document.job import Linearise, Solve, Step
from engine.document.latent import Latent
from engine.document.pauses import Work, paced
from engine.document.stroke import Stroke, StrokeKind
from engine.edit.solve import solve
from engine.edit.tangent import KEPT, Tangent, linearised, seen
from engine.model.manifold import Manifold

Kept = OrderedDict[Latent, Tangent]
"""By where edits begin."""


def linearise(job: Linearise, manifold: Manifold, kept: Kept) -> Iterator[Step]:
    """Puts the tangent of the job's edit into `kept`, where the last KEPT are; nothing else comes of it."""
    return paced(Step(ticket=job.ticket), _linearised(job, manifold, kept))


def _linearised(job: Linearise, manifold: Manifold, kept: Kept) -> Work:
    origin = job.edit.origin()
    if origin not in kept:
        tangent = yield from linearised(manifold, origin)
        tangent.remember(origin, tangent.origin.picture)
        kept[origin] = tangent
        yield from _tried(job, manifold, tangent)
    kept.move_to_end(origin)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    for latent in (job.edit.latent, *job.others):
        yield from _looked_at(latent, manifold, kept[origin])
    yield Step(ticket=job.ticket, settled=True)


def _tried(job: Linearise, manifold: Manifold, tangent: Tangent) -> Generator[None, None, None]:
    """Follow a stroke that nobody has drawn to its first look."""
    frame = job.edit.frame
    dot = Stroke(StrokeKind.COLOR, np.array([[frame.x, frame.y, 1]], np.float32), frame.size / 8, (128, 128, 128))
    edit = replace(job.edit, strokes=(dot,), latent=job.edit.origin())
    yield
    stroke = Solve(ticket=job.ticket, photo=job.photo, edit=edit, starts=())
    next(step for step in solve(stroke, manifold, tangent=tangent) if step.overlay is not None)
    yield


def _looked_at(latent: Latent, manifold: Manifold, tangent: Tangent) -> Generator[None, None, None]:
    if not tangent.remembers(latent):
        tangent.remember(latent, (yield from seen(manifold, manifold.tensor(latent))))


def tangent_of(origin: Latent, base: Latent, kept: Kept) -> Tangent | None:
    """Of an edit whose sliders have taken `base` to `origin`: the map at its own place; else at its base, if any."""
    return kept.get(origin) or kept.get(base)
