"""Projection: the latent whose picture is nearest to what lies under the frame.

iGAN's hybrid (Zhu et al. 2016, section 3): an encoder guesses, descent improves (engine.edit.descent), and the frame is
refined on the way (engine.edit.target).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.document.job import Candidate, Project, Step
from engine.edit.descent import Projection, descending
from engine.edit.pace import paced
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8


def project(job: Project, manifold: Manifold) -> Iterator[Step]:
    """The job's steps: previews of guess and descent, then, settled, the best latent and the refined frame."""
    return paced(Step(ticket=job.ticket), _projected(job, manifold))


def _projected(job: Project, manifold: Manifold) -> Iterator[Step | None]:
    features, best = Features.load(), None
    yield None
    for moment in descending(manifold, features, Target(job.photo, job.frame, manifold), job.steps, guess=True):
        if moment is None:
            yield None
            continue
        best = moment if moment.better(best) else best
        done = moment.step / max(1, job.steps)
        note = "First guess" if moment.step == 0 else f"Finding the nearest picture, {done:.0%}"
        yield _shown(job, manifold, moment, done, note, settled=False)
    assert best is not None
    yield _shown(job, manifold, best, 1.0, "Found", settled=True)


def _shown(job: Project, manifold: Manifold, moment: Projection, done: float, note: str, settled: bool) -> Step:
    candidate = Candidate(manifold.latent(moment.latent), to_uint8(moment.picture), moment.cost)
    if moment.full is not None:
        manifold.remember(candidate.latent, moment.full)
    overlay = np.dstack([candidate.picture, _window(manifold.preview_size)])
    return Step(ticket=job.ticket, settled=settled, overlay=overlay, frame=moment.frame, candidates=(candidate,),
                fraction=done, note=note)


def _window(side: int) -> np.ndarray:
    """Opacity of a model picture laid over the photo: whole inside, fading over the outer twentieth."""
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) / (side / 20)
    edge = np.clip(distance, 0, 1)
    return np.rint(255 * np.minimum(edge[:, None], edge[None, :])).astype(np.uint8)
