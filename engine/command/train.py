"""Train a network that the program ships: for faces (or make pairs for them), features, their inversion, or styles.

`styles` makes the library's built-in styles from a folder of paintings, with the style network; `textures` makes its
textures from drawings of the program's own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.command.report import Report
from engine.run.steps import Steps


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parts = ["features", "pairs", "preview", "encoder", "decoder", "style", "styles", "textures"]
    parser.add_argument("part", choices=parts, help="what to train")
    parser.add_argument("--out", type=Path, default=Path(), help="folder for the weights and their card (default .)")
    parser.add_argument("--work", type=Path, default=Path("training-work"),
                        help="folder for pairs and checkpoints (default %(default)s)")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=30.0, help="of training (default 30)")
    parser.add_argument("--count", type=int, default=1000, help="of pairs or pictures (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--data", type=Path, action="append", default=[],
                        help="a folder of photos (features, decoder, style), or of the named paintings (styles)")
    parser.add_argument("--styles", type=Path, action="append", default=[], help="a folder of paintings (style)")
    parser.add_argument("--teacher", type=Path, help="the weights of VGG16, as safetensors (features)")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Train to the end of the time."""
    if arguments.part in ("styles", "textures"):
        from engine.command import shipped_library as shipped

        styles = arguments.part == "styles"
        made = report.follow(
            shipped.styles(tuple(arguments.data), arguments.out) if styles
            else shipped.textures(arguments.out, arguments.minutes, arguments.seed)
        )  # fmt: skip
        report.done(f"{made.step} {arguments.part}", part=arguments.part, made=made.step, out=str(arguments.out))
        return
    from engine.train.shipped import Request, train

    request = Request(
        part=arguments.part, out=arguments.out, work=arguments.work, minutes=arguments.minutes, count=arguments.count,
        seed=arguments.seed, resume=arguments.resume, data=tuple(arguments.data),
        styles=tuple(arguments.styles), teacher=arguments.teacher,
    )  # fmt: skip
    last = report.follow(train(request))
    report.done(f"{last.step} steps, loss {last.loss:.5f}", part=arguments.part, steps=last.step, loss=last.loss)
