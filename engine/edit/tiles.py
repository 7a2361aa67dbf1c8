"""The photo's size: a change found in model coordinates becomes a patch of the photo, tile by tile.

Each tile of the photo gets the joined difference, enlarged, and in the octaves finer than the model's pixels its own
detail, moved and recoloured; where the model draws, just the grain of it. What goes on beyond the frame is a change of
colour alone, of the photo's own pixels. Nothing the size of the photo is ever held in floating point.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from engine.document.edit import Patch
from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.edit import border, flow
from engine.edit.border import Extension
from engine.edit.flow import Change
from engine.edit.fuse import ramp

TILE = 512
Box = tuple[int, int, int, int]
"""x0, y0, x1, y1 in photo pixels."""


@dataclass(frozen=True, eq=False)
class Layers:
    """All that a tile is made of, in model coordinates.

    joined: SxSx3, what is added to the crop. crop: SxSx3, the photo. drawn: SxS in 0..1, how far the finest band is the
    model's drawing. support: SxS in 0..1, where the picture has changed. beyond: what goes on around the frame.
    """

    joined: np.ndarray
    crop: np.ndarray
    change: Change
    drawn: np.ndarray
    support: np.ndarray
    beyond: Extension | None


def box(photo: Photo, frame: Frame, support: np.ndarray) -> Box | None:
    """x0, y0, x1, y1: the smallest rectangle of photo pixels that holds the support; None when there is none."""
    size = support.shape[0]
    seen = support >= 0.5 / 255
    if not seen.any():
        return None
    columns, rows = np.flatnonzero(seen.any(axis=0)), np.flatnonzero(seen.any(axis=1))
    corners = np.array([[x, y] for x in (columns[0] - 1, columns[-1] + 2) for y in (rows[0] - 1, rows[-1] + 2)])
    points = frame.to_photo(corners, size)
    x0, y0 = np.maximum(np.floor(points.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(axis=0)).astype(int), (photo.width, photo.height))
    return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None


def _sampled(picture: np.ndarray, matrix: np.ndarray, part: Box,
             interpolation: int = cv2.INTER_LINEAR, border: int = cv2.BORDER_REPLICATE,
             outside: float = 0.0) -> np.ndarray:
    """`picture` at matrix (x, y, 1) for the pixel centres of `part` (x0, y0, x1, y1); up to 4 channels at a time.

    outside: what the picture is beyond its border, with BORDER_CONSTANT.
    """
    x0, y0, x1, y1 = part
    shift = matrix[:, :2] @ (x0 + 0.5, y0 + 0.5) + matrix[:, 2] - 0.5
    inverse_map = np.column_stack([matrix[:, :2], shift])
    return cv2.warpAffine(picture, inverse_map, (x1 - x0, y1 - y0), flags=interpolation | cv2.WARP_INVERSE_MAP,
                          borderMode=border, borderValue=outside)


def _whole_box(photo: Photo, frame: Frame, layers: Layers) -> Box:
    """The rectangle around all that changes, inside the frame and beyond it."""
    boxes = [box(photo, frame, layers.support)]
    if layers.beyond is not None:
        boxes.append(box(photo, layers.beyond.frame, layers.beyond.cover))
    x0, y0, x1, y1 = zip(*(one for one in boxes if one is not None), strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def render(photo: Photo, frame: Frame, layers: Layers) -> Generator[None, None, Patch]:
    """Make the patch, with a pause after every tile."""
    x0, y0, x1, y1 = whole = _whole_box(photo, frame, layers)
    pixels = photo.pixels[y0:y1, x0:x1].copy()
    support = np.zeros(pixels.shape[:2], np.uint8)
    coarse = flow.warp(layers.crop, layers.change.flow)
    grain = _grain(photo, frame, layers.crop)
    yield
    for tile in _tiles(whole):
        inside, beyond = _covers(frame, tile, layers)
        cover = np.rint(np.minimum(inside + beyond, 1) * 255).astype(np.uint8)
        if not cover.any():
            continue
        at = (slice(tile[1] - y0, tile[3] - y0), slice(tile[0] - x0, tile[2] - x0))
        made = pixels[at].astype(np.float32) / photo.white
        here = made.copy() if beyond.any() else made
        for part, near in _parts(tile, inside):
            made[near] = _within(photo, frame, part, layers, inside[near], coarse, grain)
        for part, near in _parts(tile, beyond):
            made[near] += beyond[near][..., None] * _gain(here[near], part, layers.beyond)
        made = np.rint(np.clip(made, 0, 1) * photo.white).astype(pixels.dtype)
        pixels[at] = np.where(cover[..., None] > 0, made, pixels[at])
        support[at] = cover
        yield
    return Patch(x0, y0, pixels, support)


def _parts(tile: Box, cover: np.ndarray) -> Iterator[tuple[Box, tuple[slice, slice]]]:
    """The smallest part of the tile that holds what is covered, as a box and as slices of the tile; none if none is."""
    rows, columns = (np.flatnonzero((cover > 0).any(axis=axis)) for axis in (1, 0))
    if len(rows):
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        part = tile[0] + int(left), tile[1] + int(top), tile[0] + int(right), tile[1] + int(bottom)
        yield part, (slice(top, bottom), slice(left, right))


def _covers(frame: Frame, tile: Box, layers: Layers) -> tuple[np.ndarray, np.ndarray]:
    """How far the pixels of a tile are covered from within the frame, and by what goes on beyond it."""
    size = layers.support.shape[0]
    to_model = _to_model(frame, size)
    support = _sampled(layers.support, to_model, tile, border=cv2.BORDER_CONSTANT, outside=1.0)
    edge = _sampled(border.window(size), to_model, tile, border=cv2.BORDER_CONSTANT)
    if layers.beyond is None or edge.min() == 1:
        return support * edge, np.zeros_like(edge)
    cover = layers.beyond.cover
    beyond = _sampled(cover, _to_model(layers.beyond.frame, len(cover)), tile, border=cv2.BORDER_CONSTANT)
    beyond *= (1 - edge) * support
    beyond[beyond < 0.5 / 255] = 0
    return support * edge, beyond


def _gain(here: np.ndarray, part: Box, beyond: Extension | None) -> np.ndarray:
    """What the photo's pixels (hxwx3, 0..1) beyond the frame gain by the change of colour that goes on there."""
    assert beyond is not None
    to_wide = _to_model(beyond.frame, len(beyond.cover))
    red, green, blue = cv2.split(here)
    planes = ([_sampled(plane, to_wide, part) for plane in row] for row in beyond.color)
    return cv2.merge([row[0] * red + row[1] * green + row[2] * blue + row[3] for row in planes]) - here


