"""Teaches the encoder of one's own manifold: latents read off generated pictures, and real ones seen again.

Half of every batch the generator makes: the answer is known, and the error is measured in style space. The other half
are the folder's own pictures, which the generator has to show again: their distance is the compact features' and the
squared error, and a little weight keeps the coordinates where styles are plausible. The first half alone knows nothing
of real pictures, and the second alone leaves the manifold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import PictureEncoder
from engine.train import distributed
from engine.train.photos import to_tensor
from engine.train.trainer import Budget, Pieces, Training

HALF = 8
PARTS = (slice(0, 4), slice(4, 8))
"""Of each half, gone through one after the other."""

REGRESSION = 1.0
PIXELS = 1.5
PLAUSIBLE = 2e-4
OWN = 3.0
"""How much dearer a layer's own coordinates are than the shared ones."""

BRIGHTER, CONTRAST = 0.1, 0.15
"""Generated pictures are toned at random, since photographs are exposed in more ways than the generator's."""


def new_encoder(manifold: Manifold, checkpoint: Path | None = None, reader: PictureEncoder | None = None,
                ) -> PictureEncoder:
    """With the compact features it looks with, channels last. checkpoint: of the run it goes on with, if any.

    reader: what has learned to read pictures already; all but its answer is taken over.
    """
    count = manifold.basis.shape[0]
    if checkpoint is not None and checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True, map_location="cpu")["module"]
        return PictureEncoder(manifold.layers, count, compact_like(saved)).to(memory_format=torch.channels_last)
    encoder = PictureEncoder(manifold.layers, count)
    encoder.features.load_state_dict((reader.features if reader else Features.load().network).state_dict())
    if reader:
        for part in ("entry", "convs", "hidden"):
            getattr(encoder, part).load_state_dict(getattr(reader, part).state_dict())
    return encoder.to(memory_format=torch.channels_last)


class Lessons:
    """The losses of one step. pictures: NxSxSx3 uint8; chosen: which of them to learn from."""

    def __init__(self, manifold: Manifold, encoder: PictureEncoder, pictures: np.ndarray, chosen: np.ndarray,
                 seed: int) -> None:
        self.manifold, self.encoder, self.features = manifold, encoder, Features.load()
        self._pictures, self._chosen, self._seed = pictures, chosen, seed

    def loss(self, step: int) -> Tensor:
        """Of generated and of real pictures."""
        return torch.stack(list(self.parts(step))).sum()

    def parts(self, step: int) -> Iterator[Tensor]:
        """The same a few pictures at a time: what is yielded adds up to it."""
        random = torch.Generator().manual_seed(self._seed * 1_000_003 + step * 64 + distributed.rank())
        with torch.no_grad():
            latents = drawn(self.manifold, HALF, random)
        tones = torch.randn(2, HALF, 1, 1, 1, generator=random)
        for part in PARTS:
            yield REGRESSION * self.generated(latents[part], tones[:, part]) / len(PARTS)
        pictures = self._shown(random)
        for part in PARTS:
            yield self.real(pictures[part]) / len(PARTS)

    def generated(self, latents: Tensor, tone: Tensor) -> Tensor:
        """Squared error in style space over the styles' own variance: 1 knows nothing."""
        with torch.no_grad():
            pictures = self.manifold.picture(latents)
            pictures = (pictures * (1 + CONTRAST * tone[0]) + BRIGHTER * tone[1]).clamp(-1, 1)
        answer = self.manifold.latents(*self.encoder(pictures))
        variance = self.manifold.basis.square().sum() / self.manifold.width
        return (answer - latents).square().mean() / variance

    def _shown(self, random: torch.Generator) -> Tensor:
        places = torch.randint(len(self._chosen), (HALF,), generator=random).numpy()
        pictures = to_tensor(self._pictures[self._chosen[places]])
        flipped = torch.rand(HALF, 1, 1, 1, generator=random) < 0.5
        return torch.where(flipped, pictures.flip(3), pictures)

    def real(self, pictures: Tensor) -> Tensor:
        """How far real pictures are from what the generator makes of the encoder's answers."""
        shared, own = self.encoder(pictures)
        made = self.manifold.picture(self.manifold.latents(shared, own))
        with torch.no_grad():
            goal = self.features(pictures)
        plausible = shared.square().sum() + OWN * own.square().sum() / self.manifold.layers
        return (self.features.to_goal(made, goal).mean() + PIXELS * F.mse_loss(made, pictures)
                + PLAUSIBLE * plausible / len(pictures))


def drawn(manifold: Manifold, count: int, random: torch.Generator) -> Tensor:
    """count x L x W: random styles, half of them mixed of two (of one class), drawn towards the mean by 0.5 to 1."""
    seed = int(torch.randint(2**31, (1,), generator=random))
    styles = manifold.draw(2 * count, seed).reshape(2, count, 1, -1)
    share = 0.5 + 0.5 * torch.rand(count, 1, 1, generator=random)
    if manifold.layers == 1:
        return manifold.mean + share * (styles[0] - manifold.mean)
    cuts = torch.randint(1, manifold.layers, (count, 1, 1), generator=random)
    whole = torch.rand(count, 1, 1, generator=random) < 0.5
    if manifold.kinds is not None:
        one, other = (manifold.kinds.nearest(each[:, 0]) for each in styles)
        whole |= (one != other)[:, None, None]
    first = whole | (torch.arange(manifold.layers)[:, None] < cuts)
    return manifold.mean + share * (torch.where(first, styles[0], styles[1]) - manifold.mean)


def teach(lessons: Lessons, budget: Budget, checkpoint: Path, resume: bool) -> tuple[Training, Pieces]:
    """The run and its steps, with pauses within them."""
    distributed.agree(lessons.encoder)
    training = Training(lessons.encoder, budget, checkpoint)
    if resume:
        training.resume()
    return training, training.pieces(lessons.parts)


@torch.no_grad()
def evaluate(manifold: Manifold, pictures: Tensor) -> dict[str, float]:
    """What the guess alone makes of pictures never seen, Bx3xSxS, beside the average picture; B of at least 1."""
    features = Features.load()
    average = manifold.picture(manifold.average()).expand(len(pictures), -1, -1, -1)
    found = {}
    for name, made in (("guess", manifold.picture(manifold.latents(*manifold.guess(pictures)))), ("average", average)):
        found[f"{name}: feature distance to held-out pictures"] = float(features.distance(made, pictures))
        found[f"{name}: root mean square error, range -1..1"] = float(F.mse_loss(made, pictures).sqrt())
    return found
