"""Sliders by name, for the commands: those that are shipped, the user's own, and those found in the model."""

from __future__ import annotations

import difflib

from engine.command.report import Report
from engine.document.direction import Direction, Slides, set_to
from engine.document.direction_files import FOLDER, own
from engine.document.errors import InputError
from engine.document.job import ListDirections
from engine.document.library_names import key
from engine.run.steps import Steps


def available(manifold: str, steps: Steps, report: Report) -> tuple[Direction, ...]:
    """The manifold's directions: named ones and the user's first."""
    from engine.model.packs import home

    manifold = steps.manifold(manifold).id
    found = report.follow(steps.begin(ListDirections(ticket=1, manifold=manifold))).directions
    mine = tuple(direction for direction in own(home() / FOLDER) if direction.manifold == manifold)
    named = [direction for direction in found if direction.source == "named"]
    return (*named, *mine, *found[len(named) :])


def asked(words: list[str], manifold: str, steps: Steps, report: Report) -> Slides:
    """`NAME=VALUE` each, VALUE in steps of the slider; InputError for an unknown name or a value out of range."""
    directions = available(manifold, steps, report) if words else ()
    slides: Slides = ()
    for word in words:
        name, equals, value = word.rpartition("=")
        direction = _named(name, directions) if equals else None
        try:
            amount = float(value)
        except ValueError:
            amount = float("nan")
        if direction is None or not abs(amount) <= direction.limit:
            limit = direction.limit if direction else 3
            raise InputError(f"--slider {word} is not NAME=VALUE with a value from {-limit:g} to {limit:g}.")
        slides = set_to(slides, direction, amount)
    return slides


def _named(name: str, directions: tuple[Direction, ...]) -> Direction:
    wanted = key(name)
    for direction in directions:
        if wanted == key(direction.name):
            return direction
    near = difflib.get_close_matches(wanted, [key(d.name) for d in directions], 3, 0.5)
    names = [d.name for d in directions if key(d.name) in near] or [d.name for d in directions[:12]]
    raise InputError(f"there is no slider called {name!r}: there is {', '.join(names)} (ganvas models sliders).")


def listed(directions: tuple[Direction, ...]) -> str:
    """One a line: name, how far it goes, where it comes from."""
    return "\n".join(f"{d.name:34} {-d.limit:+.0f} to {d.limit:+.0f}   {d.source}" for d in directions)
