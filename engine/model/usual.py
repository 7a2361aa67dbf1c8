"""Usual: how far each place of a picture is from what a manifold's own pictures have there.

A manifold with a critic is judged by it: the votes of its heads, place by place. One without (faces) by the compact
features and the mean colour of each patch. Either way what is usual is measured, on pictures of truncated latents (by
the light network, of which there can be many): of each place the mean and the covariance of what is seen there, its
neighbours counted in, as Defard et al. 2020 ("PaDiM: a Patch Distribution Modeling Framework for Anomaly Detection and
Localization") do for faults of products. How far a place is then is its Mahalanobis distance, read against those of
further pictures, by the full network: 0 where 95 of 100 are no nearer to the middle, 1 from a quarter farther than 999
of a thousand.

This tells what is unusual where it is, a green cheek or a torn mouth. It does not know faces: an eye that is usual as
an eye and looks elsewhere than the other is none of its business, and a hat or a hand, which real photos have and the
model seldom makes, counts as unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from hashlib import sha256
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.document.latent import Latent
from engine.document.pauses import retold
from engine.model import direction_cache
from engine.model.features import Features
from engine.model.manifold import Manifold, to_tensor
from engine.model.networks.critic import Critic

PATCH = 8
"""Pixels of the picture to a place."""
SAMPLES, FURTHER = 160, 24
COORDINATES = 16
"""Of the features at a place, those along which they vary most."""
COLORS = 3
TRUNCATION = 0.9
NEAR, FAR = 0.95, 0.999
"""Shares of places that are no farther: where the map begins, and of where it is full."""
BEYOND = 1.25
RIDGE = 0.05
"""Share of the mean variance that is added to every coordinate's."""
LEAST = 1e-3
"""Deviations and distances count as no smaller: of a manifold of grey pictures, or of all but one picture."""

OPPONENT = torch.tensor([[1 / 3, 1 / 3, 1 / 3], [1.0, -1.0, 0.0], [0.5, 0.5, -1.0]])
"""Light, red against green, yellow against blue."""

Sight = Callable[[Tensor], Tensor]
"""Bx3xSxS -> BxDxGxG: what is seen at each place. What is made of that is made on the processor."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """What is usual at each place. middle: DxGG. white: GGxDxD, takes differences from it to length one.

    near, far: distances between which a place becomes unusual.
    """

    middle: Tensor
    white: Tensor
    near: float
    far: float

    def strangeness(self, seen: Tensor) -> Tensor:
        """1xDxGG -> GG in 0..1."""
        distance = _distances(seen, self.middle, self.white)[0]
        return ((distance / self.near).log() / torch.tensor(self.far / self.near).log()).clamp(0, 1)


@dataclass(frozen=True, eq=False)
class Usual:
    """axes: DxC, what of what is seen is looked at. clouds: of its parts (`_parts`): the colours, and the rest.

    Apart, because a colour that is quite wrong would be outvoted by a texture that is right.
    """

    sight: Sight
    axes: Tensor
    clouds: tuple[Cloud, ...]

    @torch.no_grad()
    def strangeness(self, picture: Tensor) -> Tensor:
        """1x3xSxS -> GxG in 0..1: as strange as the strangest part."""
        seen = _along(self.sight(picture).cpu(), self.axes)
        parts = zip(self.clouds, _parts(len(self.axes)), strict=True)
        strange = torch.stack([cloud.strangeness(seen[:, part]) for cloud, part in parts]).amax(dim=0)
        side = round(len(strange) ** 0.5)
        return strange.reshape(side, side)


def _parts(count: int) -> tuple[slice, ...]:
    return (slice(0, 3), slice(3, count)) if count > COLORS else (slice(0, count),)


_known: WeakKeyDictionary[Manifold, Usual] = WeakKeyDictionary()


def usual(manifold: Manifold) -> Generator[float, None, Usual]:
    """What the manifold's own pictures look like; measured once, then read from the cache. Yields 0..1, how far."""
    if manifold not in _known:
        _known[manifold] = yield from _found(manifold)
    return _known[manifold]


def _found(manifold: Manifold) -> Generator[float, None, Usual]:
    sight, key = sight_of(manifold), _key(manifold)
    kept = direction_cache.read(key)
    if kept is None:
        kept = yield from _measured(manifold, sight)
        direction_cache.write(key, kept)
    clouds = [Cloud(kept[f"middle{i}"], kept[f"white{i}"], max(float(near), LEAST), BEYOND * max(float(far), LEAST))
              for i, (near, far) in enumerate(kept["ends"])]
    return Usual(sight, kept["axes"], tuple(clouds))


def sight_of(manifold: Manifold) -> Sight:
    """By what places are judged there."""
    critic = manifold.critic
    if isinstance(critic, Critic):
        return critic.votes
    features = Features.load().on(manifold.device)

    def seen(pictures: Tensor) -> Tensor:
        taps = features(pictures)
        side = pictures.shape[-1] // PATCH
        fine = F.adaptive_avg_pool2d(taps[2], side)
        coarse = F.adaptive_avg_pool2d(taps[3], side)
        return torch.cat([F.adaptive_avg_pool2d(pictures, side), fine, coarse], dim=1)

    return seen


