"""Teach: a direction from a handful of pictures that an artist likes or not, and many nobody has judged.

Twenty labels say little in a latent space of hundreds of axes. They say more of what is seen: the compact network's
features, pooled over a coarse grid. So a ridge regression on pooled features of judged pictures scores all of them,
and a second one, from whitened coordinates to those scores, makes the direction: the pictures nobody judged tell
how what is seen lies in the latent space (semi-supervised, as in Chapelle et al. 2006, "Semi-Supervised Learning").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.direction import Direction
from engine.document.job import Candidate, Example, Sample, Step, Teach
from engine.document.latent import Latent
from engine.model.features import Features
from engine.model.manifold import Manifold, to_uint8

SIDE = 128
"""Side of the picture whose features are pooled."""
CELLS = (4, 4, 8, 8)
"""Side of the grid over which the taps of each depth are pooled: structure finer, colour coarser."""
AXES = 64
"""Principal axes that a direction uses: the rest hold a hundredth of the cloud."""
SEEN, PLACED = 0.3, 60.0
"""Weights of the two regressions' ridges: of features, per feature; of coordinates."""
LEAST = 2
"""Pictures of either sort without which nothing can be learned."""

_pooled: WeakKeyDictionary[Latent, np.ndarray] = WeakKeyDictionary()
"""Features of pictures that were looked at before: an artist judges the same ones again and again."""


def sample(job: Sample, manifold: Manifold) -> Iterator[Step]:
    """Random pictures by the preview network, one more with every step."""
    latents = manifold.sample(job.count, job.seed)
    found: tuple[Candidate, ...] = ()
    for index in range(job.count):
        with torch.no_grad():
            picture = to_uint8(_small(manifold.preview(latents[index : index + 1])))
        found = (*found, Candidate(manifold.latent(latents[index]), picture))
        done = (index + 1) / job.count
        yield Step(ticket=job.ticket, candidates=found, fraction=done, settled=done == 1, note="Drawing pictures")


def teach(job: Teach, manifold: Manifold) -> Iterator[Step]:
    """The direction from what is not liked to what is, and how well the two can be told apart."""
    features, waiting = Features.load().on(manifold.device), Step(ticket=job.ticket, note="Looking at the pictures")
    rows = []
    for example in job.examples:
        rows.append(_seen(example, features))
        yield waiting
    likes = np.array([0.0 if e.liked is None else 1.0 if e.liked else -1.0 for e in job.examples])
    if min((likes > 0).sum(), (likes < 0).sum()) < LEAST:
        note = f"Judge at least {LEAST} pictures either way"
        yield Step(ticket=job.ticket, settled=True, fraction=1.0, note=note)
        return
    kernel = similarity(np.stack(rows))
    scores, accuracy = scored(kernel, likes)
    latents = torch.cat([manifold.tensor(example.latent) for example in job.examples])
    direction = Direction(job.name, pointing(manifold, latents, scores), manifold.id)
    yield Step(ticket=job.ticket, settled=True, directions=(direction,), accuracy=accuracy, fraction=1.0,
               note="Learned")  # fmt: skip


def _small(picture: Tensor) -> Tensor:
    return F.interpolate(picture, size=(SIDE, SIDE), mode="area") if picture.shape[-1] > SIDE else picture


def _seen(example: Example, features: Features) -> np.ndarray:
    if example.latent not in _pooled:
        _pooled[example.latent] = pooled(example.picture, features)
    return _pooled[example.latent]


@torch.no_grad()
def pooled(picture: np.ndarray, features: Features) -> np.ndarray:
    """SxSx3 uint8 -> float32 row: the features of the picture, pooled."""
    tensor = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    taps = features(F.interpolate(tensor.to(features.device), size=(SIDE, SIDE), mode="area"))
    cells = [F.adaptive_avg_pool2d(tap, count).flatten() for tap, count in zip(taps, CELLS, strict=True)]
    return torch.cat(cells).cpu().numpy()


def similarity(rows: np.ndarray) -> np.ndarray:
    """NxD features -> NxN: mean product of the standardised features of two pictures."""
    standard = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6)
    return np.asarray(standard @ standard.T / standard.shape[1], np.float64)


def scored(kernel: np.ndarray, likes: np.ndarray) -> tuple[np.ndarray, float]:
    """Scores of all N pictures, of unit spread, from the judged ones (likes: -1, 0 where nobody judged, 1).

    With the share of the judged ones that are told right by all the others (left out one by one; ridge regression has
    that in closed form), both sorts counting alike.
    """
    judged = np.flatnonzero(likes)
    wanted = likes[judged]
    within = kernel[np.ix_(judged, judged)] + 1.0  # the constant is the regression's intercept
    inverse = np.linalg.inv(within + SEEN * np.eye(len(judged)))
    weights = inverse @ wanted
    left_out = wanted - weights / np.diag(inverse)
    right = [float((np.sign(left_out[wanted == sort]) == sort).mean()) for sort in np.unique(wanted)]
    scores = (kernel[:, judged] + 1.0) @ weights
    return scores / max(float(scores.std()), 1e-9), sum(right) / len(right)


def pointing(manifold: Manifold, latents: Tensor, scores: Sequence[float] | np.ndarray) -> np.ndarray:
    """LxW float32: the direction of NxLxW latents along which their scores rise, one standard deviation long."""
    shared, _ = manifold.coordinates(latents)
    places = shared[:, 0, :AXES].double().cpu()
    places = places - places.mean(dim=0)
    wanted = torch.as_tensor(np.asarray(scores), dtype=torch.float64)
    gram = places @ places.T + PLACED * torch.eye(len(places), dtype=torch.float64)
    way = places.T @ torch.linalg.solve(gram, wanted - wanted.mean())
    style = (way / way.norm().clamp(min=1e-9)).float() @ manifold.basis[: places.shape[1]].cpu()
    return style.expand(manifold.layers, -1).contiguous().numpy()
