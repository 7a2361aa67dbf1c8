"""Scene: a small landscape that the program draws itself, on which each built-in style is shown.

House, tree, path, hills, clouds and a low sun: flat areas, soft gradients, hard edges and fine texture, so that one
glance tells manners apart. It is drawn four times too large and reduced, which smooths its edges.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

SIDE = 256
LARGER = 4

Color = tuple[float, float, float]
Points = Sequence[tuple[float, float]]


def scene(side: int = SIDE) -> np.ndarray:
    """The landscape, side x side x 3 uint8; the same each time."""
    random = np.random.default_rng(7)
    size = side * LARGER
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    picture = _sky(x, y, random)
    _hills(picture, x, y, random)
    _path(picture, x, y)
    _house(picture)
    _tree(picture, random)
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(small.clip(0, 255)).astype(np.uint8)


def noise(size: int, cells: int, random: np.random.Generator) -> np.ndarray:
    """size x size in about -1..1, smooth over 1/cells of the side, with three finer layers over it."""
    total = np.zeros((size, size), np.float32)
    for octave in range(4):
        grid = random.standard_normal((cells << octave, cells << octave)).astype(np.float32)
        total += cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC) / 2**octave
    return total / 2


def _sky(x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """From blue to a warm horizon, with a sun and clouds lit by it."""
    low = np.clip(y / 0.55, 0, 1)[..., None]
    picture = _mixed((58, 112, 186), (248, 214, 158), low**1.6)
    distance = np.hypot(x - 0.26, y - 0.27)
    picture = _mixed(picture, (255, 236, 168), (0.85 * np.exp(-((distance / 0.17) ** 2)))[..., None])
    clouds = noise(len(x), 4, random)
    wider = np.array([[2.2, 0, 0], [0, 0.8, 0]], np.float32)
    stretched = cv2.warpAffine(clouds, wider, (len(x), len(x)), borderMode=cv2.BORDER_REFLECT)
    cover = np.clip((stretched + 0.05) * 1.5, 0, 1) * np.clip(1.4 - 2.4 * y, 0, 1)
    lit = _mixed((214, 208, 222), (255, 246, 226), np.clip(1.3 - 2 * distance, 0, 1)[..., None])
    picture = _mixed(picture, lit, 0.85 * cover[..., None])
    return _mixed(picture, (255, 246, 200), np.clip((0.062 - distance) * len(x) / 6, 0, 1)[..., None])


def _hills(picture: np.ndarray, x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> None:
    """Four ridges, each nearer one warmer and more in detail."""
    size = len(x)
    ridges = (
        (0.50 - 0.07 * np.sin(5.2 * x + 0.6), (118, 140, 176), (150, 164, 182), 6, 0.25),
        (0.58 - 0.05 * np.sin(4.1 * x + 3.0), (78, 122, 118), (122, 152, 120), 10, 0.5),
        (0.67 - 0.04 * np.sin(3.4 * x + 1.2), (88, 138, 66), (168, 176, 84), 20, 0.9),
        (0.83 - 0.05 * np.sin(2.6 * x + 4.4), (70, 110, 44), (150, 158, 62), 40, 1.2),
    )
    for ridge, shade, light, cells, strength in ridges:
        grain = noise(size, cells, random)
        within = np.clip((y - ridge - 0.004 * grain) * size / 2, 0, 1)[..., None]
        lit = np.clip(0.45 + 0.35 * strength * grain + 1.6 * (ridge - y) + 0.3 * (0.5 - x), 0, 1)[..., None]
        picture[:] = _mixed(picture, _mixed(shade, light, lit), within)
    rows = np.clip(np.sin(70 * (x + 0.9 * y)) * 2, -1, 1)
    picture += 22 * (rows * np.exp(-(((x - 0.16) / 0.2) ** 2 + ((y - 0.72) / 0.05) ** 2)))[..., None]


def _path(picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """From the house's door to the foot of the picture, wider as it comes nearer."""
    near = np.clip((y - 0.735) / 0.265, 0, 1)
    middle = 0.584 - 0.15 * near + 0.05 * np.sin(5 * near)
    inside = np.clip((0.016 + 0.085 * near - np.abs(x - middle)) * len(x) / 3, 0, 1) * (y > 0.735)
    picture[:] = _mixed(picture, (226, 200, 152), inside[..., None])


