"""Pace: when there has been enough of a descent."""

from __future__ import annotations

from collections.abc import Sequence

SWING = 0.1
"""Share of the least cost by which a descent at rest may still go up and down."""


def at_rest(costs: Sequence[float], patience: int, still: float) -> bool:
    """Whether the last `patience` of a descent's costs lie less than a share of `still` below those before them.

    One that swings is not at rest: far out, the first steps of Adam climb before they find their way down.
    """
    if len(costs) <= patience:
        return False
    least, last = min(costs), costs[-patience:]
    return min(costs[:-patience]) - least < still * least and max(last) < (1 + SWING) * least
