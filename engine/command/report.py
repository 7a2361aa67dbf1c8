"""Report: how a command tells what it does and what it made."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol, TypeVar


class _Moment(Protocol):
    """What all steps have."""

    @property
    def fraction(self) -> float:
        """0..1 of the work done."""


Moment = TypeVar("Moment", bound=_Moment)


class Report:
    """Progress on standard error while it is a terminal, the result on standard output."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._began = time.monotonic()
        self._shows = sys.stderr.isatty() and not as_json

    def follow(self, steps: Iterator[Moment]) -> Moment:
        """Do all steps and return the last; when interrupted, close them first."""
        last = None
        try:
            for last in steps:
                self._show(f"{last.fraction:4.0%} {getattr(last, 'note', '')}")
        finally:
            close = getattr(steps, "close", None)
            if close is not None:
                close()
            self._show("")
        if last is None:
            raise RuntimeError("the job ended without a step")
        return last

    def done(self, text: str, **facts: Any) -> None:
        """Tell the result: `text` for a reader, or with --json `facts`; time and memory are added to both."""
        seconds, memory = time.monotonic() - self._began, peak_memory()
        if self._as_json:
            print(json.dumps({**facts, "seconds": round(seconds, 3), "peak_memory_bytes": memory}))
        else:
            print(f"{text}\n{seconds:.1f} s" + ("" if memory is None else f", {memory / 1e6:,.0f} MB at most"))

    def _show(self, text: str) -> None:
        if self._shows:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def peak_memory() -> int | None:
    """Bytes this process has held at most; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
