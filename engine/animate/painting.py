"""Painting: a style or texture layer on the frames between two keyframes.

What was kept is shown wherever it can be. A layer that keeps its dials over ground that does not move paints the same
pixels all the way: they are those of its patches, and only its mask is drawn anew. Otherwise the layer is painted on
each frame, which is smaller than the photo and never refined; what the kept pixels differ by from that is added, from
either keyframe in its share, so that the layer leaves and arrives as it was kept.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from engine.animate.kept import KeptPatches, shrunk
from engine.animate.layers import LayerPassage
from engine.document.arrays import frozen
from engine.document.edit import Layer, Patch, compose

if TYPE_CHECKING:
    from engine.paint.render import Studio

TRAVELLING = 8.0
"""What a layer misses whose pixels travel is gone in this part of the way."""

Drawn = Generator[None, None, tuple[np.ndarray, np.ndarray]]
"""Pixels HxWx3 float32 and coverage HxW float32 0..1, in the making."""


class LayerPainter:
    """Lays layers on frames. scale: frame pixels per photo pixel. studio: its own where none is given.

    detail: longer side in pixels at which layers are painted at most, and enlarged; the kept pixels bring the rest.
    """

    def __init__(
        self, kept: KeptPatches, scale: float, studio: Studio | None = None, detail: int | None = None
    ) -> None:
        self._kept = kept
        self._scale = scale
        self._detail = detail
        self._studio = studio
        self._misses: dict[tuple[int, int], np.ndarray] = {}

    def begin(self) -> None:
        """Another passage: what its keyframes' frames miss is found out anew."""
        self._misses.clear()

    def lay(
        self, frame: np.ndarray, passage: LayerPassage, place: int, share: float, moved: bool
    ) -> Generator[None, None, None]:
        """Lay the layer on `frame` (HxWx3 uint8, written in place), `share` (0..1) of its way.

        place: of the layer among those of the moment. moved: whether what lies below changes on the way. The ends
        (share 0 and 1) must have been laid before what is between them.
        """
        opacity = passage.opacity(share)
        patches = [p for p in (passage.start.patch, passage.end.patch) if p is not None]
        if patches and not moved and passage.keeps_its_pixels():
            if opacity <= 0:
                return
            pixels, coverage = yield from self._as_kept(frame, passage, share, patches)
        else:
            pixels, coverage = yield from self._painted(frame, passage, share)
            pixels = yield from self._corrected(pixels, passage, place, share)
        shown = np.rint(pixels).clip(0, 255).astype(np.uint8)
        compose(frame, Patch(0, 0, shown, np.rint(coverage * 255).astype(np.uint8)), opacity, passage.blend)

    def _as_kept(self, frame: np.ndarray, passage: LayerPassage, share: float, patches: list[Patch]) -> Drawn:
        """The kept pixels, under the mask of that moment."""
        shares = (1 - share, share) if len(patches) == 2 else (1.0,)
        pixels = np.zeros(frame.shape, np.float32)
        total = np.zeros(frame.shape[:2], np.float32)
        limit, mean = np.zeros_like(total), np.zeros_like(total)
        for patch, weight in zip(patches, shares, strict=True):
            support = self._kept.support(patch) / np.float32(255)
            amount = np.float32(max(weight, 1e-3)) * (support > 0)
            pixels += amount[..., None] * (yield from self._kept.pixels(patch))
            total += amount
            mean += np.float32(weight) * support
            np.maximum(limit, support, out=limit)
        pixels = np.where(total[..., None] > 0, pixels / np.maximum(total, 1e-6)[..., None], frame)
        if passage.keeps_its_mask():
            return pixels, mean
        mask = np.zeros_like(total)
        for edit, weight in passage.parts(share):
            mask += np.float32(weight) * covered(edit, frame, self._scale)
            yield
        return pixels, np.minimum(mask, limit)

    def _painted(self, frame: np.ndarray, passage: LayerPassage, share: float) -> Drawn:
        """The parts of that moment painted on the frame and mixed."""
        pixels = np.zeros(frame.shape, np.float32)
        total = np.zeros(frame.shape[:2], np.float32)
        studio = self._studio = self._studio or own_studio()
        ground = frozen(frame)
        for edit, weight in passage.parts(share):
            painted, coverage = yield from self._drawn(ground, edit, studio)
            amount = np.float32(weight) * coverage
            pixels += amount[..., None] * painted
            total += amount
            yield
        return np.where(total[..., None] > 0, pixels / np.maximum(total, 1e-6)[..., None], frame), total

    def _drawn(self, ground: np.ndarray, edit: Layer, studio: Studio) -> Drawn:
        """One part, at the size at which layers are painted."""
        if self._detail is None or max(ground.shape[:2]) <= self._detail:
            return (yield from drawn(ground, edit, studio, self._scale))
        height, width = ground.shape[:2]
        small = frozen(shrunk(ground, self._detail))
        painted, _ = yield from drawn(small, edit, studio, self._scale * small.shape[1] / width)
        large = cv2.resize(painted, (width, height), interpolation=cv2.INTER_LINEAR)
        return large, covered(edit, ground, self._scale)

    def _corrected(
        self, pixels: np.ndarray, passage: LayerPassage, place: int, share: float
    ) -> Generator[None, None, np.ndarray]:
        """The painted pixels, and what the keyframes' patches differ by from them, in their shares."""
        steep = TRAVELLING if passage.travels() else 1.0  # what was missed in one place is no miss in another
        for end, patch, away in ((0, passage.start.patch, share), (1, passage.end.patch, 1 - share)):
            weight = max(0.0, 1 - steep * away)
            if share == end and patch is not None:
                kept = yield from self._kept.pixels(patch)
                self._misses[place, end] = np.where(self._kept.support(patch)[..., None] > 0, kept - pixels, 0)
            if weight > 0 and (place, end) in self._misses:
                pixels = pixels + np.float32(weight) * self._misses[place, end]
        return pixels


def drawn(frame: np.ndarray, edit: Layer, studio: Studio, scale: float) -> Drawn:
    """What the layer puts on the frame (HxWx3 uint8 of the whole photo)."""
    from engine.paint import render

    return render.drawn(frame, edit, studio, scale)


def own_studio() -> Studio:
    """Networks for whoever was given none."""
    from engine.paint.render import Studio

    return Studio()


def covered(edit: Layer, frame: np.ndarray, scale: float) -> np.ndarray:
    """HxW float32 0..1: where the layer lies on the frame, and how much of it."""
    from engine.paint.mask import coverage

    height, width = frame.shape[:2]
    return coverage(edit.strokes, height, width, scale=scale, whole=edit.whole, guide=frame, snap=edit.snap)
