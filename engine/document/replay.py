"""Replay: the strokes of one photo on another.

What was painted on a face stays with the face, in shares of its frame; what was painted on the photo stays where it was
in shares of the photo, as in stroke files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from engine.document.latent import Frame
from engine.document.photo import Photo
from engine.document.stroke import Stroke


def on_frame(strokes: Iterable[Stroke], old: Frame, new: Frame) -> tuple[Stroke, ...]:
    """Strokes drawn in the frame `old`, at the same places of the frame `new`, in its photo's pixels."""

    def moved(stroke: Stroke) -> Stroke:
        places = new.to_photo(old.to_model(stroke.points[:, :2], 1), 1)
        return replace(
            stroke, points=np.column_stack([places, stroke.points[:, 2]]), radius=stroke.radius * new.size / old.size
        )

    return tuple(moved(stroke) for stroke in strokes)


def on_photo(strokes: Iterable[Stroke], old: Photo, new: Photo) -> tuple[Stroke, ...]:
    """Strokes drawn on the photo `old`, at the same shares of the photo `new`; radii go by the longer side."""
    across, down = new.width / old.width, new.height / old.height
    longer = max(new.width, new.height) / max(old.width, old.height)
    return tuple(
        replace(stroke, points=stroke.points * np.array([across, down, 1], np.float32), radius=stroke.radius * longer)
        for stroke in strokes
    )


def frames_for(frames: Iterable[Frame], found: tuple[Frame, ...]) -> list[Frame | None]:
    """For each frame of a document the one of another photo's faces (best first) that takes its place.

    Frames at one place are the same face; None where the photo has fewer faces than the document.
    """
    known: list[Frame] = []
    answer: list[Frame | None] = []
    for frame in frames:
        near = (i for i, other in enumerate(known) if np.hypot(frame.x - other.x, frame.y - other.y) < other.size / 4)
        place = next(near, len(known))
        if place == len(known):
            known.append(frame)
        answer.append(found[place] if place < len(found) else None)
    return answer
