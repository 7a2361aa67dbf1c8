"""Movies on the command line: what `edit --morph` and `morph` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.command.report import Report
from engine.document.document import Document
from engine.document.job import Export
from engine.run.steps import Steps


@dataclass(frozen=True)
class Movie:
    """What to write; the fields are those of Export."""

    path: Path
    fps: int = Export.fps
    long_side: int = Export.long_side
    loop: bool = Export.loop
    ping_pong: bool = Export.ping_pong
    lossless: bool = Export.lossless


def exported(document: Document, movie: Movie, steps: Steps, report: Report) -> dict[str, object]:
    """Write the movie of the document's sequence; the facts about it."""
    from engine.animate.timing import times

    report.follow(steps.begin(Export(ticket=5, document=document, **vars(movie))))
    frames = len(times(document.sequence, movie.fps, movie.loop, movie.ping_pong))
    return {"out": str(movie.path), "frames": frames, "fps": movie.fps, "duration": frames / movie.fps}


def told(facts: dict[str, object]) -> str:
    """The facts in words."""
    return f"{facts['out']}: {facts['frames']} frames, {facts['fps']} a second"
