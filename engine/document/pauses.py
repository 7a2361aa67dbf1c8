"""Pauses: generators that yield where something else may be done, and return what they made.

A job's work pauses between two pieces that bring nothing to show. Its last step is then yielded again, the very same
object: whoever follows the job may turn away at each of them, and knows by it that there is nothing to deliver.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar, cast

from engine.document.job import Step

Value = TypeVar("Value")
News = TypeVar("News")
Told = TypeVar("Told")
Work = Generator[Step | None, None, None]
"""Steps, and None for a pause."""


def paced(first: Step, work: Work) -> Generator[Step, None, None]:
    """The steps of `work`; for each None the step before it, `first` where none was. Closing it closes the work."""
    step = first
    with closing(work):
        for news in work:
            step = news or step
            yield step


def retold(work: Generator[News, None, Value], tell: Callable[[News], Told]) -> Generator[Told, None, Value]:
    """What `tell` makes of each thing that `work` yields; returns what that returns. Closing it closes the work."""
    with closing(work):
        while True:
            try:
                news = next(work)
            except StopIteration as end:
                return cast(Value, end.value)
            yield tell(news)


def finished(work: Generator[object, None, Value]) -> Value:
    """What the work returns, done without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: Value = end.value
            return value
