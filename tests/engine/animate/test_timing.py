"""Where moments lie and which frames a movie has."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.animate.timing import Moment, eased, moment, times
from engine.document.errors import InputError
from engine.document.sequence import Easing, EditSequence, Keyframe


def sequence(*steps: tuple[float, float], easing: Easing = Easing.LINEAR) -> EditSequence:
    """Keyframes of (hold, seconds)."""
    return EditSequence(tuple(Keyframe((), hold=hold, seconds=seconds, easing=easing) for hold, seconds in steps))


THREE = sequence((0.25, 1.0), (0.0, 0.5), (0.5, 9.0))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, Moment(0)), (0, Moment(0)), (0.25, Moment(0)), (0.75, Moment(0, 0.5)), (1.25, Moment(1)),
        (1.5, Moment(1, 0.5)), (1.75, Moment(2)), (2.25, Moment(2)), (99, Moment(2)),
    ],
)  # fmt: skip
def test_moment(seconds: float, expected: Moment) -> None:
    found = moment(THREE, seconds)
    assert found.index == expected.index and found.share == pytest.approx(expected.share)


def test_a_keyframe_is_met_exactly_in_spite_of_rounding() -> None:
    tenths = sequence(*[(0.0, 0.1)] * 50)
    for index in range(50):
        assert moment(tenths, sum([0.1] * index)) == Moment(index)


def test_hold_stays_and_then_jumps() -> None:
    held = sequence((0, 1), (0, 1), easing=Easing.HOLD)
    assert moment(held, 0.999) == Moment(0) and moment(held, 1.0) == Moment(1)


def test_easing_starts_and_ends_slowly_and_meets_in_the_middle() -> None:
    assert [eased(s, Easing.EASE) for s in (0, 0.5, 1)] == [0, 0.5, 1]
    assert eased(0.1, Easing.EASE) < 0.05 and eased(0.9, Easing.EASE) > 0.95


def test_no_time_between_keyframes_is_a_jump() -> None:
    assert moment(sequence((0.5, 0.0), (0.5, 0.0)), 0.6) == Moment(1)


@given(
    steps=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=4),
    fps=st.integers(1, 60), loop=st.booleans(), ping_pong=st.booleans(),
)  # fmt: skip
def test_frames_begin_and_end_on_their_keyframes(
    steps: list[tuple[float, float]], fps: int, loop: bool, ping_pong: bool
) -> None:
    played = sequence(*steps)
    found = times(played, fps, loop, ping_pong)
    assert moment(played, found[0]) == Moment(0)
    last = Moment(0) if ping_pong else Moment(len(steps) - 1)
    assert moment(played, found[-1]) == (last if played.duration() > 0 else Moment(0))
    skipped = steps[0][0] + steps[-1][0] if ping_pong else 0
    assert all(abs(b - a) <= 2 / fps + skipped + 1e-9 for a, b in itertools.pairwise(found))
    if not ping_pong:
        assert len(found) == pytest.approx(played.duration() * fps + 1, abs=1)


def test_the_way_back_holds_neither_end_twice() -> None:
    there = times(THREE, 4)
    assert there == (0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25)
    assert times(THREE, 4, loop=True, ping_pong=True)[10:] == (1.5, 1.25, 1.0, 0.75, 0.5, 0.0)
    assert times(THREE, 4, loop=False, ping_pong=True)[10:] == (1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.0)


@pytest.mark.parametrize("fps", [0, -3, 1000, float("nan")])
def test_a_rate_that_cannot_be_shown_is_refused(fps: float) -> None:
    with pytest.raises(InputError, match="frames a second"):
        times(THREE, fps)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e12])
def test_an_endless_sequence_is_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="shorten"):
        times(sequence((0, seconds), (0, 1)), 24)
