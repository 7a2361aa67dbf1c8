"""Timing: where in a sequence a moment lies, and at which moments the frames of a movie are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.document.errors import InputError
from engine.document.sequence import Easing, EditSequence, Keyframe

MOST_FRAMES = 100_000
_SNAP = 1e-6
"""A share of the way this short is rounding of the clock: the moment is the keyframe itself."""

_INSTANT = 1e-9
"""Seconds that rounding may take from the end."""


@dataclass(frozen=True)
class Moment:
    """`share` of the way, easing applied, from the keyframe of that index to the next; 0 is the keyframe itself."""

    index: int
    share: float = 0.0


def moment(sequence: EditSequence, seconds: float) -> Moment:
    """Where `seconds` after the start lies; before the start is the first keyframe, after the end the last one."""
    if seconds > 0 and seconds >= _duration(sequence.keyframes) - _INSTANT:
        return Moment(max(len(sequence.keyframes) - 1, 0))
    left = seconds
    for index, keyframe in enumerate(sequence.keyframes[:-1]):
        left -= max(keyframe.hold, 0)
        if left <= 0:
            return Moment(index)
        way = max(keyframe.seconds, 0)
        if left < way * (1 - _SNAP):
            share = eased(left / way, keyframe.easing)
            return Moment(index, share if share > _SNAP else 0.0)
        left = max(left - way, 0)
    return Moment(max(len(sequence.keyframes) - 1, 0))


def eased(share: float, easing: Easing) -> float:
    """The share (0..1) of the way after that share of the time."""
    if easing is Easing.HOLD:
        return 0.0
    return share * share * (3 - 2 * share) if easing is Easing.EASE else share


def times(sequence: EditSequence, fps: float, loop: bool = True, ping_pong: bool = False) -> tuple[float, ...]:
    """Seconds of each frame. The first is the first keyframe and the last the last one, or with `ping_pong` the first.

    On the way back the last keyframe is not held a second time; nor, where the movie is to `loop`, is the first, as
    the next round begins with its hold. InputError where the length is not a number of frames a movie can have.
    """
    duration = _duration(sequence.keyframes)
    if not 0 < fps <= 240:
        raise InputError(f"{fps:g} frames a second cannot be shown: choose from 1 to 240.")
    if not math.isfinite(duration) or duration * fps > MOST_FRAMES:
        raise InputError(f"the movie would have more than {MOST_FRAMES} frames: shorten its keyframes.")
    before_end = max(math.ceil(duration * fps - _SNAP), 1 if duration > 0 else 0)
    there = (*(index / fps for index in range(before_end)), duration)
    if not ping_pong or len(sequence.keyframes) < 2:
        return there
    first, last = sequence.keyframes[0], sequence.keyframes[-1]
    back = [t for t in reversed(there) if t < duration - max(last.hold, 0) - _SNAP]
    if loop:
        back = [t for t in back if t > max(first.hold, 0) + _SNAP] + [0.0]
    return (*there, *(back or [0.0]))


def _duration(keyframes: tuple[Keyframe, ...]) -> float:
    """As EditSequence.duration, with negative times as none."""
    if len(keyframes) < 2:
        return 0.0
    return sum(max(k.hold, 0) + max(k.seconds, 0) for k in keyframes[:-1]) + max(keyframes[-1].hold, 0)
