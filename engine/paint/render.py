"""Render: a style or texture layer over what lies below it, as an overlay while the hand moves, as a patch at the end.

The overlay already has the layer mixed into what lies below: it is opaque wherever the layer is or was, and clear
elsewhere, so that it may be laid over any picture of the document.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from engine.document.edit import FusionEdit, Layer, Patch, StyleEdit, TextureEdit, compose
from engine.document.job import Paint, Step
from engine.model.vgg19 import OWN
from engine.paint import style
from engine.paint.ground import Ground, eight_bit
from engine.paint.mask import Window, bounds, covering
from engine.paint.pauses import Working, paused
from engine.paint.refining import Refining
from engine.paint.studio import Studio

LOOK, DEARER = 2.0, 6.0
"""Seconds of refining between two looks at it; and at least so many times as long as the look itself takes."""
REFINING = 0.9
"""Of the work on a layer that is refined, so much is the optimisation."""
BAND = 1024
"""Rows of a mask between two pauses."""


def paint(job: Paint, studio: Studio) -> Iterator[Step]:
    """The overlay of the whole photo, and where the hand has lifted the patch at its full size.

    A layer that is to be refined is first shown as it is so far, and then again and again while it gets better.
    """
    ground = studio.ground(job.photo, job.below)
    seen = partial(overlay, ground, job.edit, job.long_side, studio)
    picture = yield from paused(seen(), Step(ticket=job.ticket))
    asked = refining_of(job.edit, ground, studio)
    shown = Step(ticket=job.ticket, overlay=picture, fraction=0.3, note="Painting")
    if asked is not None and job.settle and job.finish:
        shown = yield from _refined(*asked, shown, seen)
    else:
        yield shown
    if not job.settle:
        return
    patch = yield from paused(patching(ground, job.edit, studio), shown, pauses_of(job.edit, ground))
    reached = None if asked is None else asked[0].share
    yield Step(ticket=job.ticket, settled=True, patch=patch, refined=reached, fraction=1.0, note="Done")


def pauses_of(edit: Layer, ground: Ground) -> int:
    """About how many pauses there are until the patch is made; 0 where nobody knows."""
    return 60 + 5 * ground.height * ground.width // (4 << 18) if isinstance(edit, FusionEdit) else 0


def refining_of(edit: Layer, ground: Ground, studio: Studio) -> tuple[Refining, float] | None:
    """The optimisation that the layer asks for, and how much of it."""
    if isinstance(edit, StyleEdit) and edit.refine > 0 and style.presence(edit) > 0:
        return style.refining(edit, ground, studio), edit.refine
    if isinstance(edit, TextureEdit) and edit.refine > 0:
        from engine.paint.texture import refining

        return refining(edit, studio), edit.refine
    return None


def _refined(
    work: Refining, share: float, step: Step, seen: Callable[[], Working[np.ndarray]]
) -> Generator[Step, None, Step]:
    """Refine until that share is done, showing from time to time what there is. Returns the last step."""
    began, pause = time.perf_counter(), LOOK
    doing = "Refining" if work.by == OWN else f"Refining by {work.by}"
    step = replace(step, fraction=0.01, note=f"{doing}: {min(work.share, share):.0%}")
    yield step
    for _ in work.to(share):
        done = REFINING * min(work.share / share, 1.0)
        if done > step.fraction + 0.01:
            step = replace(step, fraction=done, note=f"{doing}: {work.share:.0%}")
        yield step
        if time.perf_counter() - began > pause:
            looked = time.perf_counter()
            step = replace(step, overlay=(yield from paused(seen(), step)))
            yield step
            began = time.perf_counter()
            pause = max(LOOK, DEARER * (began - looked))
    return replace(step, note="Painting")


def overlay(ground: Ground, edit: Layer, long_side: int, studio: Studio) -> Working[np.ndarray]:
    """HxWx4 uint8 of the whole photo, no larger than `long_side`."""
    height, width = ground.size(min(long_side, max(ground.height, ground.width)))
    below = yield from ground.at(height, width)
    scale = width / ground.width
    part = Window(0, 0, width, height)
    mask = yield from covering(edit.strokes, part, scale=scale, whole=edit.whole, guide=below, snap=edit.snap)
    made = below.copy()
    if mask.any():
        painted = yield from _put(ground, edit, part, scale, below, studio, patient=False)
        compose(made, Patch(0, 0, painted, (yield from support(mask))), edit.opacity, edit.blend)
    changed = mask > 0
    if edit.patch is not None:
        changed |= _was(edit.patch, ground, height, width)
    alpha = np.where(changed, 255, 0).astype(np.uint8)
    return np.dstack([eight_bit(made), alpha])


def _was(patch: Patch, ground: Ground, height: int, width: int) -> np.ndarray:
    """HxW bool, where the layer has been so far, at the overlay's size."""
    rows = (np.arange(height) * ground.height // height - patch.y)
    columns = (np.arange(width) * ground.width // width - patch.x)
    inside = np.ix_((rows >= 0) & (rows < patch.support.shape[0]), (columns >= 0) & (columns < patch.support.shape[1]))
    was = np.zeros((height, width), bool)
    chosen = np.ix_(rows[(rows >= 0) & (rows < patch.support.shape[0])],
                    columns[(columns >= 0) & (columns < patch.support.shape[1])])
    was[inside] = patch.support[chosen] > 0
    return was


def patching(ground: Ground, edit: Layer, studio: Studio) -> Working[Patch]:
    """The layer at the ground's own size, over the rectangle outside which it is not."""
    box = bounds(edit.strokes, ground.height, ground.width, edit.whole)
    area = (slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))
    below = ground.pixels[area]
    mask = yield from covering(edit.strokes, box, scale=1.0, whole=edit.whole, guide=below, snap=edit.snap)
    if not mask.any():
        return Patch(0, 0, ground.pixels[:1, :1], np.zeros((1, 1), np.uint8))
    painted = yield from _put(ground, edit, box, 1.0, below, studio)
    return Patch(box.x, box.y, painted, (yield from support(mask)))


def drawn(
    pixels: np.ndarray, edit: Layer, studio: Studio, scale: float
) -> Working[tuple[np.ndarray, np.ndarray]]:
    """What the layer puts on a picture (HxWx3 uint8 of the whole photo, `scale` of its pixels per photo pixel).

    Returns HxWx3 uint8 and the coverage, HxW float32 in 0..1.
    """
    ground = studio.bare(pixels)
    height, width = pixels.shape[:2]
    part = Window(0, 0, width, height)
    mask = yield from covering(edit.strokes, part, scale=scale, whole=edit.whole, guide=pixels, snap=edit.snap)
    return (yield from _put(ground, edit, part, scale, pixels, studio, patient=False)), mask


def support(mask: np.ndarray) -> Working[np.ndarray]:
    """Coverage 0..1 -> uint8."""
    made = np.empty(mask.shape, np.uint8)
    for top in range(0, len(mask), BAND):
        made[top : top + BAND] = np.rint(mask[top : top + BAND] * 255)
        yield
    return made


def _put(
    ground: Ground, edit: Layer, part: Window, scale: float, below: np.ndarray, studio: Studio, patient: bool = True
) -> Working[np.ndarray]:
    """The layer's pixels for a part of the picture at some scale, where `below` lies; in the depth of `below`.

    patient: whether it is the last word, and no preview or frame.
    """
    if isinstance(edit, StyleEdit):
        size = (ground.height, ground.width) if scale == 1.0 else (part.height, part.width)
        box = (part.y, part.x, part.y + part.height, part.x + part.width)
        return (yield from style.painted(edit, ground, studio, size, box))
    if isinstance(edit, FusionEdit):
        from engine.paint import fusion

        size = (ground.height, ground.width) if scale == 1.0 else (part.height, part.width)
        box = (part.y, part.x, part.y + part.height, part.x + part.width)
        return (yield from fusion.painted(edit, ground, studio, size, box, patient))
    from engine.paint.texture import filled

    long_side = max(ground.height, ground.width) if scale == 1.0 else None  # texture's size goes by the whole photo's
    return (yield from filled(edit, below, round(part.x / scale), round(part.y / scale), scale, studio, long_side))
