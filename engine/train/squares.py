"""A folder tree of pictures -> squares of one size, made once and kept; what cannot be used is named.

Each picture is turned the way its camera says, cut to the largest square in its middle, and area-averaged. The squares
lie in one file of plain bytes beside a list that says which picture each one is, so that training starts at once the
next time and the system may hold as much of it in memory as it likes.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.image_decoding import MAX_PIXELS
from engine.document.training import LEAST, Crop
from engine.train import duplicates
from engine.train.photos import finding

HELD_OUT = 20
"""One picture in so many is kept from the training, to measure by."""


class Listing(msgspec.Struct, frozen=True):
    """What is known of a folder's pictures. names: of the squares, in order.

    refused: name and why. repeated: name, and the name of the one it repeats.
    """

    key: str
    size: int
    names: list[str]
    refused: list[tuple[str, str]]
    repeated: list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Squares:
    """pictures: NxSxSx3 uint8, N without repetitions, read from the disk as they are wanted."""

    pictures: np.ndarray
    listing: Listing

    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Places of the pictures to learn from, and of those held out."""
        places = np.arange(len(self.pictures))
        held = places % HELD_OUT == HELD_OUT - 1
        return places[~held], places[held]

    def told(self) -> str:
        """In one line: how many there are, and the first few of those that were left out."""
        parts = [f"{len(self.pictures)} pictures of {self.listing.size} px"]
        for kind, pairs in (("left out as unreadable", self.listing.refused),
                            ("left out as repetitions", self.listing.repeated)):
            if pairs:
                more = f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
                parts.append(f"{len(pairs)} {kind} ({', '.join(name for name, _ in pairs[:3])}{more})")
        return ", ".join(parts)


def gather(folder: Path, size: int, cache: Path, least: int = LEAST, crop: Crop = Crop.CENTRE, cut: Cut | None = None,
           ) -> Iterator[float | Squares]:
    """Yields the fraction done, and last the squares. InputError for no folder, or fewer than `least` usable pictures.

    cache: a folder to keep them in; used again while the pictures' names, sizes and dates stay the same. crop: what of
    a picture is wanted. cut: makes a square of a file, where that is not one of CUTS.
    """
    listing = yield from listed(folder, size, cache, crop, cut)
    if len(listing.names) < max(least, 1):
        raise InputError(_too_few(folder, listing, least))
    yield Squares(stored(cache, listing), listing)


def stored(cache: Path, listing: Listing) -> np.ndarray:
    """NxSxSx3 uint8 of the listing's pictures, as they lie in the cache."""
    shape = len(listing.names), listing.size, listing.size, 3
    return np.memmap(store_of(cache, listing.size)[1], np.uint8, "r", shape=shape) if shape[0] else np.zeros(shape, "B")


def store_of(cache: Path, size: int) -> tuple[Path, Path]:
    """Where in a cache the list lies, and where the squares."""
    return cache / f"squares-{size}.json", cache / f"squares-{size}.u8"


def listed(folder: Path, size: int, cache: Path, crop: Crop = Crop.CENTRE, cut: Cut | None = None,
           ) -> Generator[float, None, Listing]:
    """Makes the squares where they are not in the cache yet; yields the fraction done. InputError for no folder."""
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: choose a folder of pictures.")
    walk = finding([folder])
    while True:
        try:
            next(walk)
        except StopIteration as end:
            paths = [path for path in end.value if path.is_file()]
            break
        yield 0.0
    key = _key(folder, paths, size, crop)
    listing, store = store_of(cache, size)
    known = _listing(cache, size)
    if known is None or known.key != key:
        cache.mkdir(parents=True, exist_ok=True)
        with replacing(store) as temporary:
            known = yield from _made(folder, paths, size, key, temporary, cut or CUTS[crop])
            listing.unlink(missing_ok=True)  # of other squares: whatever ends the program now, none is taken for these
        with replacing(listing) as temporary:
            temporary.write_bytes(msgspec.json.format(msgspec.json.encode(known), indent=1))
    return known


def kept(cache: Path, size: int) -> Squares | None:
    """The squares in the cache, whatever has become of the folder since; None where there are none."""
    listing = _listing(cache, size)
    return None if listing is None or not listing.names else Squares(stored(cache, listing), listing)


def _too_few(folder: Path, known: Listing, least: int) -> str:
    why = f"; {known.refused[0][0]}: {known.refused[0][1]}" if known.refused else ""
    return (f"{folder.name} has {len(known.names)} pictures that can be used and at least {least} are needed "
            f"({len(known.refused)} cannot be read, {len(known.repeated)} are repetitions{why}): add more pictures.")


