"""What the architecture tests read: every Python file of the project, parsed, and where each import leads."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("editor", "engine", "resources")


def program_files() -> list[Path]:
    """The files of the installed program."""
    return sorted(path for top in PROGRAM for path in (ROOT / top).rglob("*.py"))


def all_files() -> list[Path]:
    """The program, its packaging and its tests."""
    return program_files() + sorted(path for top in ("packaging", "tests") for path in (ROOT / top).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def module_name(path: Path) -> str:
    """`engine/edit/solve.py` -> `engine.edit.solve`; a package goes by its folder's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_own_module(name: str) -> bool:
    """Whether a dotted name is a module or package of this project, and not something inside one."""
    place = ROOT.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def imported(module: str, source: ast.Module) -> Iterator[str]:
    """The modules a source names in any import, at its top or inside a function. `module`: its own dotted name."""
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from from_import(module, node)
        elif isinstance(node, ast.Call):
            yield from dynamic_import(node)


def from_import(module: str, node: ast.ImportFrom) -> Iterator[str]:
    """`from a import b`: a.b where that is a module of ours, else a. Relative ones are read from a module file."""
    above = ".".join(module.split(".")[: -node.level]) if node.level else ""
    origin = ".".join(filter(None, (above, node.module)))
    for alias in node.names:
        inner = f"{origin}.{alias.name}"
        yield inner if is_own_module(inner) else origin


def dynamic_import(node: ast.Call) -> Iterator[str]:
    """`import_module("a.b")` and `__import__("a.b")`."""
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in ("import_module", "__import__") and node.args and isinstance(node.args[0], ast.Constant):
        yield str(node.args[0].value)
