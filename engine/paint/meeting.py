"""Meeting: where two pictures meet in their features, and whose each place becomes.

At every place the features say how much is there in either picture: how far they are from what is usual in it. The
picture that has more to tell wins the place, and the share of all places that go to the second is the amount. Depth
says how they take turns. Near the surface they do not: everything dissolves evenly. The deeper, the surer the choice
and the larger what is chosen as a whole; things then stand in front of each other. The border between them follows
edges of both pictures (a guided filter, He, Sun and Tang 2013).

Where both have a share their features are mixed, and the mixture is given the strength that each had by itself: plain
means of features are pale. What the mixture's decoded picture has beyond the two mixed as they are is the surplus; what
the decoder does not know of either picture is not missed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.paint.invert import BORDER, Inverter, bordered, coarse
from engine.paint.mask import guided
from engine.paint.pauses import Working

DEEP = (3, 4)
"""By the features of these depths it is told how much is at a place."""
DEPTHS = (1.0, 2.0, 3.0, 4.0)
SURE = (0.0, 1.5, 3.0, 5.0)
"""At each depth, how surely the picture wins that has more to tell."""
REACH = (0.0125, 0.025, 0.044, 0.069)
"""At each depth, over which part of the longer side a place reaches."""
AROUND = 0.05
"""Part of the longer side within which borders move to edges."""
STRONGER = 1.8
"""Mixed features are made at most so many times stronger."""
FAINT = 0.03
"""Added to what is told, so that even areas count for little more than noise."""

FINE = 2
"""Octaves of the pictures that are fine detail."""
KEPT = 4
"""Outcomes that are kept."""

Taps = list[Tensor]
Shift = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What becomes of two pictures. share: hxw, the second's part. surplus: hxwx3, what is added to the two mixed.

    lost: hxwx3, by how much the first differs from the blend in what is coarse. All float32, of 0..1.
    """

    share: np.ndarray
    surplus: np.ndarray
    lost: np.ndarray


