"""Projection: the latent whose picture is nearest to what lies under the frame.

iGAN's hybrid (Zhu et al. 2016, section 3): an encoder guesses, descent improves (engine.edit.descent), and the frame is
refined on the way (engine.edit.target). Where quality is asked for, the network then learns what no latent shows
(engine.edit.pivotal); whoever stops that keeps what was found before.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.document.job import Candidate, Project, Step
from engine.document.pauses import Work, paced
from engine.edit import pivotal
from engine.edit.descent import Projection, descending, enough
from engine.edit.target import Target
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8
from engine.model.tuned import tuned

TUNING = 2.5
"""How many steps of the descent take as long as one of tuning."""


def project(job: Project, manifold: Manifold) -> Iterator[Step]:
    """The job's steps: previews of guess and descent, then, settled, the best latent and the refined frame."""
    return paced(Step(ticket=job.ticket), _projected(job, manifold))


def _projected(job: Project, manifold: Manifold) -> Work:
    features, best = Features.load().on(manifold.device), None
    quality = job.quality if pivotal.possible(manifold) else 0
    steps = enough(manifold) if job.steps is None else job.steps
    target, total = Target(job.photo, job.frame, manifold), max(1, steps) + TUNING * quality
    yield None
    for moment in descending(manifold, features, target, steps, guess=True):
        if moment is None:
            yield None
            continue
        best = moment if moment.better(best) else best
        yield _shown(job, manifold, moment, moment.step / total, _note(moment, total), settled=False)
    assert best is not None
    end = best
    tuning = pivotal.tuning(manifold, features, target, best, quality, job.seed) if quality else ()
    for moment in tuning:
        if moment is None:
            yield None
            continue
        end, done = moment, 1 - TUNING * quality * (1 - moment.done) / total
        yield _shown(job, manifold, moment, done, f"Learning this very picture, {done:.0%}", settled=False)
    yield _shown(job, manifold, end, 1.0, "Found", settled=True)


def _note(moment: Projection, total: float) -> str:
    return "First guess" if moment.step == 0 else f"Finding the nearest picture, {moment.step / total:.0%}"


def _shown(job: Project, manifold: Manifold, moment: Projection, done: float, note: str, settled: bool) -> Step:
    as_found = manifold if moment.tuning is None else tuned(manifold, moment.tuning)
    candidate = Candidate(as_found.latent(moment.latent), to_uint8(moment.picture), moment.cost)
    if moment.full is not None:
        as_found.remember(candidate.latent, moment.full)
    overlay = np.dstack([candidate.picture, _window(manifold.preview_size)])
    return Step(ticket=job.ticket, settled=settled, overlay=overlay, frame=moment.frame, candidates=(candidate,),
                fraction=done, note=note)


def _window(side: int) -> np.ndarray:
    """Opacity of a model picture laid over the photo: whole inside, fading over the outer twentieth."""
    distance = np.minimum(np.arange(side), np.arange(side)[::-1]) / (side / 20)
    edge = np.clip(distance, 0, 1)
    return np.rint(255 * np.minimum(edge[:, None], edge[None, :])).astype(np.uint8)
