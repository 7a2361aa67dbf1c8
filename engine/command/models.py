"""List the model packs, install one, or list a model's sliders.

`ganvas models [list]`, `ganvas models get NAME`, `ganvas models sliders [NAME]`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from engine.command import sliders
from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.job import Install
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = "list (default) the packs, get one, or list the sliders of a model"
    parser.add_argument("action", nargs="?", choices=["list", "get", "sliders"], default="list", help=what)
    parser.add_argument("name", nargs="?", help="the pack to get, or the model whose sliders are meant (default faces)")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """List, or install and then say where it is."""
    from engine.model import packs

    if arguments.action == "sliders":
        directions = sliders.available(arguments.name or MANIFOLD, steps, report)
        facts = [{"name": d.name, "limit": d.limit, "source": d.source} for d in directions]
        report.done(sliders.listed(directions), sliders=facts)
        return
    if arguments.action == "get":
        if arguments.name is None:
            raise InputError("say which pack to get: ganvas models get NAME (ganvas models lists them).")
        packs.folder(arguments.name)  # refuses an unknown name before anything is fetched
        report.follow(steps.begin(Install(ticket=1, pack=arguments.name)))
    states = [state for state in packs.states() if arguments.action == "list" or state.name == arguments.name]
    lines = [
        f"{state.name:10} {'installed' if state.installed else 'not installed':14} {state.bytes / 1e6:6.0f} MB  "
        f"{state.title}\n{'':10} {state.licence}\n{'':10} {state.lineage}\n{'':10} {state.path}"
        for state in states
    ]
    report.done("\n".join(lines), packs=[{**asdict(state), "path": str(state.path)} for state in states])