@torch.no_grad()
def _measured(manifold: Manifold, sight: Sight) -> Generator[float, None, dict[str, Tensor]]:
    seen = []
    for number in range(SAMPLES):
        passage = manifold.passage(manifold.sample(1, number, TRUNCATION), sharp=False)
        picture = yield from _telling(passage.forward(), number / SAMPLES / 2)
        seen.append(sight(picture.detach().clamp(-1, 1)).cpu())
    everything = torch.cat(seen)
    axes = _axes(everything)
    along = _along(everything, axes)
    clouds = [_whitening(along[:, part]) for part in _parts(len(axes))]
    away: list[list[Tensor]] = [[] for _ in clouds]
    for number in range(FURTHER):
        latent = manifold.latent(manifold.sample(1, SAMPLES + number, TRUNCATION))
        picture = yield from _telling(shown(manifold, latent), 0.5 + number / FURTHER / 2)
        along = _along(sight(picture).cpu(), axes)
        for distances, cloud, part in zip(away, clouds, _parts(len(axes)), strict=True):
            distances.append(_distances(along[:, part], *cloud))
    ends = torch.stack([torch.cat(each).flatten().quantile(torch.tensor([NEAR, FAR])) for each in away])
    kept = {"axes": axes, "ends": ends}
    for number, (middle, white) in enumerate(clouds):
        kept |= {f"middle{number}": middle, f"white{number}": white}
    return kept


def shown(manifold: Manifold, latent: Latent) -> Generator[None, None, Tensor]:
    """1x3xPxP in [-1, 1]: the full network's picture at the preview's size, with pauses."""
    picture = to_tensor((yield from manifold.drawn(latent)).copy(), manifold.device)
    return F.adaptive_avg_pool2d(picture, manifold.preview_size)


def _telling(work: Generator[None, None, Tensor], done: float) -> Generator[float, None, Tensor]:
    """The same, saying at every pause how far all is."""
    return (yield from retold(work, lambda pause: done))


def _axes(seen: Tensor) -> Tensor:
    """Light and the two opponent colours, and the principal axes of the rest; all as it is where there is but little.

    Each is of length one on the average: skin may be light or dark, and green only a little.
    """
    count = seen.shape[1]
    if count <= COLORS:
        return torch.eye(count)
    features = seen[:, 3:].permute(0, 2, 3, 1).flatten(0, 2)
    features = features - features.mean(dim=0)
    values, vectors = torch.linalg.eigh(features.T @ features / len(features))
    best = (vectors[:, -COORDINATES:] / values[-COORDINATES:].clamp(min=LEAST**2).sqrt()).T
    axes = torch.zeros(3 + COORDINATES, count)
    opponent = (OPPONENT @ seen[:, :3].flatten(2)).permute(1, 0, 2).flatten(1)
    axes[:3, :3], axes[3:, 3:] = OPPONENT / opponent.std(dim=1, keepdim=True).clamp(min=LEAST), best
    return axes


def _along(seen: Tensor, axes: Tensor) -> Tensor:
    """BxCxGxG -> BxDxGG."""
    return axes @ seen.flatten(2)


def _whitening(places: Tensor) -> tuple[Tensor, Tensor]:
    """BxDxGG -> mean DxGG and GGxDxD; of each place with its eight neighbours."""
    batch, count, size = places.shape
    side = round(size**0.5)
    around = F.unfold(F.pad(places.reshape(batch, count, side, side), (1, 1, 1, 1), mode="replicate"), 3)
    around = around.reshape(batch, count, 9, size).permute(3, 0, 2, 1).reshape(size, batch * 9, count)
    middle = around.mean(dim=1)
    apart = around - middle[:, None]
    spread = apart.transpose(1, 2) @ apart / apart.shape[1]
    ridge = RIDGE * spread.diagonal(dim1=1, dim2=2).mean()
    values, vectors = torch.linalg.eigh(spread + ridge * torch.eye(count))
    return middle.T.contiguous(), (vectors * values.clamp(min=LEAST**2).rsqrt()[:, None]).transpose(1, 2).contiguous()


def _distances(places: Tensor, middle: Tensor, white: Tensor) -> Tensor:
    """BxDxGG -> BxGG: Mahalanobis, over the root of D."""
    apart = (places - middle).permute(2, 1, 0)
    return (white @ apart).square().mean(dim=1).sqrt().T


def _key(manifold: Manifold) -> str:
    """Of what was measured: the manifold's numbers, not only its name."""
    digest = sha256(manifold.mean.cpu().numpy().tobytes() + manifold.basis.cpu().numpy().tobytes())
    digest.update(repr((PATCH, SAMPLES, FURTHER, COORDINATES, TRUNCATION, NEAR, FAR, RIDGE, 4)).encode())
    return f"usual-{digest.hexdigest()[:24]}"
