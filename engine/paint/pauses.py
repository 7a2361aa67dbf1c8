"""Pauses: generators that yield where the engine may turn to something else, and return what they made."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from engine.document.job import Step

Value = TypeVar("Value")
Working = Generator[None, None, Value]
"""Something in the making."""


def paused(work: Working[Value], step: Step, pauses: int = 0) -> Generator[Step, None, Value]:
    """The same as steps of a job: at every pause the same `step`, by which the pump knows that nothing is new.

    pauses: about how many there will be; the step's fraction then goes on towards 1, a hundredth at a time.
    """
    done = 0
    try:
        while True:
            try:
                next(work)
            except StopIteration as end:
                value: Value = end.value
                return value
            done += 1
            reached = done / max(done + 1, pauses)
            if pauses and reached > step.fraction + 0.01:
                step = replace(step, fraction=reached)
            yield step
    finally:
        work.close()
