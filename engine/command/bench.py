"""Measure the engine on this machine: how long the model, a projection, a stroke and the transfer take.

The generator is set beside OpenVINO, where that is installed, and the preview beside the full network: ratios of one
run; so is a projection beside iGAN's. With --portraits the projection and two edits of every portrait in a folder are
judged instead (with --plain-steps: how soon it is as near as so many plain steps), with --styles restyling: sheet.png
to look at, table.json with the errors. With --encoders ways of teaching a manifold's encoder are set side by side, with
--preview the preview and the sketches are held to the full network.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.command import (
    judging,
    judging_directions,
    judging_encoders,
    judging_features,
    judging_plain,
    judging_preview,
)
from engine.command.judging_plain import igan_ratio
from engine.command.project import MANIFOLD, model_picture
from engine.command.report import Report
from engine.document.edit import ManifoldEdit
from engine.document.job import Project, Solve, Step, Transfer
from engine.document.latent import Frame, Latent
from engine.document.pauses import finished
from engine.document.photo import Photo
from engine.document.stroke import Stroke, StrokeKind
from engine.run.steps import Steps

if TYPE_CHECKING:
    from engine.model.manifold import Manifold


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--repeats", type=int, default=5, help="how often each part is measured (default 5)")
    parser.add_argument("--megapixels", type=float, default=6.0, help="of the photo (default 6)")
    judging.options(parser)
    judging_plain.options(parser)
    judging_features.options(parser)
    judging_directions.options(parser)
    judging_encoders.options(parser)
    judging_preview.options(parser)


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Measure each part (medians and the 95th percentile in milliseconds), or judge pictures."""
    steps = steps.on_processor()
    if arguments.portraits is not None:
        judging.portraits(arguments, steps, report)
    elif arguments.styles is not None:
        judging.styles(arguments, report)
    elif arguments.features is not None:
        judging_features.features(arguments, report)
    elif arguments.directions is not None:
        judging_directions.directions(arguments.directions, steps, report)
    elif arguments.encoders is not None:
        judging_encoders.encoders(arguments, steps, report)
    elif arguments.preview is not None:
        judging_preview.preview(arguments, steps, report)
    elif arguments.textures is not None:
        judging.textures(arguments.textures, arguments.seconds, arguments.out, arguments.teacher, report)
    else:
        _measure(arguments, steps, report)


def _measure(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    times: dict[str, list[float]] = {}
    _timed(times, "open the manifold", lambda: steps.manifold(MANIFOLD), 1)
    latents = _latents(steps)
    photo, frame = _photo(latents[0], steps, arguments.megapixels)
    _timed(times, "picture, full", lambda: model_picture(latents[0], steps), arguments.repeats)
    _stepped(times, "project", steps.begin(Project(ticket=1, photo=photo, frame=frame, steps=3 * arguments.repeats)))
    stroke = Stroke(StrokeKind.COLOR, np.array([[frame.x, frame.y, 1]], np.float32), frame.size / 10, (200, 60, 40))
    edit = ManifoldEdit(frame, latents[0], latents[0], (stroke,))
    solve = Solve(ticket=2, photo=photo, edit=edit, starts=(edit.base,), steps=3 * arguments.repeats)
    _stepped(times, "stroke", steps.begin(solve))
    transfer = Transfer(ticket=3, photo=photo, edit=replace(edit, latent=latents[1]))
    _timed(times, "transfer", lambda: list(steps.begin(transfer)), max(1, arguments.repeats // 2))
    facts = {
        name: {"median_ms": float(np.median(t)), "p95_ms": float(np.percentile(t, 95))} for name, t in times.items()
    }
    lines = [f"{name:24} {f['median_ms']:8.1f} ms   p95 {f['p95_ms']:8.1f} ms" for name, f in facts.items()]
    ratios = {**_ratios(steps, arguments.repeats), **_first_looks(solve, steps, arguments.repeats), **igan_ratio()}
    lines += [f"{name:60} ratio {ratio:.2f}" for name, ratio in ratios.items()]
    report.done("\n".join(lines), parts=facts, ratios=ratios, photo=[photo.width, photo.height])


def _ratios(steps: Steps, repeats: int) -> dict[str, float]:
    """Peer or slow path over ours or fast path, times of alternating runs: above one, ours is faster."""
    from engine.model.bench import preview_ratio, rows
    from engine.model.device import has_cuda
    from engine.model.networks.mobilestylegan import Synthesis

    manifold = steps.manifold(MANIFOLD)
    found: dict[str, float] = {}
    if isinstance(manifold.generator, Synthesis):
        found = {f"{r.name}, OpenVINO over ours": 1 / r.ratio for r in rows(manifold.generator, repeats) if r.ratio}
    found["full over preview, there and back"] = preview_ratio(manifold, repeats)
    return {**found, **_gpu_ratios(manifold, repeats)} if has_cuda() else found


def _gpu_ratios(manifold: Manifold, repeats: int) -> dict[str, float]:
    import torch

    from engine.model.bench import processor_over
    from engine.model.device import CUDA

    ratios = processor_over(CUDA, manifold, torch.cuda.synchronize, repeats)
    return {f"{name}, CPU over GPU": ratio for name, ratio in ratios.items()}


def _first_looks(solve: Solve, steps: Steps, repeats: int) -> dict[str, float]:
    """From a press to the first picture of it: through the network, over by the tangent; turn by turn."""
    from engine.edit.solve import solve as solved
    from engine.edit.tangent import linearised

    manifold = steps.manifold(MANIFOLD)
    times: dict[str, list[float]] = {}
    tangent = finished(linearised(manifold, solve.edit.base))
    for _ in range(repeats):
        for name, given in (("network", None), ("tangent", tangent)):
            _timed(times, name, partial(_until_shown, solved(solve, manifold, tangent=given)), 1)
    network, near = (float(np.median(times[name])) for name in ("network", "tangent"))
    return {f"first look at a stroke ({near:.0f} ms), network over tangent": network / near}


def _until_shown(steps: Iterator[Step]) -> Step:
    return next(step for step in steps if step.overlay is not None)


def _timed(times: dict[str, list[float]], name: str, work: Callable[[], object], repeats: int) -> None:
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.setdefault(name, []).append(1000 * (time.perf_counter() - began))


def _stepped(times: dict[str, list[float]], name: str, steps: Iterator[Step]) -> None:
    """The first step, which is what the hand waits for, and those that follow."""
    began = time.perf_counter()
    for number, _ in enumerate(steps):
        now = time.perf_counter()
        times.setdefault(f"{name}, {'a step' if number else 'first step'}", []).append(1000 * (now - began))
        began = now


def _latents(steps: Steps) -> list[Latent]:
    manifold = steps.manifold(MANIFOLD)
    return [manifold.latent(manifold.sample(1, seed)) for seed in (1, 2)]


def _photo(latent: Latent, steps: Steps, megapixels: float) -> tuple[Photo, Frame]:
    """A photo that holds the model's picture of `latent`, and the frame around it."""
    picture = model_picture(latent, steps)
    side = len(picture)
    height = max(side, round((megapixels * 1e6 / 1.5) ** 0.5))
    pixels = np.full((height, max(side, round(1.5 * height)), 3), 128, np.uint8)
    pixels[:side, :side] = picture
    return Photo(pixels), Frame(side / 2, side / 2, side)
