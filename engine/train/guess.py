"""Teaches the encoder of one's own manifold: latents read off generated pictures, and real ones seen again.

Half of every batch the generator makes: the answer is known, and the error is measured in style space. The other half
are the folder's own pictures, which the generator has to show again: their distance is the compact features' and the
squared error, and a little weight keeps the coordinates where styles are plausible. The first half alone knows nothing
of real pictures, and the second alone leaves the manifold.

In place of that second half, or beside it, adversaries can make real pictures and generated ones alike to the encoder:
see `reversal` and `joint`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.document.errors import InputError
from engine.model.features import Features
from engine.model.manifold import Manifold
from engine.model.networks.critic import compact_like
from engine.model.networks.picture_encoder import HIDDEN, PictureEncoder
from engine.train import distributed
from engine.train.joint import JointCritic
from engine.train.photos import to_tensor
from engine.train.reversal import DomainClassifier
from engine.train.trainer import Budget, Opposed, Pieces, Training, read_checkpoint

HALF = 8
PARTS = (slice(0, 4), slice(4, 8))
"""Of each half, gone through one after the other."""

RATE = 3e-3
"""Adam's at its highest. A third of it left a short teaching unfinished."""

REGRESSION = 1.0
PIXELS = 1.5
PLAUSIBLE = 2e-4
OWN = 3.0
"""How much dearer a layer's own coordinates are than the shared ones."""

ADAPTED, DECEIVED = 0.05, 0.1
"""Weights of being the same for both kinds of pictures, and of passing for the generator's inverse.

With ten times the first, an encoder read real pictures worse than one that had never seen any.
"""

BRIGHTER, CONTRAST = 0.1, 0.15
"""Generated pictures are toned at random, since photographs are exposed in more ways than the generator's."""


class Term(StrEnum):
    """What an encoder can be taught by, each alone or several together."""

    PAIRS = "pairs"
    """Generated pictures, whose latents are known."""
    AGAIN = "again"
    """Real pictures, which the generator has to show again."""
    REVERSAL = "reversal"
    """A classifier of both kinds of pictures, whose gradient is reversed."""
    JOINT = "joint"
    """A critic of both kinds of pictures together with their latents."""


Way = frozenset[Term]
USUAL: Way = frozenset({Term.PAIRS, Term.AGAIN})


def way_of(text: str) -> Way:
    """"pairs+again" -> what it names. InputError for what is no way to teach."""
    try:
        way = frozenset(Term(part) for part in text.split("+"))
    except ValueError as error:
        raise InputError(f"{text!r} is no way to teach an encoder: join some of {', '.join(Term)} by +.") from error
    if not way - {Term.REVERSAL}:
        raise InputError("reversal alone teaches nothing: join it to pairs or to again, as pairs+reversal.")
    return way


def new_encoder(manifold: Manifold, checkpoint: Path | None = None, reader: PictureEncoder | None = None,
                ) -> PictureEncoder:
    """With the compact features it looks with, channels last. checkpoint: of the run it goes on with, if any.

    reader: what has learned to read pictures already; all but its answer is taken over.
    """
    count = manifold.basis.shape[0]
    if checkpoint is not None and checkpoint.exists():
        saved = read_checkpoint(checkpoint)["module"]
        return PictureEncoder(manifold.layers, count, compact_like(saved)).to(memory_format=torch.channels_last)
    encoder = PictureEncoder(manifold.layers, count)
    encoder.features.load_state_dict((reader.features if reader else Features.load().network).state_dict())
    if reader:
        for part in ("entry", "convs", "hidden"):
            getattr(encoder, part).load_state_dict(getattr(reader, part).state_dict())
    return encoder.to(memory_format=torch.channels_last)


