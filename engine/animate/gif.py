"""GIF: 256 colours for the whole movie, chosen from samples of every frame.

One palette shared by all frames, and no dithering: what does not move keeps its colour from frame to frame, where a
palette per frame would shimmer. The colours are the centres of a k-means clustering, for which brightness and colour
are told apart (a cheek that turns green is worse than one a shade darker) and a colour counts by the square root of
how often it is seen, so that a plain background does not use up what a face needs. As the palette needs all frames,
they wait in a temporary file until the last has come.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
from PIL import Image

from engine.animate.video import Form, Video

COLORS = 256
SAMPLES = 40_000
"""Pixels that vote for the palette, over the whole movie."""
ROUNDS = 10
_BITS = 6
"""Colours are told apart by so many bits a channel."""
_SPACE = np.array([[0.299, -0.254, 0.75], [0.587, -0.497, -0.629], [0.114, 0.75, -0.122]], np.float32)
"""RGB rows to YCbCr with the colour differences 1.5 times as large."""
_FORM = Form("gif", "gif", "pal8", looped={"loop": "0"}, once={"loop": "-1"})


class Spool:
    """Frames of one size in a temporary file in `folder`, so that a long movie does not fill the memory."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  closed by `close`
        self._shape: tuple[int, ...] = ()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, picture: np.ndarray) -> None:
        """Keep one more frame: HxWx3 uint8."""
        self._shape = picture.shape
        self._file.seek(self._count * picture.nbytes)
        self._file.write(np.ascontiguousarray(picture).tobytes())
        self._count += 1

    def __getitem__(self, index: int) -> np.ndarray:
        """The frame of that index, read-only."""
        if not 0 <= index < self._count:
            raise IndexError(index)
        size = int(np.prod(self._shape))
        self._file.seek(index * size)
        return np.frombuffer(self._file.read(size), np.uint8).reshape(self._shape)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


class Gif:
    """A GIF being written: the same calls as `Video`; the file itself is made in `finish`."""

    finishing = 0.2

    def __init__(self, path: Path, width: int, height: int, fps: float, loop: bool, count: int) -> None:
        self._stack = ExitStack()
        self._video = self._stack.enter_context(Video(path, width, height, fps, loop, _FORM))
        self._spool = Spool(path.parent)
        self._stack.callback(self._spool.close)
        self._random = np.random.default_rng(0)
        self._share = max(16, SAMPLES // max(count, 1))
        self._samples: list[np.ndarray] = []

    def __enter__(self) -> Gif:
        return self

    def add(self, picture: np.ndarray) -> None:
        """The next frame: HxWx3 uint8 RGB."""
        self._spool.append(picture)
        pixels = picture.reshape(-1, 3)
        self._samples.append(pixels[self._random.integers(0, len(pixels), self._share)])

    def finish(self) -> Iterator[float]:
        """Choose the palette and write the frames in it; yields between them, 0..1 of it done."""
        palette = Palette(np.concatenate(self._samples))
        yield 0.0
        for index in range(len(self._spool)):
            paletted: Any = (
                palette.indices(self._spool[index]),
                palette.table(),
            )  # PyAV's stubs know plain arrays only
            self._video.add_frame(av.VideoFrame.from_ndarray(paletted, format="pal8"))
            yield index / len(self._spool)
        yield from self._video.finish()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()


class Palette:
    """The 256 colours that stand for Nx3 uint8 samples best, the same for the same samples.

    Median cut gives the first colours, Lloyd's iterations of k-means improve them. (By hand: several times as fast as
    OpenCV's k-means for so many clusters in three dimensions, and the window feels the difference.)
    """

    def __init__(self, samples: np.ndarray) -> None:
        _, first, group, count = np.unique(_binned(samples), return_index=True, return_inverse=True, return_counts=True)
        sums = np.stack([np.bincount(group, channel) for channel in samples.T.astype(np.float64)], axis=1)
        points = (sums / count[:, None]).astype(np.float32) @ _SPACE
        cut = Image.fromarray(samples[first][None]).quantize(COLORS, Image.Quantize.MEDIANCUT)
        self._centres = np.array(cut.getpalette(), np.float32).reshape(-1, 3) @ _SPACE
        for _ in range(ROUNDS):
            self._improve(points, np.sqrt(count))
        self.colors = np.rint(self._centres @ np.linalg.inv(_SPACE)).clip(0, 255).astype(np.uint8)
        self._known = np.full(1 << 3 * _BITS, -1, np.int16)

    def _improve(self, points: np.ndarray, weights: np.ndarray) -> None:
        """Move each centre to the mean of the points nearest to it."""
        nearest, many = self._nearest(points), len(self._centres)
        total = np.bincount(nearest, weights, many)[:, None]
        sums = np.stack([np.bincount(nearest, weights * channel, many) for channel in points.T], axis=1)
        self._centres = np.where(total > 0, sums / np.maximum(total, 1e-9), self._centres).astype(np.float32)

    def _nearest(self, points: np.ndarray) -> np.ndarray:
        half = (self._centres**2).sum(axis=1) / 2
        parts = np.array_split(points, len(points) // 8192 + 1)
        return np.concatenate([(half - part @ self._centres.T).argmin(axis=1) for part in parts])

    def indices(self, picture: np.ndarray) -> np.ndarray:
        """HxWx3 uint8 -> HxW uint8: the nearest colours."""
        bins = _binned(picture)
        used = np.zeros(self._known.shape, bool)
        used[bins] = True
        new = np.flatnonzero(used & (self._known < 0))
        channels = np.stack([new >> 2 * _BITS, new >> _BITS, new], axis=1) & ((1 << _BITS) - 1)
        middle = (channels << 8 - _BITS) + (1 << 7 - _BITS)
        self._known[new] = self._nearest(middle.astype(np.float32) @ _SPACE)
        return self._known[bins].astype(np.uint8)

    def table(self) -> np.ndarray:
        """256x4 uint8: opacity, red, green, blue."""
        missing = COLORS - len(self.colors)
        colors = np.concatenate([self.colors, np.repeat(self.colors[-1:], missing, axis=0)])
        return np.column_stack([np.full(COLORS, 255, np.uint8), colors])


def _binned(colors: np.ndarray) -> np.ndarray:
    """...x3 uint8 -> ... : one number a colour, of the upper bits of its channels."""
    red, green, blue = np.moveaxis(colors >> 8 - _BITS, -1, 0).astype(np.int32)
    return red << 2 * _BITS | green << _BITS | blue