def _house(picture: np.ndarray) -> None:
    """Two white walls, one in shade, a red roof, door, windows and a smoking chimney."""
    _fill(picture, [(0.50, 0.60), (0.66, 0.60), (0.66, 0.745), (0.50, 0.745)], (246, 236, 214))
    _fill(picture, [(0.66, 0.60), (0.75, 0.59), (0.75, 0.72), (0.66, 0.745)], (186, 172, 170))
    _fill(picture, [(0.66, 0.605), (0.705, 0.505), (0.755, 0.595)], (186, 172, 170))
    _fill(picture, [(0.61, 0.455), (0.645, 0.455), (0.645, 0.53), (0.61, 0.53)], (150, 84, 68))
    _fill(picture, [(0.48, 0.615), (0.535, 0.50), (0.705, 0.495), (0.665, 0.615)], (204, 78, 52))
    _fill(picture, [(0.665, 0.615), (0.705, 0.495), (0.712, 0.505), (0.678, 0.612)], (140, 50, 40))
    _fill(picture, [(0.566, 0.66), (0.602, 0.66), (0.602, 0.745), (0.566, 0.745)], (84, 62, 58))
    for left in (0.532, 0.636):
        _fill(picture, [(left - 0.014, 0.645), (left + 0.016, 0.645), (left + 0.016, 0.69), (left - 0.014, 0.69)],
              (72, 96, 128))  # fmt: skip
    for i in range(7):
        center = (0.628 + 0.012 * i + 0.012 * np.sin(1.7 * i), 0.44 - 0.032 * i)
        _disc(picture, center, 0.012 + 0.004 * i, (236, 230, 228), 0.6 - 0.07 * i)


def _tree(picture: np.ndarray, random: np.random.Generator) -> None:
    """A trunk with two boughs under a crown of many leaves, lit from the left."""
    bark = (92, 64, 48)
    _fill(picture, [(0.866, 0.60), (0.889, 0.60), (0.900, 0.87), (0.848, 0.87)], bark)
    _fill(picture, [(0.868, 0.66), (0.80, 0.53), (0.81, 0.52), (0.885, 0.63)], bark)
    _fill(picture, [(0.875, 0.64), (0.94, 0.50), (0.95, 0.51), (0.893, 0.66)], bark)
    for layer, color in enumerate(((38, 74, 44), (62, 110, 50), (104, 150, 58), (164, 190, 84))):
        for _ in range(90 - 12 * layer):
            angle, away = random.uniform(0, 2 * np.pi), np.sqrt(random.random())
            spread = 0.135 - 0.016 * layer
            across, down = spread * away * np.cos(angle), 1.15 * spread * away * np.sin(angle)
            center = (0.87 - 0.018 * layer + across, 0.43 - 0.022 * layer + down)
            _disc(picture, center, random.uniform(0.010, 0.026), color, 1)


def _mixed(below: np.ndarray | Color, above: np.ndarray | Color, weight: np.ndarray) -> np.ndarray:
    below, above = np.asarray(below, np.float32), np.asarray(above, np.float32)
    return np.asarray(below + (above - below) * weight, np.float32)


def _fill(picture: np.ndarray, corners: Points, color: Color) -> None:
    """A polygon, its corners in shares of the side."""
    cv2.fillPoly(picture, [np.rint(np.array(corners) * len(picture)).astype(np.int32)], color)


def _disc(picture: np.ndarray, center: tuple[float, float], radius: float, color: Color, opacity: float) -> None:
    """A disc in shares of the side, laid over with `opacity`."""
    size = len(picture)
    (cx, cy), r = (round(share * size) for share in center), round(radius * size)
    part = picture[max(cy - r, 0) : cy + r + 1, max(cx - r, 0) : cx + r + 1]
    drawn = part.copy()
    cv2.circle(drawn, (min(cx, r), min(cy, r)), r, color, -1)
    part[:] = _mixed(part, drawn, np.array(opacity))
