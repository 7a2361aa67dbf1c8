"""Pacing: jobs that pause often, so that a brush stroke need not wait for them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from engine.document.job import Step

Work = Generator[Step | None, None, None]
"""Steps, and None for a pause."""


def paced(first: Step, work: Work) -> Generator[Step, None, None]:
    """The steps of `work`; for each None the step before it again, which is a pause."""
    step = first
    with closing(work):
        for news in work:
            step = news or step
            yield step
