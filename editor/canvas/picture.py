"""Picture: the pixels as the screen wants them, at every scale, written only where they change.

A QImage over a numpy buffer costs nothing to make and is painted straight from event.rect(). For small zooms there
is a pyramid of halved buffers (area averages), so that a whole 24-megapixel photo is drawn from a picture of about
the size it has on the screen. Colours are converted to sRGB here, where the photo's profile says they are not.
"""

from __future__ import annotations

import math
from itertools import pairwise
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from PySide6.QtCore import QByteArray, QPointF, QRectF
from PySide6.QtGui import QColorSpace, QColorTransform, QImage, QPainter

from engine.document.photo import Photo

Rect = tuple[int, int, int, int]  # x, y, width, height in picture pixels
SMALLEST_LEVEL = 256
SQUARES = 4.0  # device pixels: from this size on, picture pixels are shown as the squares they are


class Picture:
    """A display copy of HxWx3 pixels (uint8 or uint16), with alpha (HxW of the same dtype) or without."""

    def __init__(self, pixels: np.ndarray, alpha: np.ndarray | None = None, profile: bytes | None = None) -> None:
        self.height, self.width = pixels.shape[:2]
        self.alpha = alpha
        self.transform = to_srgb(profile)
        self._levels = [np.empty((h, w, 4), np.uint8) for h, w in _sizes(self.height, self.width)]
        form = QImage.Format.Format_RGB32 if alpha is None else QImage.Format.Format_ARGB32_Premultiplied
        self._images = [QImage(b.data, b.shape[1], b.shape[0], b.strides[0], form) for b in self._levels]
        self.write(pixels)

    @property
    def coarsest(self) -> int:
        """The smallest level: so often it has been halved."""
        return len(self._levels) - 1

    def write(self, pixels: np.ndarray, corner: tuple[int, int] = (0, 0)) -> None:
        """Take new pixels (hxwx3) for the rectangle that begins at `corner`."""
        (x, y), (h, w) = corner, pixels.shape[:2]
        alpha = None if self.alpha is None else self.alpha[y : y + h, x : x + w]
        self.put(screen_pixels(pixels, alpha, self.transform), x, y)

    def put(self, screen: np.ndarray, x: int, y: int, level: int = 0, reach: int = 0) -> None:
        """Take new pixels, as the screen wants them (hxwx4), for a rectangle of a level.

        Smaller levels show them too, and larger ones as far as `reach`, blurred.
        """
        h, w = screen.shape[:2]
        self._levels[level][y : y + h, x : x + w] = screen
        self._shrink((x, y, w, h), level)
        for larger in range(reach, level):
            by = 1 << (level - larger)
            room = self._levels[larger][y * by : (y + h) * by, x * by : (x + w) * by]
            room[:] = cv2.resize(screen, (w * by, h * by), interpolation=cv2.INTER_LINEAR)[: len(room), : room.shape[1]]

    def level(self, scale: float) -> int:
        """The smallest level that still has a pixel for every device pixel. scale: device pixels per picture pixel."""
        return min(max(math.floor(math.log2(1 / scale) + 1e-6), 0), len(self._levels) - 1)

    def draw(self, painter: QPainter, size: tuple[float, float], scale: float, part: QRectF) -> None:
        """Draw `part` of the picture stretched to `size`, both in the painter's coordinates.

        scale: device pixels per unit of the painter's coordinates; it chooses the level and the sampling.
        """
        picture_scale = scale * size[0] / self.width
        level = self.level(picture_scale)
        buffer, image = self._levels[level], self._images[level]
        sx, sy = buffer.shape[1] / size[0], buffer.shape[0] / size[1]
        source = _cells(part, sx, sy, buffer.shape[1], buffer.shape[0])
        if source.isEmpty():
            return
        painter.save()
        painter.scale(1 / sx, 1 / sy)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, _is_smooth(painter, picture_scale))
        painter.drawImage(QPointF(source.topLeft()), image, source)
        painter.restore()

    def _shrink(self, rect: Rect, first: int) -> None:
        """Bring the levels smaller than the first up to date under `rect` of the first."""
        x0, y0, x1, y1 = rect[0], rect[1], rect[0] + rect[2], rect[1] + rect[3]
        for below, level in pairwise(self._levels[first:]):
            x0, y0, x1, y1 = x0 // 2, y0 // 2, (x1 + 1) // 2, (y1 + 1) // 2
            source: np.ndarray = below[2 * y0 : 2 * y1, 2 * x0 : 2 * x1]
            odd_rows, odd_columns = 2 * (y1 - y0) - source.shape[0], 2 * (x1 - x0) - source.shape[1]
            if odd_rows or odd_columns:
                source = cv2.copyMakeBorder(source, 0, odd_rows, 0, odd_columns, cv2.BORDER_REPLICATE)
            level[y0:y1, x0:x1] = cv2.resize(source, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)


