"""Thumbnails: small pictures for the panels, made from what the document holds and never from a model."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from editor.canvas.picture import Rect, eight_bit, screen_pixels, to_srgb
from editor.canvas.reduced import composed, level_for, patch_at
from engine.document.document import Document
from engine.document.edit import Edit, FusionEdit, Layer, ManifoldEdit, TextureEdit
from engine.document.patch import TILE
from engine.document.photo import Photo

MARGIN = 0.15  # of the frame's size, around the frame


def image(pixels: np.ndarray) -> QImage:
    """HxWx3 uint8 -> a QImage that owns its pixels."""
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def of_edits(photo: Photo, edits: tuple[Edit, ...], side: int) -> QImage:
    """The part of the picture around the frames of `edits`, at most `side` pixels large."""
    x, y, width, height = _around(photo, edits)
    scale = min(side / max(width, height), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = cv2.resize(_reduced(photo, edits, (x, y, width, height), side), size, interpolation=cv2.INTER_AREA)
    screen = np.ascontiguousarray(screen_pixels(small, None, to_srgb(photo.profile)))
    return QImage(screen.data, size[0], size[1], 4 * size[0], QImage.Format.Format_RGB32).copy()


def of_layer(photo: Photo, edit: Edit, side: int, swatch: np.ndarray | None = None) -> QImage:
    """What an edit paints with (of a style without a picture the swatch), or has made of the photo; a square."""
    if isinstance(edit, ManifoldEdit):
        return of_edits(photo, (edit,), side).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
    pixels = _material(edit)
    pixels = swatch if pixels is None else pixels
    if pixels is None and edit.patch is not None:
        level = level_for(min(edit.patch.width, edit.patch.height), 2 * side)
        x, y, right, bottom = (v >> level for v in edit.patch.rectangle())
        whole, _ = patch_at(photo, edit.patch, level)
        pixels = eight_bit(np.ascontiguousarray(whole[max(y, 0) : bottom + 1, max(x, 0) : right + 1]))
    if pixels is None:
        pixels = np.full((side, side, 3), 60, np.uint8)
    height, width = pixels.shape[:2]
    least = min(height, width)
    top, left = (height - least) // 2, (width - least) // 2
    square = pixels[top : top + least, left : left + least]
    return image(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA))


def _material(edit: Layer) -> np.ndarray | None:
    """The picture that a layer paints with, where it has one."""
    if isinstance(edit, FusionEdit):
        return edit.motif.pixels
    return edit.texture.exemplar if isinstance(edit, TextureEdit) else edit.styles[0].exemplar


def of_picture(document: Document) -> QImage:
    """The whole picture at its full size, in sRGB."""
    photo = document.photo
    screen = np.ascontiguousarray(screen_pixels(document.picture(), None, to_srgb(photo.profile)))
    return QImage(screen.data, photo.width, photo.height, 4 * photo.width, QImage.Format.Format_RGB32).copy()


def _reduced(photo: Photo, edits: tuple[Edit, ...], rect: Rect, side: int) -> np.ndarray:
    """The picture within `rect`, at a fraction of its size that leaves twice the side."""
    x, y, width, height = rect
    level = level_for(max(width, height), 2 * side)
    block = y // TILE, x // TILE, -(-(y + height) // TILE), -(-(x + width) // TILE)
    pixels, _ = composed(photo, edits, block, level)
    top, left = (y >> level) - (block[0] * TILE >> level), (x >> level) - (block[1] * TILE >> level)
    return pixels[top : top + max(height >> level, 1), left : left + max(width >> level, 1)]


def _around(photo: Photo, edits: tuple[Edit, ...]) -> Rect:
    """The part of the photo around the frames of `edits`; all of it without any, or with a layer above."""
    frames = [e.frame for e in edits if isinstance(e, ManifoldEdit)]
    if not frames or len(frames) < len(edits):
        return 0, 0, photo.width, photo.height
    corners = np.concatenate([frame.corners() for frame in frames])
    margin = MARGIN * max(frame.size for frame in frames)
    low = np.clip(np.floor(corners.min(0) - margin), 0, (photo.width - 1, photo.height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(0) + margin), low + 1, (photo.width, photo.height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])
