"""EditSequence: the kept states of an edit, as keyframes of a morph."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from engine.document.edit import Edit
from engine.document.stroke import new_id


class Easing(StrEnum):
    """How time runs from one keyframe to the next."""

    LINEAR = "linear"
    EASE = "ease"  # smoothstep: slow, fast, slow
    HOLD = "hold"  # stay, then jump


@dataclass(frozen=True, eq=False)
class Keyframe:
    """The whole stack of edits at one moment (shared with the document, patches included, so keeping it is free).

    seconds: time from here to the next keyframe. hold: seconds it stands still first.
    """

    edits: tuple[Edit, ...]
    caption: str = ""
    seconds: float = 1.0
    hold: float = 0.25
    easing: Easing = Easing.EASE
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, eq=False)
class EditSequence:
    """Keyframes in order of time."""

    keyframes: tuple[Keyframe, ...] = ()

    def duration(self) -> float:
        """Seconds from the first keyframe to the end of the last one's hold; 0 with fewer than two keyframes."""
        if len(self.keyframes) < 2:
            return 0.0
        return sum(k.hold + k.seconds for k in self.keyframes[:-1]) + self.keyframes[-1].hold
