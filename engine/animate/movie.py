"""Movie: frames to a file, and the Export job.

The name chooses the form: .mp4, .webm, .gif, .apng, .webp, or a folder of numbered PNGs where it has no suffix. APNG,
numbered PNGs and lossless WebP keep the frames bit for bit; the others are lossy. A movie appears under its name when
it is whole: before that it is a temporary file, which is deleted when the writing is cancelled or fails.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

from engine.animate import video
from engine.animate.gif import Gif, Spool
from engine.animate.morph import Manifolds, Morph, advanced
from engine.animate.numbered import Numbered, replacing_folder
from engine.animate.timing import Moment, moment, times
from engine.animate.video import Video
from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.job import Export, Step

if TYPE_CHECKING:
    from engine.paint.render import Studio

Encoder = Video | Gif | Numbered
SUFFIXES = (".mp4", ".webm", ".gif", ".apng", ".webp")


def write(
    frames: Iterable[np.ndarray | None], path: Path, fps: float, count: int, loop: bool = True, lossless: bool = False
) -> Iterator[float]:
    """Write HxWx3 uint8 sRGB frames, all of one size, as the movie `path`; yields the fraction that is done.

    frames: a None among them is a pause, in which the caller may do something else. count: how many there will be.
    loop: whether a GIF, APNG or WebP repeats. lossless: for WebP. Closing the iterator cancels and leaves nothing
    behind. InputError for a name it cannot write, and for a disk that is full.
    """
    path = Path(path)
    is_folder = not path.suffix or path.is_dir()
    if not is_folder and path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name} cannot be written: end its name in {', '.join(SUFFIXES)}, or name a folder.")
    with replacing_folder(path) if is_folder else replacing(path) as temporary:
        yield from _written(frames, temporary, fps, count, loop, lossless)


def _written(
    frames: Iterable[np.ndarray | None], path: Path, fps: float, count: int, loop: bool, lossless: bool
) -> Iterator[float]:
    pictures = iter(frames)
    first = None
    while first is None:
        first = next(pictures)
        yield 0.0
    with _encoder(path, first, fps, count, loop, lossless) as encoder:
        share = (1 - encoder.finishing) / max(count, 1)
        encoder.add(first)
        done = share
        for picture in pictures:
            if picture is not None:
                encoder.add(picture)
                done += share
            yield min(done, 1.0)
        for part in encoder.finish():
            yield min(done + part * encoder.finishing, 1.0)


def _encoder(path: Path, first: np.ndarray, fps: float, count: int, loop: bool, lossless: bool) -> Encoder:
    height, width = first.shape[:2]
    match path.suffix.lower():
        case ".mp4":
            form = video.mp4()
        case ".webm":
            form = video.VP9
        case ".apng":
            form = video.APNG
        case ".webp":
            form = video.LOSSLESS_WEBP if lossless else video.WEBP
        case ".gif":
            return Gif(path, width, height, fps, loop, count)
        case _:
            return Numbered(path)
    return Video(path, width, height, fps, loop, form)


def export(job: Export, manifolds: Manifolds, studio: Studio | None = None) -> Iterator[Step]:
    """Do an Export: steps with the fraction done, then one settled step with the path of the finished movie."""
    sequence, photo = job.document.sequence, job.document.photo
    if len(sequence.keyframes) < 2:
        raise InputError("a movie goes from one kept state to another: keep at least two.")
    moments = [moment(sequence, t) for t in times(sequence, job.fps, job.loop, job.ping_pong)]
    morph = Morph(photo, sequence, job.long_side, manifolds, studio=studio)
    with closing(_frames(morph, moments, job.path.parent, to_srgb(photo.profile))) as frames:
        for fraction in write(frames, job.path, job.fps, len(moments), job.loop, job.lossless):
            yield Step(ticket=job.ticket, fraction=fraction, note=f"Writing {job.path.name}")
    yield Step(ticket=job.ticket, settled=True, fraction=1.0, path=job.path, note=f"{job.path.name} is written")


def _frames(
    morph: Morph, moments: list[Moment], folder: Path, convert: Callable[[np.ndarray], np.ndarray]
) -> Generator[np.ndarray | None, None, None]:
    """The frames of the moments, with pauses. One that comes again, on the way back, is drawn once and kept on disk."""
    with closing(Spool(folder)) as spool:
        places: dict[Moment, int] = {}
        left = Counter(moments)
        for where in moments:
            left[where] -= 1
            if where in places:
                yield spool[places[where]]
                continue
            picture = None
            drawing = morph.at(where)
            while picture is None:
                picture = advanced(drawing)
                if picture is None:
                    yield None
            picture = convert(picture)
            if left[where]:
                places[where] = len(spool)
                spool.append(picture)
            yield picture


def to_srgb(profile: bytes | None) -> Callable[[np.ndarray], np.ndarray]:
    """HxWx3 uint8 in the colours of an ICC profile -> the same in sRGB, which movies are shown in."""
    if profile is None:
        return lambda picture: picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return lambda picture: picture  # through the profile and back would cost a rounding
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return lambda picture: picture  # a broken profile says nothing: as every viewer, take it for sRGB

    def convert(picture: np.ndarray) -> np.ndarray:
        converted = ImageCms.applyTransform(Image.fromarray(picture), transform)
        return picture if converted is None else np.asarray(converted)

    return convert
