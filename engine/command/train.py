"""Train a manifold on a folder of pictures: `ganvas train FOLDER --name N`. Or a network that the program ships.

FOLDER: 200 to 20,000 pictures of one kind, at any depth. Each is cut to the square in its middle. What comes of it is
listed by `ganvas models`, and `ganvas project`, `edit` and `morph` work on it (--manifold N). Ended or killed, the same
command with --resume goes on from the last checkpoint. Started by torchrun, all its processes train together.

Parts of the program: for faces (or make pairs for them), features, their inversion, or styles. `styles` makes the
library's built-in styles from a folder of paintings, with the style network; `textures` makes its textures from
drawings of the program's own.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.command.report import Report
from engine.document.errors import InputError
from engine.document.training import Crop, tidy
from engine.run.steps import Steps

WORK = Path("training-work")
PARTS = ("features", "pairs", "preview", "encoder", "axes", "decoder", "style", "styles", "textures")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", metavar="FOLDER|PART",
                        help=f"a folder of pictures; or a part of the program: {', '.join(PARTS)}")  # fmt: skip
    parser.add_argument("--minutes", type=float, default=30.0, help="of training (default 30)")
    parser.add_argument("--seed", type=int, default=0, help="of what is random (default 0)")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--work", type=Path, help="folder for checkpoints and the like (default: of a manifold, in the "
                        "user's data; of a part, training-work)")  # fmt: skip
    own = parser.add_argument_group("a manifold of your own")
    own.add_argument("--name", help="what to call it")
    own.add_argument("--size", type=int, choices=(64, 128, 256), default=64, help="of its pictures (default 64)")
    own.add_argument("--family", default="style",
                     help="of networks: style (default), coded (64 px or more: shows photos again faithfully), vae (a "
                     "smooth latent, to walk on), conditional (pictures named NAME-ELEVATION-AZIMUTH: views to turn "
                     "to), dcgan (to compare with)")  # fmt: skip
    own.add_argument("--classes", action=argparse.BooleanOptionalAction,
                     help="whether the folders below FOLDER are classes that the networks are told, to draw and to "
                     "slide by (default: where every picture lies in one)")  # fmt: skip
    own.add_argument("--crop", choices=[str(crop) for crop in Crop], default=str(Crop.CENTRE),
                     help="what of each picture is learned: the square in its centre; the same (scene), of places, so "
                     "that the model is offered all of a photo; the whole of it on a plain ground; or its largest "
                     "face, which is then looked for (default %(default)s)")  # fmt: skip
    own.add_argument("--encoder", default="pairs+again", metavar="WAY",
                     help="what teaches the encoder, joined by +: pairs (generated pictures), again (real ones shown "
                     "again), reversal (gradient reversal), joint (adversarially learned inference); default "
                     "%(default)s")  # fmt: skip
    own.add_argument("--licence", default="", help="a line for the card: what the pictures allow")
    own.add_argument("--tidy", action="store_true",
                     help="at the end remove the checkpoints and the squares, some 250 MB: it cannot be gone on with "
                     "then")  # fmt: skip
    own.add_argument("--checkpoints", type=float, default=4.0, metavar="MINUTES",
                     help="between checkpoints (default %(default)g)")  # fmt: skip
    part = parser.add_argument_group("a part of the program")
    part.add_argument("--out", type=Path, default=Path(), help="folder for the weights and their card (default .)")
    part.add_argument("--count", type=int, default=1000, help="of pairs or pictures (default 1000)")
    part.add_argument("--data", type=Path, action="append", default=[],
                      help="a folder of photos (features, decoder, style), or of the named paintings (styles)")
    part.add_argument("--styles", type=Path, action="append", default=[], help="a folder of paintings (style)")
    part.add_argument("--teacher", type=Path, help="the weights of VGG16, as safetensors (features)")


def run(arguments: argparse.Namespace, steps: Steps, report: Report) -> None:
    """Train to the end of the time."""
    if arguments.what in PARTS:
        run_part(arguments, report)
    else:
        run_folder(arguments, report)


def run_folder(arguments: argparse.Namespace, report: Report) -> None:
    """A manifold on a folder of pictures."""
    from engine.edit.face_square import face_square
    from engine.train.folder import FolderRequest, train_folder

    if arguments.name is None:
        raise InputError("say what to call the manifold: ganvas train FOLDER --name NAME.")
    request = FolderRequest(
        folder=Path(arguments.what).resolve(), name=arguments.name, size=arguments.size, minutes=arguments.minutes,
        family=arguments.family, seed=arguments.seed, resume=arguments.resume, licence=arguments.licence,
        work=arguments.work, checkpoint_minutes=arguments.checkpoints, classes=arguments.classes,
        crop=Crop(arguments.crop), way=arguments.encoder, cut=face_square if arguments.crop == Crop.FACE else None,
    )  # fmt: skip
    made = report.follow(train_folder(request)).made
    if made is None:
        return  # one of torchrun's other processes: the first one tells
    if arguments.tidy:
        tidy(request.place())
    figures = "\n".join(f"  {name}: {value:.4g}" for name, value in made.quality.items())
    report.done(
        f"{made.path}: {made.pictures} pictures, {made.steps} steps\n{figures}\nLook at {made.samples} and "
        f"{made.neighbours}",
        name=request.name, path=str(made.path), pictures=made.pictures, refused=made.refused, repeated=made.repeated,
        steps=made.steps, quality=made.quality, samples=str(made.samples), neighbours=str(made.neighbours),
    )  # fmt: skip


def run_part(arguments: argparse.Namespace, report: Report) -> None:
    """A network that the program ships."""
    if arguments.what in ("styles", "textures"):
        from engine.command import shipped_library as shipped

        styles = arguments.what == "styles"
        made = report.follow(
            shipped.styles(tuple(arguments.data), arguments.out) if styles
            else shipped.textures(arguments.out, arguments.minutes, arguments.seed)
        )  # fmt: skip
        report.done(f"{made.step} {arguments.what}", part=arguments.what, made=made.step, out=str(arguments.out))
        return
    from engine.train.shipped import Request, train

    request = Request(
        part=arguments.what, out=arguments.out, work=arguments.work or WORK, minutes=arguments.minutes,
        count=arguments.count, seed=arguments.seed, resume=arguments.resume, data=tuple(arguments.data),
        styles=tuple(arguments.styles), teacher=arguments.teacher,
    )  # fmt: skip
    last = report.follow(train(request))
    report.done(f"{last.step} steps, loss {last.loss:.5f}", part=arguments.what, steps=last.step, loss=last.loss)
