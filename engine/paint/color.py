"""Colour: the photo's own, under the strokes of another picture.

The two ways of "Controlling perceptual factors in neural style transfer" (Gatys et al. 2017, section 5): by luminance,
where only lightness is painted and hue and chroma are the photo's, place by place; and by statistics, where the style's
colours are turned so that their mean and covariance are the photo's. The paper turns the style's picture before it is
transferred. A layer's painting is turned instead, because a style of the library has no picture, and because the dial
can then be moved without painting anew; the style's colours are in the painting, so the map is about the same.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

BAND = 1 << 20
"""Pixels that are worked on at once."""
TONES = 256
"""Longer side at which the lightness of two pictures is compared."""
BROAD = 1 / 24
"""What is wider than this share of the longer side is tone; the rest is brush strokes."""
FAINT = 1e-3
"""Added to the variance of colours in 0..1 along every axis, so that what is nearly grey is not blown up to colours."""


class Tones:
    """How much lighter the second picture is than the first, broadly; HxWx3 both, of one size and depth."""

    def __init__(self, painted: np.ndarray, below: np.ndarray) -> None:
        share = min(1.0, TONES / max(painted.shape[:2]))
        size = max(1, round(painted.shape[1] * share)), max(1, round(painted.shape[0] * share))
        first, second = (_lab(_share(cv2.resize(p, size, interpolation=cv2.INTER_AREA))) for p in (painted, below))
        self._lift = cv2.GaussianBlur(second[..., 0] - first[..., 0], (0, 0), max(BROAD * max(size), 0.5))

    def rows(self, size: tuple[int, int], left: int, right: int, top: int, bottom: int) -> np.ndarray:
        """A rectangle of the difference, hxw in CIE lightness 0..100, on a picture of that height and width."""
        small = self._lift.shape
        x = (np.arange(left, right, dtype=np.float32) + 0.5) * (small[1] / size[1]) - 0.5
        y = (np.arange(top, bottom, dtype=np.float32) + 0.5) * (small[0] / size[0]) - 0.5
        columns, rows = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return cv2.remap(self._lift, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def kept(
    painted: np.ndarray, below: np.ndarray, share: float, tones: Tones, size: tuple[int, int],
    box: tuple[int, int, int, int],
) -> np.ndarray:  # fmt: skip
    """`painted` with `share` (0..1) of the way to the colours of `below`, rectangles `box` of pictures of that size.

    Hue and chroma are those of `below` in CIE Lab. The lightness is the painting's, lifted until broad areas are as
    light as they were: a colour cannot be kept on another lightness, white sky under dark paint would be grey.
    """

    def ends(new: np.ndarray, old: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
        lab = _lab(old)
        lift = tones.rows(size, box[1], box[3], box[0] + top, box[0] + top + len(new))
        lab[..., 0] = (_lab(new)[..., 0] + lift).clip(0, 100)
        return new, np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))

    return _in_bands(painted, below, share, ends)


class Palette:
    """The linear map that gives the colours of the first picture the mean and covariance of the second's.

    HxWx3 each, uint8 or uint16. Of the maps that do, the one by the covariances' symmetric roots, as in the paper.
    """

    def __init__(self, picture: np.ndarray, wanted: np.ndarray) -> None:
        (self._mean, spread), (self._goal, broad) = (_colors(p) for p in (picture, wanted))
        self._turn = (_power(broad, 0.5) @ _power(spread, -0.5)).astype(np.float32)

    def turned(self, colors: np.ndarray) -> np.ndarray:
        """...x3 float32 in 0..1 -> the same, perhaps a little outside."""
        return np.asarray((colors - self._mean) @ self._turn.T + self._goal)


def matched(picture: np.ndarray, share: float, palette: Palette) -> np.ndarray:
    """HxWx3 with its colours `share` (0..1) of the way to those of the palette; uint8 or uint16."""
    return _in_bands(picture, picture, share, lambda new, old, top: (new, palette.turned(new)))


def _colors(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (3) and covariance (3x3) of the colours in 0..1."""
    share = min(1.0, TONES / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * share)), max(1, round(picture.shape[0] * share))
    flat = _share(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)).reshape(-1, 3)
    mean = flat.mean(axis=0)
    return mean, (flat - mean).T @ (flat - mean) / len(flat) + FAINT * np.eye(3)


def _power(spread: np.ndarray, exponent: float) -> np.ndarray:
    """Of a symmetric positive matrix."""
    values, axes = np.linalg.eigh(spread)
    return np.asarray((axes * values**exponent) @ axes.T)


def faded(painted: np.ndarray, below: np.ndarray, share: float) -> np.ndarray:
    """`share` (0..1) of the first over the second; HxWx3 both, of one depth."""
    return _in_bands(painted, below, share, lambda new, old, top: (old, new))


def _in_bands(
    painted: np.ndarray, below: np.ndarray, share: float,
    ends: Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:  # fmt: skip
    """`share` of the way between the two pictures that `ends` makes of both, in 0..1, from the row it is told on."""
    white = np.float32(np.iinfo(painted.dtype).max)
    made = np.empty_like(painted)
    rows = max(1, BAND // painted.shape[1])
    for top in range(0, len(painted), rows):
        first, second = ends(_share(painted[top : top + rows]), _share(below[top : top + rows]), top)
        made[top : top + rows] = np.rint((first + np.float32(share) * (second - first)).clip(0, 1) * white)
    return made


def _share(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)


def _lab(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB))