class Meeting:
    """first, second: hxwx3 uint8. presence: hxw float32 in 0..1, where the second is at all."""

    def __init__(self, first: np.ndarray, second: np.ndarray, presence: np.ndarray, inverter: Inverter) -> None:
        self.first, self.second, self.presence = first, second, presence
        self._inverter = inverter
        self._taps: dict[tuple[Shift, int], tuple[Taps, Taps]] = {}
        self._told: dict[tuple[Shift, int], tuple[np.ndarray, np.ndarray]] = {}
        self._outcomes: dict[tuple[float, float, int], Outcome] = {}

    def outcome(self, amount: float, depth: float, looks: Sequence[Shift]) -> Working[Outcome]:
        """What becomes of them; the newest few are kept. looks: how the grid of the features is moved, look by look."""
        key = amount, depth, len(looks)
        if key not in self._outcomes:
            share = yield from self.share(amount, depth)
            surplus = yield from self.surplus(share, depth, looks)
            first, second = (picture.astype(np.float32) / 255 for picture in (self.first, self.second))
            blend = first + share[..., None] * (second - first) + surplus
            self._outcomes[key] = Outcome(share, surplus, coarse(first - blend, FINE))
            while len(self._outcomes) > KEPT:
                del self._outcomes[next(iter(self._outcomes))]
            yield
        return self._outcomes[key]

    def share(self, amount: float, depth: float) -> Working[np.ndarray]:
        """hxw float32 in 0..1: the second picture's part at each place; `amount` (0..1) on the whole."""
        height, width = self.presence.shape
        sure = np.float32(np.interp(depth, DEPTHS, SURE))
        more = sure * (yield from self._more(float(np.interp(depth, DEPTHS, REACH)) * max(height, width)))
        rows, columns = more.shape
        presence = cv2.resize(self.presence, (columns, rows), interpolation=cv2.INTER_AREA)
        part = chosen(more, presence, amount)
        found = np.zeros((height, width), np.float32)
        for picture in (self.first, self.second):
            guide = picture.astype(np.float32) / 255
            small = cv2.resize(guide, (columns, rows), interpolation=cv2.INTER_AREA)
            slope, offset = guided(part, small, max(1, round(AROUND * max(rows, columns))))
            yield
            size = (width, height)
            found += cv2.resize(offset, size) + (cv2.resize(slope, size) * guide).sum(axis=2)
            yield
        return (found / 2).clip(0, 1) * self.presence

    def surplus(self, share: np.ndarray, depth: float, looks: Sequence[Shift]) -> Working[np.ndarray]:
        """hxwx3 float32: what the mixed features of that depth (1..4) tell beyond the two pictures mixed in shares.

        The mean of so many looks, by which the grid of the features is moved; 0 where the second picture is not.
        """
        upper = math.floor(depth)
        parts = {upper: upper + 1 - depth, upper + 1: depth - upper}  # between two depths the two answers are mixed
        total = np.zeros(self.first.shape, np.float32)
        for shift in looks:
            for whole, part in parts.items():
                if part > 0:
                    total += np.float32(part / len(looks)) * (yield from self._surplus(share, whole, shift))
        return total * self.presence[..., None]

    def _surplus(self, share: np.ndarray, depth: int, shift: Shift) -> Working[np.ndarray]:
        first, second = yield from self._seen(shift, depth)
        mixture = mixed(first[depth - 1], second[depth - 1], _pooled(share, depth, shift).to(first[0].device))
        picture = yield from self._inverter.decoded(mixture, depth, shift, share.shape)
        told = yield from self._decoded(shift, depth)
        part = share[..., None]
        return picture - (1 - part) * told[0] - part * told[1]

    def _more(self, reach: float) -> Working[np.ndarray]:
        """A map, a quarter of the picture's size: by how much more the second tells, as a logarithm."""
        taps = yield from self._seen((0, 0), max(DEEP))
        size = tuple(-(-side // 4) for side in self.presence.shape)
        total = np.zeros(size, np.float32)
        for depth in DEEP:
            ratio = told(taps[1][depth - 1], depth, reach, size) - told(taps[0][depth - 1], depth, reach, size)
            total += ratio / len(DEEP)
            yield
        return total

    def _seen(self, shift: Shift, depth: int) -> Working[tuple[Taps, Taps]]:
        """The taps of both pictures, at least down to that depth."""
        for deeper in range(depth, max(DEEP) + 1):
            if (shift, deeper) in self._taps:
                return self._taps[shift, deeper]
        first = yield from self._inverter.taps(self.first, shift, depth)
        second = yield from self._inverter.taps(self.second, shift, depth)
        self._taps[shift, depth] = first, second
        return first, second

    def _decoded(self, shift: Shift, depth: int) -> Working[tuple[np.ndarray, np.ndarray]]:
        """What the features of both tell of them."""
        if (shift, depth) not in self._told:
            taps, size = (yield from self._seen(shift, depth)), self.presence.shape
            first = yield from self._inverter.decoded(taps[0][depth - 1], depth, shift, size)
            second = yield from self._inverter.decoded(taps[1][depth - 1], depth, shift, size)
            self._told[shift, depth] = first, second
        return self._told[shift, depth]


def chosen(more: np.ndarray, presence: np.ndarray, amount: float) -> np.ndarray:
    """hxw float32 in 0..1 that rises with `more` and has the mean `amount` where the second picture is present."""
    low, high = -30.0, 30.0
    for _ in range(32):  # halving: the mean rises with the offset
        offset = (low + high) / 2
        part = 1 / (1 + np.exp(-more - np.float32(offset)))
        if float((part * presence).sum()) < amount * float(presence.sum()):
            low = offset
        else:
            high = offset
    return part


@torch.no_grad()
def mixed(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """Two taps (1xCxhxw) mixed in shares (1x1xhxw in 0..1), as far from their mean as the two are."""
    means = [tap.mean(dim=(2, 3), keepdim=True) for tap in (first, second)]
    mean = means[0] + share * (means[1] - means[0])
    off = first + share * (second - first) - mean
    strengths = [(tap - own).square().sum(dim=1, keepdim=True) for tap, own in zip((first, second), means, strict=True)]
    wanted = strengths[0] + share * (strengths[1] - strengths[0])
    gain = (wanted / (off.square().sum(dim=1, keepdim=True) + 1e-3)).sqrt().clamp(1, STRONGER)
    return mean + gain * off


@torch.no_grad()
def told(tap: Tensor, depth: int, reach: float, size: tuple[int, ...]) -> np.ndarray:
    """hxw float32 of that size: the logarithm of how much a tap of a bordered picture has to tell around each place.

    reach: in pixels of the picture.
    """
    mean, deviation = tap.mean(dim=(2, 3), keepdim=True), tap.std(dim=(2, 3), keepdim=True) + 1e-3
    energy = ((tap - mean) / deviation).square().mean(dim=1)[0].cpu().numpy()
    step = 2 ** (depth - 1)
    around = cv2.GaussianBlur(energy, (0, 0), max(reach / step, 0.7))
    border, grown = BORDER // step, 4 * np.array(size) // step
    inside = around[border : border + max(1, grown[0]), border : border + max(1, grown[1])]
    return np.log(cv2.resize(inside, size[::-1], interpolation=cv2.INTER_CUBIC).clip(0, None) + FAINT)


def _pooled(share: np.ndarray, depth: int, shift: Shift) -> Tensor:
    """Shares of pixels -> of the places of a tap of that depth, 1x1xhxw."""
    return F.avg_pool2d(torch.from_numpy(bordered(share, shift))[None, None], 2 ** (depth - 1))
