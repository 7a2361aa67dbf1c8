"""The house figures: short files and functions, a docstring everywhere, typed and safe, names that say something."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from statistics import quantiles

import pytest

from tests.architecture.house import ROOT, all_files, imported, module_name, program_files, tree

LONGEST_FILE = 350
LONGEST_FUNCTION = 50
LONGEST_OF_NINE_IN_TEN = 25
IDLE_NAMES = {"util", "utils", "manager", "helper", "helpers", "base", "common", "misc"}
PICKLES = {"pickle", "joblib", "dill", "shelve", "marshal", "cloudpickle"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: ast.Module) -> list[Function]:
    """Every function of a file, nested ones too."""
    return [node for node in ast.walk(source) if isinstance(node, Function)]


def length(node: Function) -> int:
    """Lines from `def` to the end, docstring included."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def named(path: Path) -> str:
    """The path as a reader of the repository knows it."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_too_long() -> None:
    long = {named(path): len(path.read_text("utf-8").splitlines()) for path in all_files()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = {f"{named(path)} {node.name}": length(node) for path in all_files() for node in functions(tree(path))}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_are_short() -> None:
    lengths = [length(node) for path in program_files() for node in functions(tree(path))]
    assert quantiles(lengths, n=10)[-1] <= LONGEST_OF_NINE_IN_TEN


def test_every_module_and_class_has_a_docstring() -> None:
    bare = [named(path) for path in all_files() if not ast.get_docstring(tree(path))]
    for path in program_files():
        classes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
        bare += [f"{named(path)} {node.name}" for node in classes if not ast.get_docstring(node)]
    assert bare == []


def test_every_public_function_has_a_docstring() -> None:
    bare = []
    for path in program_files():
        for owner in [tree(path), *public_classes(tree(path))]:
            mine = [node for node in owner.body if isinstance(node, Function) and not node.name.startswith("_")]
            bare += [f"{named(path)} {node.name}" for node in mine if not ast.get_docstring(node) and is_new(node)]
    assert bare == []


def public_classes(source: ast.Module) -> list[ast.ClassDef]:
    """The classes that other modules may use."""
    return [node for node in source.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def is_new(node: Function) -> bool:
    """Whether the name is the project's own; what Qt and torch call (`paintEvent`, `forward`) they have described."""
    return node.name == node.name.lower() and node.name not in {"forward", "backward"}


def test_names_say_something() -> None:
    assert [named(path) for path in all_files() if IDLE_NAMES & set(path.stem.split("_"))] == []


def test_nothing_is_unpickled() -> None:
    found = [f"{named(path)}: {name}" for path in program_files() for name in unsafe(module_name(path), tree(path))]
    assert found == []


def unsafe(module: str, source: ast.Module) -> list[str]:
    """What may run code out of a file: pickling modules, torch.load of whole objects, numpy's pickled arrays."""
    names = [name for name in imported(module, source) if name.partition(".")[0] in PICKLES]
    calls = [ast.unparse(node) for node in ast.walk(source) if isinstance(node, ast.Call)]
    loads = [call for call in calls if call.startswith("torch.load(") and "weights_only=True" not in call]
    return names + loads + [call for call in calls if "allow_pickle=True" in call]


@pytest.mark.parametrize(
    "source", ["import pickle", "from joblib import load", "torch.load(f)", "np.load(f, allow_pickle=True)"]
)
def test_a_known_unpickling_is_seen(source: str) -> None:
    assert unsafe("engine.model.packs", ast.parse(source))


@pytest.mark.parametrize("module", [module_name(path) for path in program_files() if path.stem != "__main__"])
def test_every_module_imports(module: str) -> None:
    assert importlib.import_module(module).__name__ == module
