"""Teaches the style network to paint any photo in any picture's manner, and to leave a photo alone when asked to.

The loss is Gatys' (2016) on VGG16's features: the photo's content on the two deep taps, the style's statistics on all
four. Each term is the squared error as a share of what it should be, so that no picture and no depth outweighs
another. What the sliders of the program do is part of the task: per octave, the code and the statistics asked for are
mixed of the photo's own and the style's, from nothing of the style (then the answer should be the photo) to all of it.
The codes are the compact network's, which is what the program looks with. As VGG16 is the expensive half, crops are
drawn from a pool, and what it says of each is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.gram import gram_and_mean
from engine.model.networks.style_transfer import StyleTransfer, code_of, mixed
from engine.train.photos import list_pictures, random_crop, to_tensor
from engine.train.trainer import Budget, Training, TrainingStep

STYLE_SIDE = 224
OCTAVES = 4
STYLE_WEIGHT = 40.0
CONTENT_DEPTHS = (2, 3)
SMOOTHNESS = 0.1
FAITHFULNESS = 4.0
MOST = 4.0
"""No picture's style error weighs more: the statistics of a flat dark style are near nothing, and any share of them is
large."""
STAGES = ((0.0, 144, 2), (0.6, 208, 1))
"""From that share of the time on: sides of the photos' crops, and how many of them make a step."""

POOL = 1000
"""Crops of each kind that are told apart."""

HELD_OUT = 20
"""Every so many pictures of a folder are kept from the training."""


class Pictures:
    """Random square crops from the pictures below some folders; each file is decoded once. held_out: those or not.

    Folders are drawn from in proportion to the square root of how many pictures they have.
    """

    def __init__(self, folders: Sequence[Path], random: np.random.Generator, held_out: bool = False) -> None:
        self._folders = [[path for place, path in enumerate(list_pictures([folder]))
                          if (place % HELD_OUT == 0) == held_out] for folder in folders]
        self._open: dict[Path, Image.Image] = {}
        self._random = random

    def __len__(self) -> int:
        return sum(len(paths) for paths in self._folders)

    def batch(self, count: int, side: int) -> Tensor:
        """count x 3 x side x side in [-1, 1]."""
        return to_tensor(np.stack([random_crop(self._any(), side, self._random) for _ in range(count)]))

    def _any(self) -> Image.Image:
        shares = np.sqrt([len(paths) for paths in self._folders])
        paths = self._folders[int(self._random.choice(len(shares), p=shares / shares.sum()))]
        path = paths[int(self._random.integers(len(paths)))]
        if path not in self._open:
            self._open[path] = Image.open(path).convert("RGB")
        return self._open[path]


@dataclass(frozen=True, eq=False)
class Look:
    """What is known of B pictures, Bx3xHxW in [-1, 1]. code: of the compact network's taps, per octave Bx2C.

    deep: the teacher's taps that carry content. moments: per tap of the teacher's, Gram matrix and mean.
    """

    pictures: Tensor
    code: list[Tensor]
    deep: list[Tensor]
    moments: list[tuple[Tensor, Tensor]]


def look(pictures: Tensor, features: nn.Module, teacher: nn.Module) -> Look:
    """Asks both networks."""
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        taps = teacher(pictures)
        return Look(pictures, code_of(features(pictures)), [taps[d] for d in CONTENT_DEPTHS],
                    [gram_and_mean(tap) for tap in taps])


def joined(looks: Sequence[Look]) -> Look:
    """Several of them in one batch."""
    pictures = torch.cat([one.pictures for one in looks])
    code, deep = ([torch.cat(parts) for parts in zip(*(of(one) for one in looks), strict=True)]
                  for of in (lambda one: one.code, lambda one: one.deep))
    moments = [(torch.cat([gram for gram, _ in tap]), torch.cat([mean for _, mean in tap]))
               for tap in zip(*(one.moments for one in looks), strict=True)]
    return Look(pictures, code, deep, moments)


class Pool:
    """Crops drawn once; each is looked at when it is first wanted, and never again."""

    def __init__(self, draw: Callable[[], Tensor], look: Callable[[Tensor], Look], size: int,
                 random: np.random.Generator) -> None:
        self._draw, self._look, self._size, self._random = draw, look, size, random
        self._known: dict[int, Look] = {}

    def batch(self, count: int) -> Look:
        """So many of them, at random."""
        return joined([self._one(int(place)) for place in self._random.integers(self._size, size=count)])

    def _one(self, place: int) -> Look:
        if place not in self._known:
            self._known[place] = self._look(self._draw())
        return self._known[place]


