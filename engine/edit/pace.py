"""Pace: work in small pieces as the steps of a job, and when there has been enough of it.

Between two pieces that bring nothing to show the last step is yielded again, the very same object: whoever follows the
job may turn away at each of them, and knows by that object that there is nothing to deliver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.document.job import Step

SWING = 0.1
"""Share of the least cost by which a descent at rest may still go up and down."""


def paced(first: Step, work: Iterator[Step | None]) -> Iterator[Step]:
    """The steps of `work`; for each None the step before it, `first` where none was."""
    step = first
    for news in work:
        step = news or step
        yield step


def at_rest(costs: Sequence[float], patience: int, still: float) -> bool:
    """Whether the last `patience` of a descent's costs lie less than a share of `still` below those before them.

    One that swings is not at rest: far out, the first steps of Adam climb before they find their way down.
    """
    if len(costs) <= patience:
        return False
    least, last = min(costs), costs[-patience:]
    return min(costs[:-patience]) - least < still * least and max(last) < (1 + SWING) * least
