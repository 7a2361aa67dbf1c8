"""Morph: the photo at any moment of a sequence.

On a keyframe the frame is the fold of the patches kept in it, made smaller, and needs no model. Between two keyframes
the parameters of the edits are mixed (`between`), the model draws their pictures, and `transfer` brings the
change to the photo, which is made small first: for a movie of 1080 lines nothing is rendered at 24 megapixels.

Rendering small and then keeping is not quite keeping and then making small, so frames next to a keyframe would jump by
a little. What the two keyframes differ by is therefore added, each fading out towards the other:
    frame(s) = rendered(s) + (1 - s) (kept(0) - rendered(0)) + s (kept(1) - rendered(1)).
Where no keyframe changes the photo a frame is the photo, bit for bit.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from engine.animate.between import Passage, passages
from engine.animate.kept import KeptPatches, shrunk
from engine.animate.layers import LayerPassage
from engine.animate.painting import LayerPainter
from engine.animate.timing import Moment, moment
from engine.document.arrays import frozen
from engine.document.edit import ManifoldEdit, Patch, compose, picture
from engine.document.errors import InputError
from engine.document.job import Scrub, Step
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.sequence import EditSequence
from engine.edit import transfer
from engine.model.tuned import for_latent

if TYPE_CHECKING:
    from engine.model.manifold import Manifold
    from engine.paint.render import Studio

Way = tuple[Passage | LayerPassage, ...]
Manifolds = Callable[[str], "Manifold"]
Drawing = Generator[None, None, np.ndarray]
"""A picture in the making: yields where something else may be done in between, returns the picture."""

LIGHT = 1.0
"""Up to so many of its own pixels across, a frame is drawn by the preview network: no detail of it is lost."""
SCRUB_LIGHT = 2.0
"""The same while scrubbing, where the photo must bring the detail."""
SCRUB_PAINT = 320
"""Longer side in pixels at which style and texture layers are painted while scrubbing."""
MODEL_PICTURES = 12


class Form(Enum):
    """How the model draws: by its full network, by that and then made small, by its preview network."""

    FULL = auto()
    SMALL = auto()
    LIGHT = auto()


class Morph:
    """A sequence on its photo, no larger than `long_side` pixels. manifolds: opens a manifold by id when needed.

    light: up to so many of its own pixels across the preview network draws; 0 never asks it. studio: paints layers.
    detail: longer side at which layers are painted at most.
    """

    def __init__(
        self, photo: Photo, sequence: EditSequence, long_side: int, manifolds: Manifolds, light: float = LIGHT,
        studio: Studio | None = None, detail: int | None = None,
    ) -> None:  # fmt: skip
        if not sequence.keyframes:
            raise InputError("there is no kept state to show: keep at least one.")
        self.sequence = sequence
        self._original = photo
        self._photo = Photo(shrunk(photo.pixels, long_side))
        self._long_side = long_side
        self._manifolds = manifolds
        self._light = light
        self._kept: dict[int, np.ndarray] = {}
        self._small = KeptPatches(photo, long_side)
        self._painter = LayerPainter(self._small, self._photo.width / photo.width, studio, detail)
        self._misses: tuple[int, np.ndarray, np.ndarray] | None = None
        self._pictures: OrderedDict[tuple[Latent, Form], np.ndarray] = OrderedDict()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames in pixels."""
        return self._photo.width, self._photo.height

    def frame(self, seconds: float) -> Drawing:
        """HxWx3 uint8, read-only: the photo at that time."""
        return self.at(moment(self.sequence, seconds))

    def at(self, where: Moment) -> Drawing:
        """HxWx3 uint8, read-only: the photo at that moment; on a keyframe the same array every time."""
        if where.share == 0:
            return self._keyframe(where.index)
        way = passages(self.sequence.keyframes[where.index].edits, self.sequence.keyframes[where.index + 1].edits)
        first, second = yield from self._differences(where.index, way)
        rendered = yield from self._rendered(way, where.share)
        share = np.float32(where.share)
        return frozen(np.rint(rendered + (1 - share) * first + share * second).clip(0, 255).astype(np.uint8))

    def _keyframe(self, index: int) -> np.ndarray:
        """The kept picture of a keyframe, from its patches alone."""
        if index not in self._kept:
            pixels = picture(self._original, self.sequence.keyframes[index].edits)
            self._kept[index] = frozen(shrunk(pixels, self._long_side))
        return self._kept[index]

    def _differences(
        self, index: int, way: Way
    ) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
        """What the keyframe of that index and the next one, as kept, differ by from how they would be rendered."""
        if self._misses is None or self._misses[0] != index:
            self._painter.begin()
            first = self._keyframe(index) - (yield from self._rendered(way, 0)).astype(np.int16)
            second = self._keyframe(index + 1) - (yield from self._rendered(way, 1)).astype(np.int16)
            self._misses = (index, first, second)
        return self._misses[1], self._misses[2]

    def _rendered(self, way: Way, share: float) -> Drawing:
        """HxWx3 uint8: the edits of that moment drawn by the model, or as kept, and laid on the photo."""
        pixels, moved = self._photo.pixels.copy(), False
        for place, passage in enumerate(way):
            if isinstance(passage, LayerPassage):
                yield from self._painter.lay(pixels, passage, place, share, moved)
            else:
                yield from self._change(pixels, passage, share)
            moved = moved or not passage.is_still()
        return pixels

    def _change(self, pixels: np.ndarray, passage: Passage, share: float) -> Generator[None, None, None]:
        """Lay a manifold edit on the frame `pixels`, written in place."""
        edit, kept = passage.at(share), passage.end.patch
        if edit.opacity <= 0 or not edit.moved():
            return
        if passage.is_still() and kept is not None:
            patch = Patch(0, 0, (yield from self._small.pixels(kept)), self._small.support(kept))
        else:
            patch = self._limited((yield from self._patch(passage, edit, share)), passage)
        compose(pixels, patch, edit.opacity)

    def _patch(self, passage: Passage, edit: ManifoldEdit, share: float) -> Generator[None, None, Patch]:
        """The change of one edit, `share` of its passage, on the small photo."""
        start, end = passage.start, passage.end
        frame = scaled(edit.frame, self._photo.width / self._original.width)
        before = yield from self._between(start.base, end.base, edit.base, share, frame)
        after = yield from self._between(start.latent, end.latent, edit.latent, share, frame)
        moment, manifold = replace(edit, frame=frame), self._manifolds(edit.latent.manifold)
        patch = yield from transfer.passing(self._photo, moment, manifold, before, after)
        yield
        return patch

    def _between(self, start: Latent, end: Latent, latent: Latent, share: float, frame: Frame) -> Drawing:
        """SxSx3 float32: the model's picture of `latent`, which lies `share` of the way from `start` to `end`.

        The preview network's picture is given what it misses at both ends, so that it goes from one of the full
        network's pictures to the other.
        """
        if frame.size > self._light * self._manifolds(latent.manifold).preview_size:
            return (yield from self._drawn(latent, Form.FULL))
        if latent is start or latent is end:
            return (yield from self._drawn(latent, Form.SMALL))
        picture = yield from self._drawn(latent, Form.LIGHT)
        for weight, near in ((1 - share, start), (share, end)):
            small = yield from self._drawn(near, Form.SMALL)
            light = yield from self._drawn(near, Form.LIGHT)
            picture = picture + np.float32(weight) * (small - light)
        return picture.clip(0, 1)

    def _drawn(self, latent: Latent, form: Form) -> Drawing:
        """SxSx3 float32; remembered, as the base of an edit and the ends of a passage come again."""
        key = latent, form
        if key not in self._pictures:
            self._pictures[key] = yield from drawn(for_latent(self._manifolds(latent.manifold), latent), latent, form)
            if len(self._pictures) > MODEL_PICTURES:
                self._pictures.popitem(last=False)
            yield
        self._pictures.move_to_end(key)
        return self._pictures[key]

    def _limited(self, patch: Patch, passage: Passage) -> Patch:
        """The patch with no more support than its keyframes' patches have: what they protect stays as it is."""
        limit = np.zeros(self._photo.pixels.shape[:2], np.uint8)
        for kept in (passage.start.patch, passage.end.patch):
            if kept is not None:
                np.maximum(limit, self._small.support(kept), out=limit)
        height, width = patch.support.shape
        part = limit[patch.y : patch.y + height, patch.x : patch.x + width]
        return Patch(patch.x, patch.y, patch.pixels, np.minimum(patch.support, part))


