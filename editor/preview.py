"""Preview: what lies above a layer that is being previewed, laid over its preview at the preview's size."""

from __future__ import annotations

import cv2
import numpy as np

from editor.canvas.picture import eight_bit
from editor.canvas.reduced import composed, level_for, patch_at, whole
from editor.debts import Look, look, looks
from engine.document.edit import Edit, Patch, blend_of, compose
from engine.document.photo import Photo


class Above:
    """Makes previews whole. It keeps the small pictures that one preview after another needs."""

    def __init__(self) -> None:
        self._base: tuple[object, np.ndarray] | None = None
        self._small: dict[tuple[Look, tuple[int, int]], Patch] = {}

    def over(self, overlay: np.ndarray, photo: Photo, below: tuple[Edit, ...], above: tuple[Edit, ...]) -> np.ndarray:
        """The overlay (hxwx4 uint8, over the whole photo) with what is above it; itself where nothing is."""
        seen = [edit for edit in above if look(edit) is not None]
        if not seen:
            return overlay
        height, width = overlay.shape[:2]
        pixels = self._picture(photo, below, width, height).copy()
        covered = overlay[..., 3].copy()
        compose(pixels, Patch(0, 0, overlay[..., :3], overlay[..., 3]), 1.0)
        kept = {}
        for edit in seen:
            key = (look(edit), (height, width))
            patch = kept[key] = self._small.get(key) or _small(edit, photo, width, height)
            compose(pixels, patch, edit.opacity, blend_of(edit))
            covered = np.maximum(covered, patch.support)
        self._small = kept
        return np.dstack([pixels, np.where(covered > 0, 255, 0).astype(np.uint8)])

    def _picture(self, photo: Photo, below: tuple[Edit, ...], width: int, height: int) -> np.ndarray:
        key = (id(photo), looks(below), width, height)
        if self._base is None or self._base[0] != key:
            pixels, _ = composed(photo, below, whole(photo), level_for(photo.width, width))
            self._base = (key, cv2.resize(eight_bit(pixels), (width, height), interpolation=cv2.INTER_AREA))
        return self._base[1]


def _small(edit: Edit, photo: Photo, width: int, height: int) -> Patch:
    """The edit's patch at that size, as large as the photo then is."""
    assert edit.patch is not None
    pixels, support = patch_at(photo, edit.patch, level_for(photo.width, width))
    size, area = (width, height), cv2.INTER_AREA
    small = cv2.resize(eight_bit(pixels), size, interpolation=area)
    return Patch(0, 0, small, cv2.resize(support, size, interpolation=area))