class Lessons:
    """The losses of one step. pictures: NxSxSx3 uint8; chosen: which of them to learn from.

    adversaries: those that the way asks for. What is random does not depend on the way.
    """

    def __init__(self, manifold: Manifold, encoder: PictureEncoder, pictures: np.ndarray, chosen: np.ndarray,
                 seed: int, way: Way = USUAL) -> None:
        self.manifold, self.encoder, self.features, self.way = manifold, encoder, Features.load(), way
        self._pictures, self._chosen, self._seed = pictures, chosen, seed
        self.adversaries = nn.ModuleDict()
        if Term.REVERSAL in way:
            self.adversaries["reversal"] = DomainClassifier(HIDDEN)
        if Term.JOINT in way:
            self.adversaries["joint"] = JointCritic(manifold.layers, len(manifold.basis))

    def parts(self, step: int, progress: float = 1.0) -> Iterator[Tensor]:
        """Of generated and of real pictures, a few at a time: what is yielded adds up to the loss.

        progress: 0..1 of the training.
        """
        random = torch.Generator().manual_seed(self._seed * 1_000_003 + step * 64 + distributed.rank())
        with torch.no_grad():
            latents = drawn(self.manifold, HALF, random)
        tones, pictures = torch.randn(2, HALF, 1, 1, 1, generator=random), self._shown(random)
        if self.way != {Term.AGAIN}:
            for part in PARTS:
                yield self.generated(latents[part], tones[:, part], progress) / len(PARTS)
        if self.way != {Term.PAIRS}:
            for part in PARTS:
                yield self.real(pictures[part], progress) / len(PARTS)

    def generated(self, latents: Tensor, tone: Tensor, progress: float = 1.0) -> Tensor:
        """Squared error in style space over the styles' own variance: 1 knows nothing. And what adversaries say."""
        with torch.no_grad():
            pictures = self.manifold.picture(latents)
            pictures = (pictures * (1 + CONTRAST * tone[0]) + BRIGHTER * tone[1]).clamp(-1, 1)
        read, loss = self.encoder.read(pictures), torch.zeros(())
        if Term.PAIRS in self.way:
            answer = self.manifold.latents(*self.encoder.answer(read))
            variance = self.manifold.basis.square().sum() / self.manifold.width
            loss = loss + REGRESSION * (answer - latents).square().mean() / variance
        if Term.REVERSAL in self.way:
            loss = loss + ADAPTED * self._domain().loss(read, real=False, progress=progress)
        if Term.JOINT in self.way:
            shared, own = self.manifold.coordinates(latents)
            loss = loss + self._joint().generated(pictures, shared + own)
        return loss

    def real(self, pictures: Tensor, progress: float = 1.0) -> Tensor:
        """How far real pictures are from what the generator makes of the answers. And what adversaries say."""
        read, loss = self.encoder.read(pictures), torch.zeros(())
        shared, own = self.encoder.answer(read)
        if Term.AGAIN in self.way:
            loss = loss + self._again(pictures, shared, own)
        if Term.REVERSAL in self.way:
            loss = loss + ADAPTED * self._domain().loss(read, real=True, progress=progress)
        if Term.JOINT in self.way:
            judged, deceived = self._joint().real(pictures, shared + own)
            loss = loss + judged + DECEIVED * deceived
        return loss

    def _again(self, pictures: Tensor, shared: Tensor, own: Tensor) -> Tensor:
        made = self.manifold.picture(self.manifold.latents(shared, own))
        with torch.no_grad():
            goal = self.features(pictures)
        plausible = shared.square().sum() + OWN * own.square().sum() / self.manifold.layers
        return (self.features.to_goal(made, goal).mean() + PIXELS * F.mse_loss(made, pictures)
                + PLAUSIBLE * plausible / len(pictures))

    def right(self) -> dict[str, float]:
        """Of each adversary: the share, 0..1, of what it was shown lately that it sorted rightly."""
        return {name: cast(DomainClassifier | JointCritic, each).right for name, each in self.adversaries.items()}

    def _domain(self) -> DomainClassifier:
        return cast(DomainClassifier, self.adversaries["reversal"])

    def _joint(self) -> JointCritic:
        return cast(JointCritic, self.adversaries["joint"])

    def _shown(self, random: torch.Generator) -> Tensor:
        places = torch.randint(len(self._chosen), (HALF,), generator=random).numpy()
        pictures = to_tensor(self._pictures[self._chosen[places]])
        flipped = torch.rand(HALF, 1, 1, 1, generator=random) < 0.5
        return torch.where(flipped, pictures.flip(3), pictures)


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
    encoder, adversaries = lessons.encoder, lessons.adversaries
    distributed.agree(encoder, adversaries)
    training = (Opposed(encoder, adversaries, budget, checkpoint) if len(adversaries)
                else Training(encoder, budget, checkpoint))
    if resume:
        training.resume()
    return training, training.pieces(lambda step: lessons.parts(step, training.fraction))


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
