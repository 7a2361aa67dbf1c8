"""Thumbnails: small pictures for the panels, made from what the document holds and never from a model."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtGui import QImage

from editor.canvas.picture import screen_pixels, to_srgb
from engine.document.document import Document
from engine.document.edit import ManifoldEdit, picture
from engine.document.photo import Photo

MARGIN = 0.15  # of the frame's size, around the frame


def image(pixels: np.ndarray) -> QImage:
    """HxWx3 uint8 -> a QImage that owns its pixels."""
    height, width = pixels.shape[:2]
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def of_edits(photo: Photo, edits: tuple[ManifoldEdit, ...], side: int) -> QImage:
    """The part of the picture around the frames of `edits`, at most `side` pixels large."""
    x0, y0, x1, y1 = _region(photo, edits)
    scale = min(side / max(x1 - x0, y1 - y0), 1.0)
    moved = [replace(e, patch=replace(e.patch, x=e.patch.x - x0, y=e.patch.y - y0)) for e in edits if e.patch]
    pixels = picture(Photo(photo.pixels[y0:y1, x0:x1]), moved)
    size = (max(round((x1 - x0) * scale), 1), max(round((y1 - y0) * scale), 1))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    screen = np.ascontiguousarray(screen_pixels(small, None, to_srgb(photo.profile)))
    return QImage(screen.data, size[0], size[1], 4 * size[0], QImage.Format.Format_RGB32).copy()


def of_picture(document: Document) -> QImage:
    """The whole picture at its full size, in sRGB."""
    photo = document.photo
    screen = np.ascontiguousarray(screen_pixels(document.picture(), None, to_srgb(photo.profile)))
    return QImage(screen.data, photo.width, photo.height, 4 * photo.width, QImage.Format.Format_RGB32).copy()


def _region(photo: Photo, edits: tuple[ManifoldEdit, ...]) -> tuple[int, int, int, int]:
    if not edits:
        return 0, 0, photo.width, photo.height
    corners = np.concatenate([e.frame.corners() for e in edits])
    margin = MARGIN * max(e.frame.size for e in edits)
    low = np.clip(np.floor(corners.min(0) - margin), 0, (photo.width - 1, photo.height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(0) + margin), low + 1, (photo.width, photo.height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
