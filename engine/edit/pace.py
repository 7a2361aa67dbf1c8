"""Pace: work in small pieces as the steps of a job.

Between two pieces that bring nothing to show the last step is yielded again, the very same object: whoever follows the
job may turn away at each of them, and knows by that object that there is nothing to deliver.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

from engine.document.job import Step

Answer = TypeVar("Answer")


def paced(first: Step, work: Iterator[Step | None]) -> Iterator[Step]:
    """The steps of `work`; for each None the step before it, `first` where none was."""
    step = first
    for news in work:
        step = news or step
        yield step


def finished(work: Generator[object, None, Answer]) -> Answer:
    """What the work returns, done without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
