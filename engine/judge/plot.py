"""A plot of loss over time, both by powers of ten, drawn with lines and letters only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from engine.judge.textures import Race

WIDTH, HEIGHT, EDGE = 420, 320, 48
COLOURS = {"L-BFGS": (40, 90, 200), "Adam": (210, 120, 20)}
NETWORK = (20, 140, 70)
INK = (60, 60, 60)
LETTERS = 0.42


def plotted(races: Sequence[Race], across: int = 3) -> np.ndarray:
    """HxWx3 uint8, a panel for each race."""
    panels = [panel(race) for race in races]
    while len(panels) % across:
        panels.append(np.full((HEIGHT, WIDTH, 3), 255, np.uint8))
    return np.vstack([np.hstack(panels[i : i + across]) for i in range(0, len(panels), across)])


def panel(race: Race) -> np.ndarray:
    """HEIGHTxWIDTHx3 uint8: the optimisations' curves, and the network's pass as a dot on the line of its loss."""
    canvas = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    seconds = [race.network[0], *(s for curve in race.curves.values() for s, _ in curve)]
    losses = [race.network[1], *(loss for curve in race.curves.values() for _, loss in curve)]
    x_range, y_range = _decades(seconds), _decades(losses)

    def place(second: float, loss: float) -> tuple[int, int]:
        x = (math.log10(second) - x_range[0]) / (x_range[1] - x_range[0])
        y = (math.log10(loss) - y_range[0]) / (y_range[1] - y_range[0])
        return round(EDGE + x * (WIDTH - EDGE - 12)), round(HEIGHT - 36 - y * (HEIGHT - 36 - 40))

    _grid(canvas, x_range, y_range, place)
    for method, curve in race.curves.items():
        points = np.array([place(*point) for point in curve], np.int32)
        cv2.polylines(canvas, [points], False, COLOURS[method], 2, cv2.LINE_AA)
        _write(canvas, method, tuple(points[len(points) // 3] + (6, -6)), COLOURS[method])
    at = place(*race.network)
    cv2.line(canvas, at, (WIDTH - 12, at[1]), NETWORK, 1, cv2.LINE_AA)
    cv2.circle(canvas, at, 5, NETWORK, -1, cv2.LINE_AA)
    _write(canvas, "network, one pass", (at[0] + 4, at[1] + 18), NETWORK)
    ratio = "never as near" if race.ratio is None else f"{race.ratio:,.0f} x"
    _write(canvas, f"{race.name[:34]}   {ratio}", (EDGE, 22), INK)
    return canvas


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _grid(canvas: np.ndarray, x_range: tuple[int, int], y_range: tuple[int, int], place: object) -> None:
    assert callable(place)
    for power in range(x_range[0], x_range[1] + 1):
        x = place(10.0**power, 10.0 ** y_range[0])[0]
        cv2.line(canvas, (x, 40), (x, HEIGHT - 36), (225, 225, 225), 1)
        _write(canvas, f"{10.0**power:g} s", (x - 14, HEIGHT - 18), INK)
    for power in range(y_range[0], y_range[1] + 1):
        y = place(10.0 ** x_range[0], 10.0**power)[1]
        cv2.line(canvas, (EDGE, y), (WIDTH - 12, y), (225, 225, 225), 1)
        _write(canvas, f"{10.0**power:g}", (6, y + 4), INK)


def _write(canvas: np.ndarray, text: str, at: tuple[int, ...], colour: tuple[int, int, int]) -> None:
    cv2.putText(canvas, text, (int(at[0]), int(at[1])), cv2.FONT_HERSHEY_SIMPLEX, LETTERS, colour, 1, cv2.LINE_AA)
