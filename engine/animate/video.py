"""Video: frames into one file, frame by frame, through PyAV: MP4, WebM, APNG and animated WebP.

MP4 and WebM hold colour as BT.709 YCbCr at half the resolution (yuv420p, which every player shows); the frames are
both converted to it and tagged with it, as either alone shifts every colour. Their sides must be even: an odd one is
made even by repeating its last row or column, so that no pixel of the picture is lost. APNG and lossless WebP keep
every value.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

_BT709 = 1
"""The number of BT.709 in ITU-T H.273, for primaries, transfer and matrix alike."""


@dataclass(frozen=True)
class Form:
    """How a kind of file is written. codec: the encoder. container: the muxer. pixels: its pixel format.

    options: of the encoder. looped: muxer options of a file that repeats; a container without them leaves it to the
    player. once: those of one that does not.
    """

    container: str
    codec: str
    pixels: str
    options: dict[str, str] = field(default_factory=dict)
    looped: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)

    @property
    def is_yuv(self) -> bool:
        """Whether colour is converted, and its sides must be even."""
        return self.pixels == "yuv420p"


_FAST = {"movflags": "+faststart"}
H264 = Form("mp4", "libx264", "yuv420p", {"crf": "16", "preset": "medium"}, looped=_FAST, once=_FAST)
MPEG4 = Form("mp4", "mpeg4", "yuv420p", {"qmin": "2", "qmax": "3"}, looped=_FAST, once=_FAST)
VP9 = Form(
    "webm",
    "libvpx-vp9",
    "yuv420p",
    {"crf": "20", "deadline": "good", "cpu-used": "4", "row-mt": "1", "lag-in-frames": "8"},
)
APNG = Form("apng", "apng", "rgb24", {"pred": "mixed"}, looped={"plays": "0"}, once={"plays": "1"})
WEBP = Form("webp", "libwebp_anim", "bgra", {"quality": "88"}, looped={"loop": "0"}, once={"loop": "1"})
LOSSLESS_WEBP = Form(
    "webp", "libwebp_anim", "bgra", {"lossless": "1", "quality": "50"}, looped=WEBP.looped, once=WEBP.once
)


def mp4() -> Form:
    """H.264; MPEG-4 part 2, larger and a little softer, where this PyAV comes without x264."""
    return H264 if H264.codec in av.codecs_available else MPEG4


class Video:
    """A video file being written. Used as a context: leaving it with an error releases the file as it is.

    width, height: of the frames. fps: frames a second.
    """

    finishing = 0.0
    """Share of the work that is left when the last frame is added."""

    def __init__(self, path: Path, width: int, height: int, fps: float, loop: bool, form: Form) -> None:
        self._form = form
        self._number = 0
        even = (width + width % 2, height + height % 2) if form.is_yuv else (width, height)
        self._padding = (even[0] - width, even[1] - height)
        self._file = av.open(
            str(path), "w", format=form.container, container_options=form.looped if loop else form.once
        )
        rate = Fraction(fps).limit_denominator(1001)
        stream = self._file.add_stream(form.codec, rate=rate, options=dict(form.options))
        assert isinstance(stream, VideoStream)
        self._stream = stream
        self._stream.width, self._stream.height, self._stream.pix_fmt = *even, form.pixels
        self._stream.codec_context.thread_count = max(1, (os.cpu_count() or 2) - 1)  # one core is the window's
        self._base = 1 / rate
        self._stream.codec_context.time_base = self._base
        if form.is_yuv:
            context = self._stream.codec_context
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = ColorRange.MPEG
            context.bit_rate = 0 if "crf" in form.options else even[0] * even[1] * 12

    def __enter__(self) -> Video:
        return self

    def add(self, picture: np.ndarray) -> None:
        """The next frame: HxWx3 uint8 RGB."""
        right, below = self._padding
        if right or below:
            picture = cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        if self._form.is_yuv:
            frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        elif self._form.pixels != "rgb24":
            frame = frame.reformat(format=self._form.pixels)
        self.add_frame(frame)

    def add_frame(self, frame: av.VideoFrame) -> None:
        """The next frame, in the form's own pixel format."""
        frame.pts, frame.time_base = self._number, self._base
        self._number += 1
        self._file.mux(self._stream.encode(frame))

    def finish(self) -> Iterator[float]:
        """Write what the encoder still holds, and the end of the file; yields between frames, 0..1 of it done."""
        for packet in self._stream.codec_context.encode_lazy(None):
            packet.stream = self._stream
            self._file.mux(packet)
            yield 0.0
        self._file.close()
        yield 1.0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError, ValueError):  # the error that brought us here is the one to tell of
            self._file.close()
