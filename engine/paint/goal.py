"""What a picture is wanted to be, and how far it is from that: content, manners by region, and terms on the pixels.

Every term is one of engine.model.gram's, times a weight. The weights that the functions here choose make each term the
squared error as a share of what is wanted, so that the same recipe does for any network, picture and depth.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model import gram
from engine.model.segments import Segments, Slope, Tap, slope, taps

WRAP = 48
"""So many pixels of the other side a picture that is to repeat as a tile sees beyond its border."""


@dataclass(frozen=True, eq=False)
class Manner:
    """grams: per tap NxN per position. weights: w_l per tap, 0 where a tap is not asked. mask: 1x1xHxW in 0..1, where
    in the picture; None for everywhere. detail: Gram matrix per position of `neighbourhoods`, or None. share: weight
    beside the other manners."""

    grams: Sequence[Tensor]
    weights: Sequence[float]
    mask: Tensor | None = None
    detail: Tensor | None = None
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class Content:
    """tap: what the photo has there. weight: of half the sum of squares of the difference."""

    tap: Tensor
    weight: float


@dataclass(frozen=True, eq=False)
class Goal:
    """contents: by the tap's number. smoothness: weight of the total variation. bounds: weight of what leaves -1..1.
    detail: weight of the finest detail's statistics. wrap: whether the picture is to repeat as a tile."""

    manners: tuple[Manner, ...] = ()
    contents: Mapping[int, Content] = field(default_factory=dict)
    smoothness: float = 0.0
    bounds: float = 4.0
    detail: float = 0.0
    wrap: bool = False

    def loss_at(self, number: int, tap: Tap) -> Tensor | None:
        """The loss of one tap, or None where nothing is asked of it."""
        terms = [m.share * m.weights[number] * self._distance(m, m.grams[number], tap) for m in self.manners
                 if m.share * m.weights[number] > 0]
        content = self.contents.get(number)
        if content is not None and content.weight > 0:
            terms.append(content.weight * gram.content_loss(tap.map, content.tap))
        return torch.stack(terms).sum() if terms else None

    def slope(self, segments: Segments, picture: Tensor) -> Generator[None, None, Slope]:
        """Loss and gradient at 1x3xHxW; pauses on the way."""
        deep = yield from slope(segments, wrapped(picture) if self.wrap else picture, self.loss_at)
        gradient = _unwrapped(deep.gradient) if self.wrap else deep.gradient
        free = picture.detach().requires_grad_()
        terms = self._on_pixels(free)
        yield
        if not terms:
            return Slope(deep.loss, gradient)
        shallow = torch.stack(terms).sum()
        shallow.backward()
        assert free.grad is not None
        return Slope(deep.loss + float(shallow.detach()), gradient + free.grad)

    def _distance(self, manner: Manner, wanted: Tensor, tap: Tap) -> Tensor:
        mask = None if manner.mask is None else _shrunk(manner.mask, tap.under)
        return gram.layer_loss_per_position(tap.gram(mask)[0], wanted)

    def _on_pixels(self, picture: Tensor) -> list[Tensor]:
        terms = []
        if self.bounds > 0:
            terms.append(self.bounds * F.relu(picture.abs() - 1).square().mean())
        if self.smoothness > 0:
            terms.append(self.smoothness * gram.total_variation(picture))
        for manner in self.manners:
            if self.detail > 0 and manner.detail is not None:
                terms.append(self.detail * manner.share * detail_loss(picture, manner.detail, manner.mask))
        return terms


def _shrunk(mask: Tensor, tap: Tensor) -> Tensor:
    return F.adaptive_avg_pool2d(mask, (tap.shape[2], tap.shape[3]))


def wrapped(picture: Tensor) -> Tensor:
    """1x3xHxW with WRAP pixels more on every side, which are the other side's."""
    rows, columns = (_around(side, picture.device) for side in picture.shape[2:])
    return picture[:, :, rows][..., columns]


def _around(side: int, device: torch.device) -> Tensor:
    return torch.arange(-WRAP, side + WRAP, device=device) % side


def _unwrapped(slopes: Tensor) -> Tensor:
    """The gradient of the wrapped picture -> that of the picture: what is seen twice counts twice."""
    height, width = slopes.shape[2] - 2 * WRAP, slopes.shape[3] - 2 * WRAP
    rows = torch.zeros_like(slopes[:, :, :height]).index_add(2, _around(height, slopes.device), slopes)
    return torch.zeros_like(rows[..., :width]).index_add(3, _around(width, slopes.device), rows)


def detail_of(picture: Tensor, mask: Tensor | None = None) -> Tensor:
    """1x3xHxW -> the Gram matrix per position of the finest detail's neighbourhoods, 27x27."""
    inner = None if mask is None else mask[:, :, 2:-2, 2:-2]
    return gram.gram_per_position(gram.neighbourhoods(_fine(picture)), inner)[0]


def detail_loss(picture: Tensor, wanted: Tensor, mask: Tensor | None = None) -> Tensor:
    """How far the finest detail's statistics are from those `wanted`, as a share of them."""
    difference = detail_of(picture, mask) - wanted
    return difference.square().sum() / (wanted.square().sum() + 1e-8)


def _fine(picture: Tensor) -> Tensor:
    """The finest Laplacian band: what a 3x3 binomial blur takes away, inside the border."""
    line = torch.tensor([0.25, 0.5, 0.25]).to(picture.device)
    kernel = (line[:, None] * line).expand(3, 1, 3, 3)
    return picture[:, :, 1:-1, 1:-1] - F.conv2d(picture, kernel, groups=3)


def manner_of(picture: Tensor, segments: Segments, mask: Tensor | None = None) -> Generator[None, None, Manner]:
    """The manner of 1x3xHxW in [-1, 1], each tap with an equal say; of a region where there is a mask (1x1xHxW)."""
    found = yield from taps(segments, picture)
    grams = []
    for tap in found:
        small = None if mask is None else _shrunk(mask, tap)
        grams.append(gram.gram_per_position(tap, small)[0])
        yield
    return Manner(grams, even(grams), detail=detail_of(picture, mask))


def even(grams: Sequence[Tensor]) -> list[float]:
    """Weights with which the taps' losses, as shares, are averaged."""
    return [weight / len(grams) for weight in gram.equal_weights(grams)]


def content_of(picture: Tensor, segments: Segments, depths: Sequence[int], weight: float,
               ) -> Generator[None, None, dict[int, Content]]:
    """What to keep of 1x3xHxW: the taps at `depths`, their errors as shares averaged and weighted."""
    found = yield from taps(segments, picture)
    return {d: Content(found[d], 2 * weight / len(depths) / max(float(found[d].square().sum()), 1e-12)) for d in depths}
