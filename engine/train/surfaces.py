"""Surfaces: exemplars of the textures that the program ships, drawn by the program itself.

An artist's own grounds and strokes: woven canvas, rough watercolour paper, pencil hatching, cracked varnish, thick oil.
All but the oil, which is a paint, are of muted colour: laid over a photo by Multiply or Soft light they are its ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from engine.train.scene import noise

SIDE = 192
LARGER = 2

Picture = np.ndarray
"""HxWx3 float32 in 0..255."""


def drawn(name: str, side: int = SIDE) -> np.ndarray:
    """The surface of that name, side x side x 3 uint8; the same each time."""
    picture = SURFACES[name].draw(side * LARGER, np.random.default_rng(11))
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return np.rint(small.clip(0, 255)).astype(np.uint8)


def canvas(size: int, random: np.random.Generator) -> Picture:
    """Threads over and under one another, no two of one thickness."""
    pitch = 24 * size / (SIDE * LARGER)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    x, y = x + 1.5 * noise(size, 12, random), y + 1.5 * noise(size, 12, random)
    threads = int(size / pitch) + 4
    thick = 1 + 0.12 * random.standard_normal((2, threads)).astype(np.float32)
    across, down = (x / pitch).astype(int), (y / pitch).astype(int)
    warp = np.abs(np.sin(np.pi * x / pitch)) * thick[0][across.clip(0, threads - 1)]
    weft = np.abs(np.sin(np.pi * y / pitch)) * thick[1][down.clip(0, threads - 1)]
    over = np.where((across + down) % 2 == 0, warp - 0.35 * (1 - weft), weft - 0.35 * (1 - warp))
    return _toned(over + 0.12 * noise(size, 60, random), (92, 84, 70), (226, 216, 196))


def paper(size: int, random: np.random.Generator) -> Picture:
    """The bumps of cold-pressed watercolour paper, lit from the upper left."""
    height = noise(size, 14, random) + 0.8 * noise(size, 34, random)
    smooth = cv2.GaussianBlur(height, (0, 0), 2.2 * size / (SIDE * LARGER))
    beyond = np.pad(smooth, 2, mode="reflect")
    light = beyond[:-4, :-4] - beyond[4:, 4:]
    return _toned(0.5 + 1.1 * light + 0.04 * noise(size, 90, random), (176, 172, 164), (252, 250, 244))


def hatching(size: int, random: np.random.Generator) -> Picture:
    """Pencil lines in two directions, each with a pressure of its own, over the grain of paper."""
    page = np.full((size, size), 1.0, np.float32)
    grain = 0.5 + 0.5 * noise(size, 96, random)
    for angle, count, dark in ((0.9, 260, 0.55), (0.45, 180, 0.45)):
        along, away = np.array([np.cos(angle), -np.sin(angle)]), np.array([np.sin(angle), np.cos(angle)])
        for _ in range(count):
            middle = size * (0.5 + random.uniform(-0.75, 0.75) * away + random.uniform(-0.75, 0.75) * along)
            half = size * random.uniform(0.08, 0.3) * along
            line = np.zeros((size, size), np.uint8)
            (x0, y0), (x1, y1) = (np.rint(16 * (middle + side * half)).astype(int).tolist() for side in (-1, 1))
            cv2.line(line, (x0, y0), (x1, y1), 255, int(random.integers(2, 4)), cv2.LINE_AA, 4)
            page -= line.astype(np.float32) / 255 * dark * random.uniform(0.4, 1) * grain.clip(0.1, 1) * page
    return _toned(page, (52, 52, 56), (246, 244, 238))


def crackle(size: int, random: np.random.Generator) -> Picture:
    """Old varnish: plates with raised rims between dark cracks."""
    grid = np.stack(np.meshgrid(np.arange(-1, 14), np.arange(-1, 14)), axis=-1).reshape(-1, 2)
    points = (grid + random.uniform(0.12, 0.88, grid.shape)) * size / 13  # none too near another
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    x, y = x + 5 * noise(size, 18, random), y + 5 * noise(size, 18, random)
    away = np.full((2, size, size), np.inf, np.float32)
    for px, py in points:  # the distances to the nearest and to the second nearest point
        distance = np.hypot(x - px, y - py)
        away[1] = np.minimum(away[1], np.maximum(away[0], distance))
        away[0] = np.minimum(away[0], distance)
    rim = (away[1] - away[0]) * SIDE * LARGER / size
    plate = 0.72 + 0.10 * noise(size, 8, random) + 0.16 * np.exp(-((rim - 5) / 4) ** 2)
    return _toned(plate * (1 - 0.85 * np.exp(-((rim / 2.2) ** 2))), (42, 34, 24), (222, 204, 164))


def oil(size: int, random: np.random.Generator) -> Picture:
    """Short thick strokes side by side, each with the furrows of the bristles."""
    picture = np.full((size, size, 3), (60, 92, 132), np.float32)
    palette = np.array([(38, 70, 120), (64, 112, 160), (104, 150, 182), (180, 196, 190), (30, 48, 92), (206, 178, 96)])
    flow = noise(size, 3, random)
    for _ in range(900):
        y, x = random.integers(0, size, 2)
        angle = 1.6 * float(flow[y, x]) + random.normal(0, 0.15)
        _stroke(picture, (x, y), angle, palette[random.choice(6, p=(0.26, 0.26, 0.2, 0.1, 0.12, 0.06))], random)
    return picture


def _stroke(
    picture: Picture, at: tuple[int, int], angle: float, color: np.ndarray, random: np.random.Generator
) -> None:
    """One dab: a ridge of light on one side of it, and furrows along it."""
    size = len(picture)
    length, width = (size * share * random.uniform(0.7, 1.3) for share in (0.085, 0.022))
    reach = int(length + width) + 2
    x0, y0 = max(at[0] - reach, 0), max(at[1] - reach, 0)
    part = picture[y0 : at[1] + reach, x0 : at[0] + reach]
    y, x = np.mgrid[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]].astype(np.float32)
    along = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
    across = (y - at[1]) * np.cos(angle) - (x - at[0]) * np.sin(angle)
    away = np.maximum(np.abs(along) / length, 0.55) ** 6 + (np.abs(across) / width) ** 2
    furrows = np.interp(across.ravel() / width, np.linspace(-1, 1, 12), random.normal(0, 10, 12)).reshape(across.shape)
    light = 26 * np.clip(-across / width, -1, 1) ** 3 + furrows
    cover = np.clip((1 - away) * 4, 0, 1)[..., None]
    part += (color + random.normal(0, 8, 3) + light[..., None] - part) * cover


def _toned(light: np.ndarray, dark: tuple[float, ...], bright: tuple[float, ...]) -> Picture:
    """HxW, about 0..1, as colours from one to the other."""
    low, high = np.array(dark, np.float32), np.array(bright, np.float32)
    return np.asarray(low + (high - low) * light.clip(0, 1)[..., None], np.float32)


@dataclass(frozen=True)
class Surface:
    """title: its name in the library."""

    title: str
    draw: Callable[[int, np.random.Generator], Picture]


SURFACES = {
    "canvas": Surface("Canvas", canvas),
    "paper": Surface("Watercolour Paper", paper),
    "hatching": Surface("Pencil Hatching", hatching),
    "crackle": Surface("Cracked Varnish", crackle),
    "oil": Surface("Thick Oil", oil),
}
"""By the names of their files; these are also the textures' ids."""
