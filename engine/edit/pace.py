"""Pace: work in small pieces as the steps of a job.

Between two pieces that bring nothing to show the last step is yielded again, the very same object: whoever follows the
job may turn away at each of them, and knows by that object that there is nothing to deliver.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.document.job import Step


def paced(first: Step, work: Iterator[Step | None]) -> Iterator[Step]:
    """The steps of `work`; for each None the step before it, `first` where none was."""
    step = first
    for news in work:
        step = news or step
        yield step
