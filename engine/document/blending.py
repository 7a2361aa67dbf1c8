"""Blend modes: how new pixels meet the old ones below them, as in other layered editors.

The separable modes are those of the W3C's "Compositing and Blending Level 1"; COLOR and LUMINOSITY are its
non-separable ones, with its luminosity (0.3, 0.59, 0.11) and its clipping.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

LUMINOSITY = np.array([0.30, 0.59, 0.11], np.float32)


class Blend(StrEnum):
    """What becomes of new colour n over old colour o, both 0..1."""

    NORMAL = "normal"  # n
    MULTIPLY = "multiply"  # n o
    SCREEN = "screen"  # n + o - n o
    OVERLAY = "overlay"  # multiply or screen, as the old is dark or light
    SOFT_LIGHT = "soft-light"  # the same, gently
    COLOR = "color"  # hue and saturation of the new, lightness of the old
    LUMINOSITY = "luminosity"  # lightness of the new, hue and saturation of the old


def blended(old: np.ndarray, new: np.ndarray, mode: Blend) -> np.ndarray:
    """...x3 float32 in 0..1, both and the answer."""
    if mode is Blend.MULTIPLY:
        return old * new
    if mode is Blend.SCREEN:
        return old + new - old * new
    if mode is Blend.OVERLAY:
        return np.where(old <= 0.5, 2 * old * new, 1 - 2 * (1 - old) * (1 - new))
    if mode is Blend.SOFT_LIGHT:
        return _soft_light(old, new)
    if mode is Blend.COLOR:
        return _with_luminosity(new, _luminosity(old))
    if mode is Blend.LUMINOSITY:
        return _with_luminosity(old, _luminosity(new))
    return new


def _soft_light(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    lift = np.where(old <= 0.25, ((16 * old - 12) * old + 4) * old, np.sqrt(old))
    return np.where(new <= 0.5, old - (1 - 2 * new) * old * (1 - old), old + (2 * new - 1) * (lift - old))


def _luminosity(color: np.ndarray) -> np.ndarray:
    # Channel by channel, as below: numpy is slow along an axis of three.
    red, green, blue = (color[..., c] * LUMINOSITY[c] for c in range(3))
    return np.asarray(red + green + blue)[..., None]


def _with_luminosity(color: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The colour moved to the luminosity `wanted`, then drawn towards grey until it is within 0..1."""
    color = color + (wanted - _luminosity(color))
    red, green, blue = (color[..., c] for c in range(3))
    low = np.minimum(np.minimum(red, green), blue)[..., None]
    high = np.maximum(np.maximum(red, green), blue)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.where(low < 0, wanted / (wanted - low), 1)
        color = wanted + (color - wanted) * raised
        lowered = np.where(high > 1, (1 - wanted) / (high - wanted), 1)
        return (wanted + (color - wanted) * lowered).clip(0, 1)
