"""Quick: the overlay by which a change is seen while the hand moves; `transfer` in small.

What it takes of the photo and of the picture before any change (the crop, and how the projection lies on it) is the
same at every look; it is found once, and kept for as long as the photo is. A changed picture smaller than the crop is
compared at its own size and only the difference is enlarged: a quarter of the work for half the side, and the photo's
own detail stays.
"""

from __future__ import annotations

from collections import OrderedDict
from weakref import WeakKeyDictionary

import cv2
import numpy as np

from engine.document.edit import ManifoldEdit
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.edit import align, border, flow, transfer
from engine.model.manifold import Manifold, to_array

KEPT = 4
"""Grounds of one photo that are kept: 3 MB each."""

_grounds: WeakKeyDictionary[Photo, OrderedDict[tuple[Frame, Latent], Ground]] = WeakKeyDictionary()


class Ground:
    """What changes are seen on. crop: the photo under the frame. before: its projection. Both SxSx3 float32 in 0..1."""

    def __init__(self, crop: np.ndarray, before: np.ndarray) -> None:
        self.crop = crop
        self._before = before
        self._fit: np.ndarray | None = None
        self._at: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}

    def before(self, size: int) -> np.ndarray:
        """The projection at that size."""
        return self._sized(size)[1]

    def fitted(self) -> np.ndarray:
        """The projection, moved to where it lies best on the crop."""
        _, before, fit = self._sized(len(self.crop))
        return flow.warp(before, fit)

    def overlay(self, after: np.ndarray, realism: float, protect: np.ndarray | None = None,
                effort: flow.Effort = flow.QUICK) -> np.ndarray:
        """SxSx4 uint8 RGBA to lay over the photo at the frame. after: TxTx3 float32 in 0..1, T at most S.

        realism, protect (TxT): as for `transfer.carry`. effort: flow.STILL where nothing has moved.
        """
        crop, before, fit = self._sized(len(after))
        support = transfer.region(before, after, realism, protect)
        made = finished(transfer.changed(crop, before, after, support, realism, fit, effort))
        difference, alpha = border.faded(made.joined, made.strong), support * border.window(len(support))
        shown = np.maximum(self.crop + flow.resized(difference, len(self.crop)), 0)
        planes = (*cv2.split(shown), flow.resized(alpha, len(shown)))
        return cv2.merge([cv2.convertScaleAbs(plane, alpha=255) for plane in planes])

    def _sized(self, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Crop, projection, and how this has to be moved to lie on that."""
        if self._fit is None:
            self._fit = flow.registration(self._before, self.crop, flow.QUICK_REGISTRATION)
        if size not in self._at:
            crop, before = (flow.resized(picture, size) for picture in (self.crop, self._before))
            self._at[size] = crop, before, flow.resized(self._fit, size) * np.float32(size / len(self.crop))
        return self._at[size]


def ground(photo: Photo, edit: ManifoldEdit, manifold: Manifold) -> Ground:
    """What changes of that edit are seen on, at the preview's size."""
    kept, key = _grounds.setdefault(photo, OrderedDict()), (edit.frame, edit.base)
    if key not in kept:
        crop = align.crop(photo, edit.frame, manifold.preview_size)
        kept[key] = Ground(crop, to_array(manifold.previewed(edit.base)))
        while len(kept) > KEPT:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]