def _key(folder: Path, paths: Sequence[Path], size: int, crop: Crop) -> str:
    seen = hashlib.sha256(f"{size}{'' if CUTS.get(crop) is square else crop}".encode())
    for path in paths:
        stat = path.stat()
        seen.update(f"{path.relative_to(folder).as_posix()}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def _listing(cache: Path, size: int) -> Listing | None:
    """What is known of the squares in the cache; None where they are not all there."""
    path, store = store_of(cache, size)
    try:
        listing = msgspec.json.decode(path.read_bytes(), type=Listing)
        whole = listing.size == size and store.stat().st_size == len(listing.names) * size * size * 3
    except (OSError, msgspec.MsgspecError):
        return None
    return listing if whole else None


def _made(folder: Path, paths: Sequence[Path], size: int, key: str, store: Path, cut: Cut,
          ) -> Generator[float, None, Listing]:
    """Writes the squares of the pictures that can be used; returns what is known of all."""
    names, refused = [], []
    with store.open("wb") as file:
        for index, path in enumerate(paths):
            name = path.relative_to(folder).as_posix()
            try:
                file.write(cut(path, size).tobytes())
                names.append(name)
            except InputError as error:
                refused.append((name, str(error)))
            yield 0.9 * index / len(paths)
    if not names:
        return Listing(key, size, [], refused, [])
    twice = yield from _thinned(store, len(names), size)
    again = {d.picture for d in twice}
    return Listing(key, size, [name for n, name in enumerate(names) if n not in again], refused,
                   [(names[d.picture], names[d.first]) for d in twice])


def _thinned(store: Path, count: int, size: int) -> Generator[float, None, list[duplicates.Duplicate]]:
    """Takes the repetitions out of the file, without having all of it in memory; what they were."""
    everything = np.memmap(store, np.uint8, "r+", shape=(count, size, size, 3))
    search = duplicates.finding(everything)
    while True:
        try:
            yield 0.9 + 0.1 * next(search)
        except StopIteration as end:
            twice: list[duplicates.Duplicate] = end.value
            break
    again = {d.picture for d in twice}
    for place, old in enumerate(n for n in range(count) if n not in again):
        if place != old:
            everything[place] = everything[old]
    everything.flush()
    del everything, search  # a system may not shorten a file that is mapped
    os.truncate(store, (count - len(again)) * size * size * 3)
    return twice


def square(path: Path, size: int) -> np.ndarray:
    """sizexsizex3 uint8: the middle. InputError, in a few words, for a file that is no picture or less than half as
    large."""
    picture = _opened(path, size)
    short = min(picture.size)
    if 2 * short < size:
        raise InputError(f"is only {short} px wide or high")
    x, y = (picture.width - short) // 2, (picture.height - short) // 2
    kernel = Image.Resampling.BOX if short > size else Image.Resampling.BICUBIC
    return np.asarray(picture.resize((size, size), kernel, box=(x, y, x + short, y + short)))


def whole(path: Path, size: int) -> np.ndarray:
    """sizexsizex3 uint8: all of it, on a ground of its border's mean colour. InputError as `square`."""
    picture = _opened(path, size)
    if 2 * max(picture.size) < size:
        raise InputError(f"is only {max(picture.size)} px wide or high")
    scale = size / max(picture.size)
    small = picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BOX)
    pixels = np.asarray(small)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    ground = Image.new("RGB", (size, size), tuple(int(level) for level in edges.mean(axis=0).round()))
    ground.paste(small, ((size - small.width) // 2, (size - small.height) // 2))
    return np.asarray(ground)


Cut = Callable[[Path, int], np.ndarray]
CUTS: dict[Crop, Cut] = {Crop.CENTRE: square, Crop.SCENE: square, Crop.WHOLE: whole}


def _opened(path: Path, size: int) -> Image.Image:
    """RGB, turned upright, decoded no finer than is needed."""
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise InputError("has too many pixels")
            opened.draft("RGB", (2 * size, 2 * size))
            return _flat(ImageOps.exif_transpose(opened))
    except InputError:
        raise
    except UnidentifiedImageError as error:  # it names the file's whole place
        raise InputError("cannot be read (it is damaged, or no picture)") from error
    except Exception as error:
        raise InputError(f"cannot be read ({error})") from error


def _flat(picture: Image.Image) -> Image.Image:
    """RGB; what is transparent is on white, and sixteen bits are brought to eight."""
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float32)
        white = 65535 if values.max() > 255 else 255
        return Image.fromarray(np.clip(values * (255 / white), 0, 255).astype(np.uint8)).convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        picture = Image.new("RGBA", clear.size, "white")
        picture.alpha_composite(clear)
    return picture.convert("RGB")