_prepared: WeakKeyDictionary[Photo, Picture] = WeakKeyDictionary()


def prepare(photo: Photo) -> None:
    """Make the photo's picture now, on whatever thread, for the canvas that is to show it."""
    _prepared[photo] = Picture(photo.pixels, photo.alpha, photo.profile)


def picture_of(photo: Photo) -> Picture:
    """A picture of the photo for the caller alone: the one that was prepared, or a new one."""
    return _prepared.pop(photo, None) or Picture(photo.pixels, photo.alpha, photo.profile)


def screen_pixels(pixels: np.ndarray, alpha: np.ndarray | None, transform: QColorTransform | None) -> np.ndarray:
    """hxwx3 (uint8 or uint16) -> hxwx4 uint8 in the byte order of QImage's RGB32, premultiplied by the alpha."""
    screen: np.ndarray = cv2.cvtColor(eight_bit(pixels), cv2.COLOR_RGB2BGRA)
    if transform is not None:
        screen = _transformed(screen, transform)
    if alpha is not None:
        cover = eight_bit(alpha)
        screen = cv2.multiply(screen, cv2.merge([cover] * 4), scale=1 / 255)
    return screen


def eight_bit(samples: np.ndarray) -> np.ndarray:
    """uint16 -> the nearest uint8; uint8 as it is."""
    return samples if samples.dtype == np.uint8 else cv2.convertScaleAbs(samples, alpha=1 / 257)


def to_srgb(profile: bytes | None) -> QColorTransform | None:
    """The way from an ICC profile to sRGB; None where there is nothing to do, or nothing Qt can read."""
    space = QColorSpace.fromIccProfile(QByteArray(profile)) if profile else QColorSpace()
    srgb = QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if not space.isValid() or space == srgb or space.colorModel() is not QColorSpace.ColorModel.Rgb:
        return None
    return space.transformationToColorSpace(srgb)


def clip(rect: Rect | None, width: int, height: int) -> Rect:
    """`rect` within a picture of that size, all of it for None."""
    x, y, w, h = rect or (0, 0, width, height)
    x0, y0 = min(max(x, 0), width), min(max(y, 0), height)
    return x0, y0, max(min(x + w, width) - x0, 0), max(min(y + h, height) - y0, 0)


def join(first: Rect | None, second: Rect) -> Rect:
    """The smallest rectangle around both."""
    if first is None:
        return second
    x, y = min(first[0], second[0]), min(first[1], second[1])
    right, bottom = max(first[0] + first[2], second[0] + second[2]), max(first[1] + first[3], second[1] + second[3])
    return x, y, right - x, bottom - y


def _sizes(height: int, width: int) -> list[tuple[int, int]]:
    sizes = [(height, width)]
    while max(sizes[-1]) > SMALLEST_LEVEL:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes


def _is_smooth(painter: QPainter, scale: float) -> bool:
    """Whether to interpolate: not where pixels are seen as squares, nor where each falls on one of the screen's."""
    turn = painter.worldTransform()
    upright = turn.m11() * turn.m12() == 0
    return scale < SQUARES and not (upright and abs(scale - 1) < 1e-9)


def _cells(part: QRectF, sx: float, sy: float, width: int, height: int) -> QRectF:
    """Whole level pixels around `part`, with what smooth sampling needs beside them."""
    x0, y0 = max(math.floor(part.left() * sx) - 2, 0), max(math.floor(part.top() * sy) - 2, 0)
    x1, y1 = min(math.ceil(part.right() * sx) + 2, width), min(math.ceil(part.bottom() * sy) + 2, height)
    return QRectF(x0, y0, max(x1 - x0, 0), max(y1 - y0, 0))


def _transformed(screen: np.ndarray, transform: QColorTransform) -> np.ndarray:
    height, width = screen.shape[:2]
    image = QImage(screen.data, width, height, screen.strides[0], QImage.Format.Format_RGB32).copy()
    image.applyColorTransform(transform)
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4).copy()
