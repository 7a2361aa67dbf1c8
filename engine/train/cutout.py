"""What of a picture is the thing shown and what is the ground, where things lie before a plain one.

The ground is what the border shows. A coloured ground is told by its colour alone, so that shadows and folds in it stay
ground; a white, grey or black one by colour and light. The largest piece that is something else is the thing, with its
pinholes filled.
"""

from __future__ import annotations

import cv2
import numpy as np

COLOURED = 0.25
"""Saturation from which a ground is coloured."""

APART_COLOUR, APART_LIGHT = 0.09, 0.07
"""How far from the ground a pixel is the thing: in shares of colour; and of light, 0..1."""

EDGE = 0.03
"""Width of the border, as a share of the side."""

SMALLEST, LARGEST, CUT_OFF = 0.04, 0.8, 0.15
"""Shares of a picture that a thing in it may fill, and of its border that it may lie on."""

DARK = 0.12
"""Added to a pixel's light before its colour is taken: the colour of what is nearly black is noise."""


def thing(picture: np.ndarray) -> np.ndarray:
    """SxSx3 uint8 -> SxS float32 in 0..1, soft by about a pixel at the edge; nought where nothing stands out."""
    pixels = picture.astype(np.float32) / 255
    edge = max(1, round(EDGE * len(pixels)))
    border = np.concatenate([pixels[:edge].reshape(-1, 3), pixels[-edge:].reshape(-1, 3),
                             pixels[:, :edge].reshape(-1, 3), pixels[:, -edge:].reshape(-1, 3)])
    ground = np.median(border, axis=0)
    coloured = 1 - ground.min() / max(float(ground.max()), 1e-6) > COLOURED and ground.max() > DARK
    if coloured:
        colour = _colour(pixels)
        other = np.min([np.linalg.norm(colour - one, axis=-1) for one in _grounds(border)], axis=0) > APART_COLOUR
    else:
        other = np.abs(pixels - ground).max(axis=-1) > APART_LIGHT
    soft = cv2.GaussianBlur(_largest(other.astype(np.uint8)).astype(np.float32), (3, 3), 0)
    return np.clip(2 * soft - 1, 0, 1)  # half a pixel inside: the edge itself has the ground's colour in it


def stands_out(picture: np.ndarray) -> bool:
    """SxSx3 uint8: whether it shows one thing, nearly whole, before a plain ground."""
    mask = thing(picture)
    edge = max(1, round(EDGE * len(mask)))
    inner = mask[edge:-edge, edge:-edge].sum()
    border = (mask.sum() - inner) / (mask.size - mask[edge:-edge, edge:-edge].size)
    return bool(SMALLEST <= mask.mean() <= LARGEST and border <= CUT_OFF)


def _grounds(border: np.ndarray) -> list[np.ndarray]:
    """The ground's colour in its shadows, between, and in the light."""
    parts = np.array_split(border[np.argsort(border.sum(axis=1))], 4)
    return [np.median(_colour(part), axis=0) for part in parts]


def _colour(pixels: np.ndarray) -> np.ndarray:
    """Nx3 or HxWx3: shares of red, green and blue."""
    return pixels / (pixels.sum(axis=-1, keepdims=True) + DARK)


def _largest(other: np.ndarray) -> np.ndarray:
    """SxS of 0 and 1: the largest piece, its pinholes filled: a handle's or a ring's hole stays open."""
    closed = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, places, sizes, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    if count < 2:
        return np.zeros_like(other)
    piece = (places == 1 + int(sizes[1:, cv2.CC_STAT_AREA].argmax())).astype(np.uint8)
    outlines, _ = cv2.findContours(piece, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [line for line in outlines if cv2.contourArea(line) < 0.004 * piece.size]
    return np.asarray(cv2.drawContours(piece, holes, -1, 1, cv2.FILLED) if len(outlines) > 1 else piece)