def recoloured(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """A third of the pictures (Bx3xHxW) with their channels in another order, for manners in more colours."""
    order = [random.permutation(3) if random.random() < 1 / 3 else np.arange(3) for _ in range(len(pictures))]
    return torch.stack([picture[torch.from_numpy(o)] for picture, o in zip(pictures, order, strict=True)])


def octave_weights(count: int, random: np.random.Generator) -> Tensor:
    """count x 4 in 0..1: mostly all of the style, sometimes a part of every octave, or of each its own, or nothing."""
    rows = []
    for _ in range(count):
        kind = random.random()
        if kind < 0.6:
            rows.append(np.ones(OCTAVES))
        elif kind < 0.75:
            rows.append(np.full(OCTAVES, random.random()))
        elif kind < 0.9:
            rows.append(random.random(OCTAVES).round(1))
        else:
            rows.append(np.zeros(OCTAVES))
    return torch.from_numpy(np.stack(rows)).float()


def style_loss(taps: Sequence[Tensor], own: Sequence[tuple[Tensor, Tensor]], style: Sequence[tuple[Tensor, Tensor]],
               weights: Tensor) -> Tensor:
    """Shape B: how far the statistics of `taps` are from the mixture (weights Bx4) of the photo's and the style's."""
    total = torch.zeros(len(weights))
    for index, (tap, (gram_a, mean_a), (gram_b, mean_b)) in enumerate(zip(taps, own, style, strict=True)):
        share = weights[:, index, None, None]
        gram, mean = gram_and_mean(tap)
        goal, middle = gram_a.lerp(gram_b, share), mean_a.lerp(mean_b, share[..., 0])
        spread, wanted = gram - _outer(mean), goal - _outer(middle)
        total = total + _share(gram - goal, goal) + 0.5 * _share(spread - wanted, wanted)
    return total / len(taps)


def content_loss(taps: Sequence[Tensor], own: Sequence[Tensor]) -> Tensor:
    """Shape B: squared difference of the deep ones of all taps to the photo's own, as a share of these."""
    deep = [taps[d] for d in CONTENT_DEPTHS]
    return torch.stack([_share(tap - wanted, wanted) for tap, wanted in zip(deep, own, strict=True)]).mean(dim=0)


def _outer(mean: Tensor) -> Tensor:
    return mean[:, :, None] * mean[:, None]


def _share(difference: Tensor, whole: Tensor) -> Tensor:
    return difference.square().flatten(1).sum(dim=1) / (whole.square().flatten(1).sum(dim=1) + 1e-6)


def loss(network: StyleTransfer, teacher: nn.Module, photos: Look, styles: Look, weights: Tensor) -> Tensor:
    """The mean over a batch of content, style, smoothness, and faithfulness where little style is asked for."""
    picture = network(photos.pictures, _told(network, photos, styles, weights))
    taps = teacher(picture)
    smooth = (picture.diff(dim=2).abs().mean(dim=(1, 2, 3)) + picture.diff(dim=3).abs().mean(dim=(1, 2, 3)))
    alone = (1 - weights.mean(dim=1)).square()
    styled = style_loss(taps, photos.moments, styles.moments, weights)
    total = content_loss(taps, photos.deep) + STYLE_WEIGHT * styled / (1 + styled / MOST)
    total = total + SMOOTHNESS * (1 - alone) * smooth
    error = F.l1_loss(picture, photos.pictures, reduction="none").mean(dim=(1, 2, 3))
    return (total + FAITHFULNESS * alone * error).mean()


def _told(network: StyleTransfer, photos: Look, styles: Look, weights: Tensor) -> Tensor:
    return mixed(network.embed(photos.code), network.embed(styles.code), weights.T[..., None].unbind())


def teach(network: StyleTransfer, features: nn.Module, teacher: nn.Module, photos: Pictures, styles: Pictures,
          budget: Budget, checkpoint: Path, resume: bool, random: np.random.Generator,
          ) -> tuple[Training, Iterator[TrainingStep]]:
    """Trains `network` on crops, first small ones and then larger ones, each photo with a style of its own."""
    training = Training(network, budget, checkpoint)
    if resume:
        training.resume()
    def _look(one: Tensor) -> Look:
        return look(one, features, teacher)

    def _statistics(one: Tensor) -> Look:
        found = _look(one)
        return Look(one[..., :0, :0], found.code, [], found.moments)

    manners = Pool(lambda: recoloured(styles.batch(1, STYLE_SIDE), random), _statistics, POOL, random)
    pools: dict[int, Pool] = {}

    def loss_of(step: int) -> Tensor:
        _, side, batch = max(stage for stage in STAGES if stage[0] <= training.fraction)
        if side not in pools:
            pools.clear()
            pools[side] = Pool(lambda: photos.batch(1, side), _look, POOL, random)
        return loss(network, teacher, pools[side].batch(batch), manners.batch(batch), octave_weights(batch, random))

    return training, training.run(loss_of)


def evaluate(network: StyleTransfer, features: nn.Module, teacher: nn.Module, photos: Tensor, styles: Tensor,
             ) -> dict[str, float]:
    """Content, style and identity errors on pictures kept from the training (Bx3xHxW each, B of both)."""
    rows = []
    for photo, manner in zip(photos.split(1), styles.split(1), strict=True):
        own, other = look(photo, features, teacher), look(manner, features, teacher)
        full, none = torch.ones(1, OCTAVES), torch.zeros(1, OCTAVES)
        with torch.no_grad():
            taps = teacher(network(photo, _told(network, own, other, full)))
            same = network(photo, _told(network, own, other, none))
            rows.append([float(content_loss(taps, own.deep)),
                         float(style_loss(taps, own.moments, other.moments, full)),
                         float(style_loss(teacher(photo), own.moments, other.moments, full)),
                         float((same - photo).abs().mean())])
    names = ("content error, share of the photo's deep features", "style error, share of the style's statistics",
             "the same of the photo itself", "mean absolute error with the photo's own code, range -1..1")
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True))