def scaled(frame: Frame, scale: float) -> Frame:
    """The frame on a photo that was made `scale` times as large."""
    return Frame(frame.x * scale, frame.y * scale, frame.size * scale, frame.angle)


def drawn(manifold: Manifold, latent: Latent, form: Form) -> Drawing:
    """SxSx3 float32 in 0..1: the model's picture of a latent."""
    from engine.model.manifold import to_array

    try:
        if form is Form.LIGHT:
            return to_array(manifold.previewed(latent))
        picture = yield from manifold.drawn(latent)
    except ValueError as error:
        raise InputError(f"{error}: find the face again, or install the model it was made with.") from error
    if form is Form.SMALL:
        return cv2.resize(picture, (manifold.preview_size,) * 2, interpolation=cv2.INTER_AREA)
    return picture


def frame_at(photo: Photo, sequence: EditSequence, seconds: float, manifolds: Manifolds, long_side: int) -> np.ndarray:
    """HxWx3 uint8: `photo` at `seconds` of the sequence, no larger than `long_side` pixels."""
    return finished(Morph(photo, sequence, long_side, manifolds).frame(seconds))


def advanced(drawing: Drawing) -> np.ndarray | None:
    """Work on the picture up to its next pause; the picture once it is done."""
    try:
        next(drawing)
    except StopIteration as end:
        return np.asarray(end.value)
    return None


@lru_cache(maxsize=1)
def _light_morph(
    photo: Photo, sequence: EditSequence, long_side: int, manifolds: Manifolds, studio: Studio | None
) -> Morph:
    """The morph of the last Scrub: the next one is most likely of the same sequence, and finds its pictures there."""
    return Morph(photo, sequence, long_side, manifolds, light=SCRUB_LIGHT, studio=studio, detail=SCRUB_PAINT)


def scrub(job: Scrub, manifolds: Manifolds, studio: Studio | None = None) -> Iterator[Step]:
    """Do a Scrub: the same step again and again while it is drawn, then one settled step with the picture."""
    waiting = Step(ticket=job.ticket, note="Drawing between the kept states")
    drawing = _light_morph(job.photo, job.sequence, job.long_side, manifolds, studio).frame(job.seconds)
    picture = None
    while picture is None:
        picture = advanced(drawing)
        if picture is None:
            yield waiting
    yield Step(ticket=job.ticket, settled=True, picture=picture, fraction=1.0)
