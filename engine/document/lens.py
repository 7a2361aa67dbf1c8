"""Lenses: what can be laid over a face to see how far it is to be believed."""

from __future__ import annotations

from enum import StrEnum


class Lens(StrEnum):
    """PLAUSIBLE: where what the model shows now is unusual for it. RESIDUAL: what it missed of the photo."""

    PLAUSIBLE = "plausible"
    RESIDUAL = "residual"


PULL = "pull back"
"""The source of the direction that pulls a face back to what is plausible."""

SHADES: dict[Lens, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    Lens.PLAUSIBLE: ((255, 190, 0), (225, 0, 60)),
    Lens.RESIDUAL: ((0, 215, 215), (70, 20, 255)),
}
"""sRGB of a little and of much."""
MOST_COVER = 0.8
"""Opacity of much."""