def _within(photo: Photo, frame: Frame, tile: Box, layers: Layers, support: np.ndarray, coarse: np.ndarray,
            grain: float) -> np.ndarray:
    """The changed photo in one tile, as far as the frame goes: float32, about 0..1. support: the tile's."""
    to_model = _to_model(frame, layers.support.shape[0])
    x0, y0, x1, y1 = tile
    here = photo.pixels[y0:y1, x0:x1].astype(np.float32) / photo.white
    moved = _moved(photo, frame, tile, layers.change.flow, to_model)
    fine = moved - _sampled(coarse, to_model, tile, cv2.INTER_CUBIC)
    color = [[_sampled(plane, to_model, tile) for plane in row[:3]] for row in layers.change.color]
    red, green, blue = cv2.split(fine)
    fine = cv2.merge([row[0] * red + row[1] * green + row[2] * blue for row in color])
    drawn = _sampled(layers.drawn, to_model, tile)[..., None]
    fine += drawn * (np.clip(fine, -grain, grain) - fine)
    fine -= here - _sampled(layers.crop, to_model, tile, cv2.INTER_CUBIC)
    fine *= ramp(support, 0.0, 0.7)[..., None]
    return here + fine + _sampled(layers.joined, to_model, tile, cv2.INTER_CUBIC, cv2.BORDER_CONSTANT)


def _moved(photo: Photo, frame: Frame, tile: Box, motion: np.ndarray, to_model: np.ndarray) -> np.ndarray:
    """The photo's pixels that the motion brings to `tile`: float32 0..1. Reads no more of the photo than it needs."""
    x0, y0, x1, y1 = tile
    turn = frame.matrix(motion.shape[0])[:, :2].astype(np.float32)
    shift = cv2.transform(_sampled(motion, to_model, tile, border=cv2.BORDER_CONSTANT), turn)
    if np.abs(shift).max() < 1 / 64:
        return photo.pixels[y0:y1, x0:x1].astype(np.float32) / photo.white
    rows, columns = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    columns, rows = columns + shift[..., 0], rows + shift[..., 1]
    left, top = max(0, int(columns.min()) - 4), max(0, int(rows.min()) - 4)
    left, top = min(left, photo.width - 1), min(top, photo.height - 1)
    part = photo.pixels[top:max(top + 1, int(rows.max()) + 6), left:max(left + 1, int(columns.max()) + 6)]
    moved = cv2.remap(part, columns - left, rows - top, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REFLECT)
    return moved.astype(np.float32) / photo.white


def _grain(photo: Photo, frame: Frame, crop: np.ndarray) -> float:
    """Twice the standard deviation (robust, 0..1 units) of what the photo has beyond the model's pixels."""
    to_model = _to_model(frame, crop.shape[0])
    x, y = (int(np.clip(v, 0, limit - 1)) for v, limit in ((frame.x, photo.width), (frame.y, photo.height)))
    reach = int(min(512, frame.size / 3)) + 1
    x0, y0, x1, y1 = max(0, x - reach), max(0, y - reach), min(photo.width, x + reach), min(photo.height, y + reach)
    here = photo.pixels[y0:y1, x0:x1].astype(np.float32) / photo.white
    fine = here - _sampled(crop, to_model, (x0, y0, x1, y1), cv2.INTER_CUBIC)
    return float(2 * 1.4826 * np.median(np.abs(fine)))


def _to_model(frame: Frame, size: int) -> np.ndarray:
    """2x3 affine from photo to model coordinates."""
    return cv2.invertAffineTransform(frame.matrix(size))


def _tiles(whole: Box) -> Iterator[Box]:
    """The whole box in tiles of at most TILE pixels a side."""
    x0, y0, x1, y1 = whole
    for top in range(y0, y1, TILE):
        for left in range(x0, x1, TILE):
            yield left, top, min(left + TILE, x1), min(top + TILE, y1)
