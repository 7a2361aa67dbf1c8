"""The import levels: each part of the program sees only what stands below it."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field

import pytest

from tests.architecture.house import imported, module_name, program_files, tree

QT = frozenset({"PySide6", "shiboken6"})
TENSORS = frozenset({"torch", "torchvision", "safetensors"})
FILE_FORMATS = frozenset({"numpy", "PIL", "cv2", "tifffile", "msgspec", "safetensors"})


@dataclass(frozen=True)
class Level:
    """What one part may import: parts of the program, and packages from elsewhere (none of `never`; `only` some)."""

    own: frozenset[str]
    never: frozenset[str] = field(default=QT)
    only: frozenset[str] | None = None


def level(*own: str, never: frozenset[str] = QT, only: frozenset[str] | None = None) -> Level:
    """A Level in one line of the table below."""
    return Level(frozenset(own), never, only)


DOCUMENT = "engine.document"
MODEL = "engine.model"
LEVELS = {
    "resources": level(only=frozenset()),
    "engine": level(only=frozenset()),
    DOCUMENT: level(DOCUMENT, "resources", never=frozenset({"safetensors.torch"}), only=FILE_FORMATS),
    MODEL: level(MODEL, DOCUMENT, "resources"),
    "engine.train": level("engine.train", MODEL, DOCUMENT, "resources"),
    "engine.edit": level("engine.edit", MODEL, DOCUMENT, "resources"),
    "engine.paint": level("engine.paint", MODEL, DOCUMENT, "resources"),
    "engine.animate": level(
        "engine.animate", "engine.edit.transfer", "engine.paint.render", "engine.paint.mask", MODEL, DOCUMENT,
        "resources",
    ),  # fmt: skip
    "engine.run": level("engine", "resources"),
    "engine.run.thread": level("engine", "resources", never=frozenset()),
    "engine.command": level("engine", "resources"),
    "engine.judge": level("engine", "resources"),
    "editor": level("editor", DOCUMENT, "engine.run.thread", "resources", never=TENSORS),
}


def is_within(name: str, part: str) -> bool:
    """Whether a module is the part or lies in it."""
    return name == part or name.startswith(part + ".")


def level_of(module: str) -> Level | None:
    """The most particular row of the table; `engine` itself speaks for its package file only."""
    rows = [part for part in LEVELS if is_within(module, part) and (part != "engine" or module == part)]
    return LEVELS[max(rows, key=len)] if rows else None


def is_allowed(name: str, rule: Level) -> bool:
    """Whether a part under this rule may import the named module."""
    top = name.partition(".")[0]
    if top in ("editor", "engine", "resources"):
        return any(is_within(name, part) for part in rule.own)
    if any(is_within(name, package) for package in rule.never):
        return False
    return rule.only is None or top in rule.only or top in sys.stdlib_module_names


def violations(module: str, source: ast.Module) -> list[str]:
    """What a module imports against its level, as `module imports name`."""
    rule = level_of(module)
    if rule is None:
        return [f"{module} stands in no level: give it a row"]
    return [f"{module} imports {name}" for name in imported(module, source) if not is_allowed(name, rule)]


def test_the_house_keeps_its_levels() -> None:
    found = [line for path in program_files() for line in violations(module_name(path), tree(path))]
    assert not found, "\n".join(found)


def test_every_part_of_the_table_exists() -> None:
    modules = {module_name(path) for path in program_files()}
    assert not [part for part in LEVELS if not any(is_within(name, part) for name in modules)]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("engine.document.photo", "import torch"),
        ("engine.document.photo", "from engine.model import manifold"),
        ("engine.document.photo", "import av"),
        ("engine.document.store", "from safetensors.torch import save"),
        ("engine.model.manifold", "from PySide6.QtCore import QObject"),
        ("engine.model.manifold", "from engine.edit.solve import solve"),
        ("engine.edit.solve", "from engine.paint import style"),
        ("engine.edit.solve", "def late():\n    import engine.train.trainer"),
        ("engine.animate.morph", "from engine.edit.solve import solve"),
        ("engine.animate.morph", "from engine.edit import solve"),
        ("engine.train.trainer", "from ..edit import transfer"),
        ("engine.run.pump", "from PySide6.QtCore import QThread"),
        ("engine.run.thread", "import editor.session"),
        ("engine.command", "from editor.window import Window"),
        ("editor.session", "import torch"),
        ("editor.session", "from importlib import import_module\nimport_module('torch.nn')"),
        ("editor.session", "from engine.edit.transfer import transfer"),
        ("editor.session", "from engine.run import pump"),
        ("editor.session", "import engine"),
        ("resources", "import numpy"),
        ("engine.stray", "import os"),
    ],
)
def test_a_known_violation_is_seen(module: str, source: str) -> None:
    assert violations(module, ast.parse(source))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("engine.document.photo", "import json, numpy, PIL.Image\nfrom engine.document.arrays import frozen"),
        ("engine.animate.morph", "from engine.edit import transfer\nfrom engine.edit.transfer import transfer"),
        ("engine.document.store", "from safetensors.numpy import save"),
        ("engine.run.thread", "from PySide6.QtCore import QThread\nfrom engine.run.pump import Pump"),
        ("editor.session", "from PySide6.QtCore import QObject\nfrom engine.run.thread import EngineThread"),
        ("engine.edit.solve", "import torch\nfrom . import losses"),
    ],
)
def test_what_the_levels_allow_passes(module: str, source: str) -> None:
    assert not violations(module, ast.parse(source))
