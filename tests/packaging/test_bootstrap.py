"""The bootstrap: standard library alone, nothing done twice, one line when it cannot go on."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.architecture.house import ROOT

SCRIPT = ROOT / "packaging" / "bootstrap.py"
ASKS = "import sys; from editor.places import has_faces; sys.exit(not has_faces())"
Calls = list[tuple[str, ...]]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, over an empty project folder."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp")
    return module


@pytest.fixture
def calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Calls]:
    """Replace running commands by noting them; `calls(failing="ruff")` makes those that name it fail."""

    def note(failing: str = "nothing fails") -> Calls:
        noted: Calls = []

        def call(*command: object, **_: str) -> int:
            noted.append(tuple(map(str, command)))
            return int(failing in noted[-1])

        monkeypatch.setattr(bootstrap, "call", call)
        return noted

    return note


def make_installed(bootstrap: ModuleType) -> None:
    """Leave what a finished installation leaves."""
    python = bootstrap.executable("python")
    python.parent.mkdir(parents=True)
    python.touch()
    bootstrap.STAMP.write_text(bootstrap.fingerprint())


def test_it_needs_the_standard_library_alone() -> None:
    tree = ast.parse(SCRIPT.read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_old_python_can_read_it_far_enough_to_say_so() -> None:
    """Nothing in it is newer than what Python 3.7 can parse, and the first thing it does is to look at the version."""
    tree = ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 7))
    (main,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    called = [node.func.id for node in ast.walk(main) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert "check_python" in called and called.index("check_python") < called.index("perform")


def test_the_constraints_name_no_registry() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert "torch==" in text
    assert "://" not in text and "--hash" not in text and "--find-links" not in text


def test_a_finished_installation_is_left_alone(bootstrap: ModuleType, calls: Callable[..., Calls]) -> None:
    make_installed(bootstrap)
    noted = calls()
    bootstrap.setup()
    assert noted == []


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_pins_are_installed_again(bootstrap: ModuleType, calls: Callable[..., Calls],
                                          monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    make_installed(bootstrap)
    (bootstrap.ROOT / name).write_text("changed")
    monkeypatch.setattr(bootstrap, "has_working_venv", lambda: True)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    noted = calls()
    bootstrap.setup()
    assert [command[1:4] for command in noted] == [("-m", "pip", "install")]
    assert bootstrap.is_installed()


def test_pip_follows_where_uv_fails(bootstrap: ModuleType, calls: Callable[..., Calls],
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    make_installed(bootstrap)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: name)
    noted = calls(failing="uv")
    bootstrap.install_packages()
    assert [command[0] for command in noted] == ["uv", str(bootstrap.executable("python"))]


def test_a_failed_installation_leaves_no_stamp(bootstrap: ModuleType, calls: Callable[..., Calls]) -> None:
    calls(failing="install")
    with pytest.raises(bootstrap.Stop, match="check the network"):
        bootstrap.install_packages()
    assert not bootstrap.is_installed()


@pytest.mark.skipif(sys.platform != "linux", reason="system packages are a matter of Linux")
def test_missing_libraries_are_named_with_the_command(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "is_loadable", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(bootstrap, "is_root", lambda: False)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(bootstrap.Stop, match=r"&& sudo apt-get install -y --no-install-recommends libegl1$"):
        bootstrap.check_system()


def test_a_full_disk_stops_before_the_download(bootstrap: ModuleType, calls: Callable[..., Calls],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "check_system", lambda: None)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 2**30}))
    noted = calls()
    with pytest.raises(bootstrap.Stop, match=r"free disk and .* has 1\.0 GB"):
        bootstrap.setup()
    assert noted == []


def test_an_old_python_is_refused_in_one_line(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "newer_python", lambda: None)
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))
    with pytest.raises(bootstrap.Stop, match="or newer and this is 3"):
        bootstrap.check_python()


def test_failed_checks_fail_the_tests_but_pytest_has_the_last_word(bootstrap: ModuleType,
                                                                  calls: Callable[..., Calls]) -> None:
    noted = calls(failing="ruff")
    assert bootstrap.test() == 1
    assert [command[2] for command in noted] == ["ruff", "mypy", "pytest"]


@pytest.mark.parametrize(("display", "last"), [(True, "ganvas"), (False, "editor.demo")])
def test_run_opens_the_window_or_the_demonstration(bootstrap: ModuleType, calls: Callable[..., Calls],
                                                   monkeypatch: pytest.MonkeyPatch, display: bool, last: str) -> None:
    monkeypatch.setattr(bootstrap, "has_display", lambda: display)
    monkeypatch.setattr(bootstrap, "get_faces", lambda: None)
    noted = calls()
    assert bootstrap.run(["portrait.png"]) == 0
    (command,) = noted
    assert last in {Path(word).name.removesuffix(".exe") for word in command} and command[-1] == "portrait.png"


@pytest.mark.parametrize("missing", [True, False])
def test_the_faces_are_got_where_they_are_missing(bootstrap: ModuleType, calls: Callable[..., Calls],
                                                  missing: bool) -> None:
    noted = calls(failing=ASKS if missing else "nothing")
    bootstrap.get_faces()
    assert [command[1:] for command in noted[1:]] == ([("models", "get", "faces")] if missing else [])


def test_what_is_asked_about_the_faces_has_an_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GANVAS_HOME", str(tmp_path))
    command = [sys.executable, "-c", ASKS]
    assert ASKS in SCRIPT.read_text("utf-8")
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 1
    for name in ("faces", "landmarks"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "card.json").touch()
    assert subprocess.run(command, cwd=ROOT, timeout=60, check=False).returncode == 0


def test_an_unknown_command_is_refused() -> None:
    ended = subprocess.run([sys.executable, str(SCRIPT), "fly"], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 2 and "invalid choice: 'fly'" in ended.stderr
