"""Trains the networks that the program ships around the faces pack: features, preview, encoder.

Each part is a generator of training steps that ends by writing NAME.safetensors and its card NAME.json. A work folder
holds what a resumed run needs: pairs made by the generator and the last checkpoint.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.pauses import retold
from engine.model import faces_pack, packs
from engine.model.catalog import faces
from engine.model.features import Features
from engine.model.networks.compact_vgg import CompactVGG
from engine.model.networks.feature_decoder import FeatureDecoder
from engine.model.networks.style_encoder import StyleEncoder
from engine.model.networks.style_preview import PreviewHead
from engine.model.networks.style_transfer import StyleTransfer
from engine.train import axes as axes_recipe
from engine.train import encoder as encoder_recipe
from engine.train import features as features_recipe
from engine.train import inversion as inversion_recipe
from engine.train import pairs as pairs_recipe
from engine.train import preview as preview_recipe
from engine.train import style as style_recipe
from engine.train.features import Teacher
from engine.train.photos import list_pictures, to_tensor
from engine.train.style import Pictures
from engine.train.trainer import Budget, Training, TrainingStep

FACES_LICENCE = ("The faces pack's lineage applies: distilled from a generator distilled from StyleGAN2-FFHQ (NVIDIA, "
                 "non-commercial), trained on FFHQ (CC BY-NC-SA 4.0): research and personal work.")


HELD_OUT = 50
"""The first crops for the features: at most so many are kept from their training, whatever the count."""

UNSEEN = 16
"""Pictures that the axes are judged by."""


@dataclass(frozen=True)
class Request:
    """What to train. data: folders of pictures (features, decoder, style). styles: folders of paintings (style).

    teacher: VGG16's safetensors (features, style).
    """

    part: str
    out: Path
    work: Path
    minutes: float = 30.0
    count: int = 1000
    seed: int = 0
    resume: bool = False
    data: tuple[Path, ...] = ()
    styles: tuple[Path, ...] = ()
    teacher: Path | None = None

    def command(self) -> str:
        """The command line that asks for the same."""
        more = "".join(f" --data {folder.name}" for folder in self.data)
        more += "".join(f" --styles {folder.name}" for folder in self.styles)
        more += " --teacher VGG16" if self.teacher else ""
        return f"ganvas train {self.part} --minutes {self.minutes:g} --count {self.count} --seed {self.seed}{more}"


@dataclass(frozen=True)
class Card:
    """What is said of trained weights."""

    name: str
    trains: str
    data: str
    licence: str
    command: str
    seed: int
    device: str
    minutes: float
    steps: int
    quality: dict[str, float | list[float]] = field(default_factory=dict)


def train(request: Request) -> Iterator[TrainingStep]:
    """Runs the part to the end of its budget. InputError for a part that does not exist or lacks what it needs."""
    parts: dict[str, Callable[[Request], Iterator[TrainingStep]]] = {
        "features": _features, "pairs": _pairs, "preview": _preview, "encoder": _encoder,
        "axes": _axes, "decoder": _decoder, "style": _style,
    }
    if request.part not in parts:
        raise InputError(f"there is no part called {request.part!r} to train; there is: {', '.join(parts)}")
    torch.manual_seed(request.seed)
    yield from parts[request.part](request)


def _features(request: Request) -> Iterator[TrainingStep]:
    if request.teacher is None or not request.data or not list_pictures(request.data):
        raise InputError("features are taught by VGG16 on photographs: name --teacher FILE and --data FOLDER")
    student = CompactVGG().to(memory_format=torch.channels_last)
    prepared = features_recipe.prepare(Teacher(request.teacher), list(request.data), _made(request),
                                       request.count, request.seed)
    for done, crops, targets, space in prepared:  # noqa: B007 - the last ones are used below
        yield TrainingStep(0, float("nan"), 0.1 * done / request.count)
    held = min(HELD_OUT, max(1, request.count // 20))
    training, steps = features_recipe.teach(student, crops[held:], [t[held:] for t in targets],
                                            Budget(request.minutes, 2e-3), _checkpoint(request), request.resume)
    yield from steps
    student.load_state_dict(training.averaged())
    with torch.no_grad():
        errors = features_recipe.error(student(to_tensor(crops[:held])), [t[:held] for t in targets])
    quality: dict[str, float | list[float]] = {
        "held-out error per tap, share of the teacher's energy": [round(float(e), 4) for e in errors],
        "teacher energy kept by each tap's subspace": [round(k, 4) for k in space.kept],
    }
    _write(request, "features", student.state_dict(), Card(
        name="features", trains="compact feature network, taught by VGG16 (Simonyan and Zisserman, CC BY 4.0)",
        data=", ".join(folder.name for folder in request.data) + "; pictures made by the faces pack",
        licence="the pictures' licences are named where they were published; no picture is contained in the weights",
        quality=quality, **_made_by(request, training)))


def _pairs(request: Request) -> Iterator[TrainingStep]:
    _, tensors = packs.load("faces")
    mapping, synthesis = faces_pack.build(tensors)
    synthesis.to(memory_format=torch.channels_last)
    made = pairs_recipe.make_pairs(_pair_folder(request), mapping, synthesis, tensors["stats.mean"],
                                   tensors["stats.basis"], request.count, request.seed, request.minutes)
    for number in made:
        yield TrainingStep(number, 0.0, number / request.count)


def _preview(request: Request) -> Iterator[TrainingStep]:
    _, tensors = packs.load("faces")
    _, synthesis = faces_pack.build(tensors)
    synthesis.to(memory_format=torch.channels_last)
    head = PreviewHead().to(memory_format=torch.channels_last)
    training, steps = preview_recipe.teach(synthesis, head, _pair_folder(request), Budget(request.minutes, 4e-4),
                                           _checkpoint(request), request.resume)
    yield from steps
    head.load_state_dict(training.averaged())
    quality: dict[str, float | list[float]] = {
        "mean absolute error at 256 px on held-out latents, range -1..1":
            round(preview_recipe.evaluate(synthesis, head, _pair_folder(request)), 4),
    }
    _write(request, "faces-preview", head.state_dict(), Card(
        name="faces-preview", trains="light preview head on the faces pack's trunk", licence=FACES_LICENCE,
        data="pairs made by the faces pack", quality=quality, **_made_by(request, training)))


def _encoder(request: Request) -> Iterator[TrainingStep]:
    start = time.monotonic()
    manifold, mapping = faces(with_encoder=False)
    network = StyleEncoder(manifold.layers, manifold.basis.shape[0])
    network.features.load_state_dict(Features.load().network.state_dict())
    for done, described, answers in encoder_recipe.sample(manifold, mapping, network, request.count, request.seed):  # noqa: B007
        yield TrainingStep(done, 0.0, 0.95 * done / request.count)
    fit = encoder_recipe.fit(manifold, network, described, answers)
    yield TrainingStep(request.count, fit.error, 1.0)
    quality: dict[str, float | list[float]] = {
        "style error on unseen photographed pairs, 1 = the mean style":
            round(encoder_recipe.evaluate(manifold, mapping, network), 4),
        "stiffness": fit.stiffness,
    }
    made_by = {**_origin(request), "minutes": round((time.monotonic() - start) / 60, 1), "steps": request.count}
    _write(request, "faces-encoder", network.state_dict(), Card(
        name="faces-encoder", trains="picture to style coordinates; the ridge regression's steps are its pairs",
        data="pairs made by the faces pack, with photographic augmentation; no photographs", licence=FACES_LICENCE,
        quality=quality, **made_by))


def _axes(request: Request) -> Iterator[TrainingStep]:
    start, (manifold, _) = time.monotonic(), faces()
    sketch = manifold.sketches[0]
    work = axes_recipe.measured(manifold, sketch, request.count, request.seed)
    found = yield from retold(work, lambda done: TrainingStep(round(done * request.count), 0.0, done))
    with_, without = (axes_recipe.reached(replace(manifold, axes=axes), sketch, UNSEEN, request.seed + 1)
                      for axes in (found, None))
    made_by = {**_origin(request), "minutes": round((time.monotonic() - start) / 60, 1), "steps": request.count}
    _write(request, "faces-axes", {"axes": found}, Card(
        name="faces-axes", data="pictures made by the faces pack", licence=FACES_LICENCE,
        trains="the axes of the slopes, layer by layer, along which a face is looked for; its steps are descents",
        quality={"energy after 8 steps towards unseen made pictures, share of the guess's": round(with_, 4),
                 "the same along the styles' principal axes": round(without, 4)}, **made_by))


def _decoder(request: Request) -> Iterator[TrainingStep]:
    if not request.data or not list_pictures(request.data):
        raise InputError("the decoder learns from photographs: name --data FOLDER")
    random = np.random.default_rng(request.seed)
    photos, features = Pictures(request.data, random), Features.load().network
    decoder = FeatureDecoder().to(memory_format=torch.channels_last)
    if not (request.resume and _checkpoint(request).exists()):
        for done in inversion_recipe.solve_linear(decoder, features, photos, min(request.count, 300)):
            yield TrainingStep(0, float("nan"), 0.05 * done / min(request.count, 300))
    training, steps = inversion_recipe.teach(decoder, features, photos, Budget(request.minutes, 2e-3),
                                             _checkpoint(request), request.resume, random)
    yield from steps
    decoder.load_state_dict(training.averaged())
    unseen = Pictures(request.data, np.random.default_rng(0), held_out=True).batch(40, inversion_recipe.SIDE)
    quality: dict[str, float | list[float]] = {**inversion_recipe.evaluate(decoder, features, unseen)}
    _write(request, "decoder", decoder.state_dict(), Card(
        name="decoder", trains="the compact features of a picture, at one of four depths, back to the picture",
        data=", ".join(folder.name for folder in request.data),
        licence="the pictures' licences are named where they were published; no picture is contained in the weights",
        quality=quality, **_made_by(request, training)))


def _style(request: Request) -> Iterator[TrainingStep]:
    random = np.random.default_rng(request.seed)
    photos, styles = (Pictures(folders, random) for folders in (request.data, request.styles))
    if request.teacher is None or not len(photos) or not len(styles):
        raise InputError("the style network learns from photographs and paintings, taught by VGG16: name --data and "
                         "--styles FOLDER and --teacher FILE")
    features, teacher = Features.load().network, Teacher(request.teacher)
    network = StyleTransfer().to(memory_format=torch.channels_last)
    training, steps = style_recipe.teach(network, features, teacher, photos, styles, Budget(request.minutes, 2e-3),
                                         _checkpoint(request), request.resume, random)
    yield from steps
    network.load_state_dict(training.averaged())
    held = np.random.default_rng(0)
    unseen = [Pictures(folders, held, held_out=True).batch(24, 256) for folders in (request.data, request.styles)]
    errors = style_recipe.evaluate(network, features, teacher, *unseen)
    _write(request, "style", network.state_dict(), Card(
        name="style", trains="arbitrary style network, taught by Gatys' loss on VGG16's features",
        data=", ".join(folder.name for folder in (*request.data, *request.styles)) + "; every 20th picture held out",
        licence="the pictures' licences are named where they were published; no picture is contained in the weights",
        quality={name: round(error, 4) for name, error in errors.items()}, **_made_by(request, training)))


def _pair_folder(request: Request) -> Path:
    return request.work / "pairs"


def _checkpoint(request: Request) -> Path:
    return request.work / f"{request.part}.pt"


def _made(request: Request) -> np.ndarray | None:
    """Pictures made by the generator, if there are any yet: every fifth crop the features learn from."""
    path = _pair_folder(request) / "pictures.u8"
    side = pairs_recipe.SIDE
    count = path.stat().st_size // (3 * side * side) if path.exists() else 0
    return np.memmap(path, np.uint8, "r", shape=(count, side, side, 3)) if count else None


def _made_by(request: Request, training: Training) -> dict[str, Any]:
    return {**_origin(request), "minutes": round(training.seconds / 60, 1), "steps": training.step}


def _origin(request: Request) -> dict[str, Any]:
    device = f"cpu ({platform.machine()}, {torch.get_num_threads()} threads)"
    return {"command": request.command(), "seed": request.seed, "device": device}


def _write(request: Request, name: str, weights: Mapping[str, Tensor], card: Card) -> None:
    # Half precision on the disk: the networks are small and their errors far above its rounding.
    tensors = {key: value.detach().half().contiguous() for key, value in weights.items()}
    request.out.mkdir(parents=True, exist_ok=True)
    with replacing(request.out / f"{name}.safetensors") as temporary:
        temporary.write_bytes(save(tensors))
    with replacing(request.out / f"{name}.json") as temporary:
        temporary.write_text(json.dumps(card.__dict__, indent=2) + "\n", encoding="utf-8")
