"""Thumbnails and previews are made of reduced pictures, and show what the picture shows."""

from __future__ import annotations

import cv2
import numpy as np
from PySide6.QtGui import QImage

from editor import thumbnails
from editor.preview import Above
from engine.document.blending import Blend
from engine.document.edit import ManifoldEdit, Patch, TextureEdit, picture
from engine.document.latent import Frame, Latent
from engine.document.photo import Photo
from engine.document.texture import Texture

HIGH, WIDE = 901, 1203
NOWHERE = Latent(np.zeros((1, 2), np.float32), "faces")


def smooth(seed: int) -> np.ndarray:
    y, x = np.mgrid[:HIGH, :WIDE] / 300
    return (
        127 + 120 * np.stack([np.sin(a * x + b * y + seed) for a, b in ((1, 0.5), (0.3, 1), (0.8, 0.9))], 2)
    ).astype(np.uint8)


def layer(seed: int, **more: object) -> TextureEdit:
    cover = np.broadcast_to(np.linspace(0, 255, WIDE).astype(np.uint8), (HIGH, WIDE))
    return TextureEdit(Texture("t", smooth(0)[:8, :8]), patch=Patch(0, 0, smooth(seed), cover), **more)  # type: ignore[arg-type]


def seen(image: QImage) -> np.ndarray:
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return words[:, : image.width(), 2::-1].astype(int)


def test_a_thumbnail_shows_the_picture() -> None:
    photo, edits = Photo(smooth(0)), (layer(1), layer(2, blend=Blend.SCREEN, opacity=0.6))
    small = seen(thumbnails.of_edits(photo, edits, 96))
    expected = cv2.resize(picture(photo, edits), small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert small.shape == (72, 96, 3) and np.abs(small - expected).max() <= 6


def test_a_thumbnail_of_a_face_shows_the_part_around_its_frame() -> None:
    photo = Photo(smooth(0))
    pixels, cover = np.full((200, 200, 3), 250, np.uint8), np.full((200, 200), 255, np.uint8)
    edit = ManifoldEdit(Frame(700, 500, 200), NOWHERE, NOWHERE, patch=Patch(600, 400, pixels, cover))
    small = seen(thumbnails.of_edits(photo, (edit,), 64))
    white = (small == 250).all(2)
    assert white[12:52, 12:52].all() and not white[:6].any() and not white[:, -6:].any()


def test_a_preview_has_what_lies_above_it_on_top() -> None:
    photo, below, above = Photo(smooth(0)), (layer(1),), (layer(2, blend=Blend.MULTIPLY, opacity=0.5),)
    mine = layer(3)
    small = cv2.resize(picture(photo, (*below, mine)), (300, 225), interpolation=cv2.INTER_AREA)
    overlay = np.dstack([small, np.full(small.shape[:2], 255, np.uint8)])
    shown = Above().over(overlay, photo, below, above)
    expected = cv2.resize(picture(photo, (*below, mine, *above)), (300, 225), interpolation=cv2.INTER_AREA)
    assert np.abs(shown[..., :3].astype(int) - expected).max() <= 8
