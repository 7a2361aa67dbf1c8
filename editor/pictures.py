"""Pictures that become styles, textures, motifs: read from a file or from dropped bytes, or cut out of the photo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from editor.canvas.picture import eight_bit, screen_pixels, to_srgb
from engine.document.document import Document
from engine.document.edit import part
from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.document.motif import MOST
from engine.document.photo import Photo

SIDE = 512  # pixels of the long side: of more nothing is looked at
LEAST_TEXTURE, LEAST_STYLE = 8, 16  # pixels of the short side
REFERENCE = 1024  # pixels of a photo's long side at which a texture of scale 1 has the exemplar's own size
MASK_SIDE = 512


def style_picture(source: Path | bytes) -> tuple[str, np.ndarray]:
    """The name and the pixels (HxWx3 uint8) of a picture whose manner is wanted. InputError where it has none."""
    return _read(source, LEAST_STYLE, "a style")


def texture_picture(source: Path | bytes) -> tuple[str, np.ndarray]:
    """The name and the pixels (HxWx3 uint8) of a texture's exemplar. InputError where it is too small."""
    return _read(source, LEAST_TEXTURE, "a texture")


def motif_picture(source: Path | bytes) -> tuple[str, np.ndarray]:
    """The name and the pixels (HxWx3 uint8) of a picture to blend in. InputError where there is none."""
    return _read(source, LEAST_STYLE, "a blend", MOST)


def _read(source: Path | bytes, least: int, what: str, side: int = SIDE) -> tuple[str, np.ndarray]:
    photo = read_photo(source, None if isinstance(source, Path) else "dropped picture")
    _demand(photo.width, photo.height, least, what)
    if photo.alpha is not None and not photo.alpha.any():
        raise InputError("This picture is transparent everywhere: take one with something on it.")
    return named(photo), _wide_enough(exemplar(photo, side), least)


def exemplar(photo: Photo, side: int = SIDE) -> np.ndarray:
    """HxWx3 uint8, at most `side` a side, in sRGB; what is transparent has the mean colour of what is not."""
    pixels, alpha = _smaller(photo.pixels, side), photo.alpha
    screen = screen_pixels(pixels, None, to_srgb(photo.profile))[..., 2::-1]
    if alpha is not None:
        cover = eight_bit(_smaller(alpha, side)).astype(np.float32)[..., None] / 255
        mean = (screen * cover).sum((0, 1)) / max(float(cover.sum()), 1e-6)
        screen = np.rint(screen * cover + mean * (1 - cover)).astype(np.uint8)
    return np.ascontiguousarray(screen)


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the photo as an exemplar (SxSx3 uint8), and the scale at which it is as large as it was."""

    exemplar: np.ndarray
    scale: float


def exemplar_inside(document: Document, points: np.ndarray) -> Part:
    """The largest upright square inside a lasso (Nx2, photo pixels) on the picture as it is seen.

    InputError where there is hardly anything inside.
    """
    photo = document.photo
    low = np.clip(np.floor(points.min(0)), 0, (photo.width, photo.height)).astype(int)
    high = np.clip(np.ceil(points.max(0)), 0, (photo.width, photo.height)).astype(int)
    _demand(int(high[0] - low[0]), int(high[1] - low[1]), LEAST_TEXTURE, "a texture")
    left, top, side = _square(points - low, int(high[0] - low[0]), int(high[1] - low[1]))
    _demand(side, side, LEAST_TEXTURE, "a texture")
    left, top = min(left + int(low[0]), photo.width - side), min(top + int(low[1]), photo.height - side)
    cut = eight_bit(_smaller(part(photo, document.edits, (left, top, left + side, top + side))))
    return Part(np.ascontiguousarray(cut), side / cut.shape[0] * REFERENCE / max(photo.width, photo.height))


def named(photo: Photo) -> str:
    """The photo's name without its suffix."""
    return Path(photo.name).stem or "picture"


def _square(points: np.ndarray, width: int, height: int) -> tuple[int, int, int]:
    """Left, top and side of the largest upright square inside the polygon, within that width and height."""
    shrink = min(MASK_SIDE / max(width, height), 1.0)
    columns, rows = max(round(width * shrink), 1), max(round(height * shrink), 1)
    mask = np.zeros((rows + 2, columns + 2), np.uint8)  # a border of nothing, for the photo may end there
    line = np.clip(np.round(points * shrink + 0.5), 1, (columns, rows)).astype(np.int32)
    cv2.polylines(mask, [line], True, 1)
    cv2.floodFill(mask, None, (0, 0), 2)  # from outside: a line that crosses itself encloses all that it goes around
    # How far a square about each point reaches:
    depth = cv2.distanceTransform((mask != 2).view(np.uint8), cv2.DIST_C, 3)
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    side = min(int((2 * depth[y, x] - 3) / shrink), width, height)  # the line itself is not inside
    left, top = (x - 0.5) / shrink - side / 2, (y - 0.5) / shrink - side / 2
    return int(np.clip(left, 0, width - side)), int(np.clip(top, 0, height - side)), side


def _smaller(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """HxW or HxWxC, its long side at most `side`, and as it is where that is so already."""
    height, width = pixels.shape[:2]
    shrink = side / max(height, width)
    if shrink >= 1:
        return np.ascontiguousarray(pixels)
    size = max(round(width * shrink), 1), max(round(height * shrink), 1)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _demand(width: int, height: int, least: int, what: str) -> None:
    if min(width, height) < least:
        raise InputError(f"{width} × {height} pixels are too few for {what}: take at least {least} × {least}.")


def _wide_enough(pixels: np.ndarray, least: int) -> np.ndarray:
    """A ribbon that shrinking has made too thin, at its least width."""
    height, width = pixels.shape[:2]
    if min(height, width) >= least:
        return pixels
    return np.asarray(cv2.resize(pixels, (max(width, least), max(height, least)), interpolation=cv2.INTER_AREA))
