"""Pauses: generators that yield where something else may be done, and return what they made."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Value = TypeVar("Value")


def finished(work: Generator[object, None, Value]) -> Value:
    """What the work returns, done without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            value: Value = end.value
            return value
