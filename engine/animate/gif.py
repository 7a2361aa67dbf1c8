"""GIF: 256 colours for the whole movie, chosen from samples of every frame.

One palette shared by all frames, and no dithering: what does not move keeps its colour from frame to frame, where a
palette per frame would shimmer. The colours are the centres of a k-means clustering. As the palette needs all frames,
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
SAMPLES = 10_000
"""Pixels that vote for the palette, over the whole movie."""
ROUNDS = 8
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
        palette = shared_palette(np.concatenate(self._samples))
        pages = Image.new("P", (1, 1))
        pages.putpalette(palette.tobytes())
        table = np.column_stack([np.full(len(palette), 255, np.uint8), palette])
        for index in range(len(self._spool)):
            picture = Image.fromarray(self._spool[index])
            indices = np.asarray(picture.quantize(palette=pages, dither=Image.Dither.NONE))
            paletted: Any = (indices, table)  # the stubs of PyAV know only plain arrays
            self._video.add_frame(av.VideoFrame.from_ndarray(paletted, format="pal8"))
            yield index / len(self._spool)
        yield from self._video.finish()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()


def shared_palette(samples: np.ndarray) -> np.ndarray:
    """256x3 uint8: the colours that stand for Nx3 uint8 pixels best, the same for the same pixels.

    Median cut gives the first colours, Lloyd's iterations of k-means improve them. (By hand: several times as fast as
    OpenCV's k-means for so many clusters in three dimensions, and the window feels the difference.)
    """
    cut = Image.fromarray(samples[None]).quantize(COLORS, Image.Quantize.MEDIANCUT)
    palette = np.array(cut.getpalette(), np.float32).reshape(-1, 3)
    points = samples.astype(np.float32)
    for _ in range(ROUNDS):
        nearest = ((palette**2).sum(axis=1) / 2 - points @ palette.T).argmin(axis=1)
        count = np.bincount(nearest, minlength=len(palette))[:, None]
        sums = np.stack([np.bincount(nearest, channel, len(palette)) for channel in points.T], axis=1)
        palette = np.where(count > 0, sums / np.maximum(count, 1), palette).astype(np.float32)
    found = np.rint(palette).clip(0, 255).astype(np.uint8)
    return np.concatenate([found, np.repeat(found[-1:], COLORS - len(found), axis=0)])
